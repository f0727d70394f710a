"""The law of a winner that does not sign: values in, an answer or a refusal out.

实施条例 55: where the winner gives up, cannot perform for force majeure, does not give the
performance security as asked, or is found to have broken the law so that the award is touched, the
next in the order may be awarded, or the lot is tendered again. 实施条例 74: who refuses without good
reason loses the award and the bid guarantee. In government procurement the same stands in
政府采购法实施条例 49 and 政府采购非招标采购方式管理办法 20, 22, where who refused may not take part
again. What the law leaves open is decided so: the winner is heard first; two persons decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kernel.canonical import jcs, sha256, time_text
from tender.profile import Period, Profile, has, period
from tender.timetable import Calendar, after, beijing_day, end_of, national_calendar

from . import refusals

HEARING_DAYS = Period(3, working=True)
"""How long a winner is heard where the profile names no number (`award.hearing_days`); ours."""

DECLINES, CONTESTS, AGREES = WORDS = ("declines", "contests", "agrees")
"""不签订合同 · 不同意所述事由 · （递补者）同意受约束：what a candidate says of an award."""

NEXT, RETENDER = PLANS = ("next", "retender")
"""依次确定下一名 · 重新招标（采购）."""


@dataclass(frozen=True)
class Ground:
    """Why an award falls: in words, by which article, and what has to be shown for it."""

    zh: str
    en: str
    law: str
    unsigned: bool
    """Of what is done at the signing: shown by the winner's own word or by the contract's last day
    having passed; the bid guarantee is forfeited (实施条例 74)."""
    papers: bool = False
    """Whether evidence is needed."""
    document: bool = False
    """Whether an authority's numbered document is needed."""


GROUNDS: dict[str, Ground] = {
    "refused": Ground("放弃中标或者无正当理由不签订合同", "gives up or does not sign, without good reason",
                      "招标投标法 45; 实施条例 55, 74", unsigned=True),
    "conditions": Ground("签订合同时提出附加条件", "adds conditions at the signing",
                         "实施条例 74", unsigned=True, papers=True),
    "performance": Ground("不按招标文件要求提交履约保证金", "does not give the performance security as asked",
                          "实施条例 55, 74", unsigned=True, papers=True),
    "force_majeure": Ground("因不可抗力不能履行合同", "cannot perform, for force majeure",
                            "实施条例 55", unsigned=False, papers=True),
    "unlawful": Ground("被查实存在影响中标结果的违法行为", "was found to have broken the law so that the award is touched",
                       "招标投标法 64; 实施条例 55", unsigned=False, papers=True, document=True),
}
"""The closed list (实施条例 55, 74)."""

GOVPROC = {
    "refused": "政府采购法实施条例 49; 政府采购非招标采购方式管理办法 22",
    "conditions": "政府采购法实施条例 49; 政府采购非招标采购方式管理办法 22",
    "performance": "政府采购法实施条例 49; 政府采购非招标采购方式管理办法 20",
    "force_majeure": "政府采购非招标采购方式管理办法 22",
    "unlawful": "政府采购法 77; 政府采购法实施条例 71",
}
"""The articles of government procurement, by ground."""


def law(ground: str, regime: str) -> str:
    """The article of a ground in a regime."""
    return GOVPROC[ground] if regime == "govproc" else GROUNDS[ground].law


def forfeit_law(ground: str, regime: str, clause: str) -> str:
    """By which article the bid guarantee is kept; empty: it goes back. A ground that no article
    names keeps it only by a `clause` of the documents (实施条例 74; rulebook 6.6)."""
    if GROUNDS[ground].unsigned:
        return "政府采购非招标采购方式管理办法 20" if regime == "govproc" else "实施条例 74"
    return f"招标文件：{clause}" if clause and ground == "unlawful" else ""


def bar_law(ground: str, regime: str) -> str:
    """By which article the company may not take part when the lot is put out again; empty: it may."""
    barred = regime == "govproc" and GROUNDS[ground].unsigned
    return "政府采购非招标采购方式管理办法 22" if barred else ""


def heard_until(profile: Profile, now: datetime, calendar: Calendar | None = None) -> datetime:
    """When the time of a winner to say its word is over; the day of asking is not counted."""
    span = period(profile, "award.hearing_days") if has(profile, "award.hearing_days") \
        else HEARING_DAYS
    return end_of(after(beijing_day(now), span, calendar or national_calendar()))


def check_proposal(ground: str, *, evidence: Sequence[str], document_no: str, clause: str,
                   plan: str, successor: bool, ordered: bool) -> None:
    """Refuse a proposal that lacks what its ground has to be shown by, or whose plan no order
    allows. Raises NO_EVIDENCE, NO_DOCUMENT, NO_CLAUSE, NO_ORDER, NO_SUCCESSOR."""
    asked = GROUNDS[ground]
    if asked.papers and not evidence:
        raise refusals.NO_EVIDENCE()
    if asked.document and not document_no.strip():
        raise refusals.NO_DOCUMENT()
    if clause and ground != "unlawful":
        raise refusals.NO_CLAUSE()
    if plan == NEXT and not ordered:
        raise refusals.NO_ORDER()
    if plan == NEXT and not successor:
        raise refusals.NO_SUCCESSOR()


def check_decision(ground: str, *, said: Sequence[str], heard_until: datetime, contract_due: date,
                   now: datetime) -> None:
    """Refuse to let an award fall before the winner was heard, or for not signing while it may
    still sign and has not refused. Raises NOT_HEARD, MAY_SIGN."""
    if DECLINES in said:
        return
    if now < heard_until and CONTESTS not in said:
        raise refusals.NOT_HEARD(until=time_text(heard_until))
    if GROUNDS[ground].unsigned and beijing_day(now) <= contract_due:
        raise refusals.MAY_SIGN(until=contract_due.isoformat())


def check_bound(bound_until: date, now: datetime) -> None:
    """Refuse to award a bid that is no longer valid, also by what its tenderer agreed to since
    (招标投标法 45; 30号令 29). Raises NOT_BOUND."""
    if beijing_day(now) > bound_until:
        raise refusals.NOT_BOUND(until=bound_until.isoformat())


def statement_hash(row: object) -> str:
    """SHA-256 of what a proposal states, hex; the record holds it in the place of the words."""
    return sha256(jcs({name: getattr(row, name) or "" for name in (
        "lot_id", "award_id", "bid_id", "ground", "account", "document_no", "clause", "plan")}
        | {"evidence": list(row.evidence)})).hex()


def word_hash(row: object) -> str:
    """SHA-256 of what a candidate said of an award, hex."""
    return sha256(jcs({name: getattr(row, name) or "" for name in (
        "lot_id", "award_id", "bid_id", "about", "kind", "text")}
        | {"until": row.until.isoformat() if row.until else "",
           "evidence": list(row.evidence)})).hex()
