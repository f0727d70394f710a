"""JSON of who holds a key to a lot: officials, their keys and rehearsals."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import Hash, HexId, In, Out, Text, Time


class OfficialIn(In):
    """The account, by its id or by the name it signs in with."""

    account_id = HexId()
    login = Text(1, 64)
    kind = fields.String(load_default="official", validate=validate.OneOf(("official", "clock")))


class OfficialOut(Out):
    """An official or clock holder of a lot."""

    id = HexId()
    lot_id = HexId()
    account_id = HexId()
    unit_id = HexId()
    login = fields.String()
    unit = fields.String()
    kind = fields.String()
    seat = fields.Integer()
    assigned_at = Time()
    key = fields.String()
    """How far its opening key has come: none, registered, certified, rehearsed."""


class KeyIn(In):
    """One's own public opening key."""

    recipient = Text(1, 4000, required=True)
    replaces = HexId()
    certificate = Text(1, 48 << 10)
    signature = Text(1, 2000)


class KeyOut(Out):
    """An opening key, and how far it is certified and rehearsed."""

    id = HexId()
    official_id = HexId()
    lot_id = HexId()
    recipient = fields.String()
    registered_at = Time()
    certified_at = Time()
    rehearsed_at = Time()


class RehearsalIn(In):
    """The holder's own nonce."""

    nonce = Hash(required=True)


class RehearsalOut(Out):
    """A share of purpose `rehearsal`, wrapped for the holder's key."""

    lot_id = HexId()
    key = HexId()
    log_origin = fields.String()
    tender = HexId()
    nonce = Hash()
    wrap = fields.String()
    begun_at = Time()


class RehearsalAnswerIn(In):
    """The share that was opened."""

    nonce = Hash(required=True)
    share = Text(1, 120, required=True)


class RehearsedOut(Out):
    """A rehearsal that was passed."""

    lot_id = HexId()
    key = HexId(attribute="key_id")
    nonce = Hash()
    passed_at = Time()
