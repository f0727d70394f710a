"""What changed after publication, and when: read from what can never change itself.

A lot's deadline moves; what was released about it must not. So the deadline of a release comes
from the content that two people approved, from the amendments published since, and from the
decisions that restored one, never from the lot as it is now.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.canonical import parse_time
from tender import timetable
from tender.model import (
    DeadlineProposal,
    Lot,
    LotSuccession,
    LotSuspension,
    PublishedNotice,
    Tender,
)
from tender.reading import live_notice

_DEADLINE = re.compile(r"\Alots\[([0-9]+)\]\.deadline\Z")


@dataclass(frozen=True)
class Amendment:
    """One change after publication: its release's id, why it was made, what it says, and the
    deadlines it set, by lot."""

    id: str
    at: datetime
    why: str
    said: str
    deadlines: dict[str, datetime] = field(default_factory=dict)


def first_deadlines(session: Session, tender_id: str) -> dict[str, datetime]:
    """The deadline of each lot as it was first published."""
    notice = live_notice(session, tender_id)
    return {lot["id"]: parse_time(lot["deadline"]) for lot in json.loads(notice.content)["lots"]}


def amendments(session: Session, lots: list[Lot]) -> list[Amendment]:
    """Everything that amended a tender of these lots, the oldest first."""
    found = [*_published(session, lots), *_restored(session, lots)]
    return sorted(found, key=lambda one: (one.at, one.id))


def _published(session: Session, lots: list[Lot]) -> list[Amendment]:
    by_number = {lot.number: lot.id for lot in lots}
    found = []
    for notice in session.scalars(select(PublishedNotice).where(
            PublishedNotice.tender_id == lots[0].tender_id,
            PublishedNotice.kind.in_(("amendment", "clarification")))):
        rows = [row for section in json.loads(notice.content)["sections"]
                for row in section["rows"]]
        moved = {by_number[int(match[1])]: parse_time(row["value"]) for row in rows
                 if "old" in row and (match := _DEADLINE.match(row["name"]))}
        why = next((str(row["value"]) for row in rows if row["name"] == "why"), "")
        said = "；".join(f"{row['label']['zh']}：{row['text']['zh']}" for row in rows
                        if row["name"] != "why")
        if notice.kind == "amendment" or moved:
            found.append(Amendment(f"{notice.id}-amended", notice.published_at, why, said, moved))
    return found


def _restored(session: Session, lots: list[Lot]) -> list[Amendment]:
    return [Amendment(f"{row.id}-restored", row.approved_at, "平台故障或时间存疑，经监督部门批准恢复投标截止时间。",
                      "投标截止时间顺延", {row.lot_id: row.deadline})
            for row in session.scalars(select(DeadlineProposal).where(
                DeadlineProposal.lot_id.in_([lot.id for lot in lots]),
                DeadlineProposal.decision == "restored",
                DeadlineProposal.approved_at.is_not(None)))]


def publicities(session: Session, lot: Lot, published: datetime) -> list[tuple[str, datetime, datetime]]:
    """When the candidates' time in public ends, as it was said at first and after each pause:
    (the pause's id or empty, said when, ends when)."""
    found = [("", published, timetable.publicity_ends(published, lot.publicity_days))]
    for row in session.scalars(select(LotSuspension).where(
            LotSuspension.lot_id == lot.id, LotSuspension.publicity_ends.is_not(None),
            LotSuspension.resumed_at.is_not(None)).order_by(LotSuspension.resumed_at)):
        found.append((row.id, row.resumed_at, timetable.publicity_resumed(
            row.publicity_ends, row.suspended_at, row.resumed_at)))
    return found


def predecessors(session: Session, lots: list[Lot]) -> list[Tender]:
    """The tenders whose lots these ones take the place of, each once."""
    return list(session.scalars(select(Tender).where(Tender.id.in_(
        select(Lot.tender_id).join(LotSuccession, LotSuccession.predecessor_id == Lot.id)
        .where(LotSuccession.lot_id.in_([lot.id for lot in lots])))).order_by(Tender.id)))
