"""JSON of who is invited to a lot, and of what one's own company is invited to."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import Hash, HexId, In, Out, Text, Time, Uscc, Whole

from .. import invitation, longlist


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


class LongListIn(In):
    """The list from which those invited are drawn: where it comes from, the paper behind it that
    one's own unit keeps, how many are to be drawn, and the whole list."""

    source = fields.String(required=True, validate=validate.OneOf(longlist.SOURCES))
    basis = Text(2, 200, required=True)
    paper_hash = Hash(required=True)
    wanted = Whole(1, invitation.MOST, required=True)
    candidates = fields.List(fields.Nested(InviteeIn), required=True,
                             validate=validate.Length(max=longlist.MOST))


class LongListOut(Out):
    """The list of a lot, with the salt under which its hash is that of the record."""

    lot_id = HexId()
    source = fields.String(allow_none=True)
    basis = fields.String(allow_none=True)
    paper_hash = fields.String(allow_none=True)
    wanted = fields.Integer(allow_none=True)
    salt = fields.String(allow_none=True)
    commitment = fields.String(allow_none=True)
    set_at = Time(allow_none=True)
    candidates = fields.List(fields.Nested(InviteeOut))
