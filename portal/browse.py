"""What the home page, the search page and the calendar show: asked of the index of what is public.

Nothing here reads a bid: the figures count published lots by what their notices and dates say, so
two worlds that differ by one sealed bid show the same pages (assurance Q24).
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from kernel.refusal import Refused
from tender.lifecycle import Phase
from tender.model import PublishedNotice, Tender
from tender.reading import deadlines_of
from tender.timetable import BEIJING, beijing_day

from . import public, tally
from .search import finding, schemas
from .search.cutting import cutter
from .search.model import SearchEntry

PER_PAGE = 25
SOON = timedelta(days=7)
YEAR = timedelta(days=365)
MOST_OF_A_MONTH = 500
TENDER = finding.TENDER
OPEN = frozenset({Phase.BIDDING.name})

STATES: dict[str, tuple[str, str, str]] = {
    "": ("任何状态", "Any state", ""),
    "open": ("投标中", "Open for bids", "BIDDING"),
    "judged": ("开标评标中", "Opening or evaluation",
               "CLOSED,OPENING,OPENED,EVALUATING,EVALUATED,AWARDING"),
    "awarded": ("已定标", "Awarded", "AWARDED,CONTRACTED,ARCHIVED"),
    "ended": ("流标、终止、暂停", "Failed, terminated or suspended", "FAILED,TERMINATED,SUSPENDED"),
}
"""What the search calls states: (Chinese, English, the phases)."""


@dataclass
class Found:
    """One page of what was searched for."""

    tenders: list[tuple[public.Listed, list[tuple[str, bool]]]] = field(default_factory=list)
    """Each with a piece of its text: (text, whether that was looked for)."""
    more: str | None = None
    wrong: dict[str, list[str]] = field(default_factory=dict)
    """What is wrong with what was asked, by field."""
    refused: Refused | None = None
    asked: dict[str, str] = field(default_factory=dict)

    @property
    def narrowed(self) -> bool:
        """Whether anything was looked for."""
        return any(value for name, value in self.asked.items() if name != "cursor")


FIELDS = ("q", "province", "region", "category", "regime", "value_from", "value_to", "state",
          "deadline_from", "deadline_to", "cursor")


def search(session: Session, given: Mapping[str, str], now: datetime) -> Found:
    """Published tenders that fit what the page's form asks, the newest first.

    Amounts are yuan and days are Beijing's: what is wrong stands in `wrong`, and nothing is
    searched for then.
    """
    found = Found(asked={name: given.get(name, "").strip()[:100] for name in FIELDS})
    asked = found.asked
    query = {"q": asked["q"], "region": asked["region"] or asked["province"],
             "category": asked["category"], "regime": asked["regime"], "kind": TENDER,
             "phase": STATES.get(asked["state"], STATES[""])[2]}
    for name in ("value_from", "value_to"):
        _read(found, query, name, _fen)
    _read(found, query, "deadline_from", _midnight)
    _read(found, query, "deadline_to", lambda text: _midnight(text, 1))
    try:
        wish = finding.Wish(**{name: value for name, value in
                               schemas.WishIn().load(query).items()})
    except ValidationError as error:
        found.wrong |= error.messages
    if found.wrong:
        return found
    try:
        page = finding.find(session, wish, now, cutter(wiring().settings["cache"]),
                            limit=PER_PAGE, cursor=asked["cursor"] or None)
    except Refused as refused:
        found.refused = refused
        return found
    pieces: dict[str, list[tuple[str, bool]]] = {}
    for entry, snippet in page.items:
        told = any(hit and text not in entry.title for text, hit in snippet)
        pieces.setdefault(entry.tender_id, snippet if told else [])
    found.tenders = [(one, pieces[one.tender.id])
                     for one in public.listed(session, list(pieces), now)]
    found.more = page.next
    return found


def _read(found: Found, query: dict, name: str, reads) -> None:
    if found.asked[name]:
        try:
            query[name] = reads(found.asked[name])
        except (ValueError, OverflowError):
            found.wrong[name] = ["?"]


def _fen(text: str) -> str:
    yuan = text.replace(",", "").replace("，", "")
    if not (yuan.isascii() and yuan.isdecimal() and len(yuan) < 14):
        raise ValueError("no whole amount of yuan")
    return str(int(yuan) * 100)


def _midnight(text: str, later: int = 0) -> str:
    day = date.fromisoformat(text) + timedelta(days=later)
    if not 2000 <= day.year < 2200:
        raise ValueError("not a day of ours")
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING).isoformat()


@dataclass(frozen=True)
class Due:
    """A lot with a deadline ahead, by what is enforced now."""

    entry: SearchEntry
    deadline: datetime


@dataclass(frozen=True)
class Home:
    """What the first page shows."""

    open: int | None
    """Lots that take bids now; None where counting took too long."""
    soon: int | None
    """Of those, whose deadline is within a week."""
    tally: tally.Tally | None
    """What became of the lots that were published in the year up to now."""
    next: list[Due]
    notices: list[tuple[PublishedNotice, str]]
    """The newest notices, each with the title of its tender."""


def home(session: Session, now: datetime) -> Home:
    """The figures and lists of the first page at `now`."""
    wish = finding.Wish(kind=TENDER, phases=OPEN)
    since = datetime.combine(beijing_day(now) - YEAR, datetime.min.time(), BEIJING)
    return Home(
        open=_count(session, wish, now),
        soon=_count(session, replace(wish, deadline_to=now + SOON), now),
        tally=tally.since(session, since, now, STATES),
        next=_due(session, wish, now, 6),
        notices=_newest_notices(session, 8))


def _count(session: Session, wish: finding.Wish, now: datetime) -> int | None:
    try:
        return finding.count(session, wish, now)
    except Refused:
        return None


def _due(session: Session, wish: finding.Wish, now: datetime, limit: int) -> list[Due]:
    entries = finding.due(session, wish, now, limit)
    live = deadlines_of(session, [one.lot_id for one in entries])
    return sorted((Due(one, live[one.lot_id]) for one in entries if live.get(one.lot_id)),
                  key=lambda one: one.deadline)


def _newest_notices(session: Session, limit: int) -> list[tuple[PublishedNotice, str]]:
    return [(row, title) for row, title in session.execute(
        select(PublishedNotice, Tender.title)
        .join(Tender, Tender.id == PublishedNotice.tender_id)
        .where(Tender.published_at.is_not(None))
        .order_by(PublishedNotice.published_at.desc(), PublishedNotice.id).limit(limit))]


@dataclass(frozen=True)
class Month:
    """A month of deadlines in Beijing days."""

    first: date
    before: str
    after: str
    weeks: list[list[tuple[date, list[Due]]]]
    """Whole weeks from Monday on, with the days of the months beside it."""
    count: int
    cut: bool
    """Whether there were more than are shown."""


def month(session: Session, said: str, region: str, now: datetime) -> Month:
    """The month `2026-03` (this one where that is none) with the deadlines of its lots, which are
    also the times of their openings; `region`: the digits a division code begins with."""
    try:
        first = date.fromisoformat(f"{said}-01")
    except ValueError:
        first = beijing_day(now).replace(day=1)
    if not 2000 <= first.year < 2200:
        first = beijing_day(now).replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=BEIJING)
                  for day in (weeks[0][0], weeks[-1][-1] + timedelta(days=1)))
    found = _due(session, finding.Wish(
        kind=TENDER, region=region if region.isdecimal() else "", deadline_from=begin,
        deadline_to=end), now, MOST_OF_A_MONTH)
    by_day: dict[date, list[Due]] = {}
    for one in found:
        by_day.setdefault(beijing_day(one.deadline), []).append(one)
    return Month(
        first, f"{first - timedelta(days=1):%Y-%m}", f"{first + timedelta(days=31):%Y-%m}",
        [[(day, by_day.get(day, [])) for day in week] for week in weeks],
        sum(day.month == first.month for one in found for day in [beijing_day(one.deadline)]),
        len(found) == MOST_OF_A_MONTH)
