"""JSON of framework agreements, in and out; money in fen."""

from __future__ import annotations

from marshmallow import fields, pre_dump, validate

from people.exchange import moment
from people.exchange import reading as session
from people.fields import Flag, Hash, HexId, In, Money, Out, Text, Time, Uscc, Whole
from tender.fields import DayText
from tender.schemas.direct import DirectNoticeOut
from tender.schemas.objecting import AnsweredOut, AnswerIn, EvidencedIn

from . import reading, rules


class FrameworkIn(In):
    """The terms of a framework. `users`: credit codes of the units that may buy, none for all of
    the place; `methods_reason`: why there is more than direct choice."""

    kind = fields.String(required=True, validate=validate.OneOf(rules.KINDS))
    title = Text(1, 200, required=True)
    category = fields.String(required=True, validate=validate.OneOf(rules.CATEGORIES))
    requirement = Text(4, 8000, required=True)
    conditions = fields.List(Text(2, 500), required=True, validate=validate.Length(1, 30))
    price_kind = fields.String(required=True, validate=validate.OneOf(rules.PRICES))
    price_fen = Money(low=1, required=True)
    unit = Text(1, 20, required=True)
    users = fields.List(Uscc(), load_default=list, validate=validate.Length(max=500))
    methods = fields.List(fields.String(validate=validate.OneOf(rules.METHODS)), required=True,
                          validate=validate.Length(1, 3))
    methods_reason = Text(0, 1000, load_default="")
    leaving = Text(4, 4000, required=True)
    until_day = DayText(required=True, validate=validate.Range("2000-01-01", "2999-12-31"))


class FrameworkReadIn(In):
    """The hash of what was read."""

    content_hash = Hash(required=True)


class FrameworkReasonIn(In):
    """Why; it is published."""

    reason = Text(4, 2000, required=True)


class PaperIn(In):
    """One paper for one of the published conditions, counted from 0."""

    condition = Whole(0, 29, required=True)
    name = Text(1, 200, required=True)
    number = Text(1, 100, required=True)
    evidence_hash = Hash(required=True)
    valid_until = DayText(required=True)


class ApplicationIn(In):
    """One's papers, the unit price one agrees to, the hash of the terms one accepts."""

    papers = fields.List(fields.Nested(PaperIn), required=True, validate=validate.Length(1, 60))
    price_fen = Money(low=1, required=True)
    terms_hash = Hash(required=True)


class RefusalIn(In):
    """Which of the published conditions are not met, counted from 0, and why."""

    against = fields.List(Whole(0, 29), required=True, validate=validate.Length(1, 30))
    reason = Text(4, 2000, required=True)


class StrikeIn(In):
    """Why a supplier is struck off, on a ground of the closed list."""

    ground = fields.String(required=True, validate=validate.OneOf(rules.GROUNDS))
    reason = Text(4, 2000, required=True)


class CalloffIn(In):
    """A purchase under a framework. `application_id` and `reason` where one is chosen directly,
    `offers_until` where all are asked."""

    title = Text(1, 200, required=True)
    requirement = Text(0, 4000, load_default="")
    quantity = Whole(1, 1_000_000_000, required=True)
    method = fields.String(required=True, validate=validate.OneOf(rules.METHODS))
    reason = Text(0, 2000, load_default="")
    application_id = HexId(load_default=None, allow_none=True)
    offers_until = Time(load_default=None, allow_none=True)
    split_reason = Text(0, 2000, load_default="")


class DeclineIn(In):
    """Why one does not take one's turn."""

    reason = Text(4, 2000, required=True)


class JudgeIn(In):
    """Whether the reason to decline is good: then the place is kept."""

    good = Flag(required=True)


class CalloffOfferIn(In):
    """The commitment to an offer; nothing else of it is sent yet."""

    commitment = Hash(required=True, attribute="sealed")


class CalloffRevealIn(In):
    """The offer as it was sealed; the price is that of the whole purchase."""

    price_fen = Money(low=1, required=True)
    proposal_hash = Hash(required=True)
    salt = Hash(required=True)


class CalloffContractIn(In):
    """The signed contract."""

    amount_fen = Money(low=1, required=True)
    document_hash = Hash(required=True)


class FrameworkObjectionIn(EvidencedIn):
    """What is wrong, and what is asked for."""


class FrameworkAnswerIn(AnswerIn):
    """What becomes of the objection, and why."""


class FrameworkObjectionOut(AnsweredOut):
    """An objection and its answer; nothing says who objects. `application_id`: for who answers."""

    framework_id = HexId()
    calloff_id = HexId(allow_none=True)
    application_id = HexId(allow_none=True)

    @pre_dump
    def _view(self, one, **_):
        return one if isinstance(one, dict) else reading.objection_view(one, inside=True)


class ApplicationOut(Out):
    """An application, for its supplier and for the unit that decides it."""

    id = HexId()
    framework_id = HexId()
    framework_title = fields.String()
    party_id = HexId()
    name = fields.String()
    uscc = fields.String()
    state = fields.String()
    papers = fields.Raw()
    price_fen = fields.Integer()
    applied_at = Time()
    decide_by = Time()
    decided_at = Time()
    admitted_at = Time()
    place = fields.Integer(allow_none=True)
    against = fields.Raw(allow_none=True)
    reason = fields.String(allow_none=True)
    objections_until = Time()
    ended_at = Time()
    strike = fields.Raw(allow_none=True)

    @pre_dump
    def _view(self, one, **_):
        return reading.application_view(session(), one)


class StrikeOut(Out):
    """A strike, proposed or in force."""

    id = HexId()
    application_id = HexId()
    ground = fields.String()
    reason = fields.String()
    proposed_at = Time()
    approved_at = Time()


class SupplierOut(Out):
    """Who stands in a framework, at what price, from which place of the order of turns."""

    application_id = HexId()
    party_id = HexId()
    name = fields.String()
    uscc = fields.String()
    price_fen = fields.Integer()
    admitted_at = Time()
    place = fields.Integer()


class StruckOut(Out):
    """Who was struck off, and why."""

    name = fields.String()
    ground = fields.String()
    reason = fields.String()
    at = Time()


class CalloffRow(Out):
    """A call-off in a list."""

    id = HexId()
    code = fields.String()
    framework_id = HexId()
    title = fields.String()
    user = fields.Raw()
    quantity = fields.Integer()
    method = fields.String()
    state = fields.String()
    most_fen = fields.Integer()
    price_fen = fields.Integer(allow_none=True)
    winner = fields.String(allow_none=True)
    stated_at = Time()
    decided_at = Time()
    objections_until = Time()
    contracted_at = Time()
    failed_at = Time()
    failure = fields.String(allow_none=True)

    @pre_dump
    def _view(self, one, **_):
        return one if isinstance(one, dict) else reading.call_row(session(), one, moment())


class TurnOut(Out):
    """Who was asked in its turn, and what it said."""

    application_id = HexId()
    name = fields.String()
    place = fields.Integer()
    asked_at = Time()
    answer_by = Time()
    answer = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    good = Flag(allow_none=True)


class CalloffOut(CalloffRow):
    """A call-off; no offer shows before the close."""

    framework_title = fields.String()
    requirement = fields.String()
    reason = fields.String()
    split_reason = fields.String(allow_none=True)
    offers_until = Time()
    reveal_until = Time()
    turns = fields.List(fields.Nested(TurnOut))
    offers = fields.Raw()
    winner_id = HexId(allow_none=True)
    contract_hash = Hash(allow_none=True)
    objections = fields.List(fields.Nested(FrameworkObjectionOut))

    @pre_dump
    def _view(self, one, **_):
        return one if isinstance(one, dict) else reading.call_view(session(), one, moment())


class CalloffOfferOut(Out):
    """One's own offer."""

    id = HexId()
    calloff_id = HexId()
    commitment = Hash()
    offered_at = Time()
    price_fen = fields.Integer(allow_none=True)
    revealed_at = Time()


class FrameworkRow(Out):
    """A framework in a list."""

    id = HexId()
    ocid = fields.String()
    code = fields.String()
    buyer = fields.Raw()
    region = fields.String()
    kind = fields.String()
    title = fields.String()
    category = fields.String()
    price_kind = fields.String()
    price_fen = fields.Integer()
    unit = fields.String()
    methods = fields.Raw()
    state = fields.String()
    until_day = fields.String()
    valid_until = Time()
    published_at = Time()
    suppliers_count = fields.Integer()
    """How many stand in it; each was published."""

    @pre_dump
    def _view(self, one, **_):
        return one if isinstance(one, dict) else reading.row_view(session(), one, moment())


class FrameworkNoticeOut(DirectNoticeOut):
    """What was published of it, signed by the platform."""

    number = fields.Integer()
    subject_id = HexId()


class FrameworkOut(FrameworkRow):
    """A framework with who stands in it and what was bought; a draft for its own unit alone."""

    requirement = fields.String()
    conditions = fields.Raw()
    users = fields.Raw()
    methods_reason = fields.String()
    leaving = fields.String()
    content_hash = Hash()
    profile = fields.Raw(allow_none=True)
    ended_at = Time()
    end_reason = fields.String(allow_none=True)
    suppliers = fields.List(fields.Nested(SupplierOut))
    struck = fields.List(fields.Nested(StruckOut))
    calloffs = fields.List(fields.Nested(CalloffRow))
    spent_fen = fields.Integer()
    """Of the contracts registered under it."""
    notices = fields.List(fields.Nested(FrameworkNoticeOut))
    objections = fields.List(fields.Nested(FrameworkObjectionOut))

    @pre_dump
    def _view(self, one, **_):
        return one if isinstance(one, dict) else reading.framework_view(session(), one, moment())


class FrameworkWorkOut(Out):
    """How a framework of one's own unit stands: what keeps a draft from being published, and
    whether the one who asks stated it."""

    id = HexId()
    draft = Flag()
    findings = fields.Raw()
    own = Flag()


class FrameworkWaitingOut(Out):
    """What of frameworks waits for the unit of who asks."""

    applications = fields.Raw()
    """Of each framework with applications to decide: its id, its title, how many."""
    declines = fields.Integer()
    turns = fields.Raw()
    minis = fields.Raw()
