"""What was changed, halted, ended or put out again after publication, and why: read from rows
that say so for ever."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tender.model import Lot, LotSuccession, LotSuspension, LotTermination, PublishedNotice, Tender

from .terms import stamp

Section = dict[str, object]


_AMENDED = (select(PublishedNotice).where(
    PublishedNotice.tender_id == bindparam("tender"), PublishedNotice.kind == "amendment")
    .order_by(PublishedNotice.published_at, PublishedNotice.id))
_SUSPENDED = (select(LotSuspension).where(
    LotSuspension.lot_id.in_(bindparam("lots", expanding=True)),
    LotSuspension.document_no.is_not(None))
    .order_by(LotSuspension.suspended_at, LotSuspension.id))


def amendments(session: Session, tender_id: str) -> list[Section]:
    """The amendments published of a tender: why each was made, and what it says."""
    found = []
    for notice in session.scalars(_AMENDED, {"tender": tender_id}):
        rows = [row for section in json.loads(notice.content)["sections"]
                for row in section["rows"]]
        why = next((str(row["value"]) for row in rows if row["name"] == "why"), "")
        said = "；".join(f"{row['label']['zh']}：{row['text']['zh']}" for row in rows
                        if row["name"] != "why")
        found.append({"id": notice.id, "date": stamp(notice.published_at), "rationale": why,
                      "description": said})
    return found


def suspensions(session: Session, lots: Sequence[Lot]) -> list[Section]:
    """The supervisor's suspensions of a tender's lots, by the documents that ordered them."""
    found = []
    for row in session.scalars(_SUSPENDED, {"lots": [lot.id for lot in lots]}):
        said: Section = {"id": row.id, "relatedLot": row.lot_id,
                         "period": {"startDate": stamp(row.suspended_at)},
                         "documentNumber": row.document_no, "rationale": row.reason}
        if row.until is not None:  # 政府采购质疑和投诉办法 28
            said["period"]["maxExtentDate"] = stamp(row.until)
        if row.resumed_at is not None:
            said["period"]["endDate"] = stamp(row.resumed_at)
            said |= {"endDocumentNumber": row.resume_document_no, "endRationale": row.resume_reason}
        found.append(said)
    return found


def termination(session: Session, lot: Lot) -> Section:
    """Why the buyer ended a lot, as a lot says it; nothing where a test database has no reason."""
    row = session.get(LotTermination, lot.id)
    if row is None:
        return {}
    said = {"date": stamp(row.terminated_at), "rationale": row.reason}
    return {"termination": said | ({"documentNumber": row.document_no} if row.document_no else {})}


def predecessors(session: Session, lots: Sequence[Lot]) -> list[Tender]:
    """The tenders whose lots these ones take the place of, each once."""
    return list(session.scalars(select(Tender).where(Tender.id.in_(
        select(Lot.tender_id).join(LotSuccession, LotSuccession.predecessor_id == Lot.id)
        .where(LotSuccession.lot_id.in_([lot.id for lot in lots])))).order_by(Tender.id)))


def successors(session: Session, lots: Sequence[Lot]) -> list[Tender]:
    """The published tenders whose lots take the place of these ones, each once."""
    return list(session.scalars(select(Tender).where(
        Tender.published_at.is_not(None), Tender.id.in_(
            select(Lot.tender_id).join(LotSuccession, LotSuccession.lot_id == Lot.id)
            .where(LotSuccession.predecessor_id.in_([lot.id for lot in lots]))))
        .order_by(Tender.published_at, Tender.id)))
