"""JSON of objections, in and out. No party and no time of filing is ever in it."""

from __future__ import annotations

from marshmallow import fields, pre_dump, validate

from people.exchange import reading as session
from people.fields import Flag, Hash, HexId, In, Out, Text, Time
from tender.schemas.objecting import AnswerIn, ArgumentIn

from ..model import Objection
from ..objections import MAX_EVIDENCE
from ..reading import objections as reading


class EvidenceQuery(In):
    """The name of the file that is sent."""

    name = Text(1, 200, required=True)


class EvidenceOut(Out):
    """A file that an objection rests on."""

    id = HexId()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    hash = Hash()


class OpeningObjectionIn(ArgumentIn):
    """What is objected to, and what is asked for."""


class ObjectionIn(OpeningObjectionIn):
    """An objection; before the opening do not name your company, in its files neither."""

    evidence = fields.List(HexId(), load_default=list,
                           validate=validate.Length(max=MAX_EVIDENCE))


class OpeningAnswerIn(AnswerIn):
    """What becomes of the objection, and why."""


class ObjectionAnswerIn(OpeningAnswerIn):
    """Also whether the answer changes what bids are made of (T3), and a later deadline."""

    affects_bids = Flag(load_default=False)
    deadline = Time(load_default=None)


class ObjectionOut(Out):
    """An objection and its answer; nothing says who objects, nor when."""

    id = HexId()
    lot_id = HexId()
    stage = fields.String()
    argument = fields.String(allow_none=True)
    remedy = fields.String(allow_none=True)
    evidence = fields.List(fields.Nested(EvidenceOut))
    answer_by = Time(allow_none=True)
    overdue = fields.Boolean()
    outcome = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = Time(allow_none=True)

    @pre_dump
    def _seen(self, said, **_):
        """Whoever files one or answers it is shown the whole of it, but who it is from."""
        return reading.seen(session(), [said], inside=True)[0] if isinstance(said, Objection) \
            else said


class WaitingObjectionOut(Out):
    """An objection that waits for the buyer's answer: where, of which stage, by when."""

    id = HexId()
    lot_id = HexId()
    tender_id = HexId()
    title = fields.String()
    lot_title = fields.String()
    stage = fields.String()
    answer_by = Time(allow_none=True)
    overdue = fields.Boolean()


class AnnexOut(Out):
    """The annex of the opening record; its hash is over the canonical JSON of the rest."""

    v = fields.Integer()
    type = fields.String()
    lot = HexId()
    objections = fields.List(fields.Dict())
    annex_hash = Hash()


class ObjectorOut(Out):
    """Who objects."""

    objection_id = HexId()
    party_id = HexId()
    name = fields.String()
    uscc = fields.String()
