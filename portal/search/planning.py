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

from sqlalchemy import (
    Row,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute, Session

from . import words
from .model import SearchEntry

SPARE = 8
"""So many times the places that should hold a page are looked through before the index is asked."""
CODE = 12
"""The beginning of a word of so many letters and figures is rare: a code."""
SMALL = 10_000
"""Below so many lots every way is short."""


def newest(session: Session, statement: Select, wanted: int, before: int | None,
           column: InstrumentedAttribute, terms: Sequence[words.Term]) -> list[Row]:
    """The first `wanted` rows of a statement that is ordered from the newest place on; `column`
    is where it looks for `terms`, `before` the place it begins before."""
    if session.get_bind().dialect.name != "postgresql":
        return list(session.execute(statement.limit(wanted)))
    if any(term.prefix and not term.negative and len(term.tokens[-1]) >= CODE for term in terms):
        # The beginning of a code is taken for common, and a short page then for near.
        return list(session.execute(statement.order_by(None).order_by(
            (SearchEntry.seq + 0).desc()).limit(wanted)))
    reach = _reach(session, wanted, column, terms)
    if reach is None:
        return list(session.execute(statement.limit(wanted)))
    last = _bitmaps(session, "off")
    top = before or (last or 0) + 1
    rows = list(session.execute(statement.where(SearchEntry.seq >= top - reach).limit(wanted)))
    _bitmaps(session, "on")
    if len(rows) < wanted:
        rows += session.execute(
            statement.where(SearchEntry.seq < top - reach).limit(wanted - len(rows)))
    return rows


def _bitmaps(session: Session, way: str) -> int | None:
    """Let the planner use bitmaps, or not; the last place of the index, which is asked with it."""
    return session.connection().execute(_BITMAPS, {"way": way}).one().last


_BITMAPS = select(func.set_config("enable_bitmapscan", bindparam("way"), true()),
                  select(func.max(SearchEntry.seq)).scalar_subquery().label("last"))


def _reach(session: Session, wanted: int, column: InstrumentedAttribute,
           terms: Sequence[words.Term]) -> int | None:
    """How many of the newest places to look through; None where the planner may decide."""
    several = [term for term in terms if not term.negative]
    if all(len(term.tokens) < 2 for term in several):
        return None
    tokens = [token for term in several for token in term.tokens]
    whole, *found = _estimates(session, column, tokens)
    if whole < SMALL:
        return None
    share = 1.0
    for term in several:
        share *= min(found[:len(term.tokens)]) / whole
        del found[:len(term.tokens)]
    passed = wanted / max(share, 1e-9)
    return int(passed * SPARE) if passed < share * whole else None


def _estimates(session: Session, column: InstrumentedAttribute,
               tokens: Sequence[str]) -> list[float]:
    """How many lots there are and how many hold each token, as the statistics have it."""
    asked = [words.tsquery([words.Term((token,))], []) for token in tokens]
    counted = union_all(
        select(literal(1)).select_from(SearchEntry),
        *[select(literal(1)).where(column.bool_op("@@")(cast(literal(one, String), TSQUERY)))
          for one in asked])
    compiled = counted.compile(dialect=postgresql.psycopg.dialect(paramstyle="pyformat"))
    plan = session.connection().exec_driver_sql(
        f"EXPLAIN (FORMAT JSON) {compiled}", dict(compiled.params)).scalar_one()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return [float(one["Plan Rows"]) for one in plan[0]["Plan"]["Plans"]]
