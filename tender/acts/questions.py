"""Questions on the documents, and answers to everybody (招标投标法 22, 23)."""

from __future__ import annotations

from sqlalchemy import func, select

from audit.act import Act, act
from kernel.canonical import sha256
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.model import Party

from .. import rules
from ..model import Question
from ..refusals import ANSWERED, MANY
from .course import lock_lot


@act("question.asked", law="招标投标法 22; 实施条例 22", action="question.ask", lot=True,
     disclose="never", veiled=True)
def ask_question(ctx: Act, lot_id: str, *, text: str) -> Question:
    """Ask about the bidding documents; the answer goes to all, the asker's name to nobody."""
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
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
def answer_question(ctx: Act, lot_id: str, question_id: str, *, text: str) -> Question:
    """Answer a question, to everybody at once; question and answer are published together."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    question = ctx.session.get(Question, question_id, populate_existing=True)
    if question is None or question.lot_id != lot_id:
        raise NOT_FOUND()
    if question.answered_at is not None:
        raise ANSWERED()
    question.answer, question.answered_at = text, ctx.now
    question.answered_by = ctx.actor.account_id
    ctx.record(question.id, {"question_hash": sha256(question.text.encode()).hex(),
                             "answer_hash": sha256(text.encode()).hex()},
               lot_id=lot_id, tender_id=lot.tender_id)
    return question
