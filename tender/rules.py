"""The law of the invitation: what a notice must say before it may be published.

All findings (tender/findings.py) are listed at once, so that nobody has to submit ten times. What
can be judged while editing is refused at once with its own word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR
from fractions import Fraction

from kernel.canonical import jcs, sha256, time_text
from kernel.refusal import Refused

from . import access, regime, screened
from .findings import Finding, finding, refused_as_finding
from .letters import letters
from .profile import Profile, has, number, period, rate, rule_for
from .refusals import DEADLINE_EARLY, GUARANTEE_HIGH, OVER_LIMIT, QUESTION_NAMES
from .regime import breach
from .terms import UNSCORED, Terms, price_of, terms_of
from .timetable import before, check_deadline, deadline_rule

CATEGORIES = regime.CATEGORIES
SUITES = ("intl-pq-1", "intl-x25519-1")
"""What a lot may be sealed in (bidding/suites.py); the first is what a draft is given."""
GUARANTEE_KINDS = ("bank-guarantee", "cash-deposit")
"""Every kind this installation takes; a notice may not leave one out (公平竞争审查规则 11)."""

PRICE_METHOD = "trimmed-mean-drawn-coefficient"
AWARD_METHOD = "direct-vote"
MAX_LOTS = 50
MAX_ITEMS = 10_000
MAX_DOCUMENTS = 100
MAX_QUESTIONS = 50
"""Questions of one company in one lot."""


def guarantee_cap(profile: Profile, category: str, estimate_fen: int) -> int:
    """BD-1: the highest bid guarantee in fen, 2 % of the estimate and no more than the cap."""
    share = (estimate_fen * rate(profile, "BD1.rate")).to_integral_value(ROUND_FLOOR)
    cap = f"BD1.cap_{category}_fen"
    return min(int(share), number(profile, cap)) if has(profile, cap) else int(share)


def check_guarantee(profile: Profile, category: str, estimate_fen: int, amount_fen: int) -> None:
    """Refuse a bid guarantee above its cap (实施条例 26)."""
    cap = guarantee_cap(profile, category, estimate_fen)
    if amount_fen > cap:
        raise GUARANTEE_HIGH(amount_fen=amount_fen, cap_fen=cap)


def check_limits(profile: Profile, estimates: Iterable[tuple[str, int]]) -> None:
    """Refuse a project whose lots of one category reach the statutory limit together."""
    for category, total, limit in regime.over_limits(profile, estimates):
        raise OVER_LIMIT(category=category, total_fen=total, limit_fen=limit)


def comprehensive(price_method: Mapping[str, object]) -> bool:
    """Whether anything but the price is scored (综合评估法), which needs the longer T2."""
    return price_of(price_method).comprehensive


PRICED = {"method": PRICE_METHOD, "full_score": "100", "drop_high": 1, "drop_low": 1,
          "drop_when_valid_count_gt": 3, "coefficients": ["0.02", "0.03", "0.04"],
          "deduct_per_pct_above": "1", "deduct_per_pct_below": "0.5", "score_floor": "0"}
"""How prices are scored until the buyer says so: by price alone, as long as nothing else is scored.
What a page shows in its fields is what the draft says, and is judged as such."""


def judged_by(profile: Profile, method: str) -> dict[str, object]:
    """How a lot put out by `method` is judged and awarded where its buyer says nothing."""
    if method in screened.SCREENED:
        return {"criteria": {"factors": [], "asked": []},
                "price_method": screened.price_defaults(method),
                "award_method": {"method": screened.RANKED}}
    return {"criteria": {"factors": []}, "price_method": dict(PRICED),
            "award_method": {"method": AWARD_METHOD,
                             "committee_size": number(profile, "committee.size")}}


def lot_defaults(profile: Profile, method: str) -> dict[str, object]:
    """What a lot says where its buyer says nothing; gaps are found at submission."""
    size = number(profile, rule_for(profile, method, "panel.size"))
    return judged_by(profile, method) | {
        "price_ceiling_fen": 0, "deadline": None, "period_days_max": 0, "quality": "合格",
        "decrypt_minutes": number(profile, "decrypt.minutes"),
        "validity_days": number(profile, "T18.validity_days"),
        "publicity_days": number(profile, "T8.publicity_days"),
        "suite": SUITES[0], "access": access.normal({}), "two_envelopes": False,
        "panel": {"size": size, "substitutes": 2,
                  "candidates": number(profile, "candidates.max"), "specialty": "",
                  "commit_minutes": 30, "reveal_minutes": 30},
        "guarantee": {"amount_fen": 0}, "method": method, "grounds": {},
    }


def lot_findings(lot, profile: Profile, now: datetime, item_count: int) -> list[Finding]:
    """Everything that keeps this lot from being published at `now`. `lot` has the columns."""
    found = regime.standing(profile, terms_of(lot).grounds,
                            all_findings(lot, profile, now, item_count))
    at = f"lots[{lot.number}]."
    return [entry | {"field": at + entry["field"]} for entry in found]


def all_findings(lot, profile: Profile, now: datetime, item_count: int) -> list[Finding]:
    """Everything that departs from the profile or the law, what a reason excuses included."""
    terms = terms_of(lot)
    found = [*_time_findings(lot, profile, now), *_money_findings(lot, profile),
             *_judging_findings(lot, terms, profile), *_people_findings(lot, terms, profile),
             *regime.method_findings(lot.regime, lot.method, terms), *_tier(lot, profile),
             *regime.basis_findings(lot.regime, profile, terms),
             *regime.reason_findings(profile, terms.grounds)]
    if lot.category == "works" and not item_count:
        found.append(finding("items", "lot.items", "招标投标法 19", "缺少工程量清单。",
                             "The bill of quantities is missing."))
    return found


def _tier(lot, profile: Profile) -> list[Finding]:
    """A simple inquiry is for small lots, by the tier of the place (rulebook §1.2)."""
    if not screened.over_tier(lot, profile):
        return []
    most = number(profile, "inquiry.limit_fen") // 100
    return [breach(profile, "inquiry.limit_fen", finding(
        "estimate_fen", "lot.inquiry-tier", "规则 §1.2",
        f"简易询价的估算价不超过 {most:,} 元。",
        f"A simple inquiry is for an estimate of at most {most:,} yuan."))]


def rule_of_deadline(lot, profile: Profile) -> str:
    """The number that says how early a lot's deadline may be."""
    return deadline_rule(profile, lot.method, comprehensive=comprehensive(lot.price_method))


def check_lot_deadline(lot, profile: Profile, now: datetime) -> None:
    """Refuse a deadline that is unreal, or too early without a reason that the regime takes."""
    try:
        check_deadline(profile, now, lot.deadline, method=lot.method,
                       comprehensive=comprehensive(lot.price_method))
    except Refused as refused:
        rule = rule_of_deadline(lot, profile)
        if refused.word is not DEADLINE_EARLY \
                or not regime.excused(profile, terms_of(lot).grounds, rule):
            raise


def _time_findings(lot, profile: Profile, now: datetime) -> list[Finding]:
    found = []
    if lot.deadline is None:
        found.append(finding("deadline", "lot.deadline", "招标投标法 19, 24", "缺少投标截止时间。",
                             "The deadline is missing."))
    else:
        try:
            check_deadline(profile, now, lot.deadline, method=lot.method,
                           comprehensive=comprehensive(lot.price_method))
        except Refused as refused:
            early = refused_as_finding("deadline", refused)
            found.append(breach(profile, rule_of_deadline(lot, profile), early)
                         if refused.word is DEADLINE_EARLY else early)
    least = number(profile, "T8.publicity_days")
    if lot.publicity_days < least:
        found.append(breach(profile, "T8.publicity_days", finding(
            "publicity_days", "lot.publicity", "实施条例 54",
            f"候选人公示不得少于 {least} 日。",
            f"The candidates' publicity is at least {least} days.")))
    most = number(profile, "decrypt.minutes_max")
    if not 1 <= lot.decrypt_minutes <= most:
        found.append(breach(profile, "decrypt.minutes_max", finding(
            "decrypt_minutes", "lot.decrypt", "电子招标投标办法 29",
            f"解密时间应为 1 至 {most} 分钟。",
            f"The decryption window is 1 to {most} minutes.")))
    if lot.validity_days < 1:
        found.append(finding("validity_days", "lot.validity", "实施条例 25",
                             "缺少投标有效期。", "The bids' validity is missing."))
    return found


def _money_findings(lot, profile: Profile) -> list[Finding]:
    found = []
    if lot.price_ceiling_fen <= 0:
        found.append(finding("price_ceiling_fen", "lot.ceiling", "实施条例 27",
                             "缺少最高投标限价。", "The price ceiling is missing."))
    if lot.period_days_max <= 0:
        found.append(finding("period_days_max", "lot.period", "招标投标法 19",
                             "缺少最长工期。", "The longest period is missing."))
    if terms_of(lot).guarantee.performance_rate > Fraction(rate(profile, "R58.performance_rate")):
        most = rate(profile, "R58.performance_rate")
        found.append(breach(profile, "R58.performance_rate", finding(
            "guarantee.performance_rate", "lot.performance-high", "实施条例 58",
            f"履约保证金不得超过中标合同金额的 {most:%}。",
            f"The performance guarantee is at most {most:%} of the contract.")))
    try:
        check_guarantee(profile, lot.category, lot.estimate_fen, lot.guarantee["amount_fen"])
    except Refused as refused:
        found.append(refused_as_finding("guarantee.amount_fen", refused))
    return found


def _judging_findings(lot, terms: Terms, profile: Profile) -> list[Finding]:
    """How the bids are judged: by a screen, or by scores and a vote."""
    if lot.method in screened.SCREENED:
        return list(screened.findings(lot, terms, profile))
    found = _scoring_findings(terms)
    if terms.asked or terms.price.method in UNSCORED or terms.award.method == screened.RANKED:
        found.append(finding("price_method", "lot.scored-method", "实施条例 49; 规则 §1.3",
                             "公开、邀请的标段按评分因素和价格评分，由定标委员会票决。",
                             "A lot put out openly or by invitation is scored, and the award "
                             "committee votes."))
    return found


def _scoring_findings(terms: Terms) -> list[Finding]:
    found = []
    codes = [factor.code for factor in terms.factors]
    if len(set(codes)) != len(codes):
        found.append(finding("criteria.factors", "lot.criteria", "实施条例 49",
                             "评分因素编号重复。", "Two factors share a code."))
    if any(not 0 <= factor.least < factor.most for factor in terms.factors):
        found.append(finding("criteria.factors", "lot.criteria", "实施条例 49",
                             "评分因素的上下限有误。", "A factor's bounds are wrong."))
    price = terms.price.full_score
    if price + sum(factor.most for factor in terms.factors) != 100 or price <= 0:
        found.append(finding("criteria", "lot.criteria-sum", "招标投标法 19; 实施条例 49",
                             "价格分与各技术因素满分之和应为 100。",
                             "The full price score and the factors' maxima must add up to 100."))
    values = terms.price.coefficients
    if not values or len(set(values)) != len(values) or any(not 0 <= v < 1 for v in values):
        found.append(finding("price_method.coefficients", "lot.coefficients", "招标投标法 19",
                             "下浮系数应为不重复的 0 至 1 之间的数。",
                             "The coefficients must be distinct numbers from 0 to below 1."))
    return found


def _people_findings(lot, terms: Terms, profile: Profile) -> list[Finding]:
    found = []
    rule = screened.panel_rule(profile, lot.method, lot.estimate_fen)
    least = number(profile, rule)
    if terms.panel.size % 2 == 0:
        found.append(finding("panel.size", "lot.panel", "招标投标法 37",
                             "评标委员会人数应为单数。", "The panel has an odd number of members."))
    elif terms.panel.size < least:
        found.append(breach(profile, rule, finding(
            "panel.size", "lot.panel", "招标投标法 37",
            f"评标委员会应为 {least} 人以上单数。",
            f"The panel has {least} members or more, an odd number.")))
    most = number(profile, "candidates.max")
    if terms.panel.candidates < 1:
        found.append(finding("panel.candidates", "lot.candidates", "实施条例 53",
                             "至少推荐一个中标候选人。", "At least one candidate."))
    elif terms.panel.candidates > most:
        found.append(breach(profile, "candidates.max", finding(
            "panel.candidates", "lot.candidates", "实施条例 53",
            f"中标候选人不超过 {most} 个。", f"At most {most} candidates.")))
    if terms.award.method != screened.RANKED:
        found += _committee_findings(terms, profile)
    return found


def _committee_findings(terms: Terms, profile: Profile) -> list[Finding]:
    found = []
    size, least = terms.award.committee_size, number(profile, "committee.size")
    if size % 2 == 0:
        found.append(finding("award_method.committee_size", "lot.committee", "规则 §3.3",
                             "定标委员会人数应为单数。",
                             "The award committee has an odd number of members."))
    elif size < least:
        found.append(breach(profile, "committee.size", finding(
            "award_method.committee_size", "lot.committee", "规则 §3.3",
            f"定标委员会应为 {least} 人以上单数。",
            f"The award committee has {least} members or more, an odd number.")))
    return found


def tender_findings(lots: Sequence, document_kinds: Iterable[str],
                    profiles: Mapping[str, Profile]) -> list[Finding]:
    """What keeps the tender as a whole from being published; `profiles` by regime."""
    found = []
    if "biddingDocuments" not in set(document_kinds):
        found.append(finding("documents", "tender.documents", "招标投标法 19; 实施条例 15",
                             "缺少招标文件。", "The bidding documents are missing."))
    for profile in profiles.values():
        try:
            check_limits(profile, [(lot.category, lot.estimate_fen) for lot in lots])
        except Refused as refused:
            found.append(refused_as_finding("lots", refused))
    return found


def items_hash(items: Sequence) -> str:
    """SHA-256 of the canonical bill of quantities, hex."""
    return sha256(jcs([[item.position, item.code, item.description, item.unit, item.quantity]
                       for item in items])).hex()


def lot_content(lot, items: Sequence) -> dict[str, object]:
    """What the notice says of a lot, for the frozen content."""
    return {
        "id": lot.id, "number": lot.number, "section_code": lot.section_code,
        "deal_code": lot.deal_code, "title": lot.title, "category": lot.category,
        "regime": lot.regime, "estimate_fen": lot.estimate_fen,
        "price_ceiling_fen": lot.price_ceiling_fen,
        "deadline": time_text(lot.deadline) if lot.deadline else None,
        "decrypt_minutes": lot.decrypt_minutes, "period_days_max": lot.period_days_max,
        "quality": lot.quality, "validity_days": lot.validity_days,
        "publicity_days": lot.publicity_days, "suite": lot.suite, "access": lot.access,
        "two_envelopes": lot.two_envelopes, "criteria": lot.criteria,
        "price_method": lot.price_method, "award_method": lot.award_method, "panel": lot.panel,
        "guarantee": lot.guarantee, "method": lot.method, "grounds": lot.grounds,
        "items": {"count": len(items), "hash": items_hash(items)},
    }


def notice_content(tender, buyer_uscc: str, lots: Sequence[dict], documents: Sequence,
                   more: dict[str, object]) -> bytes:
    """The canonical bytes of all that is published; their SHA-256 is what two people sign."""
    return jcs({
        "v": 1, "type": "notice", "tender": tender.id, "ocid": tender.ocid, "code": tender.code,
        "buyer": buyer_uscc, "title": tender.title, "description": tender.description,
        "region": tender.region, "funding": tender.funding, "approval_no": tender.approval_no,
        "version": tender.version, "lots": list(lots),
        "documents": [_document_content(one) for one in documents],
        "more": more})


def _document_content(one) -> dict[str, object]:
    said = {"name": one.name, "kind": one.kind, "media_type": one.media_type, "size": one.size,
            "hash": one.hash}
    return said | ({"replaced_by": one.replaced_by} if one.replaced_by else {})


def last_question(profile: Profile, deadline: datetime) -> datetime:
    """The last instant to ask about the documents, still in time: the profile's own number, or
    else the one until which the documents may be objected to (T4)."""
    rule = "T3.question" if has(profile, "T3.question") else "T4.objection"
    return before(deadline, period(profile, rule))


def check_question(text: str, own_names: Iterable[str]) -> None:
    """Refuse a question that names its asker's unit, however spaced or cased (招标投标法 22)."""
    plain = letters(text)
    if any(len(name) > 1 and name in plain for name in map(letters, own_names)):
        raise QUESTION_NAMES()
