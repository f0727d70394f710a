"""JSON of a template, in and out."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate

from people.fields import Hash, HexId, In, Out, Text, Time

from ..codes import REGION
from .notices import SigningOut


def _region(value: str) -> None:
    if not REGION.match(value):
        raise ValidationError("A division code has six digits (GB/T 2260). 行政区划代码为六位数字。")


class TemplateIn(In):
    """Keep a tender of one's own as a template; `shared_with` parties' ids, or `*`."""

    name = Text(1, 200, required=True)
    tender_id = HexId(required=True)
    family = HexId(load_default=None)
    shared_with = fields.List(fields.String(validate=validate.Regexp(r"\A(\*|[0-9a-f]{32})\Z")),
                              load_default=list, validate=validate.Length(max=200))


class FromTemplateIn(In):
    """A new project begun from a template."""

    title = Text(1, 200, required=True)
    region = fields.String(required=True, validate=_region)
    approval_no = Text(0, 100, load_default="")
    buyer = fields.String(load_default=None, validate=validate.Length(max=18))


class TemplateRow(Out):
    """A template in a list."""

    id = HexId()
    family = HexId()
    version = fields.Integer()
    name = fields.String()
    kept_at = Time()


class TemplateOut(TemplateRow):
    """A version of a template."""

    body = fields.Raw()
    shared_with = fields.List(fields.String())


class PreNoticeIn(In):
    """An advance notice: the day on which the tender is expected to be published, and more."""

    expected = fields.Date(required=True)
    text = Text(0, 5000, load_default="")


class PreNoticeOut(Out):
    """An advance notice that waits for a second person, or was published."""

    id = HexId()
    tender_id = HexId()
    content_hash = Hash()
    submitted_at = Time()
    notice_id = HexId(allow_none=True)


class PreNoticeReadOut(PreNoticeOut):
    """An advance notice as a second person of the unit reads it. `own`: the one who asks submitted
    it; `stale`: the draft has changed since, so that it must be submitted anew."""

    expected = fields.String()
    text = fields.String()
    sections = fields.Raw()
    own = fields.Boolean()
    stale = fields.Boolean()
    ended_at = Time(allow_none=True)
    signing = fields.Nested(SigningOut)
