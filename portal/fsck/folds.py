"""Rows that many acts change, against what all these acts say together.

A `Rule` (rules.py) holds one act against one row. Here the acts of a row are gone through in their
order: each says what it makes of the row, the last word counts for each column. So a step that was
taken back behind the platform's back is named as well as one that was added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.canonical import sha256

from .entries import Entry, plain

Said = tuple[tuple | str, dict[str, object]]
"""Of which row (its key), and what its columns are from now on."""


@dataclass(frozen=True)
class Fold:
    """The rows of a table by `key`, and what each kind of entry makes of them.

    `begins` make a row: what they do not say of `later` is empty until another one says it;
    `steps` change one that was made, and are about another table where there is none. A kind in both
    makes one row and changes another. Of entries
    of one moment the order of the kinds here decides. `made`: further columns, made from a row.
    A value None that a `begins` says of other columns is one that older entries did not record.
    `binds`: which rows that the record speaks of must be there.
    """

    model: type
    begins: Mapping[str, Callable[[Entry], Iterable[Said]]]
    steps: Mapping[str, Callable[[Entry], Iterable[Said]]] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    key: tuple[str, ...] = ("id",)
    made: Mapping[str, Callable[[Mapping], object]] = field(default_factory=dict)
    owed: Callable[[dict], bool] = lambda _row: True
    binds: bool = True


def folded(session: Session, folds: Sequence[Fold], entries: Sequence[Entry]) -> Iterator[str]:
    """Every row that is not what its acts made it, that no act made, or that is gone."""
    by_kind: dict[str, list[Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.record["type"], []).append(entry)
    for fold in folds:
        yield from _fold(session, fold, by_kind)


def _fold(session: Session, fold: Fold, by_kind: Mapping[str, list[Entry]]) -> Iterator[str]:
    kinds = list(dict.fromkeys((*fold.begins, *fold.steps)))
    mine = sorted(((entry.record["at"], rank, entry) for rank, kind in enumerate(kinds)
                   for entry in by_kind.get(kind, ())), key=lambda one: one[:2])
    wanted: dict[tuple, dict[str, tuple[object, str]]] = {}
    for _, _, entry in mine:
        kind = entry.record["type"]
        for key, values in fold.begins.get(kind, _nothing)(entry):
            row = wanted.setdefault((key,) if isinstance(key, str) else key, {})
            row |= {name: (None, entry.name) for name in fold.later}
            row |= {name: (value, entry.name) for name, value in values.items()
                    if value is not None or name in fold.later}
        for key, values in fold.steps.get(kind, _nothing)(entry):
            key = (key,) if isinstance(key, str) else key
            if key in wanted:
                wanted[key] |= {name: (value, entry.name) for name, value in values.items()}
    table = fold.model.__tablename__
    for found in session.execute(select(fold.model.__table__)).mappings():
        row = dict(found)
        name = f"{table} {row.get('id') or row[fold.key[0]]}"
        said = wanted.pop(tuple(row[column] for column in fold.key), None)
        if said is None:
            if fold.owed(row):
                yield f"{name}: no {' or '.join(fold.begins)} in the record speaks of it"
            continue
        row |= {column: make(row) for column, make in fold.made.items()}
        for column, (value, source) in said.items():
            if plain(row[column]) != value:
                yield f"{name}: {column} is not what {source} says"
    for key in wanted if fold.binds else ():
        yield f"{table} {key[0]}: its row is gone, {' or '.join(fold.begins)} made it"


def _nothing(_entry: Entry) -> tuple[()]:
    return ()


def hashed(column: str) -> Callable[[Mapping], str | None]:
    """A made column: the SHA-256 of a text; None where there is none."""
    return lambda row: None if row[column] is None else sha256(row[column].encode()).hex()


def by_subject(**paths: str) -> Callable[[Entry], Iterator[Said]]:
    """A step on the row called by the entry's subject: column → path in the entry."""
    def step(entry: Entry) -> Iterator[Said]:
        yield entry.record["subject"], {name: entry.said(path) for name, path in paths.items()}
    return step
