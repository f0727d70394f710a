"""Nothing is committed that the record does not know of.

The guard watches every statement on every connection, whether it came from the ORM, from
Core or as text, and refuses to COMMIT a change to a table of business when no entry was
written in the same transaction. Tables whose changes are not acts say so, with the reason,
in `info={"unrecorded": "…"}`.
"""

from __future__ import annotations

import re

from sqlalchemy import event
from sqlalchemy.engine import Engine

from kernel.db import Base

from .model import PendingEntry

_WRITE = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|COPY"
    r"|MERGE\s+INTO)\s+\"?(\w+)|\bUPDATE\s+(?:ONLY\s+)?\"?(\w+)\"?\s+SET\b",
    re.IGNORECASE,
)


class UnrecordedChange(RuntimeError):
    """A change without an entry was about to be committed; it was not."""


def unrecorded_tables() -> dict[str, str]:
    """The tables whose changes are not acts, each with its reason."""
    return {table.name: table.info["unrecorded"] for table in Base.metadata.tables.values()
            if "unrecorded" in table.info}


def install(engine: Engine) -> None:
    """Watch `engine` from now on."""
    free = set(unrecorded_tables())

    @event.listens_for(engine, "begin")
    def _begin(connection):
        connection.info["changed"] = set()
        connection.info["entries"] = 0

    @event.listens_for(engine, "before_cursor_execute")
    def _watch(connection, _cursor, statement, _parameters, _context, _many):
        for match in _WRITE.finditer(statement):
            table = (match.group(1) or match.group(2)).lower()
            if table == PendingEntry.__tablename__:
                connection.info["entries"] = connection.info.get("entries", 0) + 1
            elif table not in free:
                connection.info.setdefault("changed", set()).add(table)

    @event.listens_for(engine, "commit")
    def _commit(connection):
        changed = connection.info.get("changed")
        if changed and not connection.info.get("entries"):
            raise UnrecordedChange(", ".join(sorted(changed)))
