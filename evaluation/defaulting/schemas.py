"""JSON of cancelling an award, in and out."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import AllowedActions, Hash, In, Money, Out, Text, Time

from ..validity.schemas import ProlongedIn
from . import rules

MOST = 20
"""Papers of one statement."""


class DefaultIn(In):
    """Why an award is to be cancelled, by what it is shown, and what is to follow."""

    ground = fields.String(required=True, validate=validate.OneOf(list(rules.GROUNDS)))
    account = Text(10, 4000, required=True)
    plan = fields.String(required=True, validate=validate.OneOf(rules.PLANS))
    evidence = fields.List(Hash(), load_default=list, validate=validate.Length(max=MOST))
    document_no = Text(0, 100, load_default="")
    clause = Text(0, 500, load_default="")


class WordIn(In):
    """One's own word: `declines`, `contests`, or of the next in the order `agrees` with the day until
    which it is bound and each prolonged instrument that is needed."""

    kind = fields.String(required=True, validate=validate.OneOf(rules.WORDS))
    text = Text(2, 4000, required=True)
    evidence = fields.List(Hash(), load_default=list, validate=validate.Length(max=MOST))
    until = fields.Date(load_default=None, allow_none=True)
    securities = fields.List(fields.Nested(ProlongedIn), load_default=list,
                             validate=validate.Length(max=MOST))


class CancelIn(In):
    """Cancel the award as proposed; the hash of what was read."""

    statement_hash = Hash(required=True)
    reason = Text(2, 2000, required=True)


class DropIn(In):
    """Drop the proposal, with the reason."""

    reason = Text(2, 2000, required=True)


class NamedOut(Out):
    """A company."""

    name = fields.String()
    uscc = fields.String()


class ForfeitedOut(NamedOut):
    """A bid guarantee that is not returned."""

    instrument_no = fields.String()
    amount_fen = Money()
    law = fields.String()


class StandingAwardOut(NamedOut):
    """The award that stands."""

    id = fields.String()
    bid_id = fields.String()
    price_fen = Money()
    decided_at = Time()
    notice_hash = fields.String()
    contract_due = fields.Date()


class SuccessorOut(NamedOut):
    """The next in the order; `agreed_until` where its bid is no longer valid and it agreed."""

    bid_id = fields.String()
    rank = fields.Integer(allow_none=True)
    price_fen = Money()
    bound_until = fields.Date()
    agreed_until = fields.Date(allow_none=True)


class DefaultOut(NamedOut):
    """A proposal to cancel an award. What is in it is for buyer, supervisor and the winner; once
    cancelled everybody concerned reads the ground and what followed."""

    id = fields.String()
    bid_id = fields.String()
    ground = fields.String()
    zh = fields.String()
    en = fields.String()
    law = fields.String()
    plan = fields.String()
    forfeit_law = fields.String()
    bar_law = fields.String()
    statement_hash = fields.String()
    account = fields.String(allow_none=True)
    evidence = fields.List(fields.String())
    document_no = fields.String()
    heard_until = Time()
    proposed_at = Time()
    decided_at = Time()
    outcome = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    successor_award = fields.String(allow_none=True)
    forfeited = fields.List(fields.Nested(ForfeitedOut))
    barred = fields.List(fields.Nested(NamedOut))


class WordOut(NamedOut):
    """What a candidate said."""

    kind = fields.String()
    text = fields.String()
    evidence = fields.List(fields.String())
    until = fields.Date(allow_none=True)
    said_at = Time()


class SecurityOut(Out):
    """A bank guarantee behind one's own bid, and its last day."""

    instrument_no = fields.String()
    valid_until = fields.Date()


class StandingOut(Out):
    """How the award of a lot stands, as far as its reader has to do with it."""

    lot_id = fields.String()
    award = fields.Nested(StandingAwardOut, allow_none=True)
    signed = fields.Boolean()
    successor = fields.Nested(SuccessorOut, allow_none=True)
    defaults = fields.List(fields.Nested(DefaultOut))
    words = fields.List(fields.Nested(WordOut))
    may_say = fields.List(fields.String())
    securities = fields.List(fields.Nested(SecurityOut))
    allowed_actions = AllowedActions()


class WaitingAwardOut(Out):
    """An award that waits for one's word or decision."""

    lot_id = fields.String()
    tender_id = fields.String()
    title = fields.String()
    lot_title = fields.String()
    what = fields.String()
    until = Time()


__all__ = ["CancelIn", "DefaultIn", "DropIn", "StandingOut", "WaitingAwardOut", "WordIn"]
