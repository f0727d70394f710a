"""What was changed or paused after publication, and why: read from what never changes itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tender import timetable
from tender.model import Lot, LotSuccession, LotSuspension, PublishedNotice, Tender


@dataclass(frozen=True)
class Amendment:
    """One published amendment: its release's id, why it was made, and what it says."""

    id: str
    at: datetime
    why: str
    said: str


def amendments(session: Session, tender_id: str) -> list[Amendment]:
    """The amendments published of a tender."""
    found = []
    for notice in session.scalars(select(PublishedNotice).where(
            PublishedNotice.tender_id == tender_id, PublishedNotice.kind == "amendment")):
        rows = [row for section in json.loads(notice.content)["sections"]
                for row in section["rows"]]
        why = next((str(row["value"]) for row in rows if row["name"] == "why"), "")
        said = "；".join(f"{row['label']['zh']}：{row['text']['zh']}" for row in rows
                        if row["name"] != "why")
        found.append(Amendment(f"{notice.id}-amended", notice.published_at, why, said))
    return found


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
