"""Securities as JSON, in and out."""

from __future__ import annotations

from marshmallow import fields, pre_dump
from sqlalchemy.orm import object_session

from people.fields import AllowedActions, In, Money, Out, Text, Time

from . import reading
from .instrument import LARGEST
from .model import Guarantee

SIGNATURE_LENGTH = 88
"""Base64 of 64 bytes."""


class LodgeIn(In):
    """A signed instrument, its text exactly as the guarantor signed it."""

    instrument = Text(2, LARGEST, required=True)
    signature = Text(SIGNATURE_LENGTH, SIGNATURE_LENGTH, required=True)


class ConfirmIn(In):
    """The guarantor's signed statement that a release was carried out."""

    statement = Text(2, LARGEST, required=True)
    signature = Text(SIGNATURE_LENGTH, SIGNATURE_LENGTH, required=True)


class PartyOut(Out):
    """A company by name and code."""

    id = fields.String()
    name = fields.String()
    uscc = fields.String()


class ReleaseOut(Out):
    """Why, by when, how much and to whom a security goes back, and how far that is."""

    cause = fields.String(attribute="release.cause")
    law = fields.String(attribute="release_law")
    order_from = Time(attribute="release.order_from")
    due_day = fields.Date(attribute="release.due_day")
    principal_fen = Money(attribute="release.principal_fen")
    interest_fen = fields.Integer(attribute="interest_fen", allow_none=True)
    payee_digest = fields.String(attribute="release.payee_digest")
    ordered_at = Time(attribute="ordered_at")
    executed_at = Time(attribute="executed_at")
    confirmed_at = Time(attribute="confirmed_at")
    reference = fields.String(attribute="reference", allow_none=True)


class ForfeitureOut(Out):
    """That a security is not returned: how much, by which article, on which ground, since when."""

    amount_fen = Money()
    law = fields.String()
    ground = fields.String()
    cause = fields.String()
    forfeited_at = Time()


class GuaranteeOut(Out):
    """One's own security, or one that one issued."""

    id = fields.String()
    lot_id = fields.String()
    kind = fields.String(attribute="guarantee.kind")
    instrument_no = fields.String(attribute="guarantee.instrument_no")
    amount_fen = Money(attribute="guarantee.amount_fen")
    payer_digest = fields.String(attribute="guarantee.payer_digest")
    valid_until = fields.Date(allow_none=True)
    received_on = fields.Date(attribute="guarantee.received_on", allow_none=True)
    instrument = fields.String(attribute="guarantee.instrument")
    signature = fields.String(attribute="guarantee.signature")
    lodged_at = Time(attribute="guarantee.lodged_at")
    tenderer = fields.Nested(PartyOut, attribute="party")
    guarantor = fields.Nested(PartyOut)
    state = fields.String(attribute="state.value")
    moves_next = fields.String()
    release = fields.Nested(ReleaseOut, attribute="releasing", allow_none=True)
    forfeiture = fields.Nested(ForfeitureOut, allow_none=True)
    allowed_actions = AllowedActions()

    @pre_dump
    def _with_release(self, found, **_kwargs):
        if isinstance(found, Guarantee):
            return reading.held(object_session(found), found.id)
        return found


class RevealedOut(Out):
    """A tenderer's security as the buyer, the officials and the supervisor see it once opened."""

    id = fields.String()
    kind = fields.String(attribute="guarantee.kind")
    amount_fen = Money(attribute="guarantee.amount_fen")
    valid_until = fields.Date(attribute="told_until", allow_none=True)
    lodged_at = Time(attribute="guarantee.lodged_at")
    tenderer = fields.Nested(PartyOut, attribute="party")
    guarantor = fields.Nested(PartyOut)
    state = fields.String(attribute="state.value")
    release = fields.Nested(ReleaseOut, attribute="releasing", allow_none=True)
    forfeiture = fields.Nested(ForfeitureOut, allow_none=True)


class ConfirmationOut(Out):
    """A confirmation as it was taken."""

    release_id = fields.String()
    reference = fields.String()
    executed_at = Time()
    confirmed_at = Time()
