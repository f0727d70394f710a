"""JSON of one's own part in an opening: an official's, and a tenderer's."""

from __future__ import annotations

from marshmallow import fields

from people.fields import Hash, HexId, Out, Time

from .holders import KeyOut


class StageOut(Out):
    """One stage of the opening, as one of its officials stands to it."""

    stage = fields.Integer()
    prices = fields.Boolean()
    authorised_at = Time()
    ends_at = Time()
    complete_at = Time()
    opened_at = Time()
    given_at = Time()
    record_hash = Hash(allow_none=True)


class OwnStageOut(StageOut):
    """The same for one's own bid: the parts, and those handed in plain."""

    parts = fields.List(fields.String())
    plain = fields.List(fields.String())


class OwnRowOut(Out):
    """One's own bid in the opening of its lot."""

    bid = HexId()
    lot_id = HexId()
    stages = fields.List(fields.Nested(OwnStageOut))
    unopened = fields.String(allow_none=True)


class OwnOpeningOut(Out):
    """What an opening asks of one of its officials."""

    official = HexId()
    kind = fields.String()
    seat = fields.Integer()
    lot_id = HexId()
    tender_id = HexId()
    tender_title = fields.String()
    lot_number = fields.Integer()
    lot_title = fields.String()
    phase = fields.String()
    suite = fields.String()
    policy = fields.String(allow_none=True)
    needed = fields.Integer(allow_none=True)
    two_envelopes = fields.Boolean()
    deadline = Time()
    opening_at = Time()
    key = fields.Nested(KeyOut, allow_none=True)
    stages = fields.List(fields.Nested(StageOut))
    signed_at = Time()
