"""JSON that all objections share. No party and no time of filing is ever in it."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import Hash, HexId, In, Out, Text, Time

from ..objecting import OUTCOMES


class ArgumentIn(In):
    """What is objected to, and what is asked for."""

    argument = Text(4, 8000, required=True)
    remedy = Text(2, 2000, required=True)


class EvidencedIn(ArgumentIn):
    """The same with one's own papers, by their hash."""

    evidence = fields.List(Hash(), load_default=list, validate=validate.Length(max=20))


class AnswerIn(In):
    """What becomes of the objection, and why."""

    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    text = Text(4, 8000, required=True)


class AnsweredOut(Out):
    """An objection and its answer; nothing says who objects."""

    id = HexId()
    argument = fields.String()
    remedy = fields.String()
    evidence = fields.List(Hash())
    answer_by = Time()
    overdue = fields.Boolean()
    outcome = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = Time(allow_none=True)
