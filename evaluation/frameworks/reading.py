"""What is read of framework agreements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from kernel.canonical import sha256, time_text
from kernel.refusal import NOT_FOUND
from people.model import Party
from tender import objecting, regime
from tender.companies import place
from tender.timetable import beijing_day, end_of

from . import rules
from .model import (
    Calloff,
    CalloffOffer,
    CalloffTurn,
    Framework,
    FrameworkApplication,
    FrameworkNotice,
    FrameworkObjection,
    FrameworkStrike,
)


def framework(session: Session, framework_id: str) -> Framework:
    """The published framework; NOT_FOUND."""
    found = session.get(Framework, framework_id)
    if found is None or found.published_at is None:
        raise NOT_FOUND()
    return found


def calloff(session: Session, calloff_id: str) -> Calloff:
    """The call-off; NOT_FOUND."""
    found = session.get(Calloff, calloff_id)
    if found is None:
        raise NOT_FOUND()
    return found


def state_of(found: Framework, now: datetime) -> str:
    """Where a framework stands (rules.state)."""
    return rules.state(rules.Facts(found.published_at, found.given_up_at, found.ended_at,
                                   found.valid_until), now)


def admitted(session: Session, framework_id: str) -> list[FrameworkApplication]:
    """Those who stand in a framework now, in the order in which they were admitted."""
    return list(session.scalars(select(FrameworkApplication).where(
        FrameworkApplication.framework_id == framework_id,
        FrameworkApplication.admitted_at.is_not(None), FrameworkApplication.ended_at.is_(None))
        .order_by(FrameworkApplication.admitted_at, FrameworkApplication.id)))


def standing_of(session: Session, framework_id: str,
                party_id: str | None) -> FrameworkApplication | None:
    """A party's newest application to a framework."""
    return session.scalars(select(FrameworkApplication).where(
        FrameworkApplication.framework_id == framework_id,
        FrameworkApplication.party_id == party_id).order_by(
            FrameworkApplication.applied_at.desc(), FrameworkApplication.id.desc())).first()


def may_buy(session: Session, found: Framework, party_id: str | None) -> bool:
    """Whether a unit is among those who may buy under a framework."""
    party = session.get(Party, party_id) if party_id else None
    if party is None or party.kind != "buyer":
        return False
    if party.id == found.buyer_id:
        return True
    return party.uscc in found.users if found.users \
        else party.region.startswith(place(found.region))


def turns(session: Session, calloff_id: str) -> list[CalloffTurn]:
    """Who was asked in a call-off, the first first."""
    return list(session.scalars(select(CalloffTurn).where(
        CalloffTurn.calloff_id == calloff_id).order_by(CalloffTurn.place, CalloffTurn.id)))


def open_turn(session: Session, calloff_id: str) -> CalloffTurn | None:
    """The turn of a call-off that is not settled: asked, or declined and not judged."""
    return next((one for one in turns(session, calloff_id) if one.answer is None or (
        one.answer == "declined" and one.good is None)), None)


def offers(session: Session, calloff_id: str) -> list[CalloffOffer]:
    """The offers of a mini-competition, as they were sealed."""
    return list(session.scalars(select(CalloffOffer).where(
        CalloffOffer.calloff_id == calloff_id).order_by(CalloffOffer.offered_at,
                                                        CalloffOffer.id)))


def valid_offers(session: Session, called: Calloff) -> list[CalloffOffer]:
    """The offers revealed, each at most its supplier's agreed price, of those still admitted."""
    agreed = {one.id: one.price_fen for one in admitted(session, called.framework_id)}
    return [one for one in offers(session, called.id)
            if one.price_fen is not None and one.application_id in agreed
            and 0 < one.price_fen <= rules.cap_fen(agreed[one.application_id], called.quantity)]


def call_state(session: Session, called: Calloff, now: datetime) -> str:
    """Where a call-off stands (rules.call_state)."""
    waits = called.decided_at is not None and called.contracted_at is None and bool(session.scalar(
        select(exists().where(FrameworkObjection.calloff_id == called.id,
                              FrameworkObjection.answered_at.is_(None)))))
    turn = open_turn(session, called.id) if called.method == "rotation" \
        and not called.decided_at else None
    return rules.call_state(rules.Called(
        called.method, called.offers_until, called.reveal_until,
        turn is not None and turn.answer == "declined", called.failed_at, called.decided_at,
        called.contracted_at, called.objections_until, waits), now)


def parts(session: Session, user_id: str, since: date) -> list[regime.Part]:
    """A unit's call-offs after a Beijing day that did not fail, as the splitting check sees them."""
    return [rules.part(one, beijing_day(one.stated_at)) for one in session.scalars(
        select(Calloff).where(Calloff.user_id == user_id, Calloff.failed_at.is_(None),
                              Calloff.stated_at >= end_of(since)))]


def objections(session: Session, **about: str | None) -> list[FrameworkObjection]:
    """The objections to a refusal (`application_id`) or a result (`calloff_id`), or all of a
    framework, in an order that tells nobody who came when."""
    return list(session.scalars(select(FrameworkObjection).filter_by(**about).order_by(
        FrameworkObjection.id)))


def objection_hash(row) -> str:
    """SHA-256 over what is objected, by whom; `row`: with these columns."""
    about, subject = ("calloff", row.calloff_id) if row.calloff_id \
        else ("application", row.application_id)
    return objecting.digest(about, subject, row)


def content_hash(session: Session, found: Framework) -> str:
    """SHA-256 of the terms as they read."""
    return sha256(rules.content(found, session.get_one(Party, found.buyer_id).uscc)).hex()


# --- views ----------------------------------------------------------------------------------------
def _own(one) -> dict[str, object]:
    return {column.name: getattr(one, column.name) for column in one.__table__.columns}


def _supplier(session: Session, one: FrameworkApplication) -> dict[str, object]:
    party = session.get_one(Party, one.party_id)
    return {"application_id": one.id, "party_id": one.party_id, "name": party.name,
            "uscc": party.uscc, "price_fen": one.price_fen, "admitted_at": one.admitted_at,
            "place": one.place}


def row_view(session: Session, found: Framework, now: datetime) -> dict[str, object]:
    """A framework in a list."""
    buyer = session.get_one(Party, found.buyer_id)
    count = session.scalar(select(func.count()).select_from(FrameworkApplication).where(
        FrameworkApplication.framework_id == found.id,
        FrameworkApplication.admitted_at.is_not(None), FrameworkApplication.ended_at.is_(None)))
    return _own(found) | {"state": state_of(found, now), "suppliers_count": count,
                          "buyer": {"name": buyer.name, "uscc": buyer.uscc}}


def framework_view(session: Session, found: Framework, now: datetime) -> dict[str, object]:
    """A framework as everybody sees it: nobody who applied or was refused is in it."""
    called = calls(session, found.id)
    struck = session.execute(select(FrameworkStrike, FrameworkApplication).join(
        FrameworkApplication, FrameworkApplication.id == FrameworkStrike.application_id).where(
        FrameworkApplication.framework_id == found.id,
        FrameworkStrike.approved_at.is_not(None)).order_by(FrameworkStrike.approved_at)).all()
    return row_view(session, found, now) | {
        "content_hash": found.content_hash or content_hash(session, found),
        "suppliers": [_supplier(session, one) for one in admitted(session, found.id)],
        "struck": [{"name": session.get_one(Party, who.party_id).name, "ground": one.ground,
                    "reason": one.reason, "at": one.approved_at} for one, who in struck],
        "calloffs": [call_row(session, one, now) for one in called],
        "spent_fen": sum(one.price_fen for one in called if one.contracted_at),
        "notices": list(session.scalars(select(FrameworkNotice).where(
            FrameworkNotice.framework_id == found.id).order_by(FrameworkNotice.number))),
        "objections": [objection_view(one, inside=False)
                       for one in objections(session, framework_id=found.id)
                       if one.answered_at]}


def calls(session: Session, framework_id: str) -> Sequence[Calloff]:
    """The call-offs of a framework, the newest first."""
    return list(session.scalars(select(Calloff).where(
        Calloff.framework_id == framework_id).order_by(Calloff.stated_at.desc(), Calloff.id)))


def call_row(session: Session, called: Calloff, now: datetime) -> dict[str, object]:
    """A call-off in a list."""
    user = session.get_one(Party, called.user_id)
    winner = session.get(FrameworkApplication, called.winner_id) if called.winner_id else None
    return _own(called) | {
        "state": call_state(session, called, now), "user": {"name": user.name, "uscc": user.uscc},
        "winner": winner and session.get_one(Party, winner.party_id).name}


def call_view(session: Session, called: Calloff, now: datetime) -> dict[str, object]:
    """A call-off as everybody sees it: no offer, and no number of them, before the close."""
    named = {one.id: one for one in session.scalars(select(FrameworkApplication).where(
        FrameworkApplication.framework_id == called.framework_id))}
    asked = [{"name": session.get_one(Party, named[one.application_id].party_id).name,
              "application_id": one.application_id, "asked_at": one.asked_at,
              "answer_by": one.answer_by, "answer": one.answer, "reason": one.reason,
              "good": None if one.good is None else bool(one.good), "place": one.place}
             for one in turns(session, called.id)]
    shown = [] if called.closed_at is None else [
        {"party_id": one.party_id, "name": session.get_one(Party, one.party_id).name,
         "price_fen": one.price_fen, "proposal_hash": one.proposal_hash, "salt": one.salt,
         "commitment": one.commitment} if one.revealed_at else {"commitment": one.commitment}
        for one in sorted(offers(session, called.id), key=lambda one: one.commitment)]
    return call_row(session, called, now) | {
        "framework_title": session.get_one(Framework, called.framework_id).title,
        "turns": asked, "offers": shown,
        "objections": [objection_view(one, inside=False)
                       for one in objections(session, calloff_id=called.id) if one.answered_at]}


def objection_view(one: FrameworkObjection, *, inside: bool) -> dict[str, object]:
    """An objection to a result or a refusal (objecting.view); whose refusal, only inside."""
    return {"framework_id": one.framework_id, "calloff_id": one.calloff_id,
            "application_id": one.application_id if inside else None,
            } | objecting.view(one, inside=inside)


def application_view(session: Session, one: FrameworkApplication) -> dict[str, object]:
    """An application for its supplier and for the unit that decides it."""
    party = session.get_one(Party, one.party_id)
    strike = session.scalars(select(FrameworkStrike).where(
        FrameworkStrike.application_id == one.id)).one_or_none()
    state = one.ended_how or ("admitted" if one.admitted_at else
                              "overdue" if one.overdue_at else "waiting")
    return _own(one) | {"name": party.name, "uscc": party.uscc, "state": state,
                        "framework_title": session.get_one(Framework, one.framework_id).title,
                        "strike": strike and {
                            "id": strike.id, "ground": strike.ground, "reason": strike.reason,
                            "approved": strike.approved_at is not None,
                            "proposed_at": time_text(strike.proposed_at)}}


def notice(session: Session, framework_id: str, number: int) -> FrameworkNotice:
    """A published notice of a framework by its number; NOT_FOUND."""
    found = session.scalars(select(FrameworkNotice).where(
        FrameworkNotice.framework_id == framework_id,
        FrameworkNotice.number == number)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found


def waiting(session: Session, party_id: str | None, now: datetime) -> dict[str, object]:
    """What waits for a unit: applications to decide, reasons to judge, its own turn, offers asked
    of it or to be revealed."""
    if party_id is None:
        return {"applications": [], "declines": 0, "turns": [], "minis": []}
    own = {one.framework_id: one.id for one in session.scalars(select(FrameworkApplication).where(
        FrameworkApplication.party_id == party_id, FrameworkApplication.admitted_at.is_not(None),
        FrameworkApplication.ended_at.is_(None)))}
    turned = session.execute(select(CalloffTurn, Calloff).join(
        Calloff, Calloff.id == CalloffTurn.calloff_id).where(
        CalloffTurn.application_id.in_(own.values()), CalloffTurn.answer.is_(None),
        CalloffTurn.answer_by > now, Calloff.failed_at.is_(None))).all()
    open_minis = session.scalars(select(Calloff).where(
        Calloff.framework_id.in_(own), Calloff.method == "mini", Calloff.reveal_until > now))
    return {
        "applications": [
            {"framework_id": own_id, "title": title, "count": count}
            for own_id, title, count in session.execute(
                select(Framework.id, Framework.title, func.count()).join(
                    FrameworkApplication, FrameworkApplication.framework_id == Framework.id).where(
                    Framework.buyer_id == party_id, FrameworkApplication.decided_at.is_(None),
                    FrameworkApplication.ended_at.is_(None)).group_by(
                    Framework.id, Framework.title).order_by(Framework.title, Framework.id))],
        "declines": session.scalar(select(func.count()).select_from(CalloffTurn).join(
            Calloff, Calloff.id == CalloffTurn.calloff_id).where(
            Calloff.user_id == party_id, CalloffTurn.answer == "declined",
            CalloffTurn.good.is_(None), Calloff.failed_at.is_(None))),
        "turns": [{"calloff_id": called.id, "title": called.title,
                   "answer_by": time_text(turn.answer_by)} for turn, called in turned],
        "minis": [{"calloff_id": one.id, "title": one.title,
                   "state": "offers" if now < one.offers_until else "revealing",
                   "until": time_text(one.offers_until if now < one.offers_until
                                      else one.reveal_until)} for one in open_minis]}
