"""JSON of direct awards; money in fen."""

from __future__ import annotations

from marshmallow import fields, validate

from people.fields import Flag, Hash, HexId, In, Money, Out, Text, Time, Uscc, Whole

from .. import direct, rules
from ..fields import DayText
from .notices import SignatureOut, SigningOut
from .objecting import AnsweredOut, AnswerIn, EvidencedIn


class DirectAwardIn(In):
    """What an award rests on and to whom it goes; the minutes are attached to the draft."""

    title = Text(1, 200, required=True)
    description = Text(0, 4000, load_default="")
    category = fields.String(required=True, validate=validate.OneOf(rules.CATEGORIES))
    regime = fields.String(required=True, validate=validate.OneOf(direct.REGIMES))
    estimate_fen = Money(low=1, required=True)
    price_fen = Money(low=1, required=True)
    approval_no = Text(0, 100, load_default="")
    funding = Text(0, 200, load_default="")
    contractor = Text(2, 200, required=True)
    contractor_uscc = Uscc(required=True)
    period_days = Whole(1, 36500, required=True)
    reason = Text(10, 2000, required=True)
    decision_no = Text(1, 100, required=True)
    decision_day = DayText(required=True)


class MinutesQuery(In):
    """What the file of the minutes is called."""

    name = Text(1, 255, required=True)


class DirectContractIn(In):
    """The signed contract."""

    amount_fen = Money(low=1, required=True)
    signed_at = Time(required=True)
    document_hash = Hash(required=True)
    late_reason = Text(0, 1000, load_default=None, allow_none=True)


class DirectNoticeOut(Out):
    """What was published of it, signed by the platform."""

    kind = fields.String()
    content = fields.String()
    content_hash = fields.String()
    signature = fields.String()
    published_at = Time()
    signatures = fields.List(fields.Nested(SignatureOut))
    """Those of the persons who stated and approved it, where they signed."""


class DirectObjectionIn(EvidencedIn):
    """What is wrong with the award, and what is asked for."""


class DirectObjectionAnswerIn(AnswerIn):
    """What becomes of the objection, and why."""


class DirectObjectionOut(AnsweredOut):
    """An objection to a direct award and its answer; nothing says who objects."""

    award_id = HexId()


class DirectAwardRow(Out):
    """A direct award in a list."""

    id = HexId()
    ocid = fields.String()
    code = fields.String()
    region = fields.String()
    title = fields.String()
    category = fields.String()
    regime = fields.String()
    price_fen = fields.Integer()
    contractor = fields.String()
    contractor_uscc = fields.String()
    published_at = Time()
    contracted_at = Time()
    failed_at = Time()
    """When an objection to it was upheld; it stands no more."""


class DirectAwardOut(DirectAwardRow):
    """A direct award; a draft is shown to its own unit only."""

    buyer = fields.Raw()
    description = fields.String()
    estimate_fen = fields.Integer()
    approval_no = fields.String()
    funding = fields.String()
    period_days = fields.Integer()
    reason = fields.String()
    decision_no = fields.String()
    decision_day = fields.String()
    minutes_hash = fields.String(allow_none=True)
    given_up = Flag()
    content_hash = fields.String(allow_none=True)
    """Of a draft as it reads now: what the second person names."""
    amount_fen = fields.Integer(allow_none=True)
    signed_at = Time()
    document_hash = fields.String(allow_none=True)
    late_reason = fields.String(allow_none=True)
    objections_until = Time()
    objections = fields.List(fields.Nested(DirectObjectionOut))
    """Those that were answered, without their words."""
    notices = fields.List(fields.Nested(DirectNoticeOut))


class DirectWorkOut(Out):
    """How a direct award of one's own unit stands. `own`: the one who asks stated it."""

    id = HexId()
    draft = Flag()
    findings = fields.Raw()
    own = Flag()
    signing = fields.Nested(SigningOut, allow_none=True)
    version = fields.Integer(allow_none=True)
    """What a draft is changed at (If-Match)."""
