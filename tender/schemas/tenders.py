"""JSON of a project, in and out."""

from __future__ import annotations

from marshmallow import ValidationError, fields, pre_dump, validate

from people.fields import AllowedActions, HexId, In, Out, Text, Time, Uscc

from .. import rules
from ..codes import REGION
from ..views import tender_view
from .documents import DocumentOut
from .lots import LotEdit, LotIn, LotOut, LotRow
from .notices import NoticeOut


def _region(value: str) -> None:
    if not REGION.match(value):
        raise ValidationError("A division code has six digits (GB/T 2260). 行政区划代码为六位数字。")


class TenderIn(In):
    """A new project with its lots; `buyer` (its credit code) where an agency makes it."""

    buyer = Uscc()
    title = Text(1, 200, required=True)
    description = Text(0, 20000, load_default="")
    region = fields.String(required=True, validate=_region)
    funding = Text(0, 200, load_default="")
    approval_no = Text(0, 100, load_default="")
    lots = fields.List(fields.Nested(LotIn), required=True,
                       validate=validate.Length(min=1, max=rules.MAX_LOTS))


class TenderEdit(In):
    """Changes of a draft."""

    title = Text(1, 200)
    description = Text(0, 20000)
    region = fields.String(validate=_region)
    funding = Text(0, 200)
    approval_no = Text(0, 100)
    lots = fields.List(fields.Nested(LotEdit), validate=validate.Length(max=rules.MAX_LOTS))


class TenderQuery(In):
    """`mine=true`: the tenders of one's own unit, drafts among them."""

    mine = fields.String(load_default="false", validate=validate.OneOf(("true", "false")))


class BuyerOut(Out):
    """The buyer (招标人)."""

    id = HexId()
    name = fields.String()
    uscc = fields.String()


class TenderRow(Out):
    """A tender in a list."""

    id = HexId()
    ocid = fields.String()
    title = fields.String()
    region = fields.String()
    buyer = fields.Nested(BuyerOut)
    phase = fields.String()
    status = fields.String()
    published_at = Time()
    lots = fields.List(fields.Nested(LotRow))


class TenderOut(TenderRow):
    """A tender with its lots and documents."""

    code = fields.String()
    description = fields.String()
    funding = fields.String()
    approval_no = fields.String()
    procurement_method = fields.String()
    version = fields.Integer()
    notice = fields.Nested(NoticeOut(only=("id", "number", "content_hash", "submitted_at",
                                           "published_at")), allow_none=True)
    lots = fields.List(fields.Nested(LotOut))
    documents = fields.List(fields.Nested(DocumentOut(exclude=("allowed_actions",))))
    allowed_actions = AllowedActions()

    @pre_dump
    def _tender(self, tender, **_):
        return tender if isinstance(tender, dict) else tender_view(tender)
