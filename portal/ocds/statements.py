"""A tender as it was told, kept by the act that told it.

An amendment may change any field of a lot, replace its bill or move its deadline; a release that
was published must keep its bytes. So the acts named here keep what open data says of the tender
in their own transaction, and releases are made from that: the first of them from the first
statement, each later one from what differs from the one before.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.orm import Session

from audit.act import ActType
from portal.public import stated_view
from tender import feed, reading
from tender.model import Statement

from . import amendments as changes
from . import exact, sections

TOLD_BY = frozenset({"tender.suspended", "tender.resumed", "validity.concluded"})
"""The acts that change what is stated of a tender and need not state its notice anew."""

_TABLE = Statement.__table__

Section = dict[str, object]


def announce(connection: Connection, kind: ActType, entry: dict[str, object]) -> None:
    """What a public act leaves for those outside, in its own transaction: a row of the feed, and
    the tender as it reads from now on (audit.act.Wiring.announce)."""
    feed.announce(connection, kind, entry)
    if entry["tender_id"] is not None and _changes(kind, entry):
        with Session(bind=connection) as session:
            _keep(session, entry)


def _changes(kind: ActType, entry: dict[str, object]) -> bool:
    """Whether the tender may read otherwise from this entry on: it is the last thing that an act
    does which publishes a tender, amends it or moves its deadline, to state its notice anew."""
    if kind.name == "notice.published":
        return _facts(entry)["kind"] == "tender_notice"
    return kind.name in TOLD_BY


def _facts(entry: dict[str, object]) -> dict[str, object]:
    return json.loads(str(entry["record"]))["facts"]


_LAST = (select(_TABLE.c.number, _TABLE.c.body).where(_TABLE.c.tender_id == bindparam("tender"))
         .order_by(_TABLE.c.number.desc()).limit(1))
_KEEP = insert(_TABLE)


def _keep(session: Session, entry: dict[str, object]) -> None:
    begins = entry["type"] == "notice.published" and _facts(entry)["version"] == 1
    # Before its notice nothing is told of a tender; and there is one first row only, by its key.
    last = None if begins else session.connection().execute(
        _LAST, {"tender": entry["tender_id"]}).first()
    body = exact.dumps(present(session, str(entry["tender_id"]), entry["at"], begins))
    if last is None or last.body != body:
        session.connection().execute(_KEEP, {
            "tender_id": entry["tender_id"], "number": last.number + 1 if last else 1,
            "entry_id": entry["id"], "at": entry["at"], "body": body})


def present(session: Session, tender_id: str, now: datetime, begins: bool = False) -> Section:
    """What open data says of a tender as it reads at `now`; where it `begins` with that, nothing
    was amended or suspended. Raises NOT_FOUND."""
    view = stated_view(session, tender_id, now)
    items = reading.bills_of(session, [one.lot for one in view.lots])
    said = sections.tender(view, items, now)
    if begins:
        return said
    for name, found in (("amendments", changes.amendments(session, tender_id)),
                        ("suspensions", changes.suspensions(
                            session, [one.lot for one in view.lots]))):
        if found:
            said[name] = found
    return said


def kept(session: Session, tender_id: str) -> list[tuple[int, datetime, Section]]:
    """(number, when, the section) of every statement of a tender, in their order."""
    return [(row.number, row.at, json.loads(row.body, parse_float=Decimal))
            for row in session.execute(select(_TABLE).where(
                _TABLE.c.tender_id == tender_id).order_by(_TABLE.c.number))]



def difference(before: Section, after: Section) -> Section:
    """What `after` says otherwise than `before`, so that merging it gives `after`.

    Lists are told by id, whole where one of their things is new. A thing that is gone, a line of
    a bill, stays with the word that it is gone: merging cannot take it away.
    """
    said: Section = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            said[name] = difference(old, new)
        elif _listed(old) and _listed(new):
            said[name] = _changed(name, old, new)
        else:
            said[name] = new
    return said


def _listed(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "id" in one for one in value)


def _changed(name: str, old: list[Section], new: list[Section]) -> list[Section]:
    known = {one["id"]: one for one in old}
    found = [{"id": one["id"]} | difference(known[one["id"]], one) if one["id"] in known else one
             for one in new if known.get(one["id"]) != one]
    left = {one["id"] for one in new}
    if name == "items":
        found += [{"id": gone, "description": GONE, "quantity": Decimal(0)}
                  for gone in known if gone not in left]
    return found


GONE = "（已删除）"
"""What is said of a line of the bill that an amendment took away."""
