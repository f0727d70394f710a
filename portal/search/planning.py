"""Which way PostgreSQL shall go: back from the newest, or through the index of words.

A common word is found at once among the newest lots, a rare one by the index of words. For the
pairs of one Chinese word PostgreSQL takes the odds to find each and multiplies them, as if they
did not always come together, and goes through the index of words for what stands in every
twentieth lot. So the rarest pair of each word is asked for here, and where the newest lots must
hold a page by it they are looked through, a bounded number of them, before anything else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from sqlalchemy import Row, Select, bindparam, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from . import words
from .model import SearchEntry

SPARE = 8
"""So many times the places that should hold a page are looked through before the index is asked."""
CODE = 12
"""The beginning of a word of so many letters and figures is rare: a code."""
PAIRS = 3
"""Of so many pairs of one word or phrase the rarest are asked of the index."""
SMALL = 10_000
"""Below so many lots every way is short."""


@dataclass(frozen=True)
class Way:
    """How to go: the newest places to look through first (None where the planner may decide), and
    what to ask the index of words for in the place of all the terms (none: for them)."""

    reach: int | None = None
    narrow: tuple[words.Term, ...] = ()


def way(session: Session, wanted: int, column: InstrumentedAttribute,
        terms: Sequence[words.Term]) -> Way:
    """How to find the first `wanted` rows that hold `terms` in `column`."""
    several = [term for term in terms if not term.negative]
    if session.get_bind().dialect.name != "postgresql" or _code(several):
        return Way()
    if all(len(term.tokens) < 2 for term in several):
        return Way(narrow=_narrow([(term, (1.0,)) for term in several]))
    tokens = [token for term in several for token in term.tokens]
    whole, *found = _estimates(session, column, tokens)
    if whole < SMALL:
        return Way()
    shares = []
    for term in several:
        shares.append((term, tuple(found[:len(term.tokens)])))
        del found[:len(term.tokens)]
    share = prod(min(each) / whole for _, each in shares)
    passed = wanted / max(share, 1e-9)
    return Way(reach=int(passed * SPARE)) if passed < share * whole else \
        Way(narrow=_narrow(shares))


def _code(terms: Sequence[words.Term]) -> bool:
    return any(term.prefix and len(term.tokens[-1]) >= CODE for term in terms)


def _narrow(shares: Sequence[tuple[words.Term, tuple[float, ...]]]) -> tuple[words.Term, ...]:
    """The rarest pairs of each term; none at all where that is everything that is asked for."""
    terms = [term for term, _ in shares]
    long = [(term, each) for term, each in shares
            if len(term.tokens) > 1 or len(term.tokens[0]) > 1 or not term.prefix]
    narrow = tuple(_rarest(term, each) for term, each in long)
    return narrow if narrow and narrow != tuple(terms) else ()


def _rarest(term: words.Term, each: tuple[float, ...]) -> words.Term:
    if len(term.tokens) <= PAIRS:
        return term
    kept = sorted(sorted(range(len(each)), key=each.__getitem__)[:PAIRS])
    return words.Term(tuple(term.tokens[at] for at in kept),
                      prefix=term.prefix and kept[-1] == len(each) - 1)


def newest(session: Session, statement: Select, wanted: int, before: int | None, going: Way,
           terms: Sequence[words.Term]) -> list[Row]:
    """The first `wanted` rows of a statement that asks for `terms` and is ordered from the newest
    place on; `before` is the place it begins before, `going` how it was made to go."""
    if session.get_bind().dialect.name != "postgresql":
        return list(session.execute(statement.limit(wanted)))
    if _code([term for term in terms if not term.negative]):
        # The beginning of a code is taken for common, and a short page then for near.
        return list(session.execute(statement.order_by(None).order_by(
            (SearchEntry.seq + 0).desc()).limit(wanted)))
    if going.reach is None:
        return list(session.execute(statement.limit(wanted)))
    last = _bitmaps(session, "off")
    lowest = (before or (last or 0) + 1) - going.reach
    rows = list(session.execute(statement.where(SearchEntry.seq >= lowest).limit(wanted)))
    _bitmaps(session, "on")
    if len(rows) < wanted:
        rows += session.execute(
            statement.where(SearchEntry.seq < lowest).limit(wanted - len(rows)))
    return rows


def _bitmaps(session: Session, way: str) -> int | None:
    """Let the planner use bitmaps, or not; the last place of the index, which is asked with it."""
    return session.connection().execute(_BITMAPS, {"way": way}).one().last


_BITMAPS = select(func.set_config("enable_bitmapscan", bindparam("way"), true()),
                  select(func.max(SearchEntry.seq)).scalar_subquery().label("last"))


def _estimates(session: Session, column: InstrumentedAttribute,
               tokens: Sequence[str]) -> list[float]:
    """How many lots there are and how many hold each token, as the statistics have it."""
    # Spelled here: to put these few lines together anew for each number of tokens would take
    # longer than the database does to answer.
    asked = {f"t{at}": words.tsquery([words.Term((token,))], [])
             for at, token in enumerate(tokens)}
    counted = " UNION ALL ".join(
        [_COUNTED, *(f"{_COUNTED} WHERE {column.key} @@ %({name})s::tsquery" for name in asked)])
    plan = session.connection().exec_driver_sql(
        f"EXPLAIN (FORMAT JSON) {counted}", asked).scalar_one()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return [float(one["Plan Rows"]) for one in plan[0]["Plan"]["Plans"]]


_COUNTED = f"SELECT 1 FROM {SearchEntry.__tablename__}"
