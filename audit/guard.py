"""Nothing is committed that the record does not know of.

The guard watches every statement on every connection, whether it came from the ORM, from
Core or as text, and refuses to COMMIT a change to a table of business when no entry was
written in the same transaction. Tables whose changes are not acts say so, with the reason,
in `info={"unrecorded": "…"}`. The record's own tables, and the removal of a waiting entry,
belong to the sequencer's transactions (`execution_options(sequencer=True)`) alone; but for
disclosures that an act of erasure takes away (`execution_options(erasing=True)`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from sqlalchemy import event
from sqlalchemy.engine import Engine

from kernel.db import Base

from .held import HELD, forget, note
from .model import PendingEntry

_NAME = r"(?:\"?\w+\"?\s*\.\s*)?\"?(\w+)\"?"
_WRITE = re.compile(
    r"\b(?:(INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM(?:\s+ONLY)?"
    r"|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?|COPY|MERGE\s+INTO)\s+" + _NAME +
    r"|UPDATE\s+(?:OR\s+\w+\s+)?(?:ONLY\s+)?" + _NAME + r"(?:\s*\*)?"
    r"(?:\s+(?:AS\s+)?\"?\w+\"?)?\s+SET\b)",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"\s*(?:CREATE|ALTER|DROP|GRANT|REVOKE|COMMENT)\b", re.IGNORECASE)
_COMMIT = re.compile(r"\A\s*END\b|(?:\A|;)\s*COMMIT\b", re.IGNORECASE)
_SAVEPOINT = re.compile(r"\A\s*(SAVEPOINT|ROLLBACK\s+TO(?:\s+SAVEPOINT)?)\s+\"?(\w+)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)


class UnrecordedChange(RuntimeError):
    """A change without an entry was about to be committed; it was not."""


def unrecorded_tables() -> dict[str, str]:
    """The tables whose changes are not acts, each with its reason."""
    return {table.name: table.info["unrecorded"] for table in Base.metadata.tables.values()
            if "unrecorded" in table.info}


def sequencer_tables() -> set[str]:
    """The record's own tables."""
    return {table.name for table in Base.metadata.tables.values() if table.info.get("sequencer")}


def written(statement: str) -> tuple[tuple[str, str], ...]:
    """(verb, table) of every write in an SQL text, both in lower case."""
    return judged(statement)[0]


def judged(statement: str) -> tuple[tuple[tuple[str, str], ...], bool]:
    """The writes in an SQL text, and whether it says nothing of COMMIT or of savepoints."""
    # Statements repeat, their values aside; long ones (many rows at once) are not worth keeping.
    return _seen(statement) if len(statement) < _KEPT else _judged(statement)


def _judged(statement: str) -> tuple[tuple[tuple[str, str], ...], bool]:
    return _writes(statement), not (_COMMIT.search(statement) or _SAVEPOINT.match(statement))


def _writes(statement: str) -> tuple[tuple[str, str], ...]:
    if "/*" in statement or "--" in statement:
        statement = _COMMENT.sub(" ", statement)
    if _SCHEMA.match(statement):
        return ()
    return tuple(((match.group(1) or "update").split()[0].lower(),
                  (match.group(2) or match.group(3)).lower())
                 for match in _WRITE.finditer(statement))


_KEPT = 8192
_seen = lru_cache(maxsize=2048)(_judged)


def _savepoints(info: dict, statement: str) -> None:
    """An entry that was rolled back with its savepoint covers nothing."""
    match = _SAVEPOINT.match(statement)
    if match is None:
        return
    kept = info.setdefault("kept", {})
    if match.group(1).upper() == "SAVEPOINT":
        kept[match.group(2)] = info.get("entries", 0)
    else:
        info["entries"] = kept.get(match.group(2), 0)
        forget(info)


def _erases(context) -> bool:
    """Whether a statement says that it erases: that is an act, and needs its entry."""
    return bool(context is not None and context.execution_options.get("erasing"))


def install(engine: Engine) -> None:
    """Watch `engine` from now on."""
    own = sequencer_tables() | {PendingEntry.__tablename__}
    free = set(unrecorded_tables()) - own

    @event.listens_for(engine, "begin")
    def _begin(connection):
        connection.info.update(changed=set(), entries=0, kept={}, written={})
        connection.info.pop(HELD, None)

    @event.listens_for(engine, "rollback")
    def _rollback(connection):
        # What a lost connection held has gone with it.
        if not connection.invalidated:
            connection.info.pop(HELD, None)

    @event.listens_for(engine, "before_cursor_execute")
    def _watch(connection, _cursor, statement, _parameters, _context, _many):
        writes, plain = judged(statement)
        if not plain:
            if _COMMIT.search(statement):
                raise UnrecordedChange("COMMIT as a statement, where nobody looks")
            _savepoints(connection.info, statement)
        for verb, table in writes:
            note(connection.info, verb, table)
            if (verb, table) == ("delete", "disclosure") and _erases(_context):
                connection.info.setdefault("changed", set()).add(table)
                continue
            sequencing = connection.get_execution_options().get("sequencer")
            if table in own and (verb, table) != ("insert", PendingEntry.__tablename__):
                if not sequencing:
                    raise UnrecordedChange(f"{table} belongs to the sequencer")
            elif table == PendingEntry.__tablename__:
                connection.info["entries"] = connection.info.get("entries", 0) + 1
            elif table not in free and not (sequencing and table == "installation"):
                connection.info.setdefault("changed", set()).add(table)

    @event.listens_for(engine, "commit")
    def _commit(connection):
        connection.info.pop(HELD, None)
        changed = connection.info.get("changed")
        if changed and not connection.info.get("entries"):
            raise UnrecordedChange(", ".join(sorted(changed)))
