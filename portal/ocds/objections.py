"""Objections and their answers as open data: what the list of objections shows everybody, and not
a word more (docs/formats/ocds-objections.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.public import LotView
from supervision.reading import objections as reading

from .terms import stamp

Section = dict[str, object]


def answered(session: Session, view: LotView) -> Iterator[tuple[datetime, str, Section]]:
    """(since when everybody may know it, its id, what is said) of each answered objection.

    One at the opening is public with the opening record, however early it was answered: before
    that it would tell that somebody bid.
    """
    if not view.may("question.view_published"):
        return
    opened = view.facts.outcomes.get("opened")
    rows = list(session.scalars(reading.listed(view.lot.id, all_of_them=False,
                                               at_opening=opened is not None)))
    for one in reading.seen(session, rows, inside=False):
        at = one["answered_at"]
        if one["stage"] == reading.OPENING:
            at = max(at, opened)
        yield at, str(one["id"]), _section(one)


def _section(one: dict) -> Section:
    said: Section = {"id": one["id"], "relatedLot": one["lot_id"], "stage": one["stage"]}
    if one["argument"] is not None:
        said |= {"description": one["argument"], "remedySought": one["remedy"]}
    return said | {"status": "answered", "outcome": one["outcome"], "response": one["answer"],
                   "dateAnswered": stamp(one["answered_at"]), "answeredLate": one["overdue"]}
