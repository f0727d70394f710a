"""JSON of a notice."""

from __future__ import annotations

from marshmallow import fields

from kernel.canonical import parse
from people.fields import AllowedActions, Hash, HexId, In, Out, Time


class ApprovalIn(In):
    """The hash of the content that the approver read."""

    content_hash = Hash(required=True)


class NoticeOut(Out):
    """A submission of the notice: the frozen content (canonical JSON) and its SHA-256."""

    id = HexId()
    tender_id = HexId()
    number = fields.Integer()
    content_hash = Hash()
    content = fields.Function(lambda notice: parse(
        notice["content"] if isinstance(notice, dict) else notice.content))
    proof = fields.String(allow_none=True)
    leaf = fields.String(allow_none=True)
    submitted_at = Time()
    published_at = Time()
    voided_at = Time()
    allowed_actions = AllowedActions()
