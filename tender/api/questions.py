"""Routes of questions and answers."""

from __future__ import annotations

from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import allow, may, page
from people.exchange import reading as session
from people.model import Party

from .. import acts, schemas
from ..model import Question
from .book import api


@api.post("/lots/<lot_id>/questions", action="question.ask", body=schemas.QuestionIn,
          returns=schemas.QuestionOut, status=201)
def ask_question(actor: Actor, body, lot_id: str):
    """Ask about the bidding documents; nobody is shown who asked."""
    return acts.ask_question(actor, lot_id, **body)


@api.get("/lots/<lot_id>/questions", action="question.view_published",
         returns=schemas.QuestionOut, many=True)
def list_questions(actor: Actor, lot_id: str):
    """Questions with their answers; who may answer also sees those without one."""
    statement = select(Question).where(Question.lot_id == lot_id)
    if not may("question.answer", lot_id=lot_id):
        statement = statement.where(Question.answered_at.is_not(None))
    return page(session(), statement, Question.id)


@api.post("/questions/<question_id>/answer", action="question.answer", body=schemas.AnswerIn,
          returns=schemas.QuestionOut, status=201)
def answer_question(actor: Actor, body, question_id: str):
    """Answer a question, to everybody at once."""
    question = session().get(Question, question_id)
    if question is None:
        raise NOT_FOUND()
    return acts.answer_question(actor, question.lot_id, question_id, **body)


@api.get("/questions/<question_id>/asker", action="question.view_asker",
         returns=schemas.AskerOut, sensitive=True)
def get_asker(actor: Actor, question_id: str):
    """Who asked; for the supervisor after the opening, with a reason. Rivals never learn it."""
    question = session().get(Question, question_id)
    if question is None:
        raise NOT_FOUND()
    allow("question.view_asker", lot_id=question.lot_id)
    party = session().get(Party, question.asker_party_id)
    return {"question_id": question.id, "party_id": party.id, "name": party.name,
            "uscc": party.uscc}
