"""JSON of who is invited to a lot, and of what one's own company is invited to."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import HexId, In, Out, Text, Time, Uscc

from .. import invitation


class InviteeIn(In):
    """One company, by its credit code; it need not be registered yet."""

    uscc = Uscc(required=True)
    name = Text(2, 200, required=True)


class InviteesIn(In):
    """The whole list of a lot."""

    invitees = fields.List(fields.Nested(InviteeIn), required=True,
                           validate=validate.Length(max=invitation.MOST))


class InviteeOut(Out):
    """One company that is invited."""

    uscc = fields.String()
    name = fields.String()


class InviteesOut(Out):
    """The list of a lot, with the salt under which its hash is that of the notice."""

    lot_id = HexId()
    salt = fields.String(allow_none=True)
    commitment = fields.String(allow_none=True)
    set_at = Time(allow_none=True)
    invitees = fields.List(fields.Nested(InviteeOut))


class InvitationOut(Out):
    """A published lot that one's own company is invited to; nobody else is told."""

    lot_id = HexId()
    tender_id = HexId()
    title = fields.String()
    lot_title = fields.String()
    deadline = Time()
    published_at = Time()
    phase = fields.String()
