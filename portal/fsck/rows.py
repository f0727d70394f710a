"""Business rows against the records of their acts, by the table of rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from kernel.canonical import sha256

from .bound import RULES as BOUND
from .complained import RULES as COMPLAINED
from .entries import Entry, plain
from .fallen import RULES as FALLEN
from .framed import RULES as FRAMED
from .halting import RULES as HALTING
from .market import RULES as MARKET
from .ranked import RULES as RANKED
from .reviewed import RULES as REVIEWED
from .rules import RULES, Rule
from .signed import RULES as SIGNED
from .stated import RULES as STATED
from .watched import RULES as WATCHED

EVERY: tuple[Rule, ...] = (*RULES, *HALTING, *MARKET, *WATCHED, *STATED, *REVIEWED, *BOUND,
                            *RANKED, *COMPLAINED, *FRAMED, *SIGNED, *FALLEN)


def rows(session: Session, entries: Sequence[Entry],
         rules: Sequence[Rule] = EVERY) -> Iterator[str]:
    """Every rule, both ways: rows of which no entry speaks, and entries whose row is gone."""
    for rule in rules:
        yield from _rule(session, rule, entries)


def _rule(session: Session, rule: Rule, entries: Sequence[Entry]) -> Iterator[str]:
    said = {tuple(entry.said(path) for path in rule.said): entry
            for entry in _meant(rule, entries)}
    seen = set()
    for found in session.execute(rule.rows).mappings():
        row = dict(found)
        key = tuple(plain(row[column]) for column in rule.key)
        name = f"{rule.name} {row.get('id') or key[0]}"
        entry = said.get(key)
        if entry is None:
            if rule.owed(row):
                yield f"{name}: no {' or '.join(rule.kinds)} in the record speaks of it"
            continue
        seen.add(key)
        yield from _compared(name, row, rule, entry)
    for key, entry in said.items():
        if key not in seen and rule.binds(entry.record):
            yield f"{rule.name} {key[0]}: the row of {entry.name} is gone"


def _meant(rule: Rule, entries: Sequence[Entry]) -> Iterator[Entry]:
    """The rule's entries, one for each item of its list where it has one."""
    for entry in entries:
        if entry.record["type"] not in rule.kinds or not rule.when(entry.record):
            continue
        if rule.each:
            for item in entry.said(rule.each) or ():
                yield replace(entry, item=item)
        else:
            yield entry


def _compared(name: str, row: dict, rule: Rule, entry: Entry) -> Iterator[str]:
    row |= {column: make(row) for column, make in rule.made.items()}
    for column, path in rule.same.items():
        if plain(row[column]) != entry.said(path):
            yield f"{name}: {column} is not what {entry.name} says"
    for column, path in rule.digests.items():
        recorded = entry.said(path)
        if recorded is not None and sha256((row[column] or "").encode()).hex() != recorded:
            yield f"{name}: {column} is not what {entry.name} says"
