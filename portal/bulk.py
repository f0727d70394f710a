"""All of a month at once: one compiled release a line, or one lot a row. Read while it is sent.
Of what has no lots (services, direct awards, frameworks, call-offs) there is one a row.

A page of tenders is read, written and forgotten, so memory stays flat and no transaction stays
open while a slow reader reads.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import literal, select, tuple_
from sqlalchemy.engine import Engine
from sqlalchemy.orm import InstrumentedAttribute, Session

from evaluation.frameworks import reading as agreed
from evaluation.frameworks.model import Calloff, Framework, FrameworkApplication
from evaluation.services import reading as market
from evaluation.services.model import Service
from kernel.canonical import time_text
from people.model import Party
from tender import codes, reading
from tender.lifecycle import ocds_status, phase
from tender.model import DirectAward, Lot, Tender

from .ocds import direct, exact, frameworks, services
from .ocds.merge import compiled
from .ocds.releases import releases_of
from .public import told_views

AT_ONCE = 100

COLUMNS = ("ocid", "tender_code", "section_code", "buyer_uscc", "buyer", "region", "title",
           "lot_title", "category", "regime", "price_ceiling_yuan", "deadline", "published_at",
           "phase", "status")
"""The columns of the table of lots."""


def month(year: int, number: int) -> tuple[datetime, datetime]:
    """The Beijing month as two moments, the second one no longer in it. Raises ValueError."""
    begins = datetime.fromisoformat(f"{year:04}-{number:02}-01T00:00:00+08:00")
    year, number = (year, number + 1) if number < 12 else (year + 1, 1)
    return begins, datetime.fromisoformat(f"{year:04}-{number:02}-01T00:00:00+08:00")


PUBLISHED = {"tenders": Tender.published_at, "services": Service.approved_at,
             "direct-awards": DirectAward.published_at, "frameworks": Framework.published_at,
             "calloffs": Calloff.stated_at}
"""What a month's files are of, and when one of it was published."""


def _pages(engine: Engine, span: tuple[datetime, datetime], at: InstrumentedAttribute
           ) -> Iterator[tuple[Session, list]]:
    """What was published (`at`) in `span` with its buyer, some at a time, each time in a session of
    its own."""
    mark, table = None, at.class_
    while True:
        buys = table.user_id if table is Calloff else table.buyer_id
        query = (select(table, Party).join(Party, Party.id == buys)
                 .where(at >= span[0], at < span[1]).order_by(at, table.id).limit(AT_ONCE))
        if mark is not None:
            query = query.where(tuple_(at, table.id) > tuple_(
                literal(mark[0], at.type), literal(mark[1])))
        with Session(engine) as session:
            rows = session.execute(query).all()
            yield session, rows
        if len(rows) < AT_ONCE:
            return
        mark = (getattr(rows[-1][0], at.key), rows[-1][0].id)


def lines(engine: Engine, span: tuple[datetime, datetime], now: datetime, base: str
          ) -> Iterator[bytes]:
    """The compiled release of every tender published in `span`, a JSON text a line."""
    for session, rows in _pages(engine, span, PUBLISHED["tenders"]):
        views = told_views(session, [tender.id for tender, _ in rows], now)
        yield b"".join(
            exact.dumps(compiled(releases_of(session, one, now, base, views[one]))).encode() + b"\n"
            for one in (tender.id for tender, _ in rows) if one in views)


def table(engine: Engine, span: tuple[datetime, datetime], now: datetime) -> Iterator[bytes]:
    """Every lot of the tenders published in `span` as CSV (RFC 4180, UTF-8 with a mark, so that
    spreadsheets read it)."""
    yield b"\xef\xbb\xbf" + _row(COLUMNS)
    for session, rows in _pages(engine, span, PUBLISHED["tenders"]):
        owners = {tender.id: (tender, buyer) for tender, buyer in rows}
        lots = session.scalars(select(Lot).where(Lot.tender_id.in_(owners))
                               .order_by(Lot.tender_id, Lot.number)).all()
        facts = reading.facts_of(session, [lot.id for lot in lots])
        by_tender: dict[str, list[Lot]] = {}
        for lot in lots:
            by_tender.setdefault(lot.tender_id, []).append(lot)
        yield b"".join(_row(_cells(*owners[one], lot, facts[lot.id], now))
                       for one in owners for lot in by_tender.get(one, ()))


def other_lines(engine: Engine, span: tuple[datetime, datetime], kind: str) -> Iterator[bytes]:
    """The compiled release of every process of this kind published in `span`, one a line."""
    releases = RELEASES[kind]
    for session, rows in _pages(engine, span, PUBLISHED[kind]):
        yield b"".join(exact.dumps(compiled(releases(session, one.id))).encode() + b"\n"
                       for one, _ in rows)


def other_table(engine: Engine, span: tuple[datetime, datetime], now: datetime, kind: str
                ) -> Iterator[bytes]:
    """Every process of this kind published in `span`, one a row, as `table` writes it."""
    cells = {"services": _service, "direct-awards": _award, "frameworks": _framework,
             "calloffs": _calloff}[kind]
    yield b"\xef\xbb\xbf" + _row(OTHER_COLUMNS[kind])
    for session, rows in _pages(engine, span, PUBLISHED[kind]):
        yield b"".join(_row(cells(session, one, buyer, now)) for one, buyer in rows)


OTHER_COLUMNS = {
    "services": ("ocid", "service_code", "buyer_uscc", "buyer", "region", "title", "kind",
                 "method", "budget_yuan", "offers_until", "published_at", "state", "agency_uscc",
                 "agency", "price_yuan"),
    "direct-awards": ("ocid", "award_code", "buyer_uscc", "buyer", "region", "title", "category",
                      "regime", "estimate_yuan", "price_yuan", "contractor_uscc", "contractor",
                      "published_at", "contracted_at", "failed_at"),
    "frameworks": ("ocid", "framework_code", "buyer_uscc", "buyer", "region", "title", "category",
                   "price_kind", "price_yuan", "unit", "published_at", "valid_until", "state",
                   "suppliers"),
    "calloffs": ("ocid", "calloff_code", "framework_ocid", "buyer_uscc", "buyer", "title",
                 "category", "quantity", "most_yuan", "method", "stated_at", "state",
                 "supplier_uscc", "supplier", "price_yuan")}
RELEASES = {"services": services.releases_of, "direct-awards": direct.releases_of,
            "frameworks": frameworks.releases_of, "calloffs": frameworks.calloff_releases}


def _framework(session: Session, one: Framework, buyer: Party, now: datetime) -> tuple[str, ...]:
    return (one.ocid, one.code, buyer.uscc, buyer.name, one.region, one.title, one.category,
            one.price_kind, str(exact.yuan(one.price_fen)), one.unit, time_text(one.published_at),
            time_text(one.valid_until), agreed.state_of(one, now),
            str(len(agreed.admitted(session, one.id))))


def _calloff(session: Session, one: Calloff, user: Party, now: datetime) -> tuple[str, ...]:
    chosen = session.get(FrameworkApplication, one.winner_id) if one.winner_id else None
    winner = session.get_one(Party, chosen.party_id) if chosen else None
    result = (winner.uscc, winner.name, str(exact.yuan(one.price_fen))) if winner else ("",) * 3
    return (codes.ocid(one.id), one.code, session.get_one(Framework, one.framework_id).ocid,
            user.uscc, user.name, one.title, one.category, str(one.quantity),
            str(exact.yuan(one.most_fen)), one.method, time_text(one.stated_at),
            agreed.call_state(session, one, now), *result)


def _service(session: Session, one: Service, buyer: Party, now: datetime) -> tuple[str, ...]:
    winner = session.get_one(Party, one.winner_id) if one.decided_at else None
    result = (winner.uscc, winner.name, str(exact.yuan(one.price_fen))) if winner else ("",) * 3
    return (services.service_ocid(one.id), one.code, buyer.uscc, buyer.name, one.region, one.title,
            one.kind, one.method, str(exact.yuan(one.budget_fen)), time_text(one.offers_until),
            time_text(one.approved_at), market.state_of(session, one, now).value, *result)


def _award(_session: Session, one: DirectAward, buyer: Party, _now: datetime) -> tuple[str, ...]:
    return (one.ocid, one.code, buyer.uscc, buyer.name, one.region, one.title, one.category,
            one.regime, str(exact.yuan(one.estimate_fen)), str(exact.yuan(one.price_fen)),
            one.contractor_uscc, one.contractor, time_text(one.published_at),
            *(time_text(at) if at else "" for at in (one.contracted_at, one.failed_at)))


def _cells(tender: Tender, buyer: Party, lot: Lot, facts, now: datetime) -> tuple[str, ...]:
    standing = phase(facts, now)
    return (tender.ocid, tender.code, lot.section_code, buyer.uscc, buyer.name, tender.region,
            tender.title, lot.title, lot.category, lot.regime,
            str(exact.yuan(lot.price_ceiling_fen)), time_text(lot.deadline),
            time_text(tender.published_at), standing.name, ocds_status(standing, facts))


def _row(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return text.getvalue().encode()


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (Q62): one that begins like it, spaces
    aside, gets an apostrophe before it; one that begins with an apostrophe gets another, so that
    taking one away gives every text back."""
    guarded = cell.startswith(("'", *_FORMULA)) or cell.lstrip().startswith(_FORMULA)
    return f"'{cell}" if guarded else cell


def zipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same as one gzip stream, made while it is sent."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, 31)
    for part in parts:
        if found := squeeze.compress(part):
            yield found
    yield squeeze.flush()
