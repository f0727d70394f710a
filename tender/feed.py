"""The feed of changes: every public act once, in an order that a cursor can trust.

Numbers drawn by transactions that run at once are committed in another order, so a reader who
keeps the highest number it saw loses what was drawn before and committed after. Here a row gets
its place when it is committed already:

1. act     writes `pending_change` in its own transaction (audit.act calls `announce`). If we die
           before its COMMIT neither act nor row is there; after it, both are.
2. place   one transaction at a time takes the committed rows, gives them the places behind the
           last one, and removes them from those that wait. If we die in it nothing has moved
           and the next one does it; after its COMMIT the places never change.
3. read    from a cursor on, by place. Whatever commits later gets a later place.

Placing is done by the tick and by every reader that finds something waiting, so a reader never
waits for a tick. Within one placing the order is that in which rows were drawn: an act that
waited for another one's lock drew after that one's commit, so each lot's acts keep their order.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audit.act import ActType
from kernel.db import Id, UtcTime, db
from kernel.refusal import MALFORMED

from .model import Change, DirectAward, LotOutcome, PendingChange, Tender
from .refusals import CURSOR_LOST

log = logging.getLogger("yangguang.feed")

BATCH = 2000
"""Rows that one placing takes at most."""

_ADVISORY = 0x79616E67_66656564
_PENDING, _CHANGE, _TENDER = PendingChange.__table__, Change.__table__, Tender.__table__
_OUTCOME = LotOutcome.__table__
_COLUMNS = ("entry_id", "type", "at", "tender_id", "lot_id")
_TURN = select(_PENDING.c.turn).order_by(_PENDING.c.turn)

_TELL = select(
    bindparam("entry", type_=Id), bindparam("type_", type_=_PENDING.c.type.type),
    bindparam("at_", type_=UtcTime), _TENDER.c.id, bindparam("lot", type_=Id)).where(
        _TENDER.c.id == bindparam("tender"))
_ANNOUNCE = insert(_PENDING).from_select(_COLUMNS, _TELL.where(_TENDER.c.published_at.is_not(None)))
_ANNOUNCE_AHEAD = insert(_PENDING).from_select(_COLUMNS, _TELL)
_ANNOUNCE_OPENED = insert(_PENDING).from_select(_COLUMNS, _TELL.where(exists().where(
    _OUTCOME.c.lot_id == bindparam("lot", type_=Id), _OUTCOME.c.outcome == "opened")))

AHEAD = frozenset({"pre_notice.published", "notice.published"})
"""The acts that may tell of a tender while it is a draft: its advance notice, which everybody may
read. Of a draft no other notice is published (tender/acts/publishing.py)."""
BEHIND = frozenset({"opening.objection_answered"})
"""Acts that are public with the opening record: what `lot.opened` came behind is told by it, and
they are told themselves where they come behind it."""


OTHERS: dict[str, tuple[str, Insert]] = {}
"""Processes that are no tender: the first word of their acts → what their id is called, and the
statement that tells of one."""


def tell_of(words: Iterable[str], name: str, own: ColumnElement, published: ColumnElement) -> None:
    """Have the feed tell public acts whose names begin with one of `words`, of processes of another
    kind that are published: their entries say the id `own` in the place of a tender's."""
    statement = insert(_PENDING).from_select(_COLUMNS, select(
        *_TELL.selected_columns[:3], own, bindparam("lot", type_=Id)).where(
            own == bindparam("tender"), published.is_not(None)))
    OTHERS.update(dict.fromkeys(words, (name, statement)))


tell_of(("direct_award",), "direct_award_id", DirectAward.__table__.c.id,
        DirectAward.__table__.c.published_at)


def process_of(row: Change) -> dict[str, str | None]:
    """Whose act a row tells: {tender_id} of a tender; of another process that is None, and its id
    stands beside it under its own name."""
    name, _ = OTHERS.get(row.type.partition(".")[0], ("tender_id", None))
    return {"tender_id": None} | {name: row.tender_id}


def tells(kind: ActType) -> bool:
    """Whether acts of this kind are told in the feed: those whose entry everybody may read at
    once and that can tell nothing of a bid. The catalogue says so; no act can forget it."""
    return kind.disclose == "public" and not kind.veiled


def announce(connection: Connection, kind: ActType, entry: dict[str, object]) -> None:
    """Note a public act of a published tender, or the advance notice of a draft, beside its entry
    (audit.act.Wiring.announce)."""
    behind = kind.name in BEHIND
    if entry["tender_id"] is None or not (behind or tells(kind)):
        return
    statement = _ANNOUNCE_AHEAD if kind.name in AHEAD else _ANNOUNCE_OPENED if behind else _ANNOUNCE
    if other := OTHERS.get(kind.name.partition(".")[0]):
        statement = other[1]
    connection.execute(statement, {
        "entry": entry["id"], "type_": kind.name, "at_": entry["at"], "lot": entry["lot_id"],
        "tender": entry["tender_id"]})


def place(_now: datetime | None = None) -> int:
    """Give the committed rows that wait their places; how many were placed.

    Runs in a transaction of its own; 0 when nothing waits or another one is placing. Never call
    it inside an act: on SQLite it waits for the writer.
    """
    placed = 0
    while count := _place_some():
        placed += count
        if count < BATCH:
            break
    return placed


def _place_some() -> int:
    with db.engine.connect() as plain:
        if plain.execute(select(_PENDING.c.turn).limit(1)).first() is None:
            return 0
        plain.rollback()
        connection = plain.execution_options(immediate=True)
        with connection.begin():
            if connection.dialect.name == "postgresql" and not connection.execute(
                    select(func.pg_try_advisory_xact_lock(_ADVISORY))).scalar():
                return 0
            # A new statement, so a new snapshot: it sees what the last holder of the lock did.
            return _move(connection)


def _move(connection: Connection) -> int:
    last = connection.execute(select(func.max(_CHANGE.c.position))).scalar() or 0
    # What is removed is what was taken: a row of a lower turn may be committed in between.
    rows = connection.execute(delete(_PENDING).where(
        _PENDING.c.turn.in_(_TURN.limit(BATCH))).returning(_PENDING)).all()
    rows.sort(key=lambda row: row.turn)
    if rows:
        connection.execute(insert(_CHANGE), [
            {"position": position} | {name: getattr(row, name) for name in _COLUMNS}
            for position, row in enumerate(rows, last + 1)])
    return len(rows)


def changes_after(session: Session, cursor: str | None, limit: int,
                  tender_id: str | None = None) -> tuple[list[Change], str]:
    """At most `limit` rows behind `cursor` (None: from the beginning), and the cursor behind them.

    Call it outside acts, with a session that has read nothing it would have to forget. An empty
    list means that there is nothing yet; ask again with the cursor that came back. `tender_id`
    leaves out other tenders. Raises MALFORMED for what is no cursor, CURSOR_LOST for one of
    another feed.
    """
    after = checked(session, cursor)
    try:
        place()
    except DBAPIError as error:
        # What has its place is told whether or not more can be placed now.
        log.warning("nothing placed: %s", type(error.orig).__name__)
    query = select(Change).where(Change.position > after).order_by(Change.position).limit(limit)
    if tender_id is not None:
        query = query.where(Change.tender_id == tender_id)
    session.rollback()
    rows = list(session.scalars(query))
    return rows, cursor_of(rows[-1]) if rows else cursor or _START


def end(session: Session) -> str:
    """The cursor behind the last row that has its place."""
    last = session.scalars(select(Change).order_by(Change.position.desc()).limit(1)).first()
    return cursor_of(last) if last else _START


def cursor_of(row: Change) -> str:
    """The cursor behind `row`: its place, and the entry that stands there."""
    return f"{row.position}-{row.entry_id}"


_START = "0"
_CURSOR = re.compile(r"\A([1-9][0-9]{0,17})-([0-9a-f]{32})\Z")


def checked(session: Session, cursor: str | None) -> int:
    """The place a cursor names, which must hold what it held when the cursor was given: a
    database that was restored from an old dump gives places anew.

    Raises MALFORMED, CURSOR_LOST.
    """
    if not cursor or cursor == _START:
        return 0
    found = _CURSOR.match(cursor)
    if found is None:
        raise MALFORMED(problem="cursor")
    position = int(found[1])
    if session.scalar(select(Change.entry_id).where(Change.position == position)) != found[2]:
        raise CURSOR_LOST()
    return position
