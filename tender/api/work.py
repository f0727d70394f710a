"""Routes of one's own unit's work: what waits, how a tender stands, what a second person reads."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Page
from people.exchange import moment
from people.exchange import reading as session
from people.reading import grants_of

from .. import reading, schemas, signed, work
from ..acts.prenotice import last_advance
from ..model import NoticeDraft, Tender
from ..timetable import beijing_day
from .book import api


def _clerk(actor: Actor) -> bool:
    """Whether the actor is a person of a unit that puts things out."""
    return actor.account_id is not None and actor.party_id is not None and any(
        grant.role == "buyer" for grant in grants_of(session(), actor.account_id))


def _own(actor: Actor, tender_id: str) -> Tender:
    """The tender, if it is the actor's unit's or it acts for it; else NOT_FOUND."""
    tender = reading.tender(session(), tender_id)
    if not _clerk(actor) or not work.is_own(session(), actor, tender, moment()):
        raise NOT_FOUND()
    return tender


@api.get("/tenders/waiting", audience="self", returns=schemas.WaitingOut, many=True)
def list_waiting(actor: Actor):
    """What waits for one's own unit in its tenders, what is due first before the rest."""
    return Page(work.waiting(session(), actor, moment()) if _clerk(actor) else [])


@api.get("/tenders/<tender_id>/work", audience="self", returns=schemas.WorkOut)
def get_work(actor: Actor, tender_id: str):
    """How a tender of one's own unit stands: what keeps a draft back, its dates, what is due."""
    return work.work(session(), actor, _own(actor, tender_id), moment())


@api.get("/tenders/<tender_id>/notice/reading", audience="self", returns=schemas.ReadNoticeOut)
def read_notice(actor: Actor, tender_id: str):
    """The submitted notice as it will read, and what differs from before or from its template."""
    tender = _own(actor, tender_id)
    notice = reading.live_notice(session(), tender_id)
    if notice is None:
        raise NOT_FOUND()
    lots = reading.lots_of(session(), tender_id)
    return work.read_notice(session(), tender, notice) | {"signing": signed.waiting(
        session(), actor, notice, notice.content_hash,
        reading.profiles_of(session(), tender, lots, beijing_day(moment())).values(),
        own=notice.submitted_person == actor.person_id)}


@api.get("/tenders/<tender_id>/pre-notice", audience="self", returns=schemas.PreNoticeReadOut)
def read_pre_notice(actor: Actor, tender_id: str):
    """The last advance notice of a tender of one's own unit, waiting or published."""
    tender = _own(actor, tender_id)
    found = last_advance(session(), tender, actor.person_id)
    if found is None:
        raise NOT_FOUND()
    lots = reading.lots_of(session(), tender_id)
    return found | {"signing": signed.waiting(
        session(), actor, session().get_one(NoticeDraft, found["id"]), found["content_hash"],
        reading.profiles_of(session(), tender, lots, beijing_day(moment())).values(),
        own=found["own"])}
