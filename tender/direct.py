"""A direct award (直接发包): what it may be, what is said of it. Pure.

Nobody bids, so there is no deadline, no sealing and no opening: it is no lot, but a course of its
own of three steps: stated with the minutes of the collective decision (三重一大) · approved by
another person, which publishes the result · contracted, once the days are over on which it stands
in public as candidates do (T8) and every objection raised in them is answered. One that is upheld
ends it. Only below the number `direct.limit_fen`
of a place's profile; a profile without it allows none (rulebook §1.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from kernel.canonical import jcs, sha256

from . import objecting, regime, timetable
from .findings import Finding, finding
from .notices import Section, row, section
from .profile import Profile, has, number
from .regime import REASON_LEAST, Part

LIMIT = "direct.limit_fen"
REGIMES = ("below", "govproc", "village")
"""Never where tendering is a must; an intermediary is selected by its own course."""
LAW = "三重一大; 规则 §1.3"
OBJECTING = "规则 §1.3; 实施条例 54"
STATED = ("region", "title", "description", "category", "regime", "estimate_fen", "price_fen",
          "approval_no", "funding", "contractor", "contractor_uscc", "period_days", "reason",
          "decision_no", "decision_day", "minutes_name", "minutes_hash")
"""What two people stand for; everything else on the row is the platform's."""


def content(award, buyer_uscc: str) -> bytes:
    """The canonical bytes of what is approved; `award` has the columns."""
    return jcs({"v": 1, "type": "direct-award", "award": award.id, "code": award.code,
                "buyer": buyer_uscc} | {name: getattr(award, name) for name in STATED})


def version(award, buyer_uscc: str) -> int:
    """What a draft was read at, for If-Match: it is another one for every other content."""
    return int(sha256(content(award, buyer_uscc)).hex()[:12], 16)


def findings(award, profile: Profile, day: date, *, own: str, barred: bool,
             kin: Iterable[Part]) -> list[Finding]:
    """What keeps a direct award from being approved on a Beijing day. `own`: the buyer's credit
    code; `barred`: the contractor is on the list of debarments; `kin`: what the buyer published
    or awarded directly in the months before."""
    return [*_limit(award, profile, day, kin), *_decision(award, day),
            *_contractor(award, own, barred)]


def _limit(award, profile: Profile, day: date, kin: Iterable[Part]) -> list[Finding]:
    if award.regime not in REGIMES or not has(profile, LIMIT):
        return [finding("regime", "direct.not-allowed", "规则 §1.3",
                        "本地规则未允许该类项目直接发包。",
                        "The rules of this place allow no direct award of such a project.")]
    limit, found = number(profile, LIMIT), []
    if award.estimate_fen >= limit:
        found.append(finding("estimate_fen", "direct.large", "规则 §1.3",
                             f"估算价达到直接发包限额 {limit} 分。",
                             f"The estimate reaches the limit of {limit} fen."))
    if award.price_fen > award.estimate_fen:
        found.append(finding("price_fen", "direct.price", "规则 §1.3",
                             "发包价不得高于估算价。", "The price is at most the estimate."))
    total = award.estimate_fen + sum(one.estimate_fen for one in kin if regime.same_project(
        one, part(award, day)))
    if award.estimate_fen < limit <= total:  # no reason excuses it: the whole can be tendered
        found.append(finding("title", "direct.split", "招标投标法 4, 49",
                             f"同一项目近期合计 {total} 分，达到直接发包限额 {limit} 分，疑似化整为零。",
                             f"With others of the same project it comes to {total} fen and reaches "
                             f"the limit of {limit} fen: this looks like splitting."))
    return found


def part(award, day: date) -> Part:
    """A direct award as the splitting check sees it."""
    return Part(award.id, award.title, award.approval_no, award.category, award.estimate_fen, day)


def _decision(award, day: date) -> list[Finding]:
    found = []
    if not award.decision_no.strip() or award.decision_day > day.isoformat():
        found.append(finding("decision_no", "direct.decision", LAW,
                             "须注明集体决策文号和日期，日期不得晚于今日。",
                             "Name the collective decision and its day, not after today."))
    if not award.minutes_hash:
        found.append(finding("minutes", "direct.minutes", LAW, "须上传集体决策纪要。",
                             "Add the minutes of the collective decision."))
    if len(award.reason.strip()) < REASON_LEAST:
        found.append(finding("reason", "direct.reason", LAW, "须写明直接发包的理由。",
                             "Say why it is awarded directly."))
    return found


def _contractor(award, own: str, barred: bool) -> list[Finding]:
    found = []
    if award.contractor_uscc == own:
        found.append(finding("contractor_uscc", "direct.own", "实施条例 34",
                             "不得发包给本单位。", "It is not awarded to one's own unit."))
    if barred:
        found.append(finding("contractor_uscc", "direct.barred", "招标投标法 26",
                             "承包单位在限制投标名单上。",
                             "The contractor is on the public list of debarments."))
    return found


def result_sections(award, profile_id: str) -> list[Section]:
    """The result as it is published (rulebook §1.3: publish the result)."""
    return [
        section("直接发包", "Direct award", [
            row("contractor", "承包单位", "Contractor", award.contractor),
            row("contractor_uscc", "统一社会信用代码", "Credit code", award.contractor_uscc),
            row("price_fen", "发包价", "Price", award.price_fen, "money"),
            row("estimate_fen", "估算价", "Estimate", award.estimate_fen, "money"),
            row("period_days", "工期（期限）", "Period", award.period_days, "days"),
            row("category", "类别", "Category", award.category, "word"),
            row("regime", "交易类型", "Regime", award.regime, "word"),
            row("method", "方式", "Method", "direct", "word")]),
        section("依据", "What it rests on", [
            row("reason", "直接发包理由", "Reason", award.reason),
            row("decision_no", "集体决策文号", "Collective decision", award.decision_no),
            row("decision_day", "决策日期", "Its day", award.decision_day, "day"),
            row("minutes_hash", "决策纪要摘要 (SHA-256)", "Minutes (SHA-256)", award.minutes_hash,
                "hash"),
            row("approval_no", "批准文号", "Approval", award.approval_no or None),
            row("funding", "资金来源", "Funding", award.funding or None),
            row("profile", "适用规则", "Rules", profile_id)]),
        section("异议", "Objections", [
            row("objections_until", "异议截止", "Until", award.objections_until)])]


def contract_sections(award, kept_until: date) -> list[Section]:
    """The contract as it is published."""
    rows = [row("contractor", "承包单位", "Contractor", award.contractor),
            row("amount_fen", "合同金额", "Amount", award.amount_fen, "money"),
            row("signed_at", "签订时间", "Signed at", award.signed_at),
            row("document_hash", "合同摘要 (SHA-256)", "Contract (SHA-256)", award.document_hash,
                "hash")]
    if award.late_reason:
        rows.append(row("late_reason", "逾期签订的理由", "Why it is late", award.late_reason))
    return [section("合同", "The contract", [*rows, row(
        "kept_until", "档案保存至", "Kept until", kept_until.isoformat(), "day")])]


def heading(award, buyer: Mapping[str, str], kind_number: int, at: str) -> dict[str, object]:
    """What stands at the head of its notices; it has no tender and no lot."""
    return {"number": kind_number, "version": 1, "tender": None, "direct_award": award.id,
            "ocid": award.ocid, "code": award.code, "title": award.title, "region": award.region,
            "buyer": dict(buyer), "lot": None, "lot_number": None, "lot_title": None,
            "section_code": None, "published_at": at}


def objections_until(profile: Profile, published: datetime) -> datetime:
    """When the time to object is over: it stands in public as candidates do (T8)."""
    return timetable.publicity_ends(published, number(profile, "T8.publicity_days"))


def objection_hash(row) -> str:
    """SHA-256 over what is objected, by whom, in canonical JSON; `row`: with these columns."""
    return objecting.digest("award", row.award_id, row)


def signable_from(award, answered: Iterable[datetime]) -> datetime:
    """The first moment of a contract: when the award was published, the time to object was over
    and the last objection answered."""
    return max(award.published_at, award.objections_until or award.published_at, *answered)


def contract_late(profile: Profile, since: datetime, signed: date) -> date | None:
    """The last day to sign where `signed` is after it (T13), else None. `since`: signable_from; the
    thirty days run from then, because nobody could sign before."""
    due = timetable.contract_due(since, profile)
    return due if signed > due else None
