"""One worker of benchmarks/test_append.py: inserts rows, raw or as waiting entries.

    python -m benchmarks.append raw|pending URL COUNT PER_COMMIT

`raw` is the driver alone with a prepared statement; `pending` is what an act does. It says `up`
when it is ready and begins at a line on its standard input, so that all workers begin together.
"""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from audit import act, guard
from kernel.canonical import jcs, time_text
from kernel.db import new_id

COLUMNS = ("id", "type", "at", "tender_id", "lot_id", "party_id", "disclose", "record", "salt",
           "veiled", "alone")
_RAW = (f"INSERT INTO raw_entry ({', '.join(COLUMNS)}) "
        f"VALUES ({', '.join(f'%({name})s' for name in COLUMNS)})")


def row() -> dict[str, object]:
    """One entry as an act writes it."""
    now = datetime.now(UTC)
    record = {"v": 1, "type": "thing.done", "at": time_text(now), "law": "招标投标法 28",
              "actor": {"kind": "account", "account": new_id(), "party": new_id()},
              "subject": new_id(), "tender": new_id(), "lot": new_id(), "party": None,
              "facts": {"declaration": secrets.token_hex(32), "version": 1}}
    return {"id": new_id(), "type": "thing.done", "at": now, "tender_id": record["tender"],
            "lot_id": record["lot"], "party_id": None, "disclose": "public",
            "record": jcs(record).decode(), "salt": secrets.token_bytes(32), "veiled": False,
            "alone": ""}


def raw(url: str, count: int, per_commit: int) -> None:
    """The driver alone."""
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        cursor = connection.cursor()
        ready()
        for _ in range(count // per_commit):
            for _ in range(per_commit):
                cursor.execute(_RAW, row(), prepare=True)
            connection.commit()


def pending(url: str, count: int, per_commit: int) -> None:
    """What `Act.record` does, in a session that the guard watches."""
    engine = create_engine(url)
    guard.install(engine)
    with Session(engine) as session:
        session.connection()
        session.rollback()
        ready()
        for _ in range(count // per_commit):
            for _ in range(per_commit):
                act.wait(session.connection(), row())
            session.commit()


def ready() -> None:
    """Say so, and wait for the word."""
    print("up", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    {"raw": raw, "pending": pending}[sys.argv[1]](sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
