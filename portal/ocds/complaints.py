"""Decided complaints as open data: what the list of complaints shows everybody, and not a word
more (docs/formats/ocds-objections.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from .terms import stamp

Section = dict[str, object]


def told(decided: Iterable[dict]) -> Iterator[tuple[datetime, str, Section]]:
    """(since when, the release's id, what is said) of each decision, and of each case that was
    closed on evidence. Nothing tells who complained, nor when."""
    for one in decided:
        yield one["decided_at"], f"{one['id']}-decided", _decided(one)
        if one["closed_at"] is not None:
            yield one["closed_at"], f"{one['id']}-closed", {
                "id": one["id"], "status": "closed", "dateClosed": stamp(one["closed_at"])}


def _decided(one: dict) -> Section:
    said: Section = {
        "id": one["id"], "subject": one["subject"],
        **({"relatedLot": one["lot_id"]} if one["lot_id"] else {}),
        "status": "decided", "outcome": one["outcome"], "decision": one["text"],
        "legalBasis": one["law"], "documentNumber": one["document_no"],
        "dateDecided": stamp(one["decided_at"]), "decidedLate": one["decided_late"]}
    if one["basis"] and one["outcome"] == "rejected":
        said["rejectedFor"] = one["basis"]
    if one["orders"]:
        said |= {"orders": one["orders"], "ordersDue": stamp(one["order_due"])}
    return said
