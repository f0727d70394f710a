"""JSON of a draw of those invited."""

from __future__ import annotations

from marshmallow import fields, pre_dump

from people.exchange import current
from people.exchange import reading as session
from people.fields import Hash, HexId, In, Out, Text, Time

from . import reading


class InvitationDrawIn(In):
    """Why the lot is drawn again, where it was drawn before; the notice publishes it."""

    cause = Text(0, 500, load_default="")


class InvitationWatchIn(In):
    """What the person who stands for the draw has read."""

    announcement_hash = Hash(required=True)


class InvitationDrawOut(Out):
    """A draw of those invited; its document is checked by `yangguang draw verify`."""

    id = HexId()
    lot_id = HexId()
    number = fields.Integer()
    state = fields.String()
    announcement = fields.Raw()
    announcement_hash = Hash()
    announced_at = Time()
    closed_at = Time(allow_none=True)
    drawn_at = Time(allow_none=True)
    cause = fields.String(allow_none=True)
    void_reason = fields.String(allow_none=True)
    watchers = fields.Integer()
    stood = fields.Boolean()
    """Whether the reader stands for it already: another person has to."""
    caution = fields.Raw(allow_none=True)
    long_list = fields.Raw()
    salt = fields.String()
    drawn = fields.Raw()
    document = fields.Raw(allow_none=True)

    @pre_dump
    def _view(self, one, **_):
        return reading.page(session(), one, current().actor.person_id)
