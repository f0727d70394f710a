"""JSON of a lottery's draw."""

from __future__ import annotations

from marshmallow import fields, pre_dump

from people.exchange import moment
from people.exchange import reading as session
from people.fields import AllowedActions, Out, Time

from ..schemas import ContributionOut
from . import reading
from .model import LotteryDraw


class LotteryOut(Out):
    """A draw as its page, whatever act on it was done."""

    id = fields.String()
    lot_id = fields.String()
    state = fields.String()
    announcement = fields.Raw()
    announcement_hash = fields.String()
    commit_by = Time()
    reveal_by = Time()
    caution = fields.Raw()
    contributions = fields.List(fields.Nested(ContributionOut))
    document = fields.Raw()
    tickets = fields.Raw()
    salt = fields.String(allow_none=True)
    allowed_actions = AllowedActions()

    @pre_dump
    def _page(self, drawn: LotteryDraw, **_):
        return reading.draw_page(session(), drawn, moment())
