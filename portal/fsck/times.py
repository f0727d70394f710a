"""Deadlines, rounds, policies and outcomes as they were recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.canonical import jcs, sha256, time_text
from tender.model import Lot, LotOutcome

from .entries import Entry

MOVES = ("deadline.restored", "deadline.extended", "deadline.postponed", "tender.resumed")
"""The acts that put another deadline in force than the notice's; their facts name it."""


def times(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """Each lot has the last deadline, round and policy that the record states; no close comes
    before its deadline, and every outcome at the time of an act."""
    stated, policies, rounds, moments = {}, {}, {}, set()
    for entry in sorted(entries, key=lambda one: one.record.get("at", "")):
        record = entry.record
        moments |= {(record.get("lot"), record.get("at")), (record.get("tender"), record.get("at"))}
        if record["type"] == "notice.approved":
            for row in record["facts"]["lots"]:
                stated[row["lot"]] = row["deadline"]
                policies[row["lot"]] = row["policy_hash"]
        elif record["type"] in MOVES:
            # A lot that is resumed keeps a deadline that had passed before.
            stated[record["lot"]] = record["facts"].get("deadline", stated[record["lot"]])
            rounds[record["lot"]] = record["facts"].get("round", rounds.get(record["lot"], 1))
        if record["type"] == "lot.closed" and record["at"] < record["facts"]["deadline"]:
            yield f"lot {record['lot']}: {entry.name} is before the deadline"
    tenders = {}
    for lot in session.scalars(select(Lot)):
        tenders[lot.id] = lot.tender_id
        if lot.id not in policies:
            continue
        if time_text(lot.deadline) != stated[lot.id]:
            yield f"lot {lot.id}: its deadline is not the last that the record states"
        if lot.round != rounds.get(lot.id, 1):
            yield f"lot {lot.id}: its round is not the one that the record states"
        if (lot.policy_hash, sha256(jcs(lot.policy)).hex()) != (policies[lot.id],) * 2:
            yield f"lot {lot.id}: its access policy is not the published one"
    for row in session.scalars(select(LotOutcome)):
        if not {(row.lot_id, time_text(row.at)),
                (tenders.get(row.lot_id), time_text(row.at))} & moments:
            yield f"lot {row.lot_id}: no act decided {row.outcome} at {time_text(row.at)}"
