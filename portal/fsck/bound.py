"""Bids that stay valid longer: requests, answers, lapses, prolonged securities, and each lot's day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.validity.model import LapsedBid, ValidityAnswer, ValidityRequest
from guarantees.model import Prolongation
from tender.model import Lot

from .entries import Entry, plain
from .rules import Rule, rule_of

RULES: tuple[Rule, ...] = (
    rule_of("validity.extension_asked", ValidityRequest, "id",
            same={"lot_id": "lot", "number": "facts.number", "standing": "facts.standing",
                  "until": "facts.until", "answer_by": "facts.answer_by", "asked_at": "at",
                  "force_majeure": "facts.force_majeure", "asked_by": "actor.account"},
            digests={"reason": "facts.reason_hash"}),
    rule_of("validity.concluded", ValidityRequest, "id", same={"concluded_at": "at"},
            owed=lambda values: values["concluded_at"] is not None),
    rule_of("validity.answered", ValidityAnswer, "id",
            same={"request_id": "facts.request", "bid_id": "facts.bid", "agreed": "facts.agreed",
                  "party_id": "party", "answered_at": "at", "answered_by": "actor.account"}),
    rule_of("validity.concluded", LapsedBid, "bid_id", "item.bid", each="facts.lapsed",
            same={"lot_id": "lot", "request_id": "subject", "why": "item.why", "lapsed_at": "at"}),
    rule_of("guarantee.prolonged", Prolongation, "id",
            same={"guarantee_id": "facts.guarantee", "valid_until": "facts.valid_until",
                  "taken_at": "at"},
            digests={"instrument": "facts.instrument_hash"}),
)


def bound(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """Each lot's bids are valid until the last day that was agreed to, or until the notice's."""
    agreed = {entry.record["lot"]: entry.record["facts"]["validity_until"]
              for entry in sorted(entries, key=lambda one: one.record.get("at", ""))
              if entry.record["type"] == "validity.concluded"}
    for lot_id, until in session.execute(select(Lot.id, Lot.validity_until)):
        if (plain(until) if until else None) != agreed.get(lot_id):
            yield f"lot {lot_id}: its bids' validity ends on another day than the record says"
