"""Cancelling an award: proposed by one person of the buyer, the winner heard, decided by another.

What follows is in the same transaction: the security forfeited or returned, the next in the order
awarded, or the lot failed and free to be tendered again. So there is no state between two awards
in which a lot could be left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from audit.act import Act, act
from bidding.reading import secured_by
from guarantees import reading as guarantees
from guarantees.acts import lot_failed, schedule_release, unsigned
from guarantees.forfeiture import forfeit, standing_ids
from guarantees.lifecycle import Cause
from guarantees.prolongation import prolong, standing_securities
from kernel.canonical import sha256, time_text
from kernel.refusal import DENIED, NOT_FOUND
from people.model import Party
from tender import timetable
from tender.acts import decide_outcome, lock_lot, must_be_kept, publish_notice
from tender.model import Lot, RetenderBar
from tender.notices import failed
from tender.reading import lot_facts

from .. import announced
from .. import reading as judgement
from ..acts.award import confirm_award
from ..model import Award, Candidate
from ..refusals import CONTRACT_EXISTS, NO_AWARD
from ..validity.reading import bound_until
from ..validity.refusals import SECURITY_SHORT
from . import reading, refusals, rules
from .model import AwardDefault, AwardWord

LAW = "招标投标法 45; 实施条例 55, 74; 政府采购法实施条例 49"

tellers: list[Callable[[Session, AwardDefault, str, datetime], None]] = []
"""Filled by the books above: each tells the companies concerned that their award is to be cancelled
(`proposed`), what was decided (`cancelled`, `dropped`); within the act."""


def _lock(ctx: Act, lot_id: str) -> tuple[Lot, Award]:
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    award = judgement.award(ctx.session, lot_id)
    if award is None:
        raise NO_AWARD()
    if judgement.contract(ctx.session, lot_id) is not None:
        raise CONTRACT_EXISTS()
    return lot, award


@act("award.default_proposed", law=LAW, action="award.default_propose", lot=True, fresh=True,
     disclose="party")
def propose_default(ctx: Act, lot_id: str, *, ground: str, account: str, plan: str,
                    evidence: Sequence[str] = (), document_no: str = "",
                    clause: str = "") -> AwardDefault:
    """Propose to cancel the award of a winner that does not sign or may not be awarded; it is heard.

    Raises award-default.* words: UNDER_WAY, NO_EVIDENCE, NO_DOCUMENT, NO_CLAUSE, NO_ORDER,
    NO_SUCCESSOR; PAPER_MISSING.
    """
    lot, award = _lock(ctx, lot_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    if reading.open_default(ctx.session, lot_id) is not None:
        raise refusals.UNDER_WAY()
    follows = reading.successor(ctx.session, lot_id, award)
    rules.check_proposal(
        ground, evidence=evidence, document_no=document_no, clause=clause, plan=plan,
        successor=follows is not None,
        ordered="ranked" in lot_facts(ctx.session, lot_id).outcomes)
    must_be_kept(ctx.session, ctx.actor.party_id, evidence)
    row = AwardDefault(
        lot_id=lot_id, award_id=award.id, bid_id=award.bid_id, party_id=award.party_id,
        ground=ground, account=account, evidence=list(evidence), document_no=document_no,
        clause=clause, plan=plan, heard_until=rules.heard_until(lot.profile, ctx.now),
        proposed_at=ctx.now, proposed_by=ctx.actor.account_id,
        proposed_person=ctx.actor.person_id)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"award": award.id, "bid": award.bid_id, "ground": ground, "plan": plan,
                        "heard_until": time_text(row.heard_until),
                        "statement_hash": rules.statement_hash(row)},
               lot_id=lot_id, tender_id=lot.tender_id, party_id=award.party_id)
    _tell(ctx, row, "proposed")
    return row


@act("award.word_given", law=LAW, action="award.word", lot=True, fresh=True, disclose="party")
def give_word(ctx: Act, lot_id: str, *, kind: str, text: str, evidence: Sequence[str] = (),
              until: date | None = None, securities: Sequence[Mapping[str, str]] = ()
              ) -> dict[str, object]:
    """Say one's own word of an award: the winner gives it up or contests a proposal to cancel it;
    the next in the order, whose bid is no longer valid, agrees to be bound again. Once each.

    Raises NOTHING_TO_SAY, AGREE_UNTIL, SECURITY_SHORT, PAPER_MISSING.
    """
    lot, award = _lock(ctx, lot_id)
    own = next((one for one in judgement.candidates(ctx.session, lot_id)
                if one.party_id == ctx.actor.party_id), None)
    if own is None:
        raise NOT_FOUND()
    shown = reading.page(ctx.session, lot, ctx.actor.party_id, False, False, ctx.now)
    if kind not in shown["may_say"]:
        raise refusals.NOTHING_TO_SAY()
    must_be_kept(ctx.session, ctx.actor.party_id, evidence)
    if kind == rules.AGREES:
        least = timetable.contract_due(ctx.now, lot.profile)
        if until is None or until < least:
            raise refusals.AGREE_UNTIL(earliest=least.isoformat())
        _stay_secured(ctx, lot, own, until, securities)
    waiting = reading.open_default(ctx.session, lot_id)
    row = AwardWord(
        lot_id=lot_id, award_id=award.id, bid_id=own.bid_id, party_id=own.party_id,
        about=award.id if kind == rules.DECLINES else waiting.id, kind=kind, text=text,
        evidence=list(evidence), until=until if kind == rules.AGREES else None,
        said_at=ctx.now, said_by=ctx.actor.account_id)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"award": award.id, "bid": own.bid_id, "about": row.about, "kind": kind,
                        "until": row.until and row.until.isoformat(),
                        "word_hash": rules.word_hash(row)},
               lot_id=lot_id, tender_id=lot.tender_id, party_id=own.party_id)
    return reading.page(ctx.session, lot, ctx.actor.party_id, False, False, ctx.now)


def _stay_secured(ctx: Act, lot: Lot, own: Candidate, until: date,
                  papers: Sequence[Mapping[str, str]]) -> None:
    """Who agrees to be bound again is secured as long (30号令 29)."""
    brought = {unsigned(one["instrument"]).instrument_no: one for one in papers}
    for one in standing_securities(ctx.session, lot.id, secured_by(
            ctx.session, lot.id, own.bid_id, own.party_id)):
        lasts = guarantees.valid_until(ctx.session, one)
        if lasts and lasts < until and one.instrument_no in brought:
            lasts = prolong(ctx, one.id, **brought[one.instrument_no]).valid_until
        if lasts and lasts < until:
            raise SECURITY_SHORT(
                instrument_no=one.instrument_no, valid_until=lasts.isoformat(),
                name=ctx.session.get_one(Party, one.party_id).name,
                needed_until=until.isoformat())


def _undecided(ctx: Act, lot_id: str, default_id: str) -> tuple[Lot, Award, AwardDefault]:
    lot, award = _lock(ctx, lot_id)
    row = ctx.session.get(AwardDefault, default_id)
    if row is None or row.lot_id != lot_id:
        raise NOT_FOUND()
    if row.decided_at is not None or row.award_id != award.id:
        raise refusals.DECIDED()
    return lot, award, row


@act("award.default_dropped", law=LAW, action="award.default_decide", lot=True, disclose="party")
def drop_default(ctx: Act, lot_id: str, default_id: str, *, reason: str) -> AwardDefault:
    """Drop a proposal to cancel an award: it stands on. By either of the two persons."""
    lot, _, row = _undecided(ctx, lot_id, default_id)
    row.decided_at, row.decided_by = ctx.now, ctx.actor.account_id
    row.outcome, row.reason = "dropped", reason
    ctx.session.flush()
    ctx.record(row.id, {"award": row.award_id, "reason_hash": sha256(reason.encode()).hex()},
               lot_id=lot_id, tender_id=lot.tender_id, party_id=row.party_id)
    _tell(ctx, row, "dropped")
    return row


@act("award.cancelled", law=LAW, action="award.default_decide", lot=True, fresh=True)
def cancel_award(ctx: Act, lot_id: str, default_id: str, *, statement_hash: str,
                 reason: str) -> AwardDefault:
    """Cancel an award as another person than who proposed it, naming what was read: the security is
    kept or goes back, the next in the order is awarded or the lot has failed.

    Raises SAME_PERSON, CHANGED, NOT_HEARD, MAY_SIGN, NOT_BOUND, NO_SUCCESSOR.
    """
    lot, award, row = _undecided(ctx, lot_id, default_id)
    if ctx.actor.person_id in (None, row.proposed_person):
        raise refusals.SAME_PERSON()
    if statement_hash != rules.statement_hash(row):
        raise refusals.CHANGED()
    words = reading.words_of(ctx.session, award.id)
    rules.check_decision(
        row.ground, said=reading.said_by(words, award.bid_id, row.id),
        heard_until=row.heard_until, now=ctx.now,
        contract_due=reading.signing_due(ctx.session, lot, award))
    follows = reading.successor(ctx.session, lot_id, award) if row.plan == rules.NEXT else None
    if row.plan == rules.NEXT:
        if follows is None:
            raise refusals.NO_SUCCESSOR()
        rules.check_bound(bound_until(ctx.session, lot, follows.bid_id), ctx.now)
    award.voided_at = row.decided_at = ctx.now
    row.decided_by, row.outcome, row.reason = ctx.actor.account_id, "cancelled", reason
    ctx.session.flush()
    kept = _money(ctx, lot, row)
    barred = _bar(ctx, lot, row)
    _publish(ctx, lot, award, row, kept)
    if follows is not None:
        row.successor_id = confirm_award(ctx, lot_id).id
    else:
        decide_outcome(ctx, lot_id, "failed")
        publish_notice(ctx, lot.tender_id, "failure", failed(*refusals.FALLEN), lot_id=lot_id)
        lot_failed(ctx, lot_id)
    ctx.session.flush()
    ctx.record(row.id, {
        "award": award.id, "bid": award.bid_id, "party": award.party_id, "ground": row.ground,
        "plan": row.plan, "statement_hash": statement_hash, "forfeited": kept, "barred": barred,
        "successor": row.successor_id, "notice_hash": award.notice_hash},
        lot_id=lot_id, tender_id=lot.tender_id)
    _tell(ctx, row, "cancelled")
    return row


def _money(ctx: Act, lot: Lot, row: AwardDefault) -> list[dict[str, object]]:
    """What becomes of the securities behind the bid: kept by an article, or they go back."""
    law = rules.forfeit_law(row.ground, lot.regime, row.clause)
    behind = secured_by(ctx.session, lot.id, row.bid_id, row.party_id)
    kept = []
    for guarantee_id in standing_ids(ctx, lot.id, behind):
        if law:
            made = forfeit(ctx, guarantee_id, ground=row.ground, law=law, cause=row.id)
            kept.append({"guarantee": guarantee_id, "amount_fen": made.amount_fen, "law": law})
        else:
            schedule_release(ctx, guarantee_id, Cause.LOST.value, ctx.now)
    return kept


def _bar(ctx: Act, lot: Lot, row: AwardDefault) -> list[str]:
    """Who may not take part when the lot is put out again: of a joint bid every member."""
    law = rules.bar_law(row.ground, lot.regime)
    if not law:
        return []
    behind = secured_by(ctx.session, lot.id, row.bid_id, row.party_id)
    for party_id in behind:
        ctx.session.add(RetenderBar(lot_id=lot.id, party_id=party_id, law=law, cause=row.id,
                                    since=ctx.now))
    return sorted(behind)


def _publish(ctx: Act, lot: Lot, award: Award, row: AwardDefault,
             kept: list[dict[str, object]]) -> None:
    winner = ctx.session.get_one(Party, award.party_id)
    said = rules.GROUNDS[row.ground]
    publish_notice(ctx, lot.tender_id, "award_cancelled", announced.cancelled(
        winner.name, winner.uscc, award.notice_hash, (said.zh, said.en),
        rules.law(row.ground, lot.regime), row.document_no,
        sum(one["amount_fen"] for one in kept), kept[0]["law"] if kept else "",
        row.plan == rules.NEXT, rules.bar_law(row.ground, lot.regime)), lot_id=lot.id)


def _tell(ctx: Act, row: AwardDefault, what: str) -> None:
    for told in tellers:
        told(ctx.session, row, what, ctx.now)


__all__ = ["cancel_award", "drop_default", "give_word", "propose_default", "tellers"]
