"""One reading of the clock per act, passed down; no rule reads a clock by itself.

On PostgreSQL the database's clock decides (all nodes share it); on SQLite the host's.
An installation created as a demonstration may add an offset, kept in the database so that every
process sees the same day. A reading never falls below what a tick wrote or this process said.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

from .canonical import parse_time, truncate

_HOST = text("SELECT clock_offset_ms, high_water FROM installation")
_DATABASE = text("SELECT clock_offset_ms, high_water, clock_timestamp() FROM installation")


class Clock:
    """Reads the platform's time. `host` gives the host's time where the database has none."""

    def __init__(self, host=lambda: datetime.now(UTC)):
        self._host = host
        self._said = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self, connection: Connection) -> datetime:
        """The platform's time, aware UTC to the millisecond, never before an earlier answer."""
        shared = connection.dialect.name == "postgresql"
        return self.said(*connection.execute(_DATABASE if shared else _HOST).one())

    def said(self, offset: int, high_water: object, moment: datetime | None = None) -> datetime:
        """The same from the installation's row; `moment` is the database's time, if it has one."""
        moment = truncate((moment or self._host()).astimezone(UTC)) + timedelta(milliseconds=offset)
        with self._lock:
            self._said = max(self._said, moment, _aware(high_water) if high_water else moment)
            return self._said


def _aware(value: object) -> datetime:
    return parse_time(value) if isinstance(value, str) else value.astimezone(UTC)
