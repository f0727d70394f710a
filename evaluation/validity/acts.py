"""Asking, answering, and what comes of it: bids stay valid or lapse, securities last or go back.

Only after the opening, when who has bid is public: a request to all tenderers of a sealed lot
would need somebody who knows them (招标投标法 22). While answers are awaited no report is signed,
nobody votes and nothing is awarded, so that all of it counts with the bids that stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from audit.act import Act, act
from bidding.reading import bid as bid_of
from bidding.reading import secured_by
from guarantees import reading as guarantees
from guarantees.acts import lot_failed, unsigned
from guarantees.prolongation import extension_refused, prolong, standing_securities
from kernel.canonical import sha256, time_text
from people.model import Party
from tender import timetable
from tender.acts import decide_outcome, lock_lot, publish_notice
from tender.lifecycle import Phase, phase
from tender.model import Lot
from tender.notices import failed
from tender.reading import lot_facts

from ..model import Award, Candidate, ReportSignature, Vote
from . import reading, refusals, rules
from .model import LapsedBid, ValidityAnswer, ValidityRequest

LAW = "实施条例 25; 工程建设项目施工招标投标办法 29"

tellers: list[Callable[[Session, ValidityRequest, Mapping[str, str], Mapping[str, str] | None,
                        datetime], None]] = []
"""Filled by the books above: each tells those asked (bid → company) of a request, and at its end
what came of it for each bid (`kept`, `lapsed`, `bound`); within the act."""


@act("validity.extension_asked", law=LAW, action="validity.ask", lot=True, fresh=True)
def ask_extension(ctx: Act, lot_id: str, *, until: date, answer_by: datetime, reason: str,
                  force_majeure: bool = False) -> dict[str, object]:
    """Ask all tenderers of an opened lot in writing to stay bound until a later day.

    Raises validity.* words: UNOPENED, UNDER_WAY, OVER, NOT_LATER, ANSWER_TIME, SIGNING, VOTING,
    NOBODY.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    facts = lot_facts(ctx.session, lot_id)
    if "opened" not in facts.outcomes:
        raise refusals.UNOPENED()
    waiting = reading.open_request(ctx.session, lot_id)
    if waiting is not None:
        raise refusals.UNDER_WAY(until=time_text(waiting.answer_by))
    if "awarded" not in facts.outcomes:
        _refuse_halfway(ctx, lot_id, "report_concluded" in facts.outcomes)
    standing = timetable.valid_until(lot)
    rules.check_request(rules.window(lot.profile, standing, ctx.now), standing=standing,
                        until=until, answer_by=answer_by, now=ctx.now)
    bids = reading.asked(ctx.session, lot_id)
    if not bids:
        raise refusals.NOBODY()
    row = ValidityRequest(
        lot_id=lot_id, number=len(reading.requests_of(ctx.session, lot_id)) + 1,
        standing=standing, until=until, answer_by=answer_by, reason=reason,
        force_majeure=force_majeure, asked_at=ctx.now, asked_by=ctx.actor.account_id)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {
        "number": row.number, "standing": standing.isoformat(), "until": until.isoformat(),
        "answer_by": time_text(answer_by), "force_majeure": force_majeure,
        "reason_hash": sha256(reason.encode()).hex(), "bids": sorted(bids)},
        lot_id=lot_id, tender_id=lot.tender_id)
    for told in tellers:
        told(ctx.session, row, bids, None, ctx.now)
    return reading.page(ctx.session, lot, ctx.actor.party_id)


def _refuse_halfway(ctx: Act, lot_id: str, reported: bool) -> None:
    """A report that some have signed, a ballot that some have cast, stays what it is."""
    if not reported and ctx.session.scalar(select(exists().where(
            ReportSignature.lot_id == lot_id))):
        raise refusals.SIGNING()
    if ctx.session.scalar(select(exists().where(Vote.lot_id == lot_id))):
        raise refusals.VOTING()


@act("validity.answered", law=LAW, action="validity.answer", lot=True, fresh=True,
     disclose="never")
def answer_extension(ctx: Act, lot_id: str, bid_id: str, *, extension: str, agreed: bool,
                     securities: Sequence[Mapping[str, str]] = ()) -> dict[str, object]:
    """Agree to stay bound, or refuse: once. Who agrees brings a prolonged security
    (`{instrument, signature}`) for each that stands behind the bid and ends earlier; nothing of
    the bid changes.

    The last answer concludes the request. Raises validity.* and guarantee.* words.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id, owner=bid_of(ctx.session, bid_id).party_id)
    request = reading.open_request(ctx.session, lot_id)
    if request is None or request.id != extension:
        raise refusals.NOT_OPEN()
    if ctx.now >= request.answer_by:
        raise refusals.ANSWERS_OVER(until=time_text(request.answer_by))
    bids = reading.asked(ctx.session, lot_id)
    if bid_id not in bids:
        raise refusals.NOT_ASKED()
    if bid_id in reading.answers(ctx.session, request.id):
        raise refusals.ANSWERED()
    prolonged = _secured(ctx, request, secured_by(ctx.session, lot_id, bid_id, bids[bid_id]),
                         agreed, securities)
    row = ValidityAnswer(request_id=request.id, bid_id=bid_id, party_id=ctx.actor.party_id,
                         agreed=agreed, answered_at=ctx.now, answered_by=ctx.actor.account_id)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"request": request.id, "bid": bid_id, "agreed": agreed,
                        "prolonged": prolonged},
               lot_id=lot_id, tender_id=lot.tender_id, party_id=ctx.actor.party_id)
    if set(bids) <= reading.answers(ctx.session, request.id).keys() \
            and phase(lot_facts(ctx.session, lot_id), ctx.now) is not Phase.SUSPENDED:
        conclude_extension(ctx, lot_id, request.id)
    return reading.page(ctx.session, lot, ctx.actor.party_id)


def _secured(ctx: Act, request: ValidityRequest, behind: Sequence[str], agreed: bool,
             papers: Sequence[Mapping[str, str]]) -> list[str]:
    """See to it that who agrees stays secured by all that stands behind the bid (30号令 29); the
    ids of the prolongations that came."""
    short = [one for one in standing_securities(ctx.session, request.lot_id, behind)
             if (until := guarantees.valid_until(ctx.session, one)) and until < request.until] \
        if agreed else []
    if len(papers) > len(short):
        raise refusals.SECURITY_UNASKED()
    # Each paper prolongs the security whose number it has; what has none of them is judged as
    # what it should have been.
    left = {unsigned(one["instrument"]).instrument_no: one for one in papers}
    meant = {one.id: left.pop(one.instrument_no, None) for one in short}
    rows = []
    for one in short:
        paper = meant[one.id] or (left.popitem()[1] if left else None)
        until = guarantees.valid_until(ctx.session, one)
        if paper:
            rows.append(row := prolong(ctx, one.id, **paper))
            until = row.valid_until
        if until < request.until:
            raise refusals.SECURITY_SHORT(
                instrument_no=one.instrument_no, valid_until=until.isoformat(),
                name=ctx.session.get_one(Party, one.party_id).name,
                needed_until=request.until.isoformat())
    return [row.id for row in rows]


@act("validity.concluded", law=LAW, by=("clock",), lot=True)
def conclude_extension(ctx: Act, lot_id: str, request_id: str) -> ValidityRequest:
    """Conclude a request: who agreed is bound longer; the bids of all others lapse and their
    securities go back, but for a winner's, whom the award notice binds (招标投标法 45).

    By the clock when the time to answer is over, or with the last answer. Where no bid that could
    be awarded is left the lot has failed. Raises NOT_OPEN when it is concluded, NOT_DUE.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    request = reading.open_request(ctx.session, lot_id)
    if request is None or request.id != request_id:
        raise refusals.NOT_OPEN()
    said = {bid: row.agreed for bid, row in reading.answers(ctx.session, request_id).items()}
    bids = reading.asked(ctx.session, lot_id)
    if not rules.ready(bids, said, request.answer_by, ctx.now):
        raise refusals.NOT_DUE(until=time_text(request.answer_by))
    request.concluded_at = ctx.now
    gone = rules.lapses(set(bids) - _won(ctx, lot_id), said)
    if any(said.values()):
        lot.validity_until = request.until
    rows = [{"bid": bid, "uscc": ctx.session.get_one(Party, bids[bid]).uscc, "why": why}
            for bid, why in gone.items()]
    for bid, why in gone.items():
        ctx.session.add(LapsedBid(bid_id=bid, lot_id=lot_id, request_id=request_id,
                                  party_id=bids[bid], why=why, lapsed_at=ctx.now))
        extension_refused(ctx, lot_id, secured_by(ctx.session, lot_id, bid, bids[bid]))
    ctx.session.flush()
    if not _left(ctx, lot, set(bids) - gone.keys()):
        decide_outcome(ctx, lot_id, "failed")
        publish_notice(ctx, lot.tender_id, "failure", failed(*refusals.ALL_LAPSED),
                       lot_id=lot_id)
        lot_failed(ctx, lot_id)
    ctx.record(request_id, {
        "number": request.number, "until": request.until.isoformat(),
        "kept": sorted(bid for bid, agreed in said.items() if agreed), "lapsed": rows,
        "validity_until": lot.validity_until and lot.validity_until.isoformat()},
        lot_id=lot_id, tender_id=lot.tender_id)
    came = {bid: "lapsed" if bid in gone else "kept" if said.get(bid) else "bound" for bid in bids}
    for told in tellers:
        told(ctx.session, request, bids, came, ctx.now)
    return request


def _won(ctx: Act, lot_id: str) -> set[str]:
    """The bid that was awarded, if one was."""
    return set(ctx.session.scalars(select(Award.bid_id).where(
        Award.lot_id == lot_id, Award.voided_at.is_(None))))


def _left(ctx: Act, lot: Lot, valid: set[str]) -> bool:
    """Whether a bid is left that may be awarded: of the candidates, once there are any."""
    named = set(ctx.session.scalars(select(Candidate.bid_id).where(Candidate.lot_id == lot.id)))
    return bool(valid & named if named else valid)


def none_awaited(ctx: Act, lot_id: str) -> None:
    """Refuse to sign, vote or award while tenderers are being asked. Joins the caller's act."""
    waiting = reading.open_request(ctx.session, lot_id)
    if waiting is not None:
        raise refusals.WAITS(until=time_text(waiting.answer_by))
