"""The JSON routes of a lottery's draw."""

from __future__ import annotations

from audit.actor import Actor
from kernel.canonical import b64
from people.edge import Book
from people.exchange import reading as session

from ..schemas import CommitIn, RevealIn
from . import acts, reading
from .schemas import LotteryOut

api = Book("lottery")


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
