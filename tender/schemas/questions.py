"""JSON of questions and answers."""

from __future__ import annotations

from marshmallow import fields, pre_dump

from people.fields import AllowedActions, Flag, HexId, In, Out, Text, Time

from ..model import Question


class QuestionIn(In):
    """A question; do not name your company in it."""

    text = Text(1, 4000, required=True)


class AnswerIn(In):
    """An answer, for everybody."""

    text = Text(1, 8000, required=True)
    affects_bids = Flag(load_default=False)
    deadline = Time(load_default=None)


class AskerOut(Out):
    """Who asked."""

    question_id = HexId()
    party_id = HexId()
    name = fields.String()
    uscc = fields.String()


class QuestionOut(Out):
    """A question and its answer; nothing says who asked, nor when."""

    id = HexId()
    lot_id = HexId()
    text = fields.String()
    answer = fields.String(allow_none=True)
    answered_at = Time()
    allowed_actions = AllowedActions()

    @pre_dump
    def _hide_asker(self, question: Question, **_):
        return {"id": question.id, "lot_id": question.lot_id, "text": question.text,
                "answer": question.answer, "answered_at": question.answered_at}
