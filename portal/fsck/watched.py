"""Village works, lists of payments and findings, against the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.canonical import time_text
from supervision.acts.works import FIELDS, lines_hash, row_hash, rows_hash
from supervision.model import Ledger, Payment, Work, WorkFinding

from .entries import Entry
from .folds import Fold, by_subject, folded, hashed
from .rules import Rule, rule_of

_STATED = {name: f"facts.{name}" for name in (*FIELDS, "version")}

_WORK = Fold(
    Work, {"work.entered": by_subject(party_id="party", entered_at="at", **_STATED),
           "work.changed": by_subject(party_id="party", **_STATED)},
    owed=lambda _row: False)  # those of a workbook are below

_FINDING = Fold(
    WorkFinding, {"finding.opened": by_subject(
        kind="facts.kind", work_id="facts.work", payment_id="facts.payment", party_id="facts.unit",
        due_at="facts.due", text_hash="facts.text_hash", opened_at="at",
        opened_by="actor.account")},
    {"finding.fell_overdue": by_subject(overdue_at="at"),
     "finding.answered": by_subject(
         evidence_hash="facts.evidence_hash", answer_hash="facts.answer_hash", answered_at="at"),
     "finding.returned": lambda entry: [(entry.record["subject"], dict.fromkeys((
         "evidence_hash", "answer_hash", "answered_at", "close_proposed_at",
         "close_proposed_person")))],
     "finding.closing_proposed": by_subject(close_proposed_at="at",
                                             close_proposed_person="actor.person"),
     "finding.closed": by_subject(closed_at="at", closed_person="actor.person")},
    ("work_id", "payment_id", "overdue_at", "evidence_hash", "answer_hash", "answered_at",
     "close_proposed_at", "close_proposed_person", "closed_at", "closed_person"),
    made={"text_hash": hashed("text"), "answer_hash": hashed("answer")})

FOLDS = (_WORK, _FINDING)

RULES: tuple[Rule, ...] = (
    rule_of("ledger.imported", Ledger, "id",
            same={"region": "facts.region", "kind": "facts.kind", "file_hash": "facts.file_hash",
                  "lines": "facts.lines", "imported_at": "at"}),
)
"""Beside the rules of rules.py."""


def watched(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """Works, findings and the lines of lists: what no act made, what is gone or other now."""
    yield from folded(session, FOLDS, entries)
    yield from _works(session, entries)
    yield from _lines(session, entries)


def _works(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """The works of each imported workbook are whole and as they came, or as a recorded change
    left them; a work that was not entered singly came with a workbook."""
    single, before, imports = set(), {}, {}
    for entry in sorted(entries, key=lambda one: one.record.get("at", "")):
        kind = entry.record["type"]
        if kind == "work.entered":
            single.add(entry.record["subject"])
        elif kind == "work.changed":
            before.setdefault(entry.record["subject"], entry.said("facts.before_hash"))
        elif kind == "works.imported":
            imports[entry.said("party"), entry.said("at")] = entry
    came: dict[tuple, dict[str, str | None]] = {}
    for row in session.scalars(select(Work)):
        if row.id in single:
            continue
        batch = (row.party_id, time_text(row.entered_at))
        if batch not in imports:
            yield f"village_work {row.id}: no work.entered or works.imported speaks of it"
            continue
        came.setdefault(batch, {})[row.id] = before.get(row.id, row_hash(row))
        if row.version > 1 and row.id not in before:
            yield f"village_work {row.id}: version is not what the record says"
    for batch, entry in imports.items():
        rows = came.get(batch, {})
        wanted = entry.said("facts.rows_hash")
        if len(rows) != entry.said("facts.works") or None not in rows.values() \
                and wanted is not None and rows_hash(rows) != wanted:
            yield (f"village_work of {entry.record['subject']}: the works of its workbook are not "
                   f"those of which {entry.name} speaks")


def _lines(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    found: dict[str, list[SimpleNamespace]] = {}
    for row in session.execute(select(Payment.__table__)).mappings():
        found.setdefault(row["ledger_id"], []).append(SimpleNamespace(**row))
    for entry in entries:
        if entry.record["type"] != "ledger.imported":
            continue
        rows, wanted = found.pop(entry.record["subject"], []), entry.said("facts.lines_hash")
        if len(rows) != entry.said("facts.lines") \
                or wanted is not None and lines_hash(rows) != wanted:
            yield (f"payment_line of ledger {entry.record['subject']}: are not the lines of which "
                   f"{entry.name} speaks")
    for ledger, rows in found.items():
        yield f"payment_line {rows[0].id}: no ledger.imported speaks of its list {ledger}"
