"""Choosing an intermediary (中介超市): the states, the sealed offer, and who may be drawn. Pure.

An offer is sealed by its hash until the time for offers is over: the platform holds no more than
SHA-256 over the offer with 32 random bytes of the agency's, so nobody, the operator included,
can read it. What is not revealed in the time for that counts as withdrawn.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kernel.canonical import jcs, sha256
from tender import timetable
from tender.profile import Profile, has, period

METHODS = ("quote", "display", "draw")
"""网上竞价：最低价 · 网上展示：择优选取并说明理由 · 合格者随机抽取."""


class State(enum.Enum):
    """Where a request for a service stands."""

    REQUESTED = "requested"
    """Another person of the buyer must approve it."""
    OFFERS = "offers"
    """Agencies of the directory hand in sealed offers."""
    REVEALING = "revealing"
    """Each agency opens its own offer; nobody else can."""
    DECIDING = "deciding"
    """The buyer chooses with a reason, or screens and has the draw held."""
    DRAWING = "drawing"
    """The draw among those who passed the screen is under way: a list's word for it. What may be
    done meanwhile is what DECIDING lets, so `state` does not say it."""
    RESULT = "result"
    """The result stands in public; who offered may object until its time is over."""
    OBJECTED = "objected"
    """The buyer owes an answer to an objection; the contract waits for it."""
    SIGNING = "signing"
    """Nobody objects any more; the contract is due."""
    CONTRACTED = "contracted"
    """The contract is registered; the agency performs it."""
    FINISHED = "finished"
    """The buyer has taken what was done; each party may rate the other once."""
    FAILED = "failed"
    """It came to nothing, for one of FAILURES; the buyer may ask again."""


FAILURES = ("offers", "screen", "objection", "contract", "complaint")
"""Too few offers within the budget · nobody passed the screen · an objection to the result was
upheld · no contract in its time · the supervisor decided so on a complaint."""

SANCTIONS = ("suspended", "removed")
"""暂停承接 · 清退：out of the directory, and to be approved anew afterwards."""


@dataclass(frozen=True)
class Facts:
    """When each thing happened; None: it has not."""

    approved_at: datetime | None
    offers_until: datetime
    reveal_until: datetime | None
    failed_at: datetime | None
    decided_at: datetime | None
    contracted_at: datetime | None
    objections_until: datetime | None = None
    """Empty where the result is older than this rule."""
    unanswered: bool = False
    """Whether an objection to the result waits for its answer."""
    finished_at: datetime | None = None


def state(facts: Facts, now: datetime) -> State:
    """The state that the facts and the time say."""
    if facts.failed_at:
        return State.FAILED
    if facts.contracted_at:
        return State.FINISHED if facts.finished_at else State.CONTRACTED
    if facts.decided_at:
        return _decided(facts, now)
    if facts.approved_at is None:
        return State.REQUESTED
    if now < facts.offers_until:
        return State.OFFERS
    return State.REVEALING if now < facts.reveal_until else State.DECIDING


def _decided(facts: Facts, now: datetime) -> State:
    if facts.unanswered:
        return State.OBJECTED
    open_still = facts.objections_until is not None and now < facts.objections_until
    return State.RESULT if open_still else State.SIGNING


def objections_until(profile: Profile, decided: datetime,
                     calendar: timetable.Calendar | None = None,
                     days: str = "service.objection_days") -> datetime:
    """When the time to object to a result is over: the midnight after the last of its `days`. A
    profile without them leaves none."""
    if not has(profile, days):
        return decided
    return timetable.end_of(timetable.after(
        timetable.beijing_day(decided), period(profile, days),
        calendar or timetable.national_calendar()))


def contract_until(profile: Profile, decided: datetime, objections: datetime | None,
                   answered: Iterable[datetime] = (),
                   calendar: timetable.Calendar | None = None) -> datetime | None:
    """When the time for the contract is over: its days are counted from the last day on which the
    result could be objected to or an objection was answered. None where the profile says none."""
    if not has(profile, "service.contract_days"):
        return None
    final = max([decided, objections or decided, *answered])
    # A time that ends at midnight ends with the day before.
    return timetable.end_of(timetable.after(
        timetable.beijing_day(final - timedelta(microseconds=1)),
        period(profile, "service.contract_days"), calendar or timetable.national_calendar()))


def commitment(subject: str, party: str, price_fen: int, proposal_hash: str, salt: str) -> str:
    """The hash that seals an offer; `subject` is the id of the service or of the call-off (the
    format calls both `service`), `salt` 32 random bytes in hex, kept by who offers."""
    return sha256(jcs({"v": 1, "type": "offer", "service": subject, "party": party,
                       "price_fen": price_fen, "proposal_hash": proposal_hash,
                       "salt": salt})).hex()


@dataclass(frozen=True)
class Offer:
    """A revealed offer."""

    party: str
    price_fen: int
    offered_at: datetime


def lowest(offers: Iterable[Offer]) -> Offer:
    """The winner of a quote: the lowest price; of equal ones the one sealed first."""
    return min(offers, key=lambda one: (one.price_fen, one.offered_at, one.party))


def stands(kinds: Iterable[str], qualifications: Iterable[Mapping[str, str]], kind: str,
           day: date) -> bool:
    """Whether an entry of the directory offers this kind of service with papers valid that day."""
    papers = list(qualifications)
    return kind in set(kinds) and bool(papers) and all(
        date.fromisoformat(one["valid_until"]) >= day for one in papers)


def average(stars: Iterable[int]) -> str | None:
    """The published average of ratings with one decimal; None where there is none."""
    given = list(stars)
    if not given:
        return None
    tenths = (sum(given) * 20 + len(given)) // (2 * len(given))
    return f"{tenths // 10}.{tenths % 10}"
