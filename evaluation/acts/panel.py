"""The acts of the panel: declaration, score sheet, report (招标投标法 37, 40; 实施条例 46-53).

All of them are disclosed with the award: until then the record shows that something was
signed, never by whom.
"""

from __future__ import annotations

import secrets

from sqlalchemy import select

from audit.act import Act, act
from guarantees.acts import lot_failed
from kernel.canonical import jcs
from tender.acts import decide_outcome, lock_lot, publish_notice
from tender.notices import failed
from tender.profile import number
from tender.screened import SCREENED

from .. import announced, ranking, reading, rules
from ..model import (
    Candidate,
    Draw,
    EvaluationReport,
    PanelSeat,
    ReportSignature,
    ScoreDraft,
    ScoreSheet,
)
from ..refusals import (
    ALREADY_DECLARED,
    DECLARE_FIRST,
    OTHER_SHEET,
    REPORT_CHANGED,
    REPORT_SIGNED,
    SHEET_CHANGED,
    SHEET_INCOMPLETE,
    SHEET_SIGNED,
    SHEETS_COMPLETE,
    STALE_SHEET,
)
from ..validity.acts import none_awaited
from ..validity.reading import lapsed
from .draws import seat_next


@act("expert.declared", law="实施条例 46, 48", action="expert.declare", lot=True,
     disclose="awarded")
def declare(ctx: Act, lot_id: str, *, accept: bool, reason: str | None = None) -> PanelSeat:
    """Accept the seat, or declare a conflict: then the next substitute follows at once.

    A conflict may be declared after accepting too, until all sheets are signed; whatever the
    expert has scored is void (实施条例 48).
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    seat = reading.seat_of(ctx.session, lot_id, ctx.actor.account_id)
    facts: dict[str, object] = {"seat": seat.number, "accepted": accept}
    if accept:
        if seat.accepted_at is not None:
            raise ALREADY_DECLARED()
        seat.accepted_at = ctx.now
    else:
        if reading.missing_sheets(ctx.session, lot) == 0:
            raise SHEETS_COMPLETE()
        seat.left_at, seat.left_reason = ctx.now, reason
        ctx.session.flush()
        drawn = ctx.session.get_one(Draw, seat.draw_id)
        follower = seat_next(ctx, drawn, seat.number)
        facts["rank"] = seat.rank
        facts["followed_by_rank"] = follower.rank if follower else None
    ctx.record(seat.id, facts, lot_id=lot_id, tender_id=lot.tender_id)
    return seat


@act("score.saved", law="招标投标法 40", action="score.save_own", lot=True, disclose="never")
def save_sheet(ctx: Act, lot_id: str, *, scores: dict | None = None,
               competition: dict | None = None, findings: dict | None = None,
               version: int = 0) -> reading.OwnSheet:
    """Save one's own unsigned sheet: `scores`, or in a lot judged by a screen `findings`.
    `version` is the one that was read, 0 for the first.

    Raises OTHER_SHEET, STALE_SHEET when the draft has moved on, SHEET_SIGNED,
    SCORE_OUT_OF_BOUNDS, FINDING_WRONG.
    """
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    seat = _scoring_seat(ctx, lot_id)
    said = findings if lot.method in SCREENED else scores
    if said is None or None not in (scores, findings) or lot.method in SCREENED and competition:
        raise OTHER_SHEET()
    bids = [bid.bid_id for bid in reading.valid_bids(ctx.session, lot)]
    reading.check_sheet(lot, _valid(said, ctx, lot_id), bids, complete=False)
    draft = ctx.session.scalars(select(ScoreDraft).where(ScoreDraft.seat_id == seat.id)
                                .with_for_update()).one_or_none()
    if (draft.version if draft else 0) != version:
        raise STALE_SHEET(version=draft.version if draft else 0)
    if draft is None:
        draft = ScoreDraft(seat_id=seat.id, nonce=secrets.token_hex(16), version=0)
        ctx.session.add(draft)
    draft.scores, draft.competition = said, competition
    draft.version, draft.saved_at = version + 1, ctx.now
    ctx.session.flush()
    digest = rules.digest(reading.sheet_of(draft, lot))
    ctx.record(seat.id, {"sheet_hash": digest, "version": draft.version}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return reading.own_sheet(ctx.session, lot_id, ctx.actor.account_id)


def _valid(scores: dict, ctx: Act, lot_id: str) -> dict:
    """A sheet without the bids that lapsed since it was begun: they are scored no more."""
    gone = lapsed(ctx.session, lot_id)
    return {bid: given for bid, given in scores.items() if bid not in gone}


def _scoring_seat(ctx: Act, lot_id: str) -> PanelSeat:
    """The actor's seat, accepted and not yet signed for."""
    seat = reading.seat_of(ctx.session, lot_id, ctx.actor.account_id)
    if seat.accepted_at is None:
        raise DECLARE_FIRST()
    signed = select(ScoreSheet.id).where(ScoreSheet.seat_id == seat.id)
    if ctx.session.scalars(signed).first() is not None:
        raise SHEET_SIGNED()
    return seat


@act("score.signed", law="招标投标法 40, 44", action="score.sign_own", lot=True, fresh=True,
     disclose="awarded")
def sign_sheet(ctx: Act, lot_id: str, *, sheet_hash: str) -> reading.OwnSheet:
    """Sign one's own complete sheet by its hash; it is frozen from then on (I21).

    With the last one of a lot of two envelopes the prices may be opened."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    seat = _scoring_seat(ctx, lot_id)
    bids = [bid.bid_id for bid in reading.valid_bids(ctx.session, lot)]
    draft = ctx.session.get(ScoreDraft, seat.id)
    if draft is None:
        raise SHEET_INCOMPLETE(missing=len(bids) * len(reading.factors(lot)), bid="—", factor="—")
    document = reading.sheet_of(draft, lot)
    if rules.digest(document) != sheet_hash:
        raise SHEET_CHANGED()
    reading.check_sheet(lot, _valid(draft.scores, ctx, lot_id), bids, complete=True)
    if lot.method not in SCREENED:
        rules.check_competition(len(bids), number(lot.profile, "competition.valid_bids"),
                                draft.competition)
    ctx.session.add(ScoreSheet(
        lot_id=lot_id, seat_id=seat.id, account_id=ctx.actor.account_id,
        content=jcs(document).decode(), sheet_hash=sheet_hash, signed_at=ctx.now))
    ctx.session.flush()
    if lot.two_envelopes and reading.missing_sheets(ctx.session, lot) == 0:
        decide_outcome(ctx, lot_id, "technical_signed")
    ctx.record(seat.id, {"seat": seat.number, "sheet_hash": sheet_hash}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return reading.own_sheet(ctx.session, lot_id, ctx.actor.account_id)


@act("report.signed", law="实施条例 53", action="report.sign", lot=True, fresh=True,
     disclose="awarded")
def sign_report(ctx: Act, lot_id: str, *, report_hash: str,
                dissent: str | None = None) -> ReportSignature:
    """Sign the report by its hash, with written dissent if there is any; the last one concludes.

    Raises SHEETS_MISSING until all sheets are signed, REPORT_CHANGED for another hash.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    none_awaited(ctx, lot_id)
    seat = reading.seat_of(ctx.session, lot_id, ctx.actor.account_id)
    content = reading.report_content(ctx.session, lot)
    if rules.digest(content) != report_hash:
        raise REPORT_CHANGED()
    if any(one.id == seat.id for one, _ in reading.signatures(ctx.session, lot_id)):
        raise REPORT_SIGNED()
    row = ReportSignature(lot_id=lot_id, seat_id=seat.id, report_hash=report_hash,
                          dissent=dissent, signed_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    facts = {"seat": seat.number, "report_hash": report_hash,
             "dissent_hash": rules.digest(dissent) if dissent else None}
    if len(reading.signatures(ctx.session, lot_id)) == lot.panel["size"]:
        conclude_report(ctx, lot_id, content)
    ctx.record(row.id, facts, lot_id=lot_id, tender_id=lot.tender_id)
    return row


@act("report.concluded", law="招标投标法 40; 实施条例 53", lot=True, disclose="awarded")
def conclude_report(ctx: Act, lot_id: str, content: dict) -> EvaluationReport:
    """Conclude the report all have signed and enter its candidates; only ever part of a signature.

    An inquiry's stand in order; a lottery has none before its draw. Where the panel has no
    candidate to recommend the lot has failed (招标投标法 42; 74号令 50).
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    row = EvaluationReport(lot_id=lot_id, content=jcs(content).decode(),
                           report_hash=rules.digest(content), concluded_at=ctx.now)
    ctx.session.add(row)
    bids = {bid.bid_id: bid for bid in reading.report_bids(ctx.session, lot)}
    ranked = bool(content.get("ranking"))
    for place, name in enumerate(content["candidates"], 1):
        ctx.session.add(Candidate(lot_id=lot_id, bid_id=name, party_id=bids[name].party_id,
                                  price_fen=bids[name].price_fen,
                                  rank=place if ranked else None))
    decide_outcome(ctx, lot_id, "report_concluded")
    if ranking.failed(content):
        decide_outcome(ctx, lot_id, "failed")
        publish_notice(ctx, lot.tender_id, "failure", failed(*announced.why_failed(content)),
                       lot_id=lot_id)
        lot_failed(ctx, lot_id)
    elif ranked:
        decide_outcome(ctx, lot_id, "ranked")
    ctx.record(row.id, {"report_hash": row.report_hash,
                        "candidates": len(content["candidates"])},
               lot_id=lot_id, tender_id=lot.tender_id)
    return row
