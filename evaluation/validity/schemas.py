"""JSON of an extended validity, in and out."""

from __future__ import annotations

from marshmallow import fields, validate

from bidding.consortium import MOST
from guarantees.instrument import LARGEST
from guarantees.schemas import SIGNATURE_LENGTH
from people.fields import AllowedActions, Flag, HexId, In, Out, Text, Time


class ExtensionIn(In):
    """Until when all are asked to stay bound, and why."""

    until = fields.Date(required=True)
    answer_by = Time(required=True)
    reason = Text(10, 2000, required=True)
    force_majeure = Flag(load_default=False)


class ProlongedIn(In):
    """A prolonged instrument as its guarantor signed it."""

    instrument = Text(2, LARGEST, required=True)
    signature = Text(SIGNATURE_LENGTH, SIGNATURE_LENGTH, required=True)


class ExtensionAnswerIn(In):
    """Agree or refuse; with each prolonged instrument that is needed."""

    extension = HexId(required=True)
    agreed = Flag(required=True)
    securities = fields.List(fields.Nested(ProlongedIn), load_default=list,
                             validate=validate.Length(max=MOST))


class StayingOut(Out):
    """A company that agreed."""

    bid_id = fields.String()
    name = fields.String()
    uscc = fields.String()


class LapsedOut(StayingOut):
    """A company whose bid lapsed: `refused`, or `silent` until the time was over."""

    why = fields.String()


class ExtensionOut(Out):
    """One request. Who stays and who does not is told once it is concluded."""

    id = fields.String()
    number = fields.Integer()
    standing = fields.Date()
    until = fields.Date()
    answer_by = Time()
    reason = fields.String()
    force_majeure = fields.Boolean()
    asked_at = Time()
    concluded_at = Time()
    kept = fields.List(fields.Nested(StayingOut))
    lapsed = fields.List(fields.Nested(LapsedOut))


class StandingSecurityOut(Out):
    """A security that stands behind one's bid, of a joint bid each member's: `short` where it ends
    before the day that is asked for."""

    instrument_no = fields.String()
    name = fields.String()
    uscc = fields.String()
    until = fields.Date(allow_none=True)
    short = fields.Boolean()


class OwnValidityOut(Out):
    """How one's own bid stands, and which request waits for one's answer."""

    bid_id = fields.String()
    bound_until = fields.Date(allow_none=True)
    lapsed_at = Time()
    agreed = fields.Boolean(allow_none=True)
    answered_at = Time()
    answer_to = fields.String(allow_none=True)
    """The request that waits for an answer."""
    securities = fields.List(fields.Nested(StandingSecurityOut))


class WindowOut(Out):
    """What a request made now may ask for: the bounds of its day and of its time to answer."""

    until_from = fields.Date()
    until_to = fields.Date()
    answer_from = Time()
    answer_to = Time()


class ValidityOut(Out):
    """How long the bids of a lot are valid."""

    lot_id = fields.String()
    until = fields.Date(allow_none=True)
    window = fields.Nested(WindowOut, allow_none=True)
    requests = fields.List(fields.Nested(ExtensionOut))
    own = fields.Nested(OwnValidityOut, allow_none=True)
    allowed_actions = AllowedActions()


class WaitingExtensionOut(Out):
    """A request that one's own company has yet to answer."""

    lot_id = fields.String()
    lot_title = fields.String()
    tender_id = fields.String()
    title = fields.String()
    id = fields.String()
    until = fields.Date()
    answer_by = Time()
