"""The JSON routes of a lottery's draw."""

from __future__ import annotations

from marshmallow import fields, pre_dump

from audit.actor import Actor
from kernel.canonical import b64
from people.edge import Book
from people.exchange import moment
from people.exchange import reading as session
from people.fields import AllowedActions, Out, Time

from ..schemas import CommitIn, ContributionOut, RevealIn
from . import acts, reading
from .model import LotteryDraw

api = Book("lottery")


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


@api.post("/lots/<lot_id>/lotteries", action="lottery.announce", returns=LotteryOut, status=201)
def announce_lottery(actor: Actor, lot_id: str):
    """Announce the draw among the bids that passed the screen."""
    return acts.announce_lottery(actor, lot_id)


@api.get("/lots/<lot_id>/lotteries", action="lottery.view", returns=LotteryOut, many=True)
def list_lotteries(actor: Actor, lot_id: str):
    """The draws among those who passed, the voided ones included; once held, each with its
    document and what its tickets stand for."""
    return reading.draws_of(session(), lot_id)


@api.post("/lotteries/<lottery_id>/commitments", action="lottery.contribute", body=CommitIn,
          returns=LotteryOut, status=201)
def commit_to_lottery(actor: Actor, body, lottery_id: str):
    """Commit to a nonce: the SHA-256 of 32 random bytes."""
    return acts.commit_to_lottery(actor, lottery_id, **body)


@api.post("/lotteries/<lottery_id>/reveals", action="lottery.contribute", body=RevealIn,
          returns=LotteryOut, status=201)
def reveal_to_lottery(actor: Actor, body, lottery_id: str):
    """Reveal the nonce that was committed."""
    return acts.reveal_to_lottery(actor, lottery_id, nonce=b64(body["nonce"]))
