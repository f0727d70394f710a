"""Asking the index: words and filters in, a page of lots out, in bounded time.

A page is read in the order of publication from a place on, so a common word is found at once at
the end of the index and a rare one by the index of words. What falls between (two common words
that never meet) is cut off after LONGEST and refused in words, not left to run.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from kernel.refusal import INVALID, MALFORMED

from ..refusals import SEARCH_TOO_WIDE
from . import planning, words
from .model import COUNTY, SearchEntry

LONGEST = 2.0
"""Seconds the database may look for one page."""
_TEXT = table("search_text", column("rowid"), column("search_text"))
_CURSOR = re.compile(r"\A([abc])([0-9]{1,19})\Z")
_LAST = 2**62
"""A place behind every place of the index; databases know no number much larger."""


@dataclass(frozen=True)
class Wish:
    """What is looked for. Empty fields do not narrow; money is fen, times are aware."""

    text: str = ""
    region: str = ""
    """The digits a division code begins with."""
    category: str = ""
    regime: str = ""
    kind: str = ""
    """`tender`, `service` or `direct_award`."""
    buyer: str = ""
    """A unified social credit code."""
    value_from: int | None = None
    value_to: int | None = None
    published_from: datetime | None = None
    published_to: datetime | None = None
    deadline_from: datetime | None = None
    deadline_to: datetime | None = None
    phases: frozenset[str] = frozenset()
    after_seq: int | None = None
    """Only what was published behind this place of the index."""


@dataclass(frozen=True)
class Found:
    """A page: lots with a piece of text each, and where the next page begins."""

    items: list[tuple[SearchEntry, list[tuple[str, bool]]]] = field(default_factory=list)
    next: str | None = None


def find(session: Session, wish: Wish, now: datetime, cut: Callable[[str], list[str]], *,
         limit: int, cursor: str | None = None, best: bool = False) -> Found:
    """A page of published lots, the newest first.

    `best`: those with all words in their titles and codes come first, the newest first among
    them. Raises INVALID for a wish of exclusions alone, MALFORMED for a cursor that is not ours,
    SEARCH_TOO_WIDE.
    """
    terms = words.read(wish.text, cut)
    marks, county = _marks(session, wish.region)
    marks += [words.mark(kind, value) for kind, value in (
        ("c", wish.category), ("g", wish.regime), ("b", wish.buyer),
        ("k", "" if wish.kind == TENDER else wish.kind)) if value]
    if wish.text.strip() and not terms:
        return Found()
    if terms and all(term.negative for term in terms) and not (marks or county):
        raise INVALID(fields={"q": ["Say also what is looked for. 请同时给出要查找的词。"]})
    tier, before = _place(cursor, best and bool(terms))
    rows: list[tuple[str, SearchEntry]] = []
    with _bounded(session):
        while len(rows) <= limit:
            wanted = limit + 1 - len(rows)
            going = planning.way(session, wanted, SearchEntry.title_words if tier == TITLE
                                 else SearchEntry.words, terms)
            statement = _statement(session, wish, now, _Asked(terms, marks, going.narrow),
                                   tier, before)
            if county:
                statement = statement.where(_COUNTY == county)
            rows += [(tier, row[0]) for row in planning.newest(
                session, statement, wanted, before, going, terms)]
            if tier != TITLE:
                break
            tier, before = REST, None
    return Found([(row, words.snippet(row.text, terms)) for _, row in rows[:limit]],
                 _following(rows, limit))


def tenders(session: Session, text: str, region: str, *, limit: int,
            after: str = "") -> tuple[list[str], str | None]:
    """The ids of published tenders with `text` in their titles or codes and in a region (the
    digits its code begins with), the newest first, and the one to go on after; None at the end.

    Every pair of neighbours of `text` must be there; no dictionary is asked. A text of nothing
    that is searched for, and a region that is none, have no tenders. Raises SEARCH_TOO_WIDE.
    """
    terms = words.read(text, lambda run: [run])
    if (text.strip() and not any(not term.negative for term in terms)) \
            or (region and not _REGION.match(region)):
        return [], None
    marks, county = _marks(session, region)
    found: list[str] = []
    with _bounded(session):
        before = session.scalar(select(func.min(SearchEntry.seq)).where(
            SearchEntry.tender_id == after)) if after else None
        while len(found) <= limit:
            going = planning.way(session, limit + 1, SearchEntry.title_words, terms)
            statement = _of_titles(session, _Asked(terms, marks, going.narrow), before)
            if county:
                statement = statement.where(_COUNTY == county)
            rows = planning.newest(session, statement, limit + 1, before, going, terms)
            found += [one for one in dict.fromkeys(row.tender_id for row in rows)
                      if one not in found]
            if len(rows) <= limit:
                break
            before = rows[-1].seq
    return found[:limit], found[limit - 1] if len(found) > limit else None


_REGION = re.compile(r"\A[0-9]{2,6}\Z")


@dataclass(frozen=True)
class _Asked:
    """What a statement asks for; `narrow` is for the index of words, where not all of it is."""

    terms: list[words.Term]
    marks: list[str]
    narrow: tuple[words.Term, ...]


def _of_titles(session: Session, wanted: _Asked, before: int | None) -> Select:
    seq, terms, marks = SearchEntry.seq, wanted.terms, wanted.marks
    statement = select(SearchEntry.tender_id, seq).where(SearchEntry.kind == TENDER)
    if session.get_bind().dialect.name == "postgresql":
        if terms:
            statement = statement.where(_holds(SearchEntry.title_words, wanted, []))
        if marks:
            statement = statement.where(_holds(SearchEntry.words, _Asked([], marks, ()), marks))
    elif terms or marks:
        asked = " AND ".join(f"({one})" for one in (
            words.fts(terms, [], "title_words") if terms else "",
            words.fts([], marks, "words") if marks else "") if one)
        seq = _TEXT.c.rowid
        statement = (statement.join(_TEXT, _TEXT.c.rowid == SearchEntry.seq)
                     .where(literal_column("search_text").op("MATCH")(asked)))
    return (statement if before is None else statement.where(seq < before)).order_by(seq.desc())


TENDER = "tender"
TITLE, REST, ALL = "abc"
"""What a statement asks for: a match in title and codes, any other match, every match."""


def _following(rows: list[tuple[str, SearchEntry]], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    (tier, last), (behind, _) = rows[limit - 1], rows[limit]
    return f"{tier}{last.seq}" if tier == behind else f"{behind}{_LAST}"


def _place(cursor: str | None, best: bool) -> tuple[str, int | None]:
    if not cursor:
        return TITLE if best else ALL, None
    match = _CURSOR.match(cursor)
    if match is None or (match[1] == ALL) == best or int(match[2]) > _LAST:
        raise MALFORMED(problem="cursor")
    return match[1], int(match[2])


_COUNTY = func.left(SearchEntry.region, COUNTY)
"""What the index by county and place is made of (model.statements)."""


def _marks(session: Session, region: str) -> tuple[list[str], str]:
    """The marks that a region is looked for by, and its county where PostgreSQL has an index of it:
    there a county's newest lots are read without those of its neighbours."""
    if len(region) < COUNTY or session.get_bind().dialect.name != "postgresql":
        return words.region_marks(region)[-1:], ""
    return (words.region_marks(region)[-1:] if len(region) > COUNTY else []), region[:COUNTY]


def _statement(session: Session, wish: Wish, now: datetime, wanted: _Asked, tier: str,
               before: int | None) -> Select:
    terms, marks = wanted.terms, wanted.marks
    statement = select(SearchEntry).options(undefer(SearchEntry.text)).where(
        *_narrowed(wish, now))
    seq = SearchEntry.seq
    if terms or marks:
        if session.get_bind().dialect.name == "postgresql":
            statement = _with_vector(statement, wanted, tier)
        else:
            asked = words.fts(terms, marks, "words")
            if tier != ALL:
                title = words.fts(terms, [], "title_words")
                asked = f"({asked}) {'AND' if tier == TITLE else 'NOT'} ({title})"
            seq = _TEXT.c.rowid
            statement = (statement.join(_TEXT, _TEXT.c.rowid == SearchEntry.seq)
                         .where(literal_column("search_text").op("MATCH")(asked)))
    if before is not None:
        statement = statement.where(seq < before)
    if wish.after_seq is not None:
        statement = statement.where(seq > wish.after_seq)
    return statement.order_by(seq.desc())


def _with_vector(statement: Select, wanted: _Asked, tier: str) -> Select:
    statement = statement.where(_holds(SearchEntry.words, wanted, wanted.marks))
    if tier == ALL:
        return statement
    if tier == TITLE:
        return statement.where(_holds(SearchEntry.title_words, wanted, []))
    return statement.where(not_(_matches(SearchEntry.title_words, wanted.terms, [])))


def _holds(where: InstrumentedAttribute, wanted: _Asked, marks: list[str]) -> ColumnElement[bool]:
    if not wanted.narrow:
        return _matches(where, wanted.terms, marks)
    # The function behind @@, by its own name: no index is looked for it.
    whole = cast(literal(words.tsquery(wanted.terms, []), String), TSQUERY)
    return and_(_matches(where, wanted.narrow, marks), func.ts_match_vq(where, whole))


def _matches(where: InstrumentedAttribute, terms: Sequence[words.Term],
             marks: list[str]) -> ColumnElement[bool]:
    return where.bool_op("@@")(cast(literal(words.tsquery(terms, marks), String), TSQUERY))


def _narrowed(wish: Wish, now: datetime) -> list:
    entry = SearchEntry
    bounds = (
        (wish.value_from, entry.value_fen.__ge__), (wish.value_to, entry.value_fen.__le__),
        (wish.published_from, entry.published_at.__ge__),
        (wish.published_to, entry.published_at.__lt__),
        (wish.deadline_from, entry.deadline.__ge__), (wish.deadline_to, entry.deadline.__lt__))
    found = [holds(bound) for bound, holds in bounds if bound is not None]
    if wish.kind == TENDER:  # nearly all are; the others have a mark among the words
        found.append(entry.kind == TENDER)
    if wish.phases:
        turned = and_(entry.next_at.is_not(None), entry.next_at <= now)
        if wish.phases == {"BIDDING"}:
            found.append(entry.deadline > now)  # so it is; and there is an index by deadline
        found.append(or_(and_(turned, entry.next_phase.in_(sorted(wish.phases))),
                         and_(not_(turned), entry.phase.in_(sorted(wish.phases)))))
    return found


def phase_now(entry: SearchEntry, now: datetime) -> str:
    """The phase of an indexed lot at `now`."""
    turned = entry.next_at is not None and entry.next_at <= now
    return entry.next_phase if turned else entry.phase


@contextmanager
def _bounded(session: Session) -> Iterator[None]:
    """Let the database look for LONGEST at most; SEARCH_TOO_WIDE."""
    connection = session.connection()
    driver = connection.connection.driver_connection
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        # A plan that fits every word fits none: what is common and what is rare must be known.
        connection.exec_driver_sql(
            f"SELECT set_config('statement_timeout', '{int(LONGEST * 1000)}', true), "
            "set_config('plan_cache_mode', 'force_custom_plan', true)")
    else:
        until = time.monotonic() + LONGEST
        driver.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        yield
        if postgres:
            connection.exec_driver_sql("SELECT set_config('statement_timeout', '60s', true), "
                                       "set_config('plan_cache_mode', 'auto', true)")
    except DBAPIError as error:
        session.rollback()
        if getattr(getattr(error.orig, "diag", None), "sqlstate", None) == "57014" \
                or "interrupted" in str(error.orig):
            raise SEARCH_TOO_WIDE() from error
        raise
    finally:
        if not postgres:
            driver.set_progress_handler(None, 0)


def count(session: Session, wish: Wish, now: datetime) -> int:
    """How many indexed lots fit the filters of a wish without words. Raises SEARCH_TOO_WIDE."""
    with _bounded(session):
        return session.scalar(select(func.count()).select_from(SearchEntry).where(
            *_narrowed(wish, now), *_in_region(wish.region))) or 0


def phases(session: Session, wish: Wish, now: datetime) -> dict[str, int]:
    """How many indexed lots fit a wish without words, by their phase at `now`. Raises
    SEARCH_TOO_WIDE."""
    entry = SearchEntry
    turned = and_(entry.next_at.is_not(None), entry.next_at <= now)
    stands = case((turned, entry.next_phase), else_=entry.phase).label("stands")
    with _bounded(session):
        return {phase: count for phase, count in session.execute(
            select(stands, func.count()).where(*_narrowed(wish, now), *_in_region(wish.region))
            .group_by(literal_column("stands")))}


def due(session: Session, wish: Wish, now: datetime, limit: int) -> list[SearchEntry]:
    """Indexed lots that fit the filters of a wish without words, the nearest deadline first.
    Raises SEARCH_TOO_WIDE."""
    with _bounded(session):
        return list(session.scalars(
            select(SearchEntry).where(SearchEntry.deadline.is_not(None), *_narrowed(wish, now),
                                      *_in_region(wish.region))
            .order_by(SearchEntry.deadline, SearchEntry.seq).limit(limit)))


def _in_region(region: str) -> list:
    return [SearchEntry.region.startswith(region, autoescape=True)] if region else []
