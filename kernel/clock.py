"""One reading of the clock per act, passed down; no rule reads a clock by itself.

On PostgreSQL the database's clock decides (all nodes share it); on SQLite the host's.
An installation created as a demonstration may add an offset, kept in the database so that
every process sees the same day. A reading never falls below the high-water mark: the
larger of what a tick has written and what this process has already said.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

from .canonical import parse_time, truncate

_HOST = text("SELECT clock_offset_ms, high_water FROM installation")
_DATABASE = text("SELECT clock_offset_ms, high_water, clock_timestamp() AS moment FROM installation")


class Clock:
    """Reads the platform's time. `host` gives the host's time where the database has none."""

    def __init__(self, host=lambda: datetime.now(UTC)):
        self._host = host
        self._said = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self, connection: Connection) -> datetime:
        """The platform's time, aware UTC to the millisecond, never before an earlier answer."""
        shared = connection.dialect.name == "postgresql"
        row = connection.execute(_DATABASE if shared else _HOST).one()
        moment = row.moment if shared else self._host()
        moment = truncate(moment.astimezone(UTC)) + timedelta(milliseconds=row.clock_offset_ms)
        mark = moment if row.high_water is None else _aware(row.high_water)
        with self._lock:
            self._said = max(self._said, moment, mark)
            return self._said


def _aware(value: object) -> datetime:
    return parse_time(value) if isinstance(value, str) else value.astimezone(UTC)
