"""What the tests of the record share: a database of the record's tables, a clock, entries."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert, text

from audit import guard, model
from audit.keys import Keys
from audit.sequencer import Sequencer, Tick
from kernel.canonical import jcs, time_text
from kernel.clock import Clock
from kernel.db import Base, Installation, configure_sqlite, new_id

ORIGIN = "yangguang.example/test"
TABLES = [Installation.__table__, model.PendingEntry.__table__, model.Leaf.__table__,
          model.Disclosure.__table__, model.LogHead.__table__, model.Checkpoint.__table__,
          model.Cosignature.__table__, model.TimeStamp.__table__, model.SealedSpan.__table__]
START = datetime(2026, 12, 1, 9, tzinfo=UTC)


class HostTime:
    """A host's clock that the test moves."""

    def __init__(self, at: datetime = START):
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


def soon(sequencer: Sequencer) -> Tick:
    """A tick as soon as the lock is free: who died or refused on PostgreSQL holds it until the
    server has seen that the session is gone."""
    until = time.monotonic() + 120
    while (tick := sequencer.tick()) is None:
        assert time.monotonic() < until, "the lock was never let go"
        time.sleep(0.02)
    return tick


class Log:
    """A record with its database and its folder, and verbs to play with it."""

    def __init__(self, url: str, folder: Path, owner_url: str | None = None,
                 role: str | None = None):
        self.url, self.place = url, folder
        plain = create_engine(owner_url or url)
        if plain.dialect.name == "sqlite":
            configure_sqlite(plain)
        with plain.begin() as connection:
            Base.metadata.create_all(connection, tables=TABLES)
            connection.execute(insert(Installation).values(
                id=1, kind="test", log_origin=ORIGIN, clock_offset_ms=0))
            for table in TABLES if role else ():
                rights = ("SELECT, INSERT" if table.info.get("append_only")
                          else "SELECT, INSERT, UPDATE, DELETE")
                connection.execute(text(f'GRANT {rights} ON "{table.name}" TO {role}'))
        self.plain = plain
        self.engine = self.guarded()
        self.host = HostTime()
        self.keys = Keys.make(folder / "keys", ORIGIN)
        self.folder = folder / "record"
        self.sequencer = self.another()

    def guarded(self) -> Engine:
        """An engine as the application has it."""
        engine = create_engine(self.url)
        if engine.dialect.name == "sqlite":
            configure_sqlite(engine)
        guard.install(engine)
        return engine

    def another(self, **more) -> Sequencer:
        """A sequencer of its own, as after a restart."""
        return Sequencer(self.engine, Clock(self.host), self.keys, self.folder, **more)

    def next_tick(self, **more) -> Tick:
        """A tick of another sequencer, whoever died or refused just before."""
        return soon(self.another(**more))

    def add(self, count: int = 1, **columns) -> list[str]:
        """`count` waiting entries, in one transaction; their ids."""
        rows = [entry(number, **columns) for number in range(count)]
        with (self.engine.connect().execution_options(immediate=True) as connection,
              connection.begin()):
            connection.execute(insert(model.PendingEntry), rows)
        return [row["id"] for row in rows]

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()
        self.plain.dispose()


def entry(number: int, *, type: str = "thing.done", disclose: str = "public",
          lot_id: str | None = None, tender_id: str | None = None,
          party_id: str | None = None) -> dict[str, object]:
    """One waiting entry as @act writes it."""
    record = {"v": 1, "type": type, "at": time_text(START), "actor": {"kind": "clock"},
              "law": "招标投标法 22", "subject": new_id(), "tender": tender_id, "lot": lot_id,
              "party": party_id, "facts": {"number": number}}
    return {"id": new_id(), "type": type, "at": START, "lot_id": lot_id, "tender_id": tender_id,
            "party_id": party_id, "disclose": disclose, "record": jcs(record).decode(),
            "salt": secrets.token_bytes(32)}
