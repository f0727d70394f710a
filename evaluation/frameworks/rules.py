"""Framework agreements (框架协议采购, 财政部令110号): what is stated, who stands in it, whose turn it
is, what a call-off may cost. Pure.

Two stages. The first says on what terms anybody supplies: an *open* framework takes every supplier
that meets the published conditions, at any time while it runs, without rank or number. The second
gives each single purchase (a *call-off*) to one of those admitted: chosen with a reason (直接选定),
in a fixed order (顺序轮候), or by sealed offers asked of all of them (二次竞价). Every number is the
rule profile's; a profile without them allows no framework agreement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kernel.canonical import jcs
from tender import regime, timetable
from tender.findings import Finding, finding
from tender.notices import Section, row, section
from tender.profile import Profile, has, number, period
from tender.regime import REASON_LEAST, Part

from .. import selection

LAW = "财政部令110号"
REGIME = "govproc"
KINDS = ("open", "closed")
"""开放式 · 封闭式. The second is stated nowhere yet: its first stage is a competition."""
CATEGORIES = ("goods", "services")
PRICES = ("highest", "paid")
"""最高限制单价：each supplier names its own, at most this · 付费标准：each is paid this."""
METHODS = ("direct", "rotation", "mini")
GROUNDS = ("collusion", "false-papers", "declines", "breach", "barred", "agreed")
"""清退的情形：串通 · 虚假材料 · 无正当理由拒绝授予 · 不履行或不按约定履行 · 被禁止参加政府采购 · 框架协议
约定的其他情形. Nothing else ends an admission against the supplier's will."""
ENDED = ("refused", "withdrawn", "left", "struck")
FAILURES = ("nobody", "offers", "objection", "unsigned")
"""Nobody whose turn came took it · no valid offer · an objection was upheld · no contract."""

STATED = ("kind", "region", "title", "category", "requirement", "conditions", "price_kind",
          "price_fen", "unit", "users", "methods", "methods_reason", "leaving", "until_day")
"""What two people stand for; everything else on the row is the platform's."""


def content(framework, buyer_uscc: str) -> bytes:
    """The canonical bytes of what is published; `framework` has the columns."""
    return jcs({"v": 1, "type": "framework", "framework": framework.id, "code": framework.code,
                "buyer": buyer_uscc} | {name: getattr(framework, name) for name in STATED})


def allowed(profile: Profile) -> bool:
    """Whether a profile knows framework agreements at all."""
    return profile["regime"] == REGIME and has(profile, "framework.decide_days")


def findings(framework, profile: Profile, day: date) -> list[Finding]:
    """What keeps a framework from being published on a Beijing day."""
    if not allowed(profile):
        return [finding("region", "framework.not-allowed", LAW,
                        "本地规则未允许框架协议采购。",
                        "The rules of this place allow no framework agreement.")]
    found, last = [], last_day(profile, framework.category, day)
    if not day <= date.fromisoformat(framework.until_day) <= last:
        found.append(finding("until_day", "framework.validity", LAW,
                             f"有效期须在今日至 {last} 之间。",
                             f"It is valid from today to {last} at the latest."))
    if set(framework.methods) - {"direct"} \
            and len(framework.methods_reason.strip()) < REASON_LEAST:
        found.append(finding("methods_reason", "framework.methods", LAW,
                             "直接选定是主要方式；载明轮候或二次竞价的须说明理由（不少于 10 字）。",
                             "Direct choice is the main way; say why there are turns or offers."))
    return found


def last_day(profile: Profile, category: str, day: date) -> date:
    """The last Beijing day on which a framework published on `day` may be valid."""
    return regime.months_before(day, -number(profile, f"framework.{category}_months")) \
        - timedelta(days=1)


def valid_until(until_day: str) -> datetime:
    """The instant at which a framework ends: the midnight after its last Beijing day."""
    return timetable.end_of(date.fromisoformat(until_day))


@dataclass(frozen=True)
class Facts:
    """When each thing happened to a framework; None: it has not."""

    published_at: datetime | None
    given_up_at: datetime | None
    ended_at: datetime | None
    valid_until: datetime


def state(facts: Facts, now: datetime) -> str:
    """`given-up` · `drafted` · `running` · `ended`: the hour decides, not the clock's act."""
    if facts.given_up_at:
        return "given-up"
    if facts.published_at is None:
        return "drafted"
    return "ended" if facts.ended_at or now >= facts.valid_until else "running"


# --- who stands in it -----------------------------------------------------------------------------
def decide_by(profile: Profile, applied: datetime,
              calendar: timetable.Calendar | None = None) -> datetime:
    """By when an application is decided: the midnight after the last of its working days."""
    return _after(profile, "framework.decide_days", applied, calendar)


def answer_by(profile: Profile, asked: datetime,
              calendar: timetable.Calendar | None = None) -> datetime:
    """By when a supplier says whether it takes its turn."""
    return _after(profile, "framework.turn_days", asked, calendar)


def _after(profile: Profile, name: str, since: datetime,
           calendar: timetable.Calendar | None) -> datetime:
    return timetable.end_of(timetable.after(
        timetable.beijing_day(since), period(profile, name),
        calendar or timetable.national_calendar()))


def lacking(conditions: Sequence[str], papers: Iterable[Mapping[str, object]],
            day: date) -> list[str]:
    """The published conditions for which no paper valid on the day is given."""
    met = {one["condition"] for one in papers if date.fromisoformat(one["valid_until"]) >= day}
    return [text for place, text in enumerate(conditions) if place not in met]


def priced(price_kind: str, price_fen: int, own_fen: int) -> bool:
    """Whether a supplier's price fits: at most the highest one, or exactly the one that is paid."""
    return own_fen == price_fen if price_kind == "paid" else 0 < own_fen <= price_fen


def named(conditions: Sequence[str], against: Collection[int]) -> bool:
    """Whether a refusal rests on published conditions, and on at least one."""
    return bool(against) and set(against) <= set(range(len(conditions)))


# --- whose turn it is -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Seat:
    """A supplier that was admitted, and its place: the lower, the sooner its turn comes."""

    name: str
    place: int


def head(seats: Iterable[Seat], asked: Collection[str] = ()) -> Seat | None:
    """Whose turn it is: the lowest place of those not asked in this call-off already."""
    return min((one for one in seats if one.name not in asked), key=lambda one: one.place,
               default=None)


def kept_place(before: int, now: int) -> int:
    """The place of who declined with a good reason: the one it was asked from, or a better one that
    it has meanwhile. Who takes its turn, declines without one or is silent stands at the end,
    where asking it put it."""
    return min(before, now)


# --- what a call-off may cost ---------------------------------------------------------------------
def cap_fen(price_fen: int, quantity: int) -> int:
    """The most a call-off may cost at an agreed price."""
    return price_fen * quantity


def part(called, day: date | None) -> Part:
    """A call-off as the splitting check sees it, at the most it may cost."""
    return Part(called.id, called.title, "", called.category, called.most_fen, day)


def since(profile: Profile, day: date) -> date:
    """The day after which a unit's call-offs count together with one made on `day`."""
    return regime.months_before(day, number(profile, "framework.split_months"))


def split_total(mine: Part, earlier: Iterable[Part]) -> int:
    """What a call-off comes to together with the others of the same project, in fen."""
    return mine.estimate_fen + sum(one.estimate_fen for one in earlier
                                   if regime.same_project(one, mine))


@dataclass(frozen=True)
class Called:
    """When each thing happened to a call-off; None: it has not."""

    method: str
    offers_until: datetime | None = None
    reveal_until: datetime | None = None
    declined: bool = False
    """Whether who was asked declined and the unit has not said yet whether with good reason."""
    failed_at: datetime | None = None
    decided_at: datetime | None = None
    contracted_at: datetime | None = None
    objections_until: datetime | None = None
    unanswered: bool = False


def call_state(facts: Called, now: datetime) -> str:
    """`asked` · `declined` where a turn is asked; the rest as a selection's states are called."""
    if facts.method == "rotation" and not (facts.decided_at or facts.failed_at):
        return "declined" if facts.declined else "asked"
    return selection.state(selection.Facts(
        facts.failed_at or now, facts.offers_until or now, facts.reveal_until or now,
        facts.failed_at, facts.decided_at, facts.contracted_at, facts.objections_until,
        facts.unanswered), now).value


# --- notices --------------------------------------------------------------------------------------
WORDS = {
    "open": ("开放式", "open"), "goods": ("货物", "goods"), "services": ("服务", "services"),
    "highest": ("最高限制单价", "highest unit price"), "paid": ("付费标准", "unit price that is paid"),
    "direct": ("直接选定", "direct choice"), "rotation": ("顺序轮候", "turns in a fixed order"),
    "mini": ("二次竞价", "mini-competition"),
    "collusion": ("恶意串通", "collusion"), "false-papers": ("提供虚假材料", "false papers"),
    "declines": ("无正当理由拒绝合同授予", "declines contracts without good reason"),
    "breach": ("不履行或未按约定履行合同", "does not perform as agreed"),
    "barred": ("被禁止参加政府采购", "barred from government procurement"),
    "agreed": ("框架协议约定的其他情形", "another case the framework names"),
}


def _said(name: str, zh: str, en: str, words: Iterable[str]) -> dict[str, object]:
    given = list(words)
    return row(name, zh, en, given) | {"text": {
        "zh": "、".join(WORDS.get(one, (one,))[0] for one in given),
        "en": ", ".join(WORDS.get(one, (one, one))[1] for one in given)}}


def terms_sections(framework, profile: Profile) -> list[Section]:
    """The terms as they are published, open to everybody while the framework runs."""
    return [
        section("框架协议", "The framework", [
            _said("kind", "形式", "Kind", [framework.kind]),
            _said("category", "类别", "Category", [framework.category]),
            row("requirement", "采购需求、服务标准", "What is asked, quality", framework.requirement),
            _said("price_kind", "价格方式", "How it is priced", [framework.price_kind]),
            row("price_fen", f"单价（每{framework.unit}）", f"Price per {framework.unit}",
                framework.price_fen, "money"),
            row("until_day", "有效期至", "Valid until", framework.until_day, "day"),
            row("users", "采购人范围", "Who may buy", list(framework.users)) | {"text": {
                "zh": "、".join(framework.users) or "本地全部采购单位",
                "en": ", ".join(framework.users) or "every buying unit of the place"}}]),
        section("加入条件", "Conditions", [
            row(f"condition_{place + 1}", f"条件 {place + 1}", f"Condition {place + 1}", text)
            for place, text in enumerate(framework.conditions)]),
        section("办理", "How it goes", [
            row("decide_days", "审核期限（工作日）", "Decided within (working days)",
                number(profile, "framework.decide_days"), "count"),
            _said("methods", "确定成交供应商的方式", "How a purchase is given", framework.methods),
            row("methods_reason", "采用其他方式的理由", "Why other ways",
                framework.methods_reason or None),
            row("leaving", "退出和清退", "How one leaves", framework.leaving),
            row("profile", "适用规则", "Rules", profile["id"])])]


def supplier_section(name: str, uscc: str, price_fen: int) -> Section:
    """Who was admitted, and at what price."""
    return section("入围供应商", "The supplier", [
        row("supplier", "供应商", "Supplier", name),
        row("supplier_uscc", "统一社会信用代码", "Credit code", uscc),
        row("price_fen", "协议单价", "Agreed unit price", price_fen, "money")])


def struck_sections(name: str, uscc: str, ground: str, reason: str) -> list[Section]:
    """Who was struck off, on which ground."""
    return [section("取消入围资格", "Struck off", [
        row("supplier", "供应商", "Supplier", name),
        row("supplier_uscc", "统一社会信用代码", "Credit code", uscc),
        _said("ground", "情形", "Ground", [ground]), row("reason", "理由", "Reason", reason)])]


def result_sections(called, supplier: str, uscc: str) -> list[Section]:
    """The result of one call-off."""
    return [section("成交结果", "Result", [
        row("calloff", "采购项目", "Purchase", called.title),
        row("supplier", "成交供应商", "Supplier", supplier),
        row("supplier_uscc", "统一社会信用代码", "Credit code", uscc),
        row("quantity", "数量", "Quantity", called.quantity, "count"),
        row("price_fen", "成交金额", "Amount", called.price_fen, "money"),
        _said("method", "方式", "Method", [called.method]),
        row("reason", "理由", "Reason", called.reason or None),
        row("objections_until", "异议截止", "Objections until", called.objections_until)])]


def heading(framework, buyer: Mapping[str, str], number: int, at: str) -> dict[str, object]:
    """What stands at the head of its notices; it has no tender and no lot."""
    return {"number": number, "version": 1, "tender": None, "framework": framework.id,
            "ocid": framework.ocid, "code": framework.code, "title": framework.title,
            "region": framework.region, "buyer": dict(buyer), "lot": None, "lot_number": None,
            "lot_title": None, "section_code": None, "published_at": at}
