"""Suppliers come and go: apply at any time, decided against the published conditions, leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select

from audit.act import Act, act
from kernel.canonical import jcs, sha256, time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.model import Party
from tender.acts import must_be_kept
from tender.companies import barred_doubts
from tender.refusals import SAME_PERSON
from tender.standing import debarments
from tender.timetable import beijing_day

from .. import selection
from . import reading, rules
from .model import (
    Calloff,
    CalloffTurn,
    Framework,
    FrameworkApplication,
    FrameworkObjection,
    FrameworkStrike,
)
from .refusals import (
    APPLICATION_BARRED,
    APPLICATION_GROUNDS,
    APPLICATION_ONCE,
    APPLICATION_PAPERS,
    APPLICATION_PRICE,
    APPLICATION_STATE,
    APPLICATION_STRUCK,
    APPLICATION_TERMS,
    STRIKE_STATE,
    SUPPLIER_BUSY,
)
from .stating import LAW, lock_framework, must_be, publish


@act("framework.applied", law=LAW, action="framework.join", disclose="never")
def apply(ctx: Act, framework_id: str, *, papers: list[dict], price_fen: int,
          terms_hash: str) -> FrameworkApplication:
    """Apply to stand in a framework that runs: a paper for each condition, one's unit price, the
    hash of the terms one accepts.

    Raises FRAMEWORK_STATE, APPLICATION_TERMS, APPLICATION_PRICE, APPLICATION_PAPERS,
    APPLICATION_BARRED, APPLICATION_STRUCK, APPLICATION_ONCE, PAPER_MISSING.
    """
    found = lock_framework(ctx, framework_id)
    ctx.permit()
    must_be(ctx, found, "running")
    if terms_hash != found.content_hash:
        raise APPLICATION_TERMS()
    if not rules.priced(found.price_kind, found.price_fen, price_fen):
        raise APPLICATION_PRICE(price_fen=found.price_fen)
    missing = rules.lacking(found.conditions, papers, beijing_day(ctx.now))
    if missing:
        raise APPLICATION_PAPERS(missing="、".join(missing))
    must_be_kept(ctx.session, ctx.actor.party_id, [one["evidence_hash"] for one in papers])
    _check_party(ctx, found, ctx.actor.party_id)
    made = FrameworkApplication(
        id=new_id(), framework_id=found.id, party_id=ctx.actor.party_id, papers=papers,
        price_fen=price_fen, terms_hash=terms_hash, applied_at=ctx.now,
        decide_by=rules.decide_by(found.profile, ctx.now))
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, {"framework": found.id, "application_hash": stated_hash(made),
                         "decide_by": time_text(made.decide_by)},
               party_id=made.party_id, tender_id=found.id)
    return made


def stated_hash(made) -> str:
    """SHA-256 over what an application says, in canonical JSON; `made`: with its columns."""
    return sha256(jcs({"framework": made.framework_id, "party": made.party_id,
                       "papers": made.papers, "price_fen": made.price_fen,
                       "terms_hash": made.terms_hash})).hex()


def _check_party(ctx: Act, found: Framework, party_id: str) -> None:
    """Who was struck off comes in no more; who is barred not while it is; who objects waits."""
    own = FrameworkApplication.framework_id == found.id, FrameworkApplication.party_id == party_id
    if ctx.session.scalar(select(exists().where(*own, FrameworkApplication.ended_how == "struck"))):
        raise APPLICATION_STRUCK()
    if ctx.session.scalar(select(exists().where(
            *own, FrameworkObjection.application_id == FrameworkApplication.id,
            FrameworkObjection.answered_at.is_(None)))):
        raise APPLICATION_ONCE()
    if is_barred(ctx, found, party_id):
        raise APPLICATION_BARRED()


def is_barred(ctx: Act, found: Framework, party_id: str) -> bool:
    """Whether a supplier is on the public list of debarments where the framework lies."""
    return party_id in barred_among(ctx, found, [party_id])


def barred_among(ctx: Act, found: Framework, party_ids: Collection[str]) -> set[str]:
    """Which of these are on that list now: whoever is barred is given nothing either (政府采购法 22)."""
    codes = dict(ctx.session.execute(select(Party.id, Party.uscc).where(
        Party.id.in_(party_ids))).all())
    listed = debarments(ctx.session, list(codes.values()))
    return {one for one, uscc in codes.items() if listed and barred_doubts(
        uscc, found.region, listed, beijing_day(ctx.now))}


def eligible(ctx: Act, found: Framework) -> list[FrameworkApplication]:
    """Those who stand in a framework and are not barred now: only they are given a purchase."""
    seats = reading.admitted(ctx.session, found.id)
    barred = barred_among(ctx, found, {one.party_id for one in seats})
    return [one for one in seats if one.party_id not in barred]


def lock_application(ctx: Act, application_id: str) -> tuple[Framework, FrameworkApplication]:
    """Lock an application by its framework; NOT_FOUND."""
    row = ctx.session.get(FrameworkApplication, application_id)
    if row is None:
        raise NOT_FOUND()
    found = lock_framework(ctx, row.framework_id)
    ctx.session.refresh(row)
    return found, row


@act("framework.admitted", law=LAW, action="framework.manage")
def admit(ctx: Act, application_id: str) -> FrameworkApplication:
    """Admit a supplier that meets the conditions, at the end of the order; published at once.

    Raises APPLICATION_STATE, FRAMEWORK_STATE, APPLICATION_BARRED.
    """
    found, row = lock_application(ctx, application_id)
    ctx.permit(owner=found.buyer_id)
    _undecided(ctx, found, row)
    if is_barred(ctx, found, row.party_id):
        raise APPLICATION_BARRED()
    row.decided_at = ctx.now
    ctx.record(row.id, seat(ctx, found, row), party_id=row.party_id, tender_id=found.id)
    return row


def seat(ctx: Act, found: Framework, row: FrameworkApplication) -> dict[str, object]:
    """Give a supplier the last place and publish it; what the calling act records of that."""
    found.places += 1
    row.admitted_at, row.place = ctx.now, found.places
    ctx.session.flush()
    party = ctx.session.get_one(Party, row.party_id)
    told = publish(ctx, found, "framework_admission", row.id,
                   [rules.supplier_section(party.name, party.uscc, row.price_fen)])
    return {"framework": found.id, "application": row.id, "place": row.place,
            "price_fen": row.price_fen, "notice_hash": told.content_hash}


def _undecided(ctx: Act, found: Framework, row: FrameworkApplication) -> None:
    must_be(ctx, found, "running")
    if row.decided_at is not None or row.ended_at is not None:
        raise APPLICATION_STATE()


@act("framework.refused", law=LAW, action="framework.manage", disclose="never")
def refuse(ctx: Act, application_id: str, *, against: Sequence[int],
           reason: str) -> FrameworkApplication:
    """Refuse an application against published conditions, with the reason that its supplier reads.

    Raises APPLICATION_STATE, APPLICATION_GROUNDS, FRAMEWORK_STATE.
    """
    found, row = lock_application(ctx, application_id)
    ctx.permit(owner=found.buyer_id)
    _undecided(ctx, found, row)
    if not rules.named(found.conditions, against):
        raise APPLICATION_GROUNDS()
    row.decided_at = row.ended_at = ctx.now
    row.ended_how, row.against, row.reason = "refused", sorted(set(against)), reason
    row.objections_until = selection.objections_until(found.profile, ctx.now,
                                                      days="framework.objection_days")
    ctx.record(row.id, {"framework": found.id, "against": row.against,
                        "reason_hash": sha256(reason.encode()).hex(),
                        "objections_until": time_text(row.objections_until)},
               party_id=row.party_id, tender_id=found.id)
    return row


@act("framework.application_overdue", law=LAW, by=("clock",))
def note_overdue(ctx: Act, application_id: str) -> FrameworkApplication:
    """Say once that an application was not decided in its time; it still waits."""
    found, row = lock_application(ctx, application_id)
    ctx.permit()
    if row.decided_at or row.ended_at or row.overdue_at or ctx.now < row.decide_by:
        raise APPLICATION_STATE()
    row.overdue_at = ctx.now
    ctx.record(row.id, {"framework": found.id, "decide_by": time_text(row.decide_by)},
               tender_id=found.id)
    return row


@act("framework.left", law=LAW, action="framework.join")
def leave(ctx: Act, application_id: str) -> FrameworkApplication:
    """Leave a framework one stands in. Raises APPLICATION_STATE, SUPPLIER_BUSY."""
    found, row = _own(ctx, application_id)
    if row.admitted_at is None or row.ended_at is not None:
        raise APPLICATION_STATE()
    if busy(ctx, row):
        raise SUPPLIER_BUSY()
    row.ended_at, row.ended_how = ctx.now, "left"
    ctx.record(row.id, {"framework": found.id}, party_id=row.party_id, tender_id=found.id)
    return row


@act("framework.withdrawn", law=LAW, action="framework.join", disclose="never")
def withdraw(ctx: Act, application_id: str) -> FrameworkApplication:
    """Take an application back that is not decided. Raises APPLICATION_STATE."""
    found, row = _own(ctx, application_id)
    if row.decided_at is not None or row.ended_at is not None:
        raise APPLICATION_STATE()
    row.ended_at, row.ended_how = ctx.now, "withdrawn"
    ctx.record(row.id, {"framework": found.id}, party_id=row.party_id, tender_id=found.id)
    return row


def _own(ctx: Act, application_id: str) -> tuple[Framework, FrameworkApplication]:
    found, row = lock_application(ctx, application_id)
    ctx.permit()
    if ctx.actor.party_id != row.party_id:
        raise NOT_FOUND()
    return found, row


def busy(ctx: Act, row: FrameworkApplication) -> bool:
    """Whether a supplier owes an answer to its turn, or a contract."""
    return bool(ctx.session.scalar(select(exists().where(
        CalloffTurn.application_id == row.id, CalloffTurn.answer.is_(None))))) or bool(
        ctx.session.scalar(select(exists().where(
            Calloff.winner_id == row.id, Calloff.contracted_at.is_(None),
            Calloff.failed_at.is_(None)))))


# --- struck off -----------------------------------------------------------------------------------
@act("framework.strike_proposed", law=LAW, action="framework.manage", disclose="never")
def propose_strike(ctx: Act, application_id: str, *, ground: str, reason: str) -> FrameworkStrike:
    """Propose to strike a supplier off, on a ground of the closed list, as the first of two.

    Raises APPLICATION_STATE, STRIKE_OPEN.
    """
    found, row = lock_application(ctx, application_id)
    ctx.permit(owner=found.buyer_id)
    if row.admitted_at is None or row.ended_at is not None or ctx.actor.person_id is None:
        raise APPLICATION_STATE()
    made = FrameworkStrike(id=new_id(), application_id=row.id, ground=ground, reason=reason,
                           proposed_at=ctx.now, proposed_person=ctx.actor.person_id)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, strike_facts(made) | {"framework": found.id}, party_id=row.party_id,
               tender_id=found.id)
    return made


@act("framework.struck", law=LAW, action="framework.manage", fresh=True)
def approve_strike(ctx: Act, strike_id: str) -> FrameworkStrike:
    """Strike a supplier off, as the second person; published at once. It does not come back. Turns
    it is asked for are over and the next supplier is asked by the clock.

    Raises STRIKE_STATE, SAME_PERSON.
    """
    made = ctx.session.get(FrameworkStrike, strike_id)
    if made is None:
        raise NOT_FOUND()
    found, row = lock_application(ctx, made.application_id)
    ctx.session.refresh(made)
    ctx.permit(owner=found.buyer_id)
    if made.approved_at is not None or row.ended_at is not None:
        raise STRIKE_STATE()
    if ctx.actor.person_id in (None, made.proposed_person):
        raise SAME_PERSON()
    made.approved_at, made.approved_person = ctx.now, ctx.actor.person_id
    row.ended_at, row.ended_how = ctx.now, "struck"
    party = ctx.session.get_one(Party, row.party_id)
    told = publish(ctx, found, "framework_struck", row.id, rules.struck_sections(
        party.name, party.uscc, made.ground, made.reason))
    over = []
    for turn in ctx.session.scalars(select(CalloffTurn).where(
            CalloffTurn.application_id == row.id, CalloffTurn.answer.is_(None),
            CalloffTurn.answer_by > ctx.now)):
        turn.answer_by = ctx.now  # the clock passes it on at once
        over.append(turn.id)
    ctx.record(made.id, strike_facts(made) | {"framework": found.id, "over": sorted(over),
                                              "notice_hash": told.content_hash},
               party_id=row.party_id, tender_id=found.id)
    return made


def strike_facts(made: FrameworkStrike) -> dict[str, object]:
    """What the record says of a strike."""
    return {"application": made.application_id, "ground": made.ground,
            "reason_hash": sha256(made.reason.encode()).hex()}
