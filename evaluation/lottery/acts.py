"""The draw of a lottery: announced, committed, revealed, closed, drawn.

By the same means as that of a panel and of a service (`evaluation.draw`): `yangguang draw verify`
checks the document. Drawn is among the bids that passed the screen, after the panel signed its
report; the order drawn is the order of the candidates (LT-1).
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import b64, jcs, time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people import digests
from tender.acts import decide_outcome, lock_lot
from tender.model import Lot

from .. import draw, ranking, rules, seeds
from .. import reading as judged
from ..model import Candidate
from ..refusals import (
    ALREADY_REVEALED,
    COMMIT_CLOSED,
    DRAW_EXISTS,
    DRAW_WAITS,
    NONCE_DIFFERS,
    NOT_A_LOTTERY,
    NOT_COMMITTED,
    NOT_PASSED,
    REVEAL_NOT_OPEN,
)
from ..validity.acts import none_awaited
from ..validity.reading import lapsed
from . import reading
from .model import LotteryDraw, LotteryNonce

LAW = "公平竞争审查规则 8(4); 规则 §1.4"
CONTRIBUTORS = ["platform", "buyer", "supervisor", "tenderer"]


@act("lottery.announced", law=LAW, action="lottery.announce", lot=True)
def announce_lottery(ctx: Act, lot_id: str) -> LotteryDraw:
    """Announce the draw among the bids that passed the screen, their list as tickets, with the
    policy document it rests on. Raises NOT_A_LOTTERY, NO_REPORT, DRAW_EXISTS."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    if lot.method != "lottery":
        raise NOT_A_LOTTERY()
    none_awaited(ctx, lot_id)
    if any(one.voided_at is None for one in reading.draws_of(ctx.session, lot_id)):
        raise DRAW_EXISTS()
    report = judged.concluded_report(ctx.session, lot_id)
    own, salt, nonce = new_id(), secrets.token_bytes(32), secrets.token_bytes(32)
    tickets = {draw.ticket(own, salt, one["bid"]): one["bid"] for one in report["report"]["bids"]}
    pool = _pool(ctx, lot, report["report"], tickets)
    commit_by = ctx.now + timedelta(minutes=lot.panel["commit_minutes"])
    reveal_by = commit_by + timedelta(minutes=lot.panel["reveal_minutes"])
    passed = sum(one["excluded"] is None for one in pool)
    announcement = {
        "v": 1, "draw": own, "lottery": lot.section_code, "lot": lot_id, "tender": lot.tender_id,
        **seeds.announced(ctx), "commit_by": time_text(commit_by), "reveal_by": time_text(reveal_by),
        "contributors": CONTRIBUTORS, "specialty": "", "seats": 1,
        "substitutes": min(lot.panel["candidates"], passed) - 1, "coefficients": [],
        "pool": pool, "cause": None, "screen": lot.grounds["screen"],
        "policy_document": lot.grounds["policy_document"],
        "report_hash": report["report_hash"], "platform_commitment": draw.commitment(nonce)}
    made = LotteryDraw(
        id=own, lot_id=lot_id, announcement=jcs(announcement).decode(), tickets=tickets,
        salt=salt.hex(), sealed_nonce=digests.seal(b64(nonce)), announced_at=ctx.now,
        commit_by=commit_by, reveal_by=reveal_by)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.session.add(LotteryNonce(draw_id=own, contributor=draw.PLATFORM,
                                 commitment=draw.commitment(nonce)))
    ctx.record(own, {
        "announcement_hash": rules.digest(announcement), "list_hash": draw.list_hash(pool),
        "eligible": passed, "report_hash": report["report_hash"],
        "platform_commitment": draw.commitment(nonce), "commit_by": time_text(commit_by),
        "reveal_by": time_text(reveal_by)}, lot_id=lot_id, tender_id=lot.tender_id)
    return made


def _pool(ctx: Act, lot: Lot, report: dict, tickets: dict[str, str]) -> list[dict]:
    """Every opened bid by ticket, with what keeps it out. Raises NOT_PASSED with nobody left."""
    gone, passed = lapsed(ctx.session, lot.id), set(report["passed"])
    pool = [{"ticket": name, "excluded": "lapsed" if tickets[name] in gone else
             None if tickets[name] in passed else "failed_the_screen"} for name in sorted(tickets)]
    if all(one["excluded"] for one in pool):
        raise NOT_PASSED()
    return pool


def _lock(ctx: Act, draw_id: str, *, share: bool = True) -> tuple[Lot, LotteryDraw]:
    """Lock the lot, then the draw; NOT_FOUND where there is none or it is void."""
    lot = lock_lot(ctx, reading.the_draw(ctx.session, draw_id).lot_id, share=share)
    made = ctx.session.scalars(select(LotteryDraw).where(LotteryDraw.id == draw_id)
                               .with_for_update().execution_options(populate_existing=True)).one()
    if made.voided_at is not None:
        raise NOT_FOUND()
    return lot, made


def _contributor(ctx: Act, lot: Lot) -> None:
    """Refuse a tenderer whose bid did not pass; buyer and supervisor contribute always."""
    report = judged.concluded_report(ctx.session, lot.id)["report"]
    own = {bid.party_id: bid.bid_id for bid in judged.report_bids(ctx.session, lot)}
    mine = own.get(ctx.actor.party_id)
    if mine is not None and mine not in report["passed"]:
        raise NOT_PASSED()


@act("lottery.committed", law=LAW, action="lottery.contribute")
def commit_to_lottery(ctx: Act, draw_id: str, *, commitment: str) -> LotteryDraw:
    """Commit to a nonce: its SHA-256 in hex. Once per party, before the commitments close."""
    lot, made = _lock(ctx, draw_id)
    ctx.permit(lot_id=lot.id)
    _contributor(ctx, lot)
    if ctx.now >= made.commit_by:
        raise COMMIT_CLOSED(until=time_text(made.commit_by))
    ctx.session.add(LotteryNonce(draw_id=draw_id, contributor=ctx.actor.party_id,
                                 commitment=commitment))
    ctx.record(draw_id, {"contributor": ctx.actor.party_id, "commitment": commitment},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=ctx.actor.party_id)
    return made


@act("lottery.revealed", law=LAW, action="lottery.contribute", by=("clock",))
def reveal_to_lottery(ctx: Act, draw_id: str, *, nonce: str | None = None) -> LotteryDraw:
    """Reveal the 32-byte nonce (base64) that was committed; the clock reveals the platform's."""
    lot, made = _lock(ctx, draw_id)
    ctx.permit(lot_id=lot.id)
    if not made.commit_by <= ctx.now < made.reveal_by:
        raise REVEAL_NOT_OPEN(since=time_text(made.commit_by), until=time_text(made.reveal_by))
    platform = ctx.actor.kind == "clock"
    name = draw.PLATFORM if platform else ctx.actor.party_id
    row = ctx.session.scalars(select(LotteryNonce).where(
        LotteryNonce.draw_id == draw_id, LotteryNonce.contributor == name)).one_or_none()
    if row is None:
        raise NOT_COMMITTED()
    if row.nonce is not None:
        raise ALREADY_REVEALED()
    nonce = digests.unseal(made.sealed_nonce) if platform else nonce
    if not draw.opens(nonce, row.commitment):
        raise NONCE_DIFFERS()
    row.nonce = nonce
    ctx.record(draw_id, {"contributor": name, "nonce": nonce}, lot_id=lot.id,
               tender_id=lot.tender_id, party_id=ctx.actor.party_id)
    return made


@act("lottery.closed", law=LAW, by=("clock",))
def close_lottery(ctx: Act, draw_id: str) -> LotteryDraw:
    """Close the time for revealing: name who is left out; void the draw if it is the platform.

    The first checkpoint that holds this entry gives the seed.
    """
    lot, made = _lock(ctx, draw_id, share=False)
    ctx.permit(lot_id=lot.id)
    if made.closed_at is not None or ctx.now < made.reveal_by:
        raise REVEAL_NOT_OPEN(since=time_text(made.commit_by), until=time_text(made.reveal_by))
    left_out = draw.left_out(reading.contributions(ctx.session, draw_id))
    made.closed_at = ctx.now
    if draw.PLATFORM in left_out:
        made.voided_at = ctx.now
    ctx.record(draw_id, {"left_out": left_out, "void": made.voided_at is not None},
               lot_id=lot.id, tender_id=lot.tender_id)
    made.closed_entry = ctx.entry_id
    return made


@act("lottery.drawn", law=LAW, by=("clock",))
def draw_lottery(ctx: Act, draw_id: str) -> LotteryDraw:
    """Draw the order from the first checkpoint that holds the close, and enter the candidates in
    it: the first wins, the others follow.

    Void where an announced witness stays silent. Raises DRAW_WAITS.
    """
    lot, made = _lock(ctx, draw_id, share=False)
    ctx.permit(lot_id=lot.id)
    if made.drawn_at is not None or made.closed_at is None:
        raise DRAW_WAITS()
    checkpoint = seeds.ripe(ctx.session, made, ctx.now)
    if silent := seeds.silent_witnesses(made, checkpoint):
        made.voided_at = ctx.now
        ctx.record(draw_id, {"silent": silent, "void": True}, lot_id=lot.id,
                   tender_id=lot.tender_id)
        return made
    document = draw.document(draw_id, json.loads(made.announcement),
                             reading.contributions(ctx.session, draw_id), checkpoint.note)
    made.drawn_at, made.document = ctx.now, jcs(document).decode()
    bids = {bid.bid_id: bid for bid in judged.report_bids(ctx.session, lot)}
    order = ranking.seeded(document["order"], made.tickets, lot.panel["candidates"])
    for place, name in enumerate(order, 1):
        ctx.session.add(Candidate(lot_id=lot.id, bid_id=name, party_id=bids[name].party_id,
                                  price_fen=bids[name].price_fen, rank=place))
    decide_outcome(ctx, lot.id, "ranked")
    ctx.record(draw_id, {"draw_hash": rules.digest(document), "seed": document["seed"],
                         "order": order, "salt": made.salt}, lot_id=lot.id,
               tender_id=lot.tender_id)
    return made
