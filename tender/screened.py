"""Lots that are judged by a screen and not by scores: price inquiry (询价) and lottery (摇号). Pure.

The panel finds of each bid whether it meets what is asked, with its reasons. Among those that do,
an inquiry ranks by price (74号令 47-49), a lottery by a draw that anybody repeats (rulebook §1.4);
who stands first wins. Nothing is scored, and nobody votes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from .findings import Finding, finding
from .notices import Row, row
from .profile import Profile, has, number, rule_for
from .terms import Terms

SCREENED = frozenset({"inquiry", "lottery"})
"""The methods of lots that are judged so."""

LOWEST = "lowest-price"
BAND = "price-band"
PRICE_METHODS = {"inquiry": LOWEST, "lottery": BAND}
"""What the price is to a lot of each method."""
RANKED = "first-ranked"
"""The award method of both: the first in the order wins, the next if it gives up."""

TIES = {"received": ("报价相同的，先送达者在前", "of equal prices the one received first"),
        "period": ("报价相同的，工期（交货期）短者在前；再相同的，先送达者在前",
                   "of equal prices the one with the shorter period, then the one received first")}
"""How equal prices of an inquiry are put in order: the documents say which (zh, en)."""

OFFERED = {"inquiry": "inquiry.suppliers", "lottery": "lottery.least"}
"""The number by which a profile offers a method; it is also how many must pass the screen."""

LAW = {"inquiry": "政府采购法 32; 政府采购非招标采购方式管理办法 (74号令) 44-49",
       "lottery": "公平竞争审查规则 8(4); 发改法规规〔2022〕1117号 1(2)"}
"""What each rests on, as the notice says it."""

FAIR = ("摇号仅在审查合格者中进行，不直接以抽签、摇号方式确定中标人；非依法必须招标项目",
        "Drawn only among those who passed the screen, never directly; the law asks for no tender")
"""What the fair-competition rule says of a lottery (公平竞争审查规则 8(4)), as the notice says it."""


def least_passed(profile: Profile, method: str) -> int:
    """How many bids must pass the screen, or the lot fails (74号令 50(3); rulebook §1.4)."""
    return number(profile, OFFERED[method])


def price_defaults(method: str) -> dict[str, object]:
    """What the price is to a lot of this method where its buyer says nothing."""
    return {"method": LOWEST, "ties": "received"} if method == "inquiry" else {
        "method": BAND, "low_rate": "0", "high_rate": "1"}


def within(price_fen: int, ceiling_fen: int | None, price_method: Mapping[str, object]) -> bool:
    """Whether a price lies in the band of a lottery's documents: shares of the ceiling, both ends
    inside (example PB-8). Exact. What lies outside is not rejected, it stays out of the draw."""
    if price_method["method"] != BAND or not ceiling_fen:
        return True
    low, high = Fraction(price_method["low_rate"]), Fraction(price_method["high_rate"])
    return low * ceiling_fen <= price_fen <= high * ceiling_fen


# --- what keeps such a lot back -------------------------------------------------------------------
def findings(lot, terms: Terms, profile: Profile) -> Iterator[Finding]:
    """What keeps a lot of SCREENED from being put out besides what all lots must say. `lot` has
    the columns."""
    yield from _offered(lot, profile)
    yield from _judged(lot, terms)
    if lot.method == "inquiry":
        yield from _inquiry(lot, terms, profile)
    else:
        yield from _lottery(terms)


def _offered(lot, profile: Profile) -> Iterator[Finding]:
    if lot.regime != "statutory" and not has(profile, OFFERED[lot.method]):
        name = {"inquiry": ("询价", "an inquiry"), "lottery": ("摇号", "a lottery")}[lot.method]
        yield finding("method", "lot.method-offered", "规则 §1.3",
                      f"本交易类型的规则参数不提供{name[0]}方式。",
                      f"The rule profile of this regime does not offer {name[1]}.")


def _judged(lot, terms: Terms) -> Iterator[Finding]:
    """No scores, one price, one envelope, the first wins."""
    if terms.factors:
        yield finding("criteria.factors", "lot.screened-scores", LAW[lot.method],
                      "询价、摇号不打分：请删去评分因素，改写审查要求。",
                      "Nothing is scored in an inquiry or a lottery: take the factors out and say "
                      "what must be met.")
    codes = [code for code, _ in terms.asked]
    if not codes or len(set(codes)) != len(codes):
        yield finding("criteria.asked", "lot.screened-asked", LAW[lot.method],
                      "须逐条写明审查要求，编号不得重复。",
                      "Say one by one what a bid must meet, each with a code of its own.")
    if terms.price.method != PRICE_METHODS[lot.method] or terms.award.method != RANKED:
        yield finding("price_method", "lot.screened-method", LAW[lot.method],
                      "询价按最低报价、摇号按抽取顺序确定，排名第一者中标。",
                      "An inquiry goes by the lowest price and a lottery by the draw; the first "
                      "in the order wins.")
    if lot.two_envelopes:
        yield finding("two_envelopes", "lot.screened-envelopes", LAW[lot.method],
                      "询价、摇号不打技术分，不用双信封。",
                      "Where nothing is scored there is no second envelope.")


def _inquiry(lot, terms: Terms, profile: Profile) -> Iterator[Finding]:
    if terms.price.method == LOWEST and terms.price.ties not in TIES:
        yield finding("price_method.ties", "lot.inquiry-ties", "政府采购非招标采购方式管理办法 49",
                      "须写明报价相同时的排序规则。", "Say how equal prices are put in order.")
    if lot.regime == "govproc" and lot.category != "goods":
        yield finding("category", "lot.inquiry-goods", "政府采购法 32",
                      "政府采购的询价只用于规格、标准统一的货物。",
                      "In government procurement an inquiry is for goods of one specification.")
    if lot.regime == "govproc" and not terms.grounds.method_reason:
        yield finding("grounds.method_reason", "lot.inquiry-ground", "政府采购法 32",
                      "须说明货物规格、标准统一，现货货源充足且价格变化幅度小。",
                      "Say why: goods of one specification, plenty of stock, a stable price.")
    if has(profile, "approval.open_fen") and not terms.grounds.method_document \
            and lot.estimate_fen >= number(profile, "approval.open_fen"):
        yield finding("grounds.method_document", "lot.inquiry-approval",
                      "政府采购非招标采购方式管理办法 4",
                      "达到公开招标数额标准的，须注明批准采用询价的文件。",
                      "From the amount for open tenders on, name the approval of the inquiry.")
    least = number(profile, "inquiry.candidates") if has(profile, "inquiry.candidates") else 1
    if 0 < terms.panel.candidates < least:
        yield finding("panel.candidates", "lot.inquiry-candidates",
                      "政府采购非招标采购方式管理办法 48",
                      f"成交候选人不少于 {least} 名。", f"{least} candidates or more.")


def over_tier(lot, profile: Profile) -> bool:
    """Whether a lot is too large for a simple inquiry by its profile's tier (rulebook §1.2)."""
    return lot.method == "inquiry" and has(profile, "inquiry.limit_fen") \
        and lot.estimate_fen > number(profile, "inquiry.limit_fen")


def _lottery(terms: Terms) -> Iterator[Finding]:
    low, high = terms.price.low_rate, terms.price.high_rate
    if terms.price.method == BAND and not 0 <= low < high <= 1:
        yield finding("price_method.low_rate", "lot.lottery-band", "规则 §4.3",
                      "有效报价区间须为最高限价的比例，下限小于上限，上限不超过 1。",
                      "The band is shares of the price ceiling, the lower below the upper, which is "
                      "at most 1.")


def panel_rule(profile: Profile, method: str, estimate_fen: int) -> str:
    """The number that says the fewest members of a panel for a lot put out by `method`."""
    own = rule_for(profile, method, "panel.size")
    if own == "panel.inquiry" and has(profile, "panel.inquiry_large") \
            and estimate_fen >= number(profile, "approval.open_fen"):
        return "panel.inquiry_large"
    if own == "panel.size" and has(profile, "panel.large_fen") \
            and estimate_fen >= number(profile, "panel.large_fen"):
        return "panel.large_size"
    return own


# --- what a notice says ---------------------------------------------------------------------------
def rows(lot: Mapping[str, object]) -> Iterator[Row]:
    """What a notice says of how such a lot is judged: the screen, the price, the order."""
    price, panel, method = lot["price_method"], lot["panel"], lot["method"]
    yield row("method_law", "方式依据", "Basis of the method", LAW[method])
    for place, one in enumerate(lot["criteria"].get("asked", ()), 1):
        yield row(f"asked_{place}", f"审查要求 {place}", f"What must be met, {place}", one["title"])
    yield row("screen_how", "审查", "The screen",
              "评审小组逐份认定是否满足审查要求并写明理由，过半数认定为准；不打分。")
    yield row("price_method", "报价", "The price", price.get("method"), "word")
    if price.get("method") == LOWEST:
        zh, en = TIES[price["ties"]]
        yield row("one_price", "一次报价", "One price",
                  "一次报出不得更改的价格：截止前可替换整份投标文件，截止后不得更改，不作算术修正。")
        yield row("ties", "报价相同", "Equal prices", price["ties"]) | {
            "text": {"zh": f"{zh}。", "en": f"{en}."}}
    elif price.get("method") == BAND:
        yield row("low_rate", "有效报价下限（占最高限价）", "Lower end of the band, of the ceiling",
                  price["low_rate"])
        yield row("high_rate", "有效报价上限（占最高限价）", "Upper end of the band, of the ceiling",
                  price["high_rate"])
        yield row("draw_how", "抽取", "The draw",
                  "在审查合格者中抽取：先公布承诺，再揭示随机数，以其后首个检查点为种子，任何人可重算。")
        yield row("fair", "公平竞争审查", "Fair competition", "") | {
            "value": "公平竞争审查规则 8(4)", "text": {"zh": FAIR[0], "en": FAIR[1]}}
    yield row("award_method", "确定中标人", "How the winner is found", RANKED, "word")
    yield from _panel(panel)


def _panel(panel: Mapping[str, object]) -> Iterable[Row]:
    yield row("panel_size", "评审小组人数", "Panel", panel.get("size"), "count")
    yield row("candidates", "候选人数", "Candidates at most", panel.get("candidates"), "count")
    yield row("substitutes", "候补专家人数", "Substitutes", panel.get("substitutes"), "count")
    if panel.get("specialty"):
        yield row("specialty", "专家专业", "Specialty", panel["specialty"])
    yield row("commit_minutes", "抽取承诺时间", "Window to commit to the draw",
              panel.get("commit_minutes"), "minutes")
    yield row("reveal_minutes", "抽取揭示时间", "Window to reveal", panel.get("reveal_minutes"),
              "minutes")
