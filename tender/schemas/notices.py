"""JSON of a notice."""

from __future__ import annotations

import json

from marshmallow import fields, validate

from people.fields import AllowedActions, Hash, HexId, In, Out, Text, Time

from ..notices import KINDS


class ApprovalIn(In):
    """The hash of the content that the approver read."""

    content_hash = Hash(required=True)


class SendBackIn(ApprovalIn):
    """Why it is sent back to who submitted it."""

    reason = Text(4, 2000, required=True)


class NoticeOut(Out):
    """A submission of the notice: the frozen content (canonical JSON) and its SHA-256."""

    id = HexId()
    tender_id = HexId()
    number = fields.Integer()
    content_hash = Hash()
    content = fields.Function(lambda notice: json.loads(
        notice["content"] if isinstance(notice, dict) else notice.content))
    proof = fields.String(allow_none=True)
    leaf = fields.String(allow_none=True)
    submitted_at = Time()
    published_at = Time()
    voided_at = Time()
    allowed_actions = AllowedActions()


class NoticeQuery(In):
    """`kind`: only notices of this kind."""

    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))


class PublishedNoticeRow(Out):
    """A published notice in a list."""

    id = HexId()
    tender_id = HexId()
    lot_id = HexId(allow_none=True)
    kind = fields.String()
    number = fields.Integer()
    version = fields.Integer()
    content_hash = Hash()
    published_at = Time()


class PublishedNoticeOut(PublishedNoticeRow):
    """A published notice: its content, what page and PDF print, and the platform's signature."""

    content = fields.Function(lambda notice: json.loads(notice.content))
    signature = fields.String()


class ExtensionIn(In):
    """A later deadline, and why."""

    deadline = Time(required=True)
    why = Text(10, 2000, required=True)
