"""JSON of reviews, of the record of a fair-competition review, of readings by another unit."""

from __future__ import annotations

from marshmallow import fields, pre_dump, validate

from people.fields import Flag, Hash, HexId, In, Out, Text, Time

from ..fairness import CONCLUSIONS, STANDARDS
from ..fields import DayText
from ..reviewing import asked_view, reading_view, review_view


class HitAnswerIn(In):
    """What a person says of a hit, with the reason."""

    hit = Hash(required=True)
    answer = fields.String(required=True, validate=validate.OneOf(("accepted", "justified")))
    reason = Text(5, 2000, required=True)


class HitAnswerOut(Out):
    """What was said of a hit."""

    answer = fields.String()
    reason = fields.String()
    answered_at = Time()


class SaidOut(Out):
    """A text in both languages."""

    zh = fields.String()
    en = fields.String()


class HitDocumentOut(Out):
    """The file in which a hit stands; without an id the description of the tender."""

    id = fields.String()
    name = fields.String()
    hash = Hash()


class HitOut(Out):
    """A hit: the rule with its article and advice, the place, the quotation, and the answer."""

    key = Hash()
    rule = fields.String()
    version = fields.Integer()
    severity = fields.String(validate=validate.OneOf(("breach", "doubt")))
    law = fields.String()
    title = fields.Nested(SaidOut)
    advice = fields.Nested(SaidOut)
    quotation = fields.String()
    document = fields.Nested(HitDocumentOut, allow_none=True)
    page = fields.Integer(allow_none=True)
    paragraph = fields.Integer(allow_none=True)
    lot = fields.Integer(allow_none=True)
    field = fields.String()
    plugin = fields.String(allow_none=True)
    answer = fields.Nested(HitAnswerOut, allow_none=True)


class ReviewedOut(Out):
    """A file as it was reviewed; `problem` says what of it could not be read."""

    id = fields.String()
    name = fields.String()
    hash = Hash()
    problem = fields.String()
    passages = fields.Integer()


class ReviewOut(Out):
    """The last review. `current`: it is of the present documents and rules."""

    id = HexId()
    tender_id = HexId()
    number = fields.Integer()
    current = fields.Boolean()
    body_hash = Hash()
    made_at = Time()
    documents = fields.List(fields.Nested(ReviewedOut))
    plugins = fields.List(fields.String())
    failed = fields.List(fields.String())
    hits = fields.List(fields.Nested(HitOut))

    @pre_dump
    def _review(self, row, **_):
        return review_view(row)


class StandardIn(In):
    """One standard of the review, ticked."""

    article = fields.String(required=True, validate=validate.OneOf(tuple(STANDARDS)))
    met = Flag(required=True)
    note = Text(0, 500, load_default="")


class FairnessIn(In):
    """A record of a 公平竞争审查: who, when, under what number, each standard, the conclusion."""

    unit = Text(2, 200, required=True)
    document_number = Text(1, 100, required=True)
    reviewed_on = DayText(required=True)
    conclusion = fields.String(required=True, validate=validate.OneOf(tuple(CONCLUSIONS)))
    standards = fields.List(fields.Nested(StandardIn), required=True,
                            validate=validate.Length(max=20))
    exception = Text(0, 2000, load_default="")


class StandardOut(Out):
    """One standard, ticked."""

    article = fields.String()
    met = fields.Boolean()
    note = fields.String()


class FairnessOut(Out):
    """The last record of a 公平竞争审查, with the hashes of the files that were reviewed."""

    tender_id = HexId()
    number = fields.Integer()
    unit = fields.String()
    document_number = fields.String()
    reviewed_on = fields.String()
    conclusion = fields.String()
    standards = fields.List(fields.Nested(StandardOut))
    exception = fields.String()
    documents = fields.List(Hash())
    recorded_at = Time()


class ReadingIn(In):
    """The unit that is asked to read."""

    party_id = HexId(required=True)


class OpinionIn(In):
    """The opinion on exactly the content with this hash."""

    content_hash = Hash(required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(("passed", "objected")))
    opinion = Text(0, 4000, load_default="")


class OpinionOut(Out):
    """An opinion that was given."""

    number = fields.Integer()
    content_hash = Hash()
    verdict = fields.String()
    opinion = fields.String()
    given_at = Time()


class ReadingOut(Out):
    """A unit that was asked to read, and its opinions so far."""

    id = HexId()
    tender_id = HexId()
    party_id = HexId()
    asked_at = Time()
    withdrawn_at = Time()
    opinions = fields.List(fields.Nested(OpinionOut))

    @pre_dump
    def _reading(self, row, **_):
        return row if isinstance(row, dict) else reading_view(row)


class AskedOut(ReadingOut):
    """What one's own unit was asked to read: the submitted content, once there is one."""

    title = fields.String()
    content_hash = Hash(allow_none=True)
    content = fields.Dict(allow_none=True)

    @pre_dump
    def _reading(self, row, **_):
        return row if isinstance(row, dict) else asked_view(row)
