"""What the index holds of processes that are no tenders: intermediary services, direct awards,
framework agreements.

Read through what everybody may read of them and nothing else, as the tenders are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from evaluation.frameworks import reading as frameworks
from evaluation.frameworks.model import Framework
from evaluation.selection import State
from evaluation.services import reading
from evaluation.services.model import Service
from people.model import Party
from tender import directs
from tender.lifecycle import Phase
from tender.model import DirectAward, DirectNotice, Tender

from ..ocds.services import service_ocid
from . import words

KINDS = {"tender": (Tender.id, Tender.published_at), "service": (Service.id, Service.approved_at),
         "direct_award": (DirectAward.id, DirectAward.published_at),
         "framework": (Framework.id, Framework.published_at)}
"""Each kind of process: its id, and when it was published."""

PHASES = {State.OFFERS: Phase.BIDDING, State.REVEALING: Phase.OPENING,
          State.DECIDING: Phase.EVALUATING, State.DRAWING: Phase.EVALUATING,
          State.RESULT: Phase.AWARDED, State.OBJECTED: Phase.AWARDED,
          State.SIGNING: Phase.AWARDED, State.CONTRACTED: Phase.CONTRACTED,
          State.FINISHED: Phase.CONTRACTED, State.FAILED: Phase.FAILED}
"""Where a service stands, as a lot's phase says it: one filter asks for both."""


def published(session: Session, after: tuple[datetime, str] | None, limit: int
              ) -> list[tuple[str, str, datetime]]:
    """(kind, id, when published) of everything published behind `after`, in that order."""
    found = []
    for kind, (own, at) in KINDS.items():
        query = select(literal(kind), own, at).where(at.is_not(None)).order_by(at, own).limit(limit)
        if after is not None:
            query = query.where((at > after[0]) | ((at == after[0]) & (own > after[1])))
        found += session.execute(query).all()
    return sorted(((kind, own, at) for kind, own, at in found),
                  key=lambda row: (row[2], row[1]))[:limit]


def rows(session: Session, kind: str, own: str, now: datetime) -> list[dict[str, object]]:
    """The entry of a service or a direct award as it is public at `now`; none of a draft."""
    table = {"service": Service, "framework": Framework}.get(kind, DirectAward)
    row = session.get(table, own, populate_existing=True)
    if row is None or getattr(row, KINDS[kind][1].key) is None:
        return []
    buyer = session.get_one(Party, row.buyer_id)
    said = _award(session, row) if table is DirectAward else \
        (_service if table is Service else _framework)(session, row, now)
    codes = f"{said['ocid']} {row.code}"
    text = "\n".join(filter(None, (row.title, buyer.name, codes, *said.pop("said"))))
    text = text[:words.LONGEST_TEXT]
    return [said | {
        "kind": kind, "lot_id": own, "tender_id": own, "section_code": "", "title": row.title,
        "buyer": buyer.name, "region": row.region, "text": text,
        "title_words": list(words.tokens(f"{row.title}\n{said['lot_title']}\n{codes}")),
        "words": [*words.tokens(text), *words.region_marks(row.region),
                  words.mark("c", said["category"]), words.mark("g", said["regime"]),
                  words.mark("b", buyer.uscc), words.mark("k", kind)]}]


def _service(session: Session, row: Service, now: datetime) -> dict[str, object]:
    standing = reading.state_of(session, row, now)
    later = {State.OFFERS: (Phase.OPENING.name, row.offers_until),
             State.REVEALING: (Phase.EVALUATING.name, row.reveal_until)}.get(standing, (None, None))
    winner = session.get(Party, row.winner_id) if row.decided_at else None
    return {
        "ocid": service_ocid(row.id), "lot_title": row.kind, "category": "services",
        "regime": "intermediary", "value_fen": row.budget_fen, "published_at": row.approved_at,
        "deadline": row.offers_until, "phase": PHASES[standing].name, "next_phase": later[0],
        "next_at": later[1],
        "said": (row.kind, row.requirement, row.screen, row.policy_document, row.reason,
                 winner and winner.name, *(one.answer for one in reading.objections(
                     session, row.id) if one.answered_at))}


def _framework(session: Session, row: Framework, now: datetime) -> dict[str, object]:
    running = frameworks.state_of(row, now) == "running"
    return {
        "ocid": row.ocid, "lot_title": "", "category": row.category, "regime": "govproc",
        "value_fen": row.price_fen, "published_at": row.published_at,
        "deadline": row.valid_until,
        "phase": (Phase.BIDDING if running else Phase.CONTRACTED).name,
        "next_phase": Phase.CONTRACTED.name if running else None,
        "next_at": row.valid_until if running else None,
        "said": (row.requirement, *row.conditions, row.leaving,
                 *(session.get_one(Party, one.party_id).name
                   for one in frameworks.admitted(session, row.id)),
                 *(one.title for one in frameworks.calls(session, row.id)))}


def _award(session: Session, row: DirectAward) -> dict[str, object]:
    notices = session.scalars(select(DirectNotice.content).where(DirectNotice.award_id == row.id)
                              .order_by(DirectNotice.published_at, DirectNotice.id))
    standing = Phase.FAILED if row.failed_at else \
        Phase.CONTRACTED if row.contracted_at else Phase.AWARDED
    return {
        "ocid": row.ocid, "lot_title": "", "category": row.category, "regime": row.regime,
        "value_fen": row.estimate_fen, "published_at": row.published_at, "deadline": None,
        "phase": standing.name, "next_phase": None, "next_at": None,
        "said": (row.description, *(str(one["answer"]) for one in directs.answered(session, row.id)),
                 *(text for one in notices
                   for text in chinese(json.loads(one))))}


def chinese(value: object) -> Iterator[str]:
    """The Chinese of a published notice: what its fields say, without their names."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "zh" and isinstance(inner, str):
                yield inner
            elif name != "label":
                yield from chinese(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from chinese(inner)
