"""The errand of scanning: files of the store that people send, and what opened bids hold.

Sealed bids cannot be scanned and are not: what is inside is nobody's to read before the opening.
Nothing waits for an answer and nothing is changed by one; a scanner that is away leaves files "not
scanned" and is asked again. Each file is asked about once; one that the scanner, which is there,
breaks off on again and again stays "not scanned", for the others wait behind it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial

from flask import current_app
from sqlalchemy import and_, select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.act import side_write, wiring
from bidding.age import Damaged
from bidding.model import OpenedPart
from bidding.reading import read_member
from kernel.db import db
from kernel.refusal import Refused
from tender.model import FileScan
from tender.scanned import OPENED, STORED

from .clamd import NOT_SCANNED, Away, Scanner, Verdict
from .kept import KEPT

log = logging.getLogger("yangguang.scanning")

TURN_SECONDS, MOST = 20, 50
"""What one round may take: seconds, and files of the store or opened parts."""
PUT_OFF = 30
"""Seconds before a scanner that was away is asked again."""
TRIES = 3
"""Rounds in which a scanner that is there may give no answer about a file."""
PART = "part"
PIECE = 1 << 18

_again_at = [0.0]
_looking = threading.Lock()
_unanswered: Counter[tuple[str, str]] = Counter()


def scan(_now: datetime) -> None:
    """One round beside the tick (in a test at once), because a scanner may be slow. For the tick."""
    if wiring().settings.get("scanner") is None or time.monotonic() < _again_at[0]:
        return
    if current_app.testing:
        look()
    elif _looking.acquire(blocking=False):
        threading.Thread(target=_beside, args=(current_app._get_current_object(),),
                         name="scanning").start()


def _beside(app) -> None:
    try:
        with app.app_context():
            look()
    except Exception:
        log.exception("scanning")
    finally:
        _looking.release()


def look() -> int:
    """Ask about what waits, until the round's time is over; how many files were answered for."""
    scanner, until, done = wiring().settings["scanner"], time.monotonic() + TURN_SECONDS, 0
    try:
        engine = scanner.version()
        for kind, digest, ask in _waiting():
            if time.monotonic() > until:
                break
            _keep(kind, digest, _asked(kind, digest, partial(ask, scanner)), engine)
            done += kind != PART
    except Away as away:
        _again_at[0] = time.monotonic() + PUT_OFF
        log.warning("the virus scanner is away: %s", away)
    finally:
        db.session.rollback()
    return done


def _waiting() -> Iterator[tuple[str, str, Callable[[Scanner], Verdict]]]:
    """What nobody has looked at: its kind, its hash, and how it is asked about. An opened part
    follows the last of its files."""
    for digest in sorted(_stored(db.session()), key=lambda one: _unanswered[STORED, one]):
        yield STORED, digest, partial(_of_store, digest)
    for part_id, bid_id, part, files in _parts(db.session()):
        for file in files:
            if not _known(OPENED, file["hash"]):
                yield OPENED, file["hash"], partial(_of_bid, bid_id, part, file["name"])
        yield PART, part_id, lambda _scanner: Verdict("done")


def _asked(kind: str, digest: str, ask: Callable[[], Verdict]) -> Verdict:
    """The answer about one file; raises Away, but not in every round for the same file."""
    try:
        verdict = ask()
    except Away:
        _unanswered[kind, digest] += 1
        if _unanswered[kind, digest] < TRIES:
            raise
        verdict = Verdict(NOT_SCANNED, "the scanner gives no answer about this file")
    except OSError:
        verdict = Verdict(NOT_SCANNED, "the stored file cannot be read")
    del _unanswered[kind, digest]
    return verdict


def _stored(session: Session) -> list[str]:
    sent = union(*(select(column.label("hash")).where(column.is_not(None))
                   for column in dict.fromkeys(KEPT.values()))).subquery()
    found = list(session.scalars(
        select(sent.c.hash).outerjoin(FileScan, and_(FileScan.kind == STORED,
                                                     FileScan.hash == sent.c.hash))
        .where(FileScan.hash.is_(None)).limit(MOST)))
    session.rollback()
    return found


def _parts(session: Session) -> list[tuple[str, str, str, list[dict]]]:
    rows = session.execute(
        select(OpenedPart.id, OpenedPart.bid_id, OpenedPart.part, OpenedPart.files)
        .outerjoin(FileScan, and_(FileScan.kind == PART, FileScan.hash == OpenedPart.id))
        .where(FileScan.hash.is_(None)).limit(MOST)).all()
    session.rollback()
    return [tuple(row) for row in rows]


def _known(kind: str, digest: str) -> bool:
    found = db.session().get(FileScan, (kind, digest)) is not None
    db.session.rollback()
    return found


def _of_store(digest: str, scanner: Scanner) -> Verdict:
    try:
        file = wiring().store.open(digest)
    except FileNotFoundError:
        return Verdict(NOT_SCANNED, "the stored file is missing")
    with file:
        return scanner.scan(iter(lambda: file.read(PIECE), b""))


def _of_bid(bid_id: str, part: str, name: str, scanner: Scanner) -> Verdict:
    try:
        _size, pieces = read_member(db.session(), bid_id, part, name)
        db.session.rollback()
        return scanner.scan(pieces)
    except (Refused, Damaged):
        return Verdict(NOT_SCANNED, "the stored file is damaged")


def _keep(kind: str, digest: str, verdict: Verdict, engine: str) -> None:
    with suppress(IntegrityError), side_write() as session:
        now = wiring().clock.now(session.connection())
        session.add(FileScan(kind=kind, hash=digest, state=verdict.state, said=verdict.said,
                             engine=engine, scanned_at=now))
    if verdict.state == "found":
        log.warning("virus scan: %s in %s file %s", verdict.said, kind, digest)


__all__ = ["look", "scan"]
