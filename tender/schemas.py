"""JSON of the invitation, in and out, in OCDS words; money in fen, times with an offset."""

from __future__ import annotations

from marshmallow import ValidationError, fields, pre_dump, validate

from kernel.canonical import parse
from people.fields import (
    AllowedActions,
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

from . import access, rules
from .codes import REGION
from .fields import Exact, PolicyTree
from .model import Question
from .profile import REGIMES
from .views import lot_view, tender_view

DOCUMENT_KINDS = ("biddingDocuments", "technicalSpecifications", "billOfQuantity",
                  "evaluationCriteria", "contractDraft", "drawings", "other")
"""OCDS documentType; the last two are ours (the codelist is open)."""


class FactorIn(In):
    """One technical factor; scores lie from `min` to `max`, in multiples of `step`."""

    code = fields.String(required=True, validate=validate.Regexp(r"\A[A-Za-z0-9._-]{1,20}\Z"))
    title = Text(1, 200, required=True)
    max = Exact(places=2, low="0", high="100", required=True)
    min = Exact(places=2, low="0", high="100")
    step = Exact(places=2, low="0.01", high="100")


class CriteriaIn(In):
    """The technical factors; with the full price score their maxima make 100."""

    factors = fields.List(fields.Nested(FactorIn), required=True,
                          validate=validate.Length(max=60))


class PriceMethodIn(In):
    """PB-1: trimmed mean of the valid bids × (1 − drawn coefficient)."""

    method = fields.String(required=True, validate=validate.OneOf((rules.PRICE_METHOD,)))
    full_score = Exact(places=2, low="0", high="100", required=True)
    drop_high = Whole(0, 10, load_default=1)
    drop_low = Whole(0, 10, load_default=1)
    drop_when_valid_count_gt = Whole(2, 1000, load_default=3)
    coefficients = fields.List(Exact(places=4, low="0", high="0.9999"), required=True,
                               validate=validate.Length(min=1, max=50))
    deduct_per_pct_above = Exact(places=4, low="0", high="100", required=True)
    deduct_per_pct_below = Exact(places=4, low="0", high="100", required=True)
    score_floor = Exact(places=2, low="0", high="100", load_default="0")


class AwardMethodIn(In):
    """Direct vote of an odd committee."""

    method = fields.String(required=True, validate=validate.OneOf((rules.AWARD_METHOD,)))
    committee_size = Whole(1, 99, required=True)


class PanelIn(In):
    """The panel and its draw; the windows are minutes."""

    size = Whole(1, 99, required=True)
    substitutes = Whole(0, 50, load_default=2)
    candidates = Whole(1, 10, load_default=3)
    specialty = Text(0, 40, load_default="")
    commit_minutes = Whole(1, 10080, load_default=30)
    reveal_minutes = Whole(1, 10080, load_default=30)


class GuaranteeIn(In):
    """The bid guarantee asked for; its kinds are the platform's and cannot be limited."""

    amount_fen = Money(required=True)


class AccessIn(In):
    """Who can open the bids: a named policy, or a tree of one's own; the rest has usual values."""

    policy = fields.String(required=True, validate=validate.OneOf(access.POLICIES))
    officials = Whole(1, access.MOST_OFFICIALS)
    needed = Whole(0, access.MOST_OFFICIALS)
    clocks = Whole(0, access.MOST_CLOCKS)
    tree = PolicyTree()


class _LotFields(In):
    title = Text(1, 200)
    category = fields.String(validate=validate.OneOf(rules.CATEGORIES))
    regime = fields.String(validate=validate.OneOf(REGIMES))
    estimate_fen = Money(low=1)
    price_ceiling_fen = Money()
    deadline = Time()
    decrypt_minutes = Whole(1, 1440)
    period_days_max = Whole(1, 36500)
    quality = Text(1, 200)
    validity_days = Whole(1, 3650)
    publicity_days = Whole(1, 365)
    suite = fields.String(validate=validate.OneOf(rules.SUITES))
    access = fields.Nested(AccessIn)
    two_envelopes = Flag()
    criteria = fields.Nested(CriteriaIn)
    price_method = fields.Nested(PriceMethodIn)
    award_method = fields.Nested(AwardMethodIn)
    panel = fields.Nested(PanelIn)
    guarantee = fields.Nested(GuaranteeIn)


class LotIn(_LotFields):
    """A new lot. What is left out takes the profile's value or is found missing later."""

    title = Text(1, 200, required=True)
    category = fields.String(required=True, validate=validate.OneOf(rules.CATEGORIES))
    regime = fields.String(required=True, validate=validate.OneOf(REGIMES))
    estimate_fen = Money(low=1, required=True)


class LotEdit(_LotFields):
    """Changes of the lot `id`; without `id` a new lot, which then needs what a new lot needs."""

    id = HexId()

    def load(self, data, **kwargs):
        """Load as an edit, or as a new lot where no id is given."""
        if isinstance(data, dict) and "id" not in data:
            return LotIn().load(data)
        return super().load(data, **kwargs)


def _region(value: str) -> None:
    if not REGION.match(value):
        raise ValidationError("A division code has six digits (GB/T 2260). 行政区划代码为六位数字。")


class TenderIn(In):
    """A new project with its lots."""

    title = Text(1, 200, required=True)
    description = Text(0, 20000, load_default="")
    region = fields.String(required=True, validate=_region)
    funding = Text(0, 200, load_default="")
    approval_no = Text(0, 100, load_default="")
    lots = fields.List(fields.Nested(LotIn), required=True,
                       validate=validate.Length(min=1, max=rules.MAX_LOTS))


class TenderEdit(In):
    """Changes of a draft."""

    title = Text(1, 200)
    description = Text(0, 20000)
    region = fields.String(validate=_region)
    funding = Text(0, 200)
    approval_no = Text(0, 100)
    lots = fields.List(fields.Nested(LotEdit), validate=validate.Length(max=rules.MAX_LOTS))


class ItemIn(In):
    """One line of the bill of quantities."""

    code = Text(1, 40, required=True)
    description = Text(1, 500, required=True)
    unit = Text(1, 20, required=True)
    quantity = Exact(places=6, low="0", high="999999999999", required=True)


class ItemsIn(In):
    """The whole bill of quantities of a lot, in order."""

    items = fields.List(fields.Nested(ItemIn), required=True,
                        validate=validate.Length(max=rules.MAX_ITEMS))


class ApprovalIn(In):
    """The hash of the content that the approver read."""

    content_hash = Hash(required=True)


class QuestionIn(In):
    """A question; do not name your company in it."""

    text = Text(1, 4000, required=True)


class AnswerIn(In):
    """An answer, for everybody."""

    text = Text(1, 8000, required=True)


class DocumentQuery(In):
    """What a file is called and what it is."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    kind = fields.String(load_default="biddingDocuments",
                         validate=validate.OneOf(DOCUMENT_KINDS))


class TenderQuery(In):
    """`mine=true`: the tenders of one's own unit, drafts among them."""

    mine = fields.String(load_default="false", validate=validate.OneOf(("true", "false")))


class BuyerOut(Out):
    """The buyer (招标人)."""

    id = HexId()
    name = fields.String()
    uscc = fields.String()


class DocumentOut(Out):
    """A file of the bidding documents; `hash` is its SHA-256."""

    id = HexId()
    tender_id = HexId()
    kind = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    hash = Hash()
    added_at = Time()
    url = fields.Function(lambda document: (
        f"/api/v1/tenders/{document.tender_id}/documents/{document.id}/content"))
    allowed_actions = AllowedActions()


class ItemOut(Out):
    """One line of the bill of quantities."""

    position = fields.Integer()
    code = fields.String()
    description = fields.String()
    unit = fields.String()
    quantity = fields.String()


class NoticeOut(Out):
    """A submission of the notice: the frozen content (canonical JSON) and its SHA-256."""

    id = HexId()
    tender_id = HexId()
    number = fields.Integer()
    content_hash = Hash()
    content = fields.Function(lambda notice: parse(
        notice["content"] if isinstance(notice, dict) else notice.content))
    proof = fields.String(allow_none=True)
    leaf = fields.String(allow_none=True)
    submitted_at = Time()
    published_at = Time()
    voided_at = Time()
    allowed_actions = AllowedActions()


class QuestionOut(Out):
    """A question and its answer; nothing says who asked, nor when."""

    id = HexId()
    lot_id = HexId()
    text = fields.String()
    answer = fields.String()
    answered_at = Time()
    allowed_actions = AllowedActions()

    @pre_dump
    def _hide_asker(self, question: Question, **_):
        return {"id": question.id, "lot_id": question.lot_id, "text": question.text,
                "answer": question.answer, "answered_at": question.answered_at}


class SealOut(Out):
    """What a client pins before it seals, besides the lot's suite and policy."""

    log_origin = fields.String()
    log_vkey = fields.String()
    platform_vkey = fields.String()


class SealerOut(Out):
    """The offline sealer as the notice names it; no address where another one lies here now."""

    sha256 = fields.String()
    url = fields.String(allow_none=True)


class LotRow(Out):
    """A lot in a list."""

    id = HexId()
    number = fields.Integer()
    title = fields.String()
    category = fields.String()
    regime = fields.String()
    price_ceiling_fen = fields.Integer()
    deadline = Time()
    phase = fields.String()
    status = fields.String()


class LotOut(LotRow):
    """A lot with all that is needed to judge, seal and bid."""

    tender_id = HexId()
    section_code = fields.String()
    deal_code = fields.String()
    estimate_fen = fields.Integer()
    opening_at = Time()
    decrypt_minutes = fields.Integer()
    period_days_max = fields.Integer()
    quality = fields.String()
    validity_days = fields.Integer()
    publicity_days = fields.Integer()
    publicity_ends = Time()
    suite = fields.String()
    access = fields.Raw()
    two_envelopes = Flag()
    policy = fields.Raw()
    policy_hash = fields.String()
    criteria = fields.Raw()
    price_method = fields.Raw()
    award_method = fields.Raw()
    panel = fields.Raw()
    guarantee = fields.Raw()
    profile = fields.Raw()
    published_at = Time()
    phase_text = fields.Raw()
    moves_next = fields.String()
    items_count = fields.Integer()
    limits = fields.Raw()
    seal = fields.Nested(SealOut)
    sealer = fields.Nested(SealerOut, allow_none=True)
    allowed_actions = AllowedActions()

    @pre_dump
    def _lot(self, lot, **_):
        return lot if isinstance(lot, dict) else lot_view(lot)


class TenderRow(Out):
    """A tender in a list."""

    id = HexId()
    ocid = fields.String()
    title = fields.String()
    region = fields.String()
    buyer = fields.Nested(BuyerOut)
    phase = fields.String()
    status = fields.String()
    published_at = Time()
    lots = fields.List(fields.Nested(LotRow))


class TenderOut(TenderRow):
    """A tender with its lots and documents."""

    code = fields.String()
    description = fields.String()
    funding = fields.String()
    approval_no = fields.String()
    procurement_method = fields.String()
    version = fields.Integer()
    notice = fields.Nested(NoticeOut(only=("id", "number", "content_hash", "submitted_at",
                                           "published_at")))
    lots = fields.List(fields.Nested(LotOut))
    documents = fields.List(fields.Nested(DocumentOut(exclude=("allowed_actions",))))
    allowed_actions = AllowedActions()

    @pre_dump
    def _tender(self, tender, **_):
        return tender if isinstance(tender, dict) else tender_view(tender)
