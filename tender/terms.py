"""What a lot's JSON columns say, as values with names and types.

The columns keep what the buyer stated, as JSON, because it is hashed and frozen as it is. Whoever
reads it reads it here, once, at the edge: `terms_of(lot)`. A draft may say less than a notice
must; what is not said has the value that no rule accepts (0, or no entries), and a number that
is none is -1, so that the rules find it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

UNSCORED = frozenset({"lowest-price", "price-band"})
"""Price methods of lots in which nothing is scored (tender/screened.py)."""

WRONG = Fraction(-1)
"""What a text that is no number is read as; every rule refuses it."""


@dataclass(frozen=True)
class Factor:
    """One technical factor: scores from `least` to `most`, in points."""

    code: str
    least: Fraction
    most: Fraction


@dataclass(frozen=True)
class PriceMethod:
    """How prices are scored; `full_score` in points, `coefficients` what the draw chooses from.

    Of lots that are not scored (tender/screened.py): `ties` how equal prices are put in order,
    `low_rate` and `high_rate` the ends of a band, shares of the ceiling."""

    method: str
    full_score: Fraction
    coefficients: tuple[Fraction, ...]
    ties: str = ""
    low_rate: Fraction = WRONG
    high_rate: Fraction = WRONG

    @property
    def comprehensive(self) -> bool:
        """Whether anything but the price is scored (综合评估法)."""
        return self.full_score != 100 and self.method not in UNSCORED


@dataclass(frozen=True)
class AwardMethod:
    """How the winner is found among the candidates, and by how many."""

    method: str
    committee_size: int


@dataclass(frozen=True)
class Panel:
    """The panel: members, substitutes, how many candidates it names; windows in minutes."""

    size: int
    substitutes: int
    candidates: int
    specialty: str
    commit_minutes: int
    reveal_minutes: int


@dataclass(frozen=True)
class Guarantee:
    """The bid guarantee asked for, in fen, the kinds that are taken, and the share of the
    contract that the performance guarantee is."""

    amount_fen: int
    kinds: tuple[str, ...]
    performance_rate: Fraction


@dataclass(frozen=True)
class Grounds:
    """What the buyer's choices rest on. Empty texts: nothing was said.

    `reasons` maps the name of a number, or `split`, to why it is departed from.
    """

    pilot_document: str
    policy_document: str
    screen: str
    resolution: str
    resolution_hash: str
    """SHA-256 of the resolution itself, one of the tender's documents."""
    resolution_day: str
    """The Beijing day it was taken, `YYYY-MM-DD`."""
    invite_ground: str
    """A key of invitation.GROUNDS."""
    invite_reason: str
    invite_document: str
    """Number of the document that approved an invitation; its SHA-256 follows."""
    invite_document_hash: str
    method_reason: str
    """Why the lot may be put out by a method that is not the open one."""
    method_document: str
    """The document that approved the method, where one must (74号令 4)."""
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Terms:
    """All that the JSON columns of a lot say."""

    factors: tuple[Factor, ...]
    price: PriceMethod
    award: AwardMethod
    panel: Panel
    guarantee: Guarantee
    grounds: Grounds
    asked: tuple[tuple[str, str], ...] = ()
    """What a bid must meet where nothing is scored: (code, title)."""


def terms_of(lot) -> Terms:
    """The terms of a lot; `lot` has the columns. Total: every draft has terms.

    A row of the database is asked a dozen times while it is published, and answers as long as its
    columns are the same objects: they are never changed in place.
    """
    said = (lot.criteria, lot.price_method, lot.award_method, lot.panel, lot.guarantee, lot.grounds)
    own = lot.__dict__ if hasattr(lot, "_sa_instance_state") else {}
    before, known = own.get(_READ, ((), None))
    if known is None or any(old is not new for old, new in zip(before, said, strict=True)):
        known = _terms(*said)
        own[_READ] = said, known
    return known


_READ = "terms that were read"


def _terms(criteria, price, award, panel, guarantee, grounds) -> Terms:
    return Terms(factors_of(criteria), price_of(price), _award(award), _panel(panel),
                 _guarantee(guarantee), grounds_of(grounds),
                 tuple((one["code"], one["title"]) for one in criteria.get("asked", ())))


def factors_of(criteria: Mapping[str, object]) -> tuple[Factor, ...]:
    """The technical factors in their order."""
    return tuple(Factor(one["code"], points(one.get("min", "0")), points(one["max"]))
                 for one in criteria.get("factors", ()))


def price_of(said: Mapping[str, object]) -> PriceMethod:
    """The price method."""
    return PriceMethod(said.get("method", ""), points(said.get("full_score", "0")),
                       tuple(points(text) for text in said.get("coefficients", ())),
                       said.get("ties", ""), points(said.get("low_rate", "-1")),
                       points(said.get("high_rate", "-1")))


def _award(said: Mapping[str, object]) -> AwardMethod:
    return AwardMethod(said.get("method", ""), said.get("committee_size", 0))


def _panel(said: Mapping[str, object]) -> Panel:
    return Panel(said.get("size", 0), said.get("substitutes", 0), said.get("candidates", 0),
                 said.get("specialty", ""), said.get("commit_minutes", 0),
                 said.get("reveal_minutes", 0))


def _guarantee(said: Mapping[str, object]) -> Guarantee:
    return Guarantee(said.get("amount_fen", 0), tuple(said.get("kinds", ())),
                     points(said.get("performance_rate", "0")))


def grounds_of(said: Mapping[str, object]) -> Grounds:
    """The grounds a lot states."""
    return Grounds(*(str(said.get(name, "")).strip() for name in (
        "pilot_document", "policy_document", "screen", "resolution", "resolution_hash",
        "resolution_day", "invite_ground", "invite_reason", "invite_document",
        "invite_document_hash", "method_reason", "method_document")),
        dict(said.get("reasons", {})))


def points(text: object) -> Fraction:
    """A decimal text as an exact number; WRONG when it is none."""
    return _exact(str(text))


@lru_cache(maxsize=1024)
def _exact(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return WRONG
