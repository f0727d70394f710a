"""Call-offs: a unit buys under a framework, by choice with a reason, by turns, or by sealed offers."""

from __future__ import annotations

from datetime import datetime, timedelta

from audit.act import Act, act, wiring
from kernel.canonical import sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.model import Party
from tender import codes
from tender.acts.course import lock_unit
from tender.profile import blocks, number
from tender.regime import REASON_LEAST
from tender.timetable import beijing_day

from .. import selection
from . import reading, rules
from .joining import eligible, is_barred
from .model import Calloff, CalloffTurn, Framework, FrameworkApplication
from .refusals import (
    APPLICATION_BARRED,
    CALLOFF_LARGE,
    CALLOFF_METHOD,
    CALLOFF_REASON,
    CALLOFF_SPLIT,
    CALLOFF_STATE,
    CALLOFF_SUPPLIER,
    CALLOFF_TIME,
    FRAMEWORK_USER,
    NOT_YOUR_TURN,
)
from .stating import LAW, lock_framework, must_be, publish


@act("calloff.stated", law=LAW, action="calloff.state", fresh=True)
def state_calloff(ctx: Act, framework_id: str, *, title: str, requirement: str, quantity: int,
                  method: str, reason: str = "", application_id: str | None = None,
                  offers_until: datetime | None = None, split_reason: str = "") -> Calloff:
    """Buy under a framework that runs: choose with a reason, ask whose turn it is, or ask all.

    Raises FRAMEWORK_STATE, FRAMEWORK_USER, CALLOFF_METHOD, CALLOFF_LARGE, CALLOFF_SPLIT,
    CALLOFF_REASON, CALLOFF_SUPPLIER, CALLOFF_TIME.
    """
    found = lock_framework(ctx, framework_id)
    ctx.permit()
    must_be(ctx, found, "running")
    if ctx.actor.person_id is None:
        raise DENIED()
    if not reading.may_buy(ctx.session, found, ctx.actor.party_id):
        raise FRAMEWORK_USER()
    if method not in found.methods:
        raise CALLOFF_METHOD()
    user = lock_unit(ctx, ctx.actor.party_id)  # what it buys under two at once is still summed
    called = Calloff(
        id=new_id(), framework_id=found.id, user_id=user.id, title=title, requirement=requirement,
        code=codes.deal_code(found.category, wiring().settings.get("operator_uscc", user.uscc),
                             beijing_day(ctx.now)),
        category=found.category, quantity=quantity, method=method, reason=reason,
        most_fen=rules.cap_fen(found.price_fen, quantity), stated_at=ctx.now,
        stated_person=ctx.actor.person_id)
    called.split_reason = _worth(ctx, found, called, split_reason)
    ctx.session.add(called)
    how = {"direct": _choose, "rotation": ask_next, "mini": _invite}[method]
    said = how(ctx, found, called, **({"application_id": application_id} if method == "direct"
                                      else {"until": offers_until} if method == "mini" else {}))
    ctx.record(called.id, {
        "framework": found.id, "code": called.code, "method": method, "quantity": quantity,
        "most_fen": called.most_fen, "user": user.id, "content_hash": stated_hash(called),
        **said}, tender_id=found.id)
    return called


def stated_hash(called) -> str:
    """SHA-256 over what a call-off says in words."""
    return sha256("\x1f".join((called.title, called.requirement, called.reason,
                               called.split_reason or "")).encode()).hex()


def _worth(ctx: Act, found: Framework, called: Calloff, split_reason: str) -> str | None:
    """Refuse what is too large alone, or together with what it was split from; the reason given
    where the profile takes one."""
    limit = number(found.profile, "framework.calloff_fen")
    if called.most_fen >= limit:
        raise CALLOFF_LARGE(most_fen=called.most_fen, limit_fen=limit)
    day = beijing_day(ctx.now)
    # Other units' frameworks count too: it is this unit that would split.
    total = rules.split_total(rules.part(called, day), reading.parts(
        ctx.session, called.user_id, rules.since(found.profile, day)))
    if total < limit:
        return None
    if blocks(found.profile, "framework.split_months") \
            or len(split_reason.strip()) < REASON_LEAST:
        raise CALLOFF_SPLIT(total_fen=total, limit_fen=limit)
    return split_reason


def _choose(ctx: Act, found: Framework, called: Calloff, *,
            application_id: str | None) -> dict[str, object]:
    if len(called.reason.strip()) < REASON_LEAST:
        raise CALLOFF_REASON()
    chosen = next((one for one in eligible(ctx, found) if one.id == application_id), None)
    if chosen is None:
        raise CALLOFF_SUPPLIER()
    return decide(ctx, found, called, chosen, rules.cap_fen(chosen.price_fen, called.quantity))


def _invite(ctx: Act, found: Framework, called: Calloff, *,
            until: datetime | None) -> dict[str, object]:
    asked = eligible(ctx, found)
    if not asked:
        raise CALLOFF_SUPPLIER()
    shown = timedelta(hours=number(found.profile, "framework.reveal_hours"))
    earliest = ctx.now + timedelta(hours=number(found.profile, "framework.offer_hours"))
    latest = found.valid_until - shown
    if until is None or not earliest <= until <= latest:
        raise CALLOFF_TIME(earliest=time_text(earliest), latest=time_text(latest))
    called.offers_until, called.reveal_until = until, until + shown
    ctx.session.flush()
    return {"asked": sorted(one.id for one in asked), "offers_until": time_text(until),
            "reveal_until": time_text(called.reveal_until)}


def decide(ctx: Act, found: Framework, called: Calloff, chosen: FrameworkApplication,
           price_fen: int) -> dict[str, object]:
    """Write the result and its signed notice; what the calling act records of it."""
    called.decided_at, called.winner_id, called.price_fen = ctx.now, chosen.id, price_fen
    called.objections_until = selection.objections_until(found.profile, ctx.now,
                                                         days="framework.objection_days")
    ctx.session.flush()
    party = ctx.session.get_one(Party, chosen.party_id)
    told = publish(ctx, found, "calloff_result", called.id,
                   rules.result_sections(called, party.name, party.uscc))
    return {"winner": chosen.id, "price_fen": price_fen, "notice_hash": told.content_hash,
            "objections_until": time_text(called.objections_until)}


# --- turns ----------------------------------------------------------------------------------------
def ask_next(ctx: Act, found: Framework, called: Calloff) -> dict[str, object]:
    """Ask whose turn it is and put it at the end of the order; what the calling act records. Where
    nobody is left the call-off fails; one that asks the first of all is refused instead."""
    first = not reading.turns(ctx.session, called.id)
    seats = {one.id: one for one in eligible(ctx, found)}
    asked = {one.application_id for one in reading.turns(ctx.session, called.id)}
    nxt = rules.head([rules.Seat(one.id, one.place) for one in seats.values()], asked) \
        if reading.state_of(found, ctx.now) == "running" else None
    if nxt is None:
        if first:
            raise CALLOFF_SUPPLIER()
        called.failed_at, called.failure = ctx.now, "nobody"
        return {"failed": True}
    found.places += 1
    row = seats[nxt.name]
    row.place = found.places
    ctx.session.flush()
    turn = CalloffTurn(id=new_id(), calloff_id=called.id, framework_id=found.id,
                       application_id=row.id, place=nxt.place, asked_at=ctx.now,
                       answer_by=rules.answer_by(found.profile, ctx.now))
    ctx.session.add(turn)
    ctx.session.flush()
    return {"turn": turn.id, "supplier": row.id, "place": nxt.place, "behind": row.place,
            "answer_by": time_text(turn.answer_by)}


def lock_calloff(ctx: Act, calloff_id: str) -> tuple[Framework, Calloff]:
    """Lock a call-off by its framework; NOT_FOUND."""
    called = ctx.session.get(Calloff, calloff_id)
    if called is None:
        raise NOT_FOUND()
    found = lock_framework(ctx, called.framework_id)
    ctx.session.refresh(called)
    return found, called


def must_stand(ctx: Act, called: Calloff, *states: str) -> None:
    """Refuse unless the call-off stands in one of these states."""
    standing = reading.call_state(ctx.session, called, ctx.now)
    if standing not in states:
        raise CALLOFF_STATE(state=standing)


def _asked(ctx: Act, calloff_id: str) -> tuple[Framework, Calloff, CalloffTurn,
                                               FrameworkApplication]:
    """The turn that one's own unit is asked for now. Raises CALLOFF_STATE, NOT_YOUR_TURN."""
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit()
    turn = reading.open_turn(ctx.session, called.id)
    row = turn and ctx.session.get_one(FrameworkApplication, turn.application_id)
    if turn is None or row.party_id != ctx.actor.party_id:
        raise NOT_YOUR_TURN()
    must_stand(ctx, called, "asked")
    if ctx.now >= turn.answer_by:
        raise CALLOFF_STATE(state="silent")
    return found, called, turn, row


@act("calloff.turn_taken", law=LAW, action="framework.join")
def take_turn(ctx: Act, calloff_id: str) -> Calloff:
    """Take one's turn: the purchase is yours, at the price agreed. Raises NOT_YOUR_TURN,
    CALLOFF_STATE, APPLICATION_BARRED."""
    found, called, turn, row = _asked(ctx, calloff_id)
    if is_barred(ctx, found, row.party_id):
        raise APPLICATION_BARRED()
    turn.answer, turn.answered_at = "taken", ctx.now
    said = decide(ctx, found, called, row, rules.cap_fen(row.price_fen, called.quantity))
    ctx.record(called.id, {"of": turn.id, **said}, tender_id=found.id)
    return called


@act("calloff.turn_declined", law=LAW, action="framework.join")
def decline_turn(ctx: Act, calloff_id: str, *, reason: str) -> Calloff:
    """Decline one's turn with a reason; the unit says whether it is a good one. Raises
    NOT_YOUR_TURN, CALLOFF_STATE."""
    found, called, turn, _ = _asked(ctx, calloff_id)
    turn.answer, turn.answered_at, turn.reason = "declined", ctx.now, reason
    ctx.record(called.id, {"of": turn.id, "reason_hash": sha256(reason.encode()).hex()},
               tender_id=found.id)
    return called


@act("calloff.decline_judged", law=LAW, action="calloff.manage")
def judge_decline(ctx: Act, calloff_id: str, *, good: bool) -> Calloff:
    """Say whether a reason to decline is good: the place is kept, or the turn lost; then the next
    is asked. Raises CALLOFF_STATE."""
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit(owner=called.user_id)
    must_stand(ctx, called, "declined")
    turn = reading.open_turn(ctx.session, called.id)
    turn.good, turn.judged_at = int(good), ctx.now
    row = ctx.session.get_one(FrameworkApplication, turn.application_id)
    ctx.session.flush()
    if good:
        row.place = rules.kept_place(turn.place, row.place)
        ctx.session.flush()
    kept = {"of": turn.id, "good": good, "judged": row.id, "now": row.place}
    ctx.record(called.id, kept | ask_next(ctx, found, called), tender_id=found.id)
    return called


@act("calloff.turn_passed", law=LAW, by=("clock",))
def pass_turn(ctx: Act, calloff_id: str) -> Calloff:
    """Write down that who was asked said nothing in its time: the turn is lost, the next is asked."""
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit()
    turn = reading.open_turn(ctx.session, called.id)
    if turn is None or turn.answer is not None or ctx.now < turn.answer_by \
            or called.failed_at is not None:
        raise CALLOFF_STATE(state=reading.call_state(ctx.session, called, ctx.now))
    turn.answer, turn.answered_at = "silent", ctx.now
    ctx.session.flush()
    ctx.record(called.id, {"of": turn.id} | ask_next(ctx, found, called), tender_id=found.id)
    return called
