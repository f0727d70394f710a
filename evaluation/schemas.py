"""JSON of the judgement, in and out; money in fen, scores as decimal text."""

from __future__ import annotations

from marshmallow import ValidationError, fields, pre_dump, validate

from people.exchange import moment
from people.exchange import reading as session
from people.fields import (
    AllowedActions,
    Base64,
    Flag,
    Hash,
    HexId,
    In,
    Money,
    Out,
    Text,
    Time,
    Whole,
)

from .model import Draw
from .reading import draw_page


class ScoreText(fields.String):
    """A score as text; the bounds are the lot's and are judged by the rules."""

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, str) or len(value) > 10:
            raise ValidationError('A score is written as a string, as "12.5". 分值以文本书写。')
        return value


class AnnounceIn(In):
    cause = Text(1, 1000, load_default=None, allow_none=True)


class CommitIn(In):
    commitment = Hash(required=True)


class RevealIn(In):
    nonce = Base64(length=32, required=True)


class ContributionOut(Out):
    contributor = fields.String()
    name = fields.String(allow_none=True)
    """Of the party; none of the platform."""
    commitment = fields.String()
    revealed = fields.Boolean()


class DrawOut(Out):
    """A draw as its page, whatever act on it was done."""

    id = fields.String()
    lot_id = fields.String()
    state = fields.String()
    announcement = fields.Raw()
    announcement_hash = fields.String()
    commit_by = Time()
    reveal_by = Time()
    void_reason = fields.String(allow_none=True)
    caution = fields.Raw()
    contributions = fields.List(fields.Nested(ContributionOut))
    document = fields.Raw()
    allowed_actions = AllowedActions()

    @pre_dump
    def _page(self, drawn: Draw, **_):
        return draw_page(session(), drawn, moment())


class MemberOut(Out):
    seat = fields.Integer()
    name = fields.String()
    leader = fields.Boolean()
    accepted = fields.Boolean()
    sheet_signed = fields.Boolean()


class PanelOut(Out):
    lot_id = fields.String()
    members = fields.List(fields.Nested(MemberOut))
    allowed_actions = AllowedActions()


class DeclarationIn(In):
    accept = Flag(required=True)
    reason = Text(1, 2000, load_default=None, allow_none=True)


class SeatOut(Out):
    seat = fields.Integer(attribute="number")
    accepted_at = Time()
    left_at = Time()


class CompetitionIn(In):
    lacking = Flag(required=True)
    argument = Text(1, 4000, required=True)


class FindingIn(In):
    """Whether a bid meets what is asked; `fails` names what it does not."""

    meets = Flag(required=True)
    fails = fields.List(fields.String(validate=validate.Length(1, 20)), load_default=list,
                        validate=validate.Length(max=60))
    reason = Text(0, 2000, load_default="")


class SheetIn(In):
    """Scores; in an inquiry or a lottery findings."""

    findings = fields.Dict(keys=HexId(), values=fields.Nested(FindingIn),
                           validate=validate.Length(max=500))
    scores = fields.Dict(
        keys=HexId(), validate=validate.Length(max=500),
        values=fields.Dict(keys=fields.String(validate=validate.Length(1, 20)),
                           values=ScoreText(), validate=validate.Length(max=60)))
    competition = fields.Nested(CompetitionIn, load_default=None, allow_none=True)


class SheetOut(Out):
    lot_id = fields.String()
    seat = fields.Integer()
    factors = fields.Raw()
    asked = fields.Raw()
    bids = fields.Raw()
    scores = fields.Raw()
    findings = fields.Raw()
    competition = fields.Raw()
    version = fields.Integer()
    sheet_hash = fields.String(allow_none=True)
    accepted_at = Time()
    signed_at = Time()


class OwnSeatOut(Out):
    """A seat of one's own on a panel that is at work."""

    lot_id = fields.String()
    title = fields.String()
    seat = fields.Integer()
    accepted_at = Time()
    signed_at = Time()


class SheetSignIn(In):
    sheet_hash = Hash(required=True)


class ReportSignIn(In):
    report_hash = Hash(required=True)
    dissent = Text(1, 4000, load_default=None, allow_none=True)


class ReportSignatureOut(Out):
    lot_id = fields.String()
    report_hash = fields.String()
    dissent = fields.String(allow_none=True)
    signed_at = Time()


class ReportDraftOut(Out):
    lot_id = fields.String()
    report = fields.Raw()
    report_hash = fields.String()
    signed = fields.List(fields.Integer())


class ReportOut(Out):
    lot_id = fields.String()
    report = fields.Raw()
    report_hash = fields.String()
    concluded_at = Time()
    signatures = fields.Raw()
    allowed_actions = AllowedActions()


class PublishIn(In):
    reason = Text(1, 1000, load_default=None, allow_none=True)


class LeaderCertificateOut(Out):
    name = fields.String()
    number = fields.String()


class CandidateMemberOut(Out):
    name = fields.String()
    uscc = fields.String()
    duty = fields.String()


class CandidateOut(Out):
    rank = fields.Integer()
    """In an inquiry or a lottery: the first wins, the next where it gives up."""
    given_up_at = Time()
    bid_id = fields.String()
    name = fields.String()
    uscc = fields.String()
    price_fen = fields.Integer()
    period_days = fields.Integer()
    quality = fields.String()
    leader = fields.String()
    certificate = fields.Nested(LeaderCertificateOut, allow_none=True)
    qualification = fields.String(allow_none=True)
    performance = fields.List(fields.String())
    members = fields.List(fields.Nested(CandidateMemberOut))
    lapsed_at = Time()
    """When the bid lapsed, because its tenderer did not agree to stay bound."""


class CancelledOut(Out):
    award = fields.Raw()
    award_hash = fields.String()
    cancelled_at = Time()


class ResultOut(Out):
    lot_id = fields.String()
    candidates = fields.List(fields.Nested(CandidateOut))
    published_at = Time()
    publicity_ends = Time()
    draw = fields.Raw()
    tickets = fields.Raw()
    award = fields.Raw()
    award_hash = fields.String(allow_none=True)
    cancelled = fields.List(fields.Nested(CancelledOut))
    contract = fields.Raw()
    allowed_actions = AllowedActions()


class GiveUpIn(In):
    reason = Text(4, 1000, required=True)


class CommitteeIn(In):
    members = fields.List(HexId(), required=True, validate=validate.Length(1, 99))


class CommitteeOut(Out):
    lot_id = fields.String()
    size = fields.Integer()
    formed_at = Time()


class VoteIn(In):
    ballot = Whole(1, 1000, required=True)
    choice = HexId(required=True)


class BallotOut(Out):
    lot_id = fields.String()
    open = fields.Integer(allow_none=True)
    kind = fields.String(allow_none=True)
    choices = fields.List(fields.String())
    voted = fields.Integer()
    own_vote_cast = fields.Boolean()
    tallies = fields.Raw()
    result = fields.String(allow_none=True)


class ConfirmIn(In):
    reason = Text(1, 4000, load_default=None, allow_none=True)


class AwardOut(Out):
    id = fields.String()
    lot_id = fields.String()
    bid_id = fields.String()
    party_id = fields.String()
    price_fen = fields.Integer()
    notice_hash = fields.String()
    decided_at = Time()


class ContractIn(In):
    amount_fen = Money(low=1, required=True)
    signed_at = Time(required=True)
    document_hash = Hash(required=True)
    late_reason = Text(1, 2000, load_default=None, allow_none=True)


class ContractOut(Out):
    id = fields.String()
    lot_id = fields.String()
    award_id = fields.String()
    amount_fen = fields.Integer()
    signed_at = Time()
    document_hash = fields.String()
    late_reason = fields.String(allow_none=True)
    registered_at = Time()
