"""Keeping the index: it follows the feed of changes, and it can be made anew.

The index is behind an act by one tick. It reads what everybody may know and nothing else
(portal.public), so it cannot give away what the site would not. Which changes it has seen and
what it made of them are committed together: killed between, it does them again.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from audit.act import side_write, wiring
from kernel.db import db
from kernel.refusal import Refused
from tender import feed
from tender.lifecycle import Phase, phase
from tender.model import Change, PublishedNotice
from tender.reading import advance_notices, items_of

from .. import public
from . import finding, others, words
from .model import SearchEntry, SearchState

log = logging.getLogger("yangguang.search")

BATCH = 200
_ENTRY = SearchEntry.__table__
OWN_NOTICE = "tender_notice"
"""Says what the tender's own fields say."""
AHEAD = "pre_notice"
"""Says what is to be tendered, before there is a tender that anybody may read."""


def follow(now: datetime) -> int:
    """Index what has changed since last time, a batch at most; how many tenders. For the tick.

    The first time, and after `reset`, it also goes through all that is published, bit by bit.
    """
    with db.engine.connect() as connection:
        cursor = connection.execute(select(SearchState.cursor)).scalar()
    try:
        rows, after = feed.changes_after(db.session(), cursor, BATCH)
    except Refused as refused:
        log.warning("the feed is another one (%s): the index is made anew", refused.word.code)
        reset()
        return 0
    with side_write() as session:
        state = _state(session)
        if state.cursor != cursor:
            return 0  # Another tick was here in between.
        changed = list(dict.fromkeys((_kind_of(row), row.tender_id) for row in rows))
        walked = _walk(session, state)
        for kind, own in dict.fromkeys(changed + walked):
            index(session, own, now, kind)
        state.cursor = after
        return len(changed) + len(walked)


def _kind_of(row: Change) -> str:
    named = feed.process_of(row)
    return next((kind for kind in others.KINDS if named.get(f"{kind}_id")), finding.TENDER)


def _state(session: Session) -> SearchState:
    state = session.scalars(select(SearchState).with_for_update()).first()
    if state is None:
        state = SearchState(id=1, cursor=None, rebuilt="", rebuilt_at=None)
        session.add(state)
        session.flush()
    return state


def _walk(session: Session, state: SearchState) -> list[tuple[str, str]]:
    """The next processes of a rebuilding, in the order of publication; none when it is done."""
    if state.rebuilt is None:
        return []
    after = None if state.rebuilt_at is None else (state.rebuilt_at, state.rebuilt)
    rows = others.published(session, after, BATCH)
    if len(rows) < BATCH:
        state.rebuilt = state.rebuilt_at = None
    else:
        _, state.rebuilt, state.rebuilt_at = rows[-1]
    return [(kind, own) for kind, own, _ in rows]


def reset() -> None:
    """Begin to make the index anew. It stays in use meanwhile; `seq` stay what they are."""
    with side_write() as session:
        state = _state(session)
        state.cursor, state.rebuilt, state.rebuilt_at = None, "", None
        told = select(PublishedNotice.tender_id).where(PublishedNotice.kind == AHEAD).union(
            *(select(own).where(at.is_not(None)) for own, at in others.KINDS.values()))
        session.execute(delete(SearchEntry).where(SearchEntry.tender_id.not_in(told))
                        .execution_options(synchronize_session=False))


def rebuild() -> int:
    """Make the whole index anew; how many lots it holds."""
    reset()
    while follow(wiring().clock.now(db.session().connection())):
        db.session.rollback()
    return db.session().scalar(select(func.count()).select_from(SearchEntry))


def index(session: Session, tender_id: str, now: datetime, kind: str = finding.TENDER) -> None:
    """Index the lots of one tender as they are public at `now`, or the notice that announces it
    ahead, or a process of another `kind`; take out what is not public, or no more."""
    found = {row.lot_id: row.seq for row in session.execute(
        select(_ENTRY.c.lot_id, _ENTRY.c.seq).where(_ENTRY.c.tender_id == tender_id))}
    for values in _told(session, tender_id, now) if kind == finding.TENDER \
            else others.rows(session, kind, tender_id, now):
        if values["lot_id"] in found:
            session.execute(update(_ENTRY).where(_ENTRY.c.seq == found.pop(values["lot_id"]))
                            .values(values))
        else:
            last = session.execute(select(func.max(_ENTRY.c.seq))).scalar() or 0
            session.execute(insert(_ENTRY).values(seq=last + 1, **values))
    # What goes, goes last: its place is given to nothing else, which a saved search would pass by.
    session.execute(delete(_ENTRY).where(_ENTRY.c.seq.in_(found.values())))


def _told(session: Session, tender_id: str, now: datetime) -> list[dict[str, object]]:
    try:
        return _rows(session, public.tender_view(session, tender_id, now), now)
    except Refused:
        return [_ahead(one) for one in advance_notices(session, tender_id)[-1:]]


def _rows(session: Session, view: public.TenderView, now: datetime) -> list[dict[str, object]]:
    notices = session.scalars(select(PublishedNotice).where(
        PublishedNotice.tender_id == view.tender.id, PublishedNotice.kind != OWN_NOTICE)
        .order_by(PublishedNotice.published_at, PublishedNotice.id)).all()
    return [_row(session, view, lot, notices, now) for lot in view.lots]


def _ahead(notice: PublishedNotice) -> dict[str, object]:
    """An advance notice as one entry, read from the notice alone: nothing of the draft behind it
    is public. It stands under the notice's id, because its lots have none that anybody knows."""
    said = json.loads(notice.content)
    lots = [{row["name"]: row["value"] for row in part["rows"]}
            for part in said["sections"][1:]]
    buyer, titles = said["buyer"], "、".join(str(lot["title"]) for lot in lots)
    text = "\n".join((said["title"], titles, buyer["name"], said["ocid"], said["code"],
                      *others.chinese(said["sections"])))[:words.LONGEST_TEXT]
    kinds = list(dict.fromkeys(str(lot["category"]) for lot in lots))
    return {
        "lot_id": notice.id, "tender_id": notice.tender_id, "ocid": said["ocid"],
        "section_code": "", "title": said["title"], "lot_title": titles[:200],
        "buyer": buyer["name"], "region": said["region"], "category": kinds[0], "regime": "",
        "value_fen": sum(lot["estimate_fen"] for lot in lots),
        "published_at": notice.published_at, "deadline": None, "phase": Phase.DRAFT.name,
        "next_phase": None, "next_at": None, "text": text,
        "title_words": list(words.tokens(f"{said['title']}\n{titles}\n{said['ocid']} "
                                         f"{said['code']}")),
        "words": [*words.tokens(text), *words.region_marks(said["region"]),
                  *(words.mark("c", kind) for kind in kinds), words.mark("b", buyer["uscc"])],
    }


def _row(session: Session, view: public.TenderView, lot: public.LotView,
         notices: list[PublishedNotice], now: datetime) -> dict[str, object]:
    tender, one = view.tender, lot.lot
    own = [notice for notice in notices if notice.lot_id in (None, one.id)]
    items = items_of(session, one.id) if lot.may("notice.view") else []
    codes = (tender.ocid, tender.code, one.section_code, one.deal_code, tender.approval_no)
    text = "\n".join(filter(None, (
        tender.title, one.title, view.buyer.name, tender.description, " ".join(codes),
        tender.funding, *(f"{item.code} {item.description}" for item in items),
        *(f"{question.text} {question.answer or ''}" for question in lot.questions),
        *(said for notice in own for said in others.chinese(json.loads(notice.content))))))
    text = text[:words.LONGEST_TEXT]
    later, at = _next(lot, now)
    return {
        "lot_id": one.id, "tender_id": tender.id, "ocid": tender.ocid,
        "section_code": one.section_code, "title": tender.title, "lot_title": one.title,
        "buyer": view.buyer.name, "region": tender.region, "category": one.category,
        "regime": one.regime, "value_fen": one.price_ceiling_fen or one.estimate_fen,
        "published_at": tender.published_at, "deadline": one.deadline, "phase": lot.phase.name,
        "next_phase": later and later.name, "next_at": at, "text": text,
        "title_words": list(words.tokens(f"{tender.title}\n{one.title}\n{' '.join(codes)}")),
        "words": [*words.tokens(text), *words.region_marks(tender.region),
                  words.mark("c", one.category), words.mark("g", one.regime),
                  words.mark("b", view.buyer.uscc)],
    }


def _next(lot: public.LotView, now: datetime) -> tuple[Phase | None, datetime | None]:
    """What time alone will make of the phase, and when; (None, None) if nothing."""
    for at in sorted(filter(None, (lot.facts.deadline, lot.facts.publicity_ends))):
        if at > now and (later := phase(lot.facts, at)) is not lot.phase:
            return later, at
    return None, None
