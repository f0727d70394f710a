"""JSON of a lot, in and out."""

from __future__ import annotations

from marshmallow import fields, pre_dump, validate

from people.fields import AllowedActions, Flag, Hash, HexId, In, Money, Out, Text, Time, Whole

from .. import access, invitation, rules, screened
from ..fields import DayText, Exact, PolicyTree
from ..profile import REGIMES
from ..regime import METHODS, REASON_LEAST
from ..views import lot_view


class FactorIn(In):
    """One technical factor; scores lie from `min` to `max`, in multiples of `step`."""

    code = fields.String(required=True, validate=validate.Regexp(r"\A[A-Za-z0-9._-]{1,20}\Z"))
    title = Text(1, 200, required=True)
    max = Exact(places=2, low="0", high="100", required=True)
    min = Exact(places=2, low="0", high="100")
    step = Exact(places=2, low="0.01", high="100")


class AskedIn(In):
    """One thing that a bid must meet where nothing is scored."""

    code = fields.String(required=True, validate=validate.Regexp(r"\A[A-Za-z0-9._-]{1,20}\Z"))
    title = Text(1, 200, required=True)


class CriteriaIn(In):
    """The technical factors; with the full price score their maxima make 100. In an inquiry or a
    lottery there are none, and `asked` says what must be met."""

    factors = fields.List(fields.Nested(FactorIn), required=True,
                          validate=validate.Length(max=60))
    asked = fields.List(fields.Nested(AskedIn), validate=validate.Length(max=60))


class LowestPriceIn(In):
    """An inquiry: the lowest price of those who meet what is asked, equal ones by `ties`."""

    method = fields.String(required=True, validate=validate.Equal(screened.LOWEST))
    ties = fields.String(required=True, validate=validate.OneOf(tuple(screened.TIES)))


class PriceBandIn(In):
    """A lottery: prices from `low_rate` to `high_rate` of the ceiling take part, ends inside."""

    method = fields.String(required=True, validate=validate.Equal(screened.BAND))
    low_rate = Exact(places=4, low="0", high="1", required=True)
    high_rate = Exact(places=4, low="0", high="1", required=True)


class PriceMethodIn(In):
    """PB-1: trimmed mean of the valid bids × (1 − drawn coefficient). In an inquiry `method` is
    `lowest-price` with `ties`, in a lottery `price-band` with `low_rate` and `high_rate`."""

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

    def load(self, data, **kwargs):
        """Load as what its `method` says that it is."""
        of = {screened.LOWEST: LowestPriceIn, screened.BAND: PriceBandIn}
        said = data.get("method") if isinstance(data, dict) else None
        if isinstance(said, str) and said in of:
            return of[said]().load(data)
        return super().load(data, **kwargs)


class FirstRankedIn(In):
    """An inquiry or a lottery: the first in the order wins, and nobody votes."""

    method = fields.String(required=True, validate=validate.Equal(screened.RANKED))


class AwardMethodIn(In):
    """Direct vote of an odd committee; in an inquiry or a lottery `first-ranked`, without one."""

    method = fields.String(required=True, validate=validate.OneOf((rules.AWARD_METHOD,)))
    committee_size = Whole(1, 99, required=True)

    def load(self, data, **kwargs):
        """Load as what its `method` says that it is."""
        if isinstance(data, dict) and data.get("method") == screened.RANKED:
            return FirstRankedIn().load(data)
        return super().load(data, **kwargs)


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
    performance_rate = Exact(places=4, low="0", high="1")


class AccessIn(In):
    """Who can open the bids: a named policy, or a tree of one's own; the rest has usual values."""

    policy = fields.String(required=True, validate=validate.OneOf(access.POLICIES))
    officials = Whole(1, access.MOST_OFFICIALS)
    needed = Whole(0, access.MOST_OFFICIALS)
    clocks = Whole(0, access.MOST_CLOCKS)
    tree = PolicyTree()


class GroundsIn(In):
    """What the buyer's choices rest on; `reasons` by the name of the number departed from."""

    pilot_document = Text(0, 200)
    policy_document = Text(0, 200)
    screen = Text(0, 1000)
    resolution = Text(0, 200)
    resolution_hash = Hash()
    resolution_day = DayText()
    invite_ground = fields.String(validate=validate.OneOf(tuple(invitation.GROUNDS)))
    invite_reason = Text(0, 1000)
    invite_document = Text(0, 200)
    invite_document_hash = Hash()
    method_reason = Text(0, 1000)
    method_document = Text(0, 200)
    reasons = fields.Dict(keys=fields.String(validate=validate.Length(1, 40)),
                          values=Text(REASON_LEAST, 1000),
                          validate=validate.Length(max=40))


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
    method = fields.String(validate=validate.OneOf(METHODS))
    grounds = fields.Nested(GroundsIn)


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


class SealOut(Out):
    """What a client pins before it seals, besides the lot's suite and policy."""

    log_origin = fields.String()
    log_vkey = fields.String()
    platform_vkey = fields.String()


class SealerOut(Out):
    """The offline sealer as the notice names it; no address where another one lies here now."""

    sha256 = fields.String()
    url = fields.String(allow_none=True)


class DateOut(Out):
    """One date of a lot, by the rule that makes it: an instant or a whole Beijing day."""

    rule = fields.String()
    name = fields.String()
    zh = fields.String()
    en = fields.String()
    law = fields.String()
    at = Time(allow_none=True)
    day = fields.Date(allow_none=True)
    certain = Flag()


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
    policy_hash = fields.String(allow_none=True)
    criteria = fields.Raw()
    price_method = fields.Raw()
    award_method = fields.Raw()
    panel = fields.Raw()
    guarantee = fields.Raw()
    method = fields.String()
    grounds = fields.Raw()
    profile = fields.Raw()
    published_at = Time()
    phase_text = fields.Raw()
    moves_next = fields.String()
    items_count = fields.Integer()
    dates = fields.List(fields.Nested(DateOut))
    fee = fields.Raw()
    limits = fields.Raw()
    seal = fields.Nested(SealOut)
    sealer = fields.Nested(SealerOut, allow_none=True)
    allowed_actions = AllowedActions()

    @pre_dump
    def _lot(self, lot, **_):
        return lot if isinstance(lot, dict) else lot_view(lot)
