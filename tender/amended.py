"""A tender as an amendment would have it: read and put together, nothing of it written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from kernel.canonical import parse_time
from people.model import Party

from . import amendment, rules
from .model import Document, DraftDocument, Lot, NoticeDraft, Tender
from .notices import Section
from .reading import documents_of, items_of, live_notice
from .sections import tender_sections


@dataclass
class Amended:
    """A tender as an amendment would have it; nothing of it is written yet."""

    tender: SimpleNamespace
    lots: list[SimpleNamespace]
    items: dict[str, list]
    documents: list[SimpleNamespace]
    """Those that were replaced among them; they name what took their place."""
    sections: list[Section]
    """What changes, field by field."""


def files_of(session: Session, draft: NoticeDraft) -> list[DraftDocument]:
    """The files that come with an amendment, in the order they were added."""
    return list(session.scalars(
        select(DraftDocument).where(DraftDocument.draft_id == draft.id)
        .order_by(DraftDocument.added_at, DraftDocument.id)))


def amended(session: Session, tender: Tender, lots: Sequence[Lot],
            draft: NoticeDraft) -> Amended:
    """The tender and its lots with what the draft changes, and the difference in words."""
    changes: Mapping = draft.changes
    by_id = {one["id"]: one for one in changes["lots"]}
    before = {lot.id: items_of(session, lot.id) for lot in lots}
    then, items = [], {}
    for lot in lots:
        change = by_id.get(lot.id, {})
        stated = {name: change[name] for name in amendment.AMENDABLE if name in change}
        if "deadline" in stated:
            stated["deadline"] = parse_time(stated["deadline"])
        then.append(SimpleNamespace(**_columns(lot) | stated))
        items[lot.id] = [SimpleNamespace(position=place, **one) for place, one in
                         enumerate(change["items"], 1)] if "items" in change else before[lot.id]
    present = documents_of(session, tender.id)
    documents = _documents(present, files_of(session, draft))
    said = SimpleNamespace(**_columns(tender))
    if changes["description"] is not None:
        said.description = changes["description"]
    old = _sections(session, tender, tender, lots, before, present)
    said.version = tender.version + 1
    new = _sections(session, tender, said, then, items, documents)
    sections = amendment.difference(old, new)
    for lot in lots:
        sections += amendment.bill_changes(lot.number, before[lot.id], items[lot.id])
    if len(sections) == 1:  # the version alone: nothing changes
        sections.clear()
    return Amended(said, then, items, documents, sections)


def _columns(row: Tender | Lot) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _documents(present: list[Document], files: list[DraftDocument]) -> list[SimpleNamespace]:
    """The bidding documents with the new files behind; what is replaced names its successor."""
    replaced = {one.replaces: one.hash for one in files if one.replaces is not None}
    names = ("id", "name", "kind", "media_type", "size", "hash")
    return [SimpleNamespace(
        **{name: getattr(one, name) for name in names},
        replaced_by=replaced.get(one.id, getattr(one, "replaced_by", None)))
        for one in [*present, *files]]


def _sections(session: Session, tender: Tender, said, lots, items: Mapping,
              documents: Sequence) -> list[Section]:
    more = json.loads(live_notice(session, tender.id).content)["more"]
    buyer = session.get(Party, tender.buyer_id)
    content = json.loads(rules.notice_content(
        said, buyer.uscc, [rules.lot_content(lot, items[lot.id]) for lot in lots], documents, more))
    return tender_sections(content, buyer.name, str(wiring().settings.get("public_url", "")))
