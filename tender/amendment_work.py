"""A draft of an amendment while it is worked on: what it would change, and what keeps it back.

The act that submits it judges by the same functions (acts/amendments.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace

from sqlalchemy.orm import Session

from kernel.refusal import WRONG_PHASE, Refused

from . import amendment, reviewing, rules, timetable
from .amended import Amended, amended, files_of
from .findings import Finding, refused_as_finding
from .lifecycle import Phase, phase
from .model import Lot, NoticeDraft, Tender
from .reading import facts_of, lots_of
from .regime import blocks
from .scanned import infected


def touched(session: Session, lots: Sequence[Lot], draft: NoticeDraft, then: Amended,
            now: datetime) -> Iterator[tuple[Lot, SimpleNamespace, Phase]]:
    """The lots that a draft names, and with a file or a description all that still take bids:
    (lot, as it would be, its phase)."""
    facts = facts_of(session, [lot.id for lot in lots])
    named = {one["id"] for one in draft.changes["lots"]}
    everywhere = bool(files_of(session, draft)) or draft.changes["description"] is not None
    for lot, after in zip(lots, then.lots, strict=True):
        now_in = phase(facts[lot.id], now)
        if lot.id in named or everywhere and now_in is Phase.BIDDING:
            yield lot, after, now_in


def check_lot(lot: Lot, after: SimpleNamespace, now_in: Phase, changes: Mapping[str, object],
              now: datetime) -> None:
    """Refuse what an amendment may not do to a lot: WRONG_PHASE, DEADLINE_SOON and what
    `timetable.check_moved` raises."""
    if now_in is not Phase.BIDDING:
        raise WRONG_PHASE(phase=now_in.name)
    if after.deadline != lot.deadline:
        timetable.check_moved(lot.deadline, after.deadline, now)
    if amendment.affects(changes):
        amendment.check_time_left(lot, after.deadline, now, changes["reasons"])


def findings(session: Session, tender: Tender, lots: Sequence[Lot], draft: NoticeDraft,
             then: Amended, now: datetime) -> list[Finding]:
    """What rules and reviews hold against the tender as the draft would have it."""
    found: list[Finding] = []
    for lot, after, _ in touched(session, lots, draft, then, now):
        found += rules.lot_findings(after, lot.profile, tender.published_at,
                                    len(then.items[lot.id]))
    files = files_of(session, draft)
    found += infected(session, files)
    found += reviewing.amended_findings(session, tender, lots, draft, then)
    return found + reviewing.fairness_findings(session, draft, bool(files), then)


def read(session: Session, tender: Tender, draft: NoticeDraft,
         now: datetime) -> dict[str, object]:
    """What a live draft would change now, what that asks of each deadline, what keeps it back."""
    lots, changes = lots_of(session, tender.id), draft.changes
    then = amended(session, tender, lots, draft)
    facts = facts_of(session, [lot.id for lot in lots])
    refused: list[Finding] = []
    asked: set[str] = set()
    for lot, after, now_in in touched(session, lots, draft, then, now):
        asked |= {lot.id} if amendment.affects(changes) else set()
        try:
            check_lot(lot, after, now_in, changes, now)
        except Refused as said:
            refused.append(refused_as_finding(f"lots[{lot.number}].deadline", said))
    by_id = {one["id"]: one for one in changes["lots"]}
    return {
        "id": draft.id, "version": draft.version, "affects_bids": amendment.affects(changes),
        "description": then.tender.description, "sections": then.sections,
        "findings": refused + (findings(session, tender, lots, draft, then, now)
                               if then.sections else []),
        "files": files_of(session, draft),
        "lots": [{"lot_id": lot.id, "open": phase(facts[lot.id], now) is Phase.BIDDING,
                  "changed": [name for name in by_id.get(lot.id, {}) if name != "id"],
                  "items_count": len(then.items[lot.id]), "standing": lot.deadline,
                  "earliest": amendment.earliest(lot.profile, lot.method, lot.deadline, now)
                  if lot.id in asked else None,
                  "reason_taken": not blocks(lot.profile, amendment.RULE),
                  **{name: getattr(after, name) for name in ("number", *amendment.AMENDABLE)}}
                 for lot, after in zip(lots, then.lots, strict=True)]}
