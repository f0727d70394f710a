"""JSON of the lots that somebody watches over."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import Flag, HexId, In, Out, Time


class WatchQuery(In):
    """`waiting=true`: only lots of which something waits."""

    waiting = fields.String(load_default="false", validate=validate.OneOf(("true", "false")))


class OpenObjectionOut(Out):
    """An objection that waits for its answer."""

    id = HexId()
    stage = fields.String()
    answer_by = Time()
    overdue = Flag()


class LateOut(Out):
    """A step that should have been taken by an enforced date."""

    name = fields.String()
    zh = fields.String()
    en = fields.String()
    law = fields.String()
    due = fields.String()


class WatchedOut(Out):
    """A lot that one watches over, with what waits and what is late."""

    lot_id = HexId()
    tender_id = HexId()
    tender_title = fields.String()
    lot_number = fields.Integer()
    lot_title = fields.String()
    region = fields.String()
    phase = fields.String()
    deadline = Time()
    published_at = Time()
    objections = fields.List(fields.Nested(OpenObjectionOut))
    uncertified = fields.Integer()
    doubted = Flag()
    suspended = Flag()
    proposal = fields.Integer(allow_none=True)
    late = fields.List(fields.Nested(LateOut))
