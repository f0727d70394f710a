"""The law of evaluation and award: values in, an answer or a refusal out.

Composition (招标投标法 37, CM-1), exclusions from the draw (实施条例 46), the form of a score
sheet and its hash, what a contract must agree with (招标投标法 46).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kernel.canonical import jcs, sha256, time_text

from .refusals import (
    COMMITTEE_SIZE,
    COMPETITION_UNARGUED,
    CONTRACT_AMOUNT,
    CONTRACT_LATE,
    CONTRACT_TIME,
    SAME_PERSON,
    VALIDITY_OVER,
)


def check_committee(persons: Sequence[str], *, size: int,
                    elsewhere: Collection[str] = ()) -> None:
    """Refuse an award committee that is not of the published odd size, or shares a person with
    itself or with `elsewhere` (panel, tenderers, supervisors): persons, not accounts (I19)."""
    if len(persons) != size or size % 2 == 0:
        raise COMMITTEE_SIZE(size=len(persons), published=size)
    if len(set(persons)) != len(persons) or set(persons) & set(elsewhere):
        raise SAME_PERSON()


@dataclass(frozen=True)
class Expert:
    """One approved grant in the pool, as the draw judges it."""

    grant_id: str
    person_id: str
    employer_uscc: str | None


@dataclass(frozen=True)
class Ties:
    """Whom the draw must leave out: by employer, and by person."""

    buyer_uscc: str
    tenderer_usccs: Collection[str]
    party_persons: Collection[str]
    """Persons with an account or grant of the buyer's or of a tenderer's."""
    other_roles: Collection[str]
    """Persons who hold another role in the lot."""


def exclusion(expert: Expert, ties: Ties) -> str | None:
    """Why an expert is not in the draw, or None (实施条例 46; rulebook §5.2)."""
    if expert.employer_uscc == ties.buyer_uscc:
        return "employed_by_buyer"
    if expert.employer_uscc in ties.tenderer_usccs:
        return "employed_by_tenderer"
    if expert.person_id in ties.party_persons:
        return "person_of_a_party"
    if expert.person_id in ties.other_roles:
        return "other_role_in_lot"
    return None


def exclusions(pool: Sequence[Expert], ties: Ties) -> dict[str, str | None]:
    """The exclusion of each grant of the pool; of a person's grants only the first is in."""
    seen: set[str] = set()
    result: dict[str, str | None] = {}
    for expert in sorted(pool, key=lambda one: one.grant_id):
        reason = exclusion(expert, ties)
        if reason is None and expert.person_id in seen:
            reason = "same_person_again"
        if reason is None:
            seen.add(expert.person_id)
        result[expert.grant_id] = reason
    return result


def sheet_document(lot_id: str, seat_id: str, nonce: str, scores: Mapping[str, object],
                   competition: Mapping[str, object] | None) -> dict[str, object]:
    """A score sheet as it is hashed and signed. The nonce keeps its hash from being guessed."""
    return {"v": 1, "lot": lot_id, "seat": seat_id, "nonce": nonce, "scores": dict(scores),
            "competition": dict(competition) if competition else None}


def findings_document(lot_id: str, seat_id: str, nonce: str,
                      findings: Mapping[str, object]) -> dict[str, object]:
    """The sheet of a lot judged by a screen, as it is hashed and signed."""
    return {"v": 1, "lot": lot_id, "seat": seat_id, "nonce": nonce, "findings": dict(findings)}


def digest(document: object) -> str:
    """SHA-256 over the canonical form, 64 hex digits."""
    return sha256(jcs(document)).hex()


def check_competition(valid: int, enough: int, competition: Mapping[str, object] | None) -> None:
    """With fewer than `enough` valid bids (rulebook §2.3) each sheet says whether competition is lacking, and why."""
    if valid >= enough:
        return
    if not competition or not str(competition.get("argument", "")).strip():
        raise COMPETITION_UNARGUED(valid=valid)


def check_contract(*, amount_fen: int, price_fen: int, signed_at: datetime, now: datetime,
                   notified: datetime, due: date, valid_until: date, day: date,
                   late_reason: str | None, regime: str) -> bool:
    """Judge a signed contract; True when it is late with a recorded reason.

    `day` is the Beijing day of `signed_at`; `due` the last day by T13, `valid_until` the last of
    the bids' validity. In the statutory regime a late one is refused; elsewhere it needs a reason.
    """
    if amount_fen != price_fen:
        raise CONTRACT_AMOUNT(amount_fen=amount_fen, price_fen=price_fen)
    if not notified <= signed_at <= now:
        raise CONTRACT_TIME(since=time_text(notified))
    reason = (late_reason or "").strip()
    if day > valid_until and (regime == "statutory" or not reason):
        raise VALIDITY_OVER(until=valid_until.isoformat())
    if day > due and (regime == "statutory" or not reason):
        raise CONTRACT_LATE(until=due.isoformat(), signed_at=time_text(signed_at))
    return day > min(due, valid_until)
