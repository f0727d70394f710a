"""JSON of the intermediary supermarket, in and out."""

from __future__ import annotations

from marshmallow import fields, pre_dump, validate

from people.exchange import moment
from people.exchange import reading as session
from people.fields import Base64, Flag, Hash, HexId, In, Money, Out, Text, Time, Whole, of_all
from tender.fields import Day, DayText
from tender.schemas.objecting import AnsweredOut, AnswerIn, EvidencedIn

from .. import draw
from ..selection import METHODS, SANCTIONS
from . import directory, views


class QualificationIn(In):
    """One paper: its number, the SHA-256 of it, the last day on which it holds."""

    name = Text(1, 200, required=True)
    number = Text(1, 100, required=True)
    evidence_hash = Hash(required=True)
    valid_until = DayText(required=True)


class AgencyIn(In):
    """One's own entry in the directory."""

    region = fields.String(required=True, validate=validate.Regexp(r"\A\d{6}\Z"))
    kinds = fields.List(Text(1, 40), required=True, validate=validate.Length(1, 20))
    qualifications = fields.List(fields.Nested(QualificationIn), required=True,
                                 validate=validate.Length(1, 20))


class ReadIn(In):
    """The hash of what was read."""

    content_hash = Hash(required=True)


class AgencyOut(Out):
    """An entry of the directory, with the average of what buyers said."""

    id = HexId()
    party_id = HexId()
    name = fields.String()
    uscc = fields.String()
    region = fields.String()
    kinds = fields.Raw()
    qualifications = fields.Raw()
    content_hash = Hash()
    version = fields.Integer()
    entered_at = Time()
    proposed_at = Time()
    approved_at = Time()
    left_at = Time()
    sanctions = fields.Raw()
    ratings = fields.Integer()
    average = fields.String(allow_none=True)

    @pre_dump(pass_collection=True)
    def _view(self, given, many, **_):
        return of_all(given, many, lambda page: [
            seen | {"content_hash": directory.digest(one)}
            for one, seen in zip(page, views.agency_views(session(), page), strict=True)])


class SanctionIn(In):
    """Why and until which day, that one among them, an agency is kept out."""

    kind = fields.String(required=True, validate=validate.OneOf(SANCTIONS))
    document_no = Text(1, 100, required=True)
    reason = Text(4, 2000, required=True)
    until = Day(required=True)


class SanctionOut(Out):
    """A sanction, proposed or in force."""

    id = HexId()
    agency_id = HexId()
    kind = fields.String()
    document_no = fields.String()
    reason = fields.String()
    until_day = fields.String()
    proposed_at = Time()
    approved_at = Time()


class ServiceIn(In):
    """A request for a service; `screen` and `policy_document` where it is drawn,
    `predecessor_id` where it is made again after one that failed."""

    kind = Text(1, 40, required=True)
    title = Text(1, 200, required=True)
    requirement = Text(4, 5000, required=True)
    budget_fen = Money(low=1, required=True)
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    offers_until = Time(required=True)
    screen = Text(0, 1000, load_default="")
    policy_document = Text(0, 200, load_default="")
    reason = Text(0, 1000, load_default="")
    predecessor_id = HexId(load_default=None)


class OfferIn(In):
    """The commitment to an offer; nothing else of it is sent yet."""

    commitment = Hash(required=True, attribute="sealed")


class SelectionRevealIn(In):
    """The offer as it was sealed."""

    price_fen = Money(low=1, required=True)
    proposal_hash = Hash(required=True)
    salt = Hash(required=True)


class ChoiceIn(In):
    """Whom the buyer chooses, and why."""

    party_id = HexId(required=True)
    reason = Text(10, 2000, required=True)


class VerdictIn(In):
    """Whether one agency passes the screen."""

    party_id = HexId(required=True)
    passed = Flag(required=True)
    because = Text(0, 1000, load_default="")


class ScreenIn(In):
    """The verdict on every offer that stands."""

    verdicts = fields.List(fields.Nested(VerdictIn), required=True,
                           validate=validate.Length(1, 500))


class SelectionAnnounceIn(In):
    """How long nonces are committed and revealed."""

    commit_minutes = Whole(1, 10080, load_default=30)
    reveal_minutes = Whole(1, 10080, load_default=30)


class SelectionCommitIn(In):
    """SHA-256 of 32 random bytes."""

    commitment = Hash(required=True)


class NonceIn(In):
    """The 32 bytes committed to."""

    nonce = Base64(draw.NONCE_BYTES, required=True)


class SelectionContractIn(In):
    """The signed contract."""

    amount_fen = Money(low=1, required=True)
    document_hash = Hash(required=True)
    late_reason = Text(0, 2000, load_default="")


class CompletionIn(In):
    """The SHA-256 of the paper by which the buyer takes what was done."""

    document_hash = Hash(required=True)


class ResultObjectionIn(EvidencedIn):
    """What is wrong with the result, and what is asked for."""


class ResultAnswerIn(AnswerIn):
    """What becomes of the objection, and why."""


class ResultObjectionOut(AnsweredOut):
    """An objection to a result and its answer; nothing says who objects."""

    service_id = HexId()


class RatingIn(In):
    """One to five stars, and why."""

    stars = Whole(1, 5, required=True)
    text = Text(4, 1000, required=True)


class RatingOut(Out):
    """A rating."""

    id = HexId()
    service_id = HexId()
    rater_id = HexId()
    rated_id = HexId()
    stars = fields.Integer()
    text = fields.String()
    rated_at = Time()


class OfferOut(Out):
    """One's own offer."""

    id = HexId()
    service_id = HexId()
    party_id = HexId()
    commitment = Hash()
    offered_at = Time()
    price_fen = fields.Integer(allow_none=True)
    revealed_at = Time()


class SelectionDrawOut(Out):
    """A draw under way or held; its document is checked by `yangguang draw verify`."""

    id = HexId()
    announcement = fields.Raw()
    commit_by = Time()
    reveal_by = Time()
    void = Flag()
    platform_revealed = Flag()
    document = fields.Raw(allow_none=True)
    tickets = fields.Raw(allow_none=True)
    salt = fields.String(allow_none=True)

    @pre_dump
    def _view(self, one, **_):
        return one if isinstance(one, dict) else views.draw_views(session(), [one])[0]


class ServiceOut(Out):
    """A request for a service and what became of it; no offer shows before the close."""

    id = HexId()
    code = fields.String()
    buyer_id = HexId()
    region = fields.String()
    kind = fields.String()
    title = fields.String()
    requirement = fields.String()
    budget_fen = fields.Integer()
    method = fields.String()
    screen = fields.String()
    policy_document = fields.String()
    reason = fields.String()
    state = fields.String()
    content_hash = Hash()
    profile = fields.Raw(allow_none=True)
    offers_until = Time()
    reveal_until = Time()
    approved_at = Time()
    settled_at = Time()
    offers = fields.Raw()
    winner_id = HexId(allow_none=True)
    winner = fields.String(allow_none=True)
    price_fen = fields.Integer(allow_none=True)
    result = fields.String(allow_none=True)
    decided_at = Time()
    objections_until = Time()
    objections = fields.List(fields.Nested(ResultObjectionOut))
    contract_until = Time()
    contracted_at = Time()
    contract_hash = Hash(allow_none=True)
    late_reason = fields.String(allow_none=True)
    finished_at = Time()
    finish_hash = Hash(allow_none=True)
    failed_at = Time()
    failure = fields.String(allow_none=True)
    predecessor_id = HexId(allow_none=True)
    attempt = fields.Integer()
    draws = fields.List(fields.Nested(SelectionDrawOut))
    ratings = fields.Raw()

    @pre_dump(pass_collection=True)
    def _view(self, given, many, **_):
        return of_all(given, many, lambda page: views.service_views(session(), page, moment()))
