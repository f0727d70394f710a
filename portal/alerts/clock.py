"""Gathering what saved searches find anew, and sending the letters that wait.

1. gather    what a search finds behind its place in the index becomes a letter, the lots in it
             and the new place in one transaction: killed before its COMMIT it is done again,
             after it no later letter of this search names those lots.
2. claim     a waiting letter is put off by its back-off before it is sent.
3. send      outside every transaction, beside the tick.
4. settle    `done`. If we die between 3 and 4 the same letter goes out again, under the same
             Message-ID.

No act waits for mail, and none fails with it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm import Session

from audit.act import side_write, wiring
from kernel.canonical import time_text
from kernel.db import db, new_id
from kernel.refusal import Refused
from people.digests import seal, unseal
from people.model import Account
from people.settled import PARAMETERS, settled
from tender.lifecycle import Phase
from tender.notices import read
from tender.reading import deadlines_of
from tender.timetable import BEIJING

from ..search import finding
from ..search.cutting import cutter
from ..search.model import SearchEntry
from ..search.schemas import WishIn
from ..site import site_address
from . import bound, fallen, invited, letters, smtp
from .acts import unsubscribing
from .model import Letter, LetterItem, MailAddress, SavedSearch, SearchCourse

log = logging.getLogger("yangguang.mail")

AT_ONCE = timedelta(minutes=2)
HOUR = 8
"""When a daily digest goes out, Beijing time."""
LINES = 50
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
DEAD = timedelta(days=3)
KEPT = timedelta(days=30)
TURN = 50
"""Letters that one round sends at most."""

_sending = threading.Lock()


def post(now: datetime) -> None:
    """One round: gather, then send beside the tick (in a test at once). For the tick."""
    if wiring().settings["mail"] is None or not settled(db.session(), PARAMETERS)["letters"]:
        return
    gather(now)
    invited.gather(now)
    if current_app.testing:
        deliver(now)
    elif _any_due(now) and _sending.acquire(blocking=False):
        threading.Thread(target=_beside, args=(current_app._get_current_object(), now),
                         name="mail").start()


def _beside(app, now: datetime) -> None:
    try:
        with app.app_context():
            deliver(now)
    except Exception:
        log.exception("mail")
    finally:
        _sending.release()


def gather(now: datetime) -> int:
    """Make letters of what saved searches find anew; how many."""
    session = db.session()
    due = session.execute(
        select(SavedSearch.id, SavedSearch.query, SavedSearch.pace, SavedSearch.name,
               SavedSearch.account_id, SavedSearch.created_at, SearchCourse.after_seq)
        .join(SearchCourse, SearchCourse.search_id == SavedSearch.id)
        .join(Account, Account.id == SavedSearch.account_id)
        .join(MailAddress, MailAddress.account_id == SavedSearch.account_id)
        .where(SavedSearch.ended_at.is_(None), SearchCourse.next_at <= now,
               Account.disabled_at.is_(None), MailAddress.confirmed_at.is_not(None))
        .limit(500)).all()
    last = session.scalar(select(func.max(SearchEntry.seq))) or 0
    session.rollback()
    return sum(_gathered(row, last, now) for row in due)


def _gathered(row, last: int, now: datetime) -> bool:
    entries, more = [], False
    if last > row.after_seq:
        asked = WishIn().load(row.query)
        # What an index that was made anew or grew has put behind its end is old all the same.
        asked["published_from"] = max(row.created_at, asked["published_from"] or row.created_at)
        wish = finding.Wish(**asked, after_seq=row.after_seq)
        try:
            page = finding.find(db.session(), wish, now, cutter(wiring().settings["cache"]),
                                limit=LINES)
            entries, more = [entry for entry, _ in page.items], page.next is not None
        except Refused as refused:
            log.warning("saved search %s: %s", row.id, refused.word.code)
        db.session().rollback()
    with side_write() as session:
        course = session.get(SearchCourse, row.id, with_for_update=True)
        if course.after_seq != row.after_seq:
            return False  # Another tick was here.
        course.after_seq, course.next_at = last, _next(row.pace, now)
        told = set(session.scalars(select(LetterItem.lot_id).where(
            LetterItem.search_id == row.id,
            LetterItem.lot_id.in_([entry.lot_id for entry in entries]))))
        new = [entry for entry in entries if entry.lot_id not in told]
        if not new:
            return False
        letter_id = new_id()
        live = deadlines_of(session, [entry.lot_id for entry in new])
        subject, body = letters.digest(row.name, [_hit(entry, live) for entry in new], more,
                                       unsubscribe_url(row.id))
        session.execute(insert(Letter).values(
            id=letter_id, account_id=row.account_id, search_id=row.id, subject=subject,
            body=seal(body), state="waiting", created_at=now, next_try_at=now))
        session.execute(insert(LetterItem), [
            {"id": new_id(), "search_id": row.id, "lot_id": entry.lot_id, "letter_id": letter_id}
            for entry in new])
    return True


def _next(pace: str, now: datetime) -> datetime:
    if pace != "daily":
        return now + AT_ONCE
    here = now.astimezone(BEIJING)
    morning = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return morning if morning > here else morning + timedelta(days=1)


def _hit(entry: SearchEntry, live: Mapping[str, datetime | None]) -> letters.Hit:
    """A line of a digest. The index is behind by a tick, so the deadline is read itself (Q41)."""
    at = live.get(entry.lot_id) if entry.kind == finding.TENDER else entry.deadline
    deadline = read("time", time_text(at))["zh"] if at else "—"
    place = f"notices/{entry.lot_id}" if entry.phase == Phase.DRAFT.name \
        else f"{entry.kind.replace('_', '-')}s/{entry.tender_id}"
    return letters.Hit(entry.kind, entry.title, entry.lot_title, entry.buyer, deadline,
                       f"{site_address()}/{place}")


def unsubscribe_url(search_id: str) -> str:
    """The link that ends a saved search."""
    return f"{site_address()}/api/v1/unsubscribe/{search_id}/{unsubscribing(search_id)}"


def _any_due(now: datetime) -> bool:
    found = db.session().scalar(_due(now).limit(1))
    db.session().rollback()
    return found is not None


def _due(now: datetime):
    return (select(Letter.id).where(Letter.state == "waiting", Letter.next_try_at <= now)
            .order_by(Letter.next_try_at))


def deliver(now: datetime) -> int:
    """Send the letters that are due; how many the server took."""
    ids = list(db.session().scalars(_due(now).limit(TURN)))
    db.session().rollback()
    sent = 0
    for letter_id in ids:
        claimed = _claim(letter_id, now)
        if claimed is None:
            continue
        problem = final = ""
        try:
            smtp.send(wiring().settings["mail"], claimed)
            sent += 1
        except smtp.Unsent as error:
            problem, final = str(error), error.final
        _settle(letter_id, now, problem, bool(final))
    return sent


def _claim(letter_id: str, now: datetime):
    """The letter as it is to be sent; None where another took it or nobody wants it any more."""
    server = wiring().settings["mail"]
    with side_write() as session:
        row = session.get(Letter, letter_id, with_for_update=True)
        if row is None or row.state != "waiting" or row.next_try_at > now:
            return None
        address = session.get(MailAddress, row.account_id, populate_existing=True)
        if address is None or _unwanted(session, row, address, now) or now - row.created_at > DEAD:
            row.state, row.body = "dead", ""
            return None
        row.next_try_at = now + min(FIRST_WAIT * 2 ** min(row.attempts, 12), LONGEST_WAIT)
        row.attempts += 1
        link = unsubscribe_url(row.search_id) if row.search_id else ""
        return letters.message(server.sender, unseal(address.address), row.subject,
                               unseal(row.body), row.id, link)


def _unwanted(session: Session, row: Letter, address: MailAddress, now: datetime) -> bool:
    """Whether nobody is there for a letter any more, or it is not true any more. Its account may
    have been disabled, and its address stated anew, since it was written."""
    asks = row.search_id is None and row.lot_id is None and row.about is None
    if not address.address or (address.confirmed_at is None and not asks) or not session.scalar(
            select(exists().where(Account.id == row.account_id, *(
                invited.reachable(now) if row.about in bound.ABOUT + fallen.ABOUT
                else invited.live(now))))):
        return True
    return row.lot_id is not None and not invited.stands(session, row, now)


def _settle(letter_id: str, now: datetime, problem: str, final: bool) -> None:
    with side_write() as session:
        row = session.get(Letter, letter_id, with_for_update=True)
        if row is None:
            return  # whom it went to was erased meanwhile
        row.problem = problem[:120]
        if not problem or final:
            row.state, row.body = "dead" if final else "done", ""


def forget(now: datetime) -> None:
    """Remove letters sent long ago; which lots they told of stays."""
    if _last and timedelta(0) <= now - _last[0] < timedelta(hours=1):
        return
    _last[:] = [now]
    with side_write() as session:
        old = select(Letter.id).where(Letter.state != "waiting", Letter.created_at < now - KEPT,
                                      Letter.id.not_in(select(LetterItem.letter_id)))
        session.execute(delete(Letter).where(Letter.id.in_(old))
                        .execution_options(synchronize_session=False))


_last: list[datetime] = []
