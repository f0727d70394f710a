"""Questions on the documents, and answers to everybody (招标投标法 22, 23)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from audit.act import Act, act
from audit.refusals import STEP_UP
from kernel.canonical import sha256, time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.model import Party

from .. import invited, rules, timetable
from ..amendment import span
from ..model import Lot, Question
from ..reading import lots_of
from ..refusals import ANSWERED, CLARIFIED_LATE, MANY, QUESTION_LATE
from .amending import move_deadline
from .course import lock_lot


@act("question.asked", law="招标投标法 22; 实施条例 22", action="question.ask", lot=True,
     disclose="never", veiled=True)
def ask_question(ctx: Act, lot_id: str, *, text: str) -> Question:
    """Ask about the bidding documents; the answer goes to all, the asker's name to nobody."""
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    last = rules.last_question(lot.profile, lot.deadline)
    if ctx.now > last:
        raise QUESTION_LATE(now=time_text(ctx.now), last=time_text(last),
                            deadline=time_text(lot.deadline))
    asked = ctx.session.scalar(select(func.count()).where(
        Question.lot_id == lot_id, Question.asker_party_id == ctx.actor.party_id))
    if asked >= rules.MAX_QUESTIONS:
        raise MANY(what="questions", limit=rules.MAX_QUESTIONS)
    own = ctx.session.get(Party, ctx.actor.party_id)
    rules.check_question(text, (own.name, own.uscc))
    question = Question(id=new_id(), lot_id=lot_id, asker_party_id=ctx.actor.party_id, text=text,
                        asked_at=ctx.now)
    ctx.session.add(question)
    ctx.record(question.id, {"question_hash": sha256(text.encode()).hex()}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return question


@act("question.answered", law="招标投标法 22, 23; 实施条例 21", action="question.answer", lot=True)
def answer_question(ctx: Act, lot_id: str, question_id: str, *, text: str,
                    affects_bids: bool = False, deadline: datetime | None = None) -> Question:
    """Answer a question, to everybody at once; question and answer are published together.

    An answer that affects bids leaves the time of a clarification before the deadline, or moves
    that to `deadline` (T3). Raises CLARIFIED_LATE with the earliest lawful one.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    question = ctx.session.get(Question, question_id, populate_existing=True)
    if question is None or question.lot_id != lot_id:
        raise NOT_FOUND()
    if question.answered_at is not None:
        raise ANSWERED()
    # Everybody reads it, so nobody invited to any lot of the tender is named in it.
    invited.refuse_named(ctx, lots_of(ctx.session, lot.tender_id), text)
    clarified(ctx, lot, affects_bids, deadline)
    question.answer, question.answered_at = text, ctx.now
    question.answered_by = ctx.actor.account_id
    ctx.record(question.id, {"question_hash": sha256(question.text.encode()).hex(),
                             "answer_hash": sha256(text.encode()).hex(),
                             "affects_bids": affects_bids},
               lot_id=lot_id, tender_id=lot.tender_id)
    return question


def clarified(ctx: Act, lot: Lot, affects_bids: bool, deadline: datetime | None) -> None:
    """Hold what is answered now to T3: move the deadline to the one given with the answer, and
    refuse an answer that affects bids and leaves too little time. Joins the answering act.

    Raises CLARIFIED_LATE, and what `move_deadline` raises.
    """
    if affects_bids:
        earliest = timetable.postponed(lot.deadline, ctx.now,
                                       span(lot.profile, lot.method))
        if (deadline or lot.deadline) < earliest:
            raise CLARIFIED_LATE(deadline=time_text(deadline or lot.deadline),
                                 earliest=time_text(earliest))
    if deadline is not None:
        if not ctx.actor.fresh(ctx.now):  # as for moving it alone
            raise STEP_UP()
        move_deadline(ctx, lot.id, deadline, cause="clarification",
                      why="对澄清（异议答复）可能影响投标文件编制的内容，依法顺延投标截止时间。")
