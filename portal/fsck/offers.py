"""Offers that were sealed by their hash, of services and of call-offs, against what was published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.frameworks.model import CalloffOffer
from evaluation.selection import commitment
from evaluation.services.model import ServiceOffer

from .entries import Entry


def sealed_offers(session: Session, entries: Sequence[Entry],
                  table: type[ServiceOffer | CalloffOffer], subject: str) -> Iterator[str]:
    """The seals published at the close are those of the offers, and each opened one fits its own.
    `subject`: what is offered for, as its column and its entries are called."""
    offers: defaultdict[str, list] = defaultdict(list)
    for one in session.scalars(select(table)):
        own = getattr(one, f"{subject}_id")
        offers[own].append(one)
        if one.revealed_at is not None and commitment(
                own, one.party_id, one.price_fen, one.proposal_hash, one.salt) != one.commitment:
            yield f"{table.__tablename__} {one.id}: what it says is not what was sealed"
    for entry in entries:
        if entry.record["type"] != f"{subject}.offers_closed":
            continue
        name = entry.record["subject"]
        if sorted(one.commitment for one in offers[name]) != entry.said("facts.commitments"):
            yield (f"{subject} {name}: its offers are not those whose seals {entry.name} "
                   "published")
