"""Routes of awards that fall: how one stands, propose to cancel it, say one's word, decide."""

from __future__ import annotations

from flask import Response

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Book, Page, may
from people.exchange import moment
from people.exchange import reading as session
from tender import reading as tenders
from tender.acts import paper_of
from tender.api.documents import send_document

from . import acts, reading, schemas
from .model import AwardDefault

api = Book("defaulting")

VIEW, PROPOSE, DECIDE, WORD = (f"award.{one}" for one in (
    "default_view", "default_propose", "default_decide", "word"))


@api.get("/lots/<lot_id>/award", action=VIEW, returns=schemas.StandingOut)
def get_standing(actor: Actor, lot_id: str):
    """How the award of a lot stands: who follows, what was proposed, said and decided."""
    return _page(actor, lot_id)


@api.post("/lots/<lot_id>/award/defaults", action=PROPOSE, body=schemas.DefaultIn,
          returns=schemas.StandingOut, status=201)
def propose_default(actor: Actor, body, lot_id: str):
    """Propose to cancel an award; the winner is heard, another person decides (fresh second
    factor)."""
    acts.propose_default(actor, lot_id, **body)
    return _page(actor, lot_id)


@api.post("/lots/<lot_id>/award/words", action=WORD, body=schemas.WordIn,
          returns=schemas.StandingOut, status=201)
def give_word(actor: Actor, body, lot_id: str):
    """Give an award up, contest a proposal to cancel it, or agree to follow (fresh second
    factor)."""
    return acts.give_word(actor, lot_id, **body)


@api.post("/award-defaults/<default_id>/cancellation", action=DECIDE, body=schemas.CancelIn,
          returns=schemas.StandingOut, status=201)
def cancel_award(actor: Actor, body, default_id: str):
    """Cancel an award as proposed by another person (fresh second factor): the guarantee is kept or
    returned, the next in the order awarded or the lot free to be put out again."""
    lot_id = _of(default_id)
    acts.cancel_award(actor, lot_id, default_id, **body)
    return _page(actor, lot_id)


@api.post("/award-defaults/<default_id>/dropping", action=DECIDE, body=schemas.DropIn,
          returns=schemas.StandingOut, status=201)
def drop_default(actor: Actor, body, default_id: str):
    """Drop a proposal to cancel an award."""
    lot_id = _of(default_id)
    acts.drop_default(actor, lot_id, default_id, **body)
    return _page(actor, lot_id)


@api.get("/awards/waiting", audience="self", returns=schemas.WaitingAwardOut, many=True)
def list_waiting(actor: Actor):
    """Proposals to cancel an award that wait for one's own word, or for one's own unit's
    decision."""
    return Page(reading.waiting(session(), actor.party_id, moment()))


@api.get("/lots/<lot_id>/award/papers/<digest>", audience="self")
def download_paper(actor: Actor, lot_id: str, digest: str) -> Response:
    """A paper that a proposal or a candidate's word rests on, for who is shown it."""
    if not may(VIEW, lot_id=lot_id):
        raise NOT_FOUND()
    shown = _page(actor, lot_id)
    for owner, found in reading.papers_of(session(), lot_id, shown):
        if digest in found:
            return send_document(paper_of(session(), owner, digest), cache="no-store")
    raise NOT_FOUND()


def _of(default_id: str) -> str:
    found = session().get(AwardDefault, default_id)
    if found is None:
        raise NOT_FOUND()
    return found.lot_id


def _page(actor: Actor, lot_id: str) -> dict[str, object]:
    lot = tenders.lot(session(), lot_id)
    own = reading.buyer_of(session(), lot) == actor.party_id
    return reading.page(session(), lot, actor.party_id, own,
                        not own and may("complaint.handle", lot_id=lot_id), moment())
