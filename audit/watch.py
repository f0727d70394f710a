"""Whether the time may be believed (assurance Q47).

The clock that decides is compared with this process's monotonic one, which nobody sets; the
process of the tick compares the host's and the database's as well. A skew of a web host's
clock changes nothing (Q40), because there the database's decides. Once a clock has jumped, this
process doubts it until it is started again: whoever starts it says that the clock is right.

Clocks are read one after the other, and a machine may stand still between two of them: how long
the reading took, by the monotonic clock, is no disagreement.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

from kernel.canonical import time_text, truncate

TOLERANCE = timedelta(seconds=1)
"""Sources that differ by more than this are in disagreement."""
SHORT = 0.1
"""Seconds by which a reading may be unsure; a beginning less sure gives way to a surer one."""
ANCHOR_AGE = 600.0
"""Seconds after which sources that agree are taken as the new beginning: a slow drift between
two hosts' clocks is no jump."""


@dataclass(frozen=True)
class Doubt:
    """Time is in doubt: what each source says of the present moment, in platform time."""

    readings: Mapping[str, datetime]

    def near(self, deadline: datetime, margin: timedelta) -> bool:
        """Whether it matters to a deadline: some source stands within `margin` of it, or the
        deadline lies between two of them."""
        said = self.readings.values()
        return min(said) - margin <= deadline <= max(said) + margin

    def to_json(self) -> dict[str, str]:
        """As it goes into the record."""
        return {name: time_text(moment) for name, moment in self.readings.items()}


@dataclass(frozen=True)
class _Reading:
    """What the deciding clock said, and the host's where it was asked, at some moment between two
    of the monotonic clock's."""

    decider: datetime
    host: datetime | None
    before: float
    after: float

    @property
    def steady(self) -> float:
        """The monotonic clock's moment, right to `unsure` seconds."""
        return (self.before + self.after) / 2

    @property
    def unsure(self) -> float:
        """Half of what the reading took."""
        return (self.after - self.before) / 2


class Watch:
    """Compares the sources of time. `host` gives the host's wall clock, `steady` seconds."""

    def __init__(self, host=lambda: datetime.now(UTC), steady=time.monotonic):
        self._host = host
        self._steady = steady
        self._anchor: _Reading | None = None
        self._lock = threading.Lock()

    def keep(self, connection: Connection) -> None:
        """Take the beginning from which clocks are compared, anew now and then; mostly free."""
        if self._anchor is None or self._steady() - self._anchor.steady > ANCHOR_AGE:
            self._project(self._read(connection))

    def doubt(self, connection: Connection, all_sources: bool = False) -> Doubt | None:
        """What the sources say, if they disagree; None while the time may be believed.

        `all_sources`: of the host's clock too, which only the tick's process may ask.
        """
        found = self._read(connection, all_sources and connection.dialect.name == "postgresql")
        projected, unsure = self._project(found)
        readings = {"clock": found.decider, "monotonic": projected}
        if found.host is not None:
            readings["host"] = found.host
        said = readings.values()
        if max(said) - min(said) <= TOLERANCE + timedelta(seconds=unsure):
            return None
        offset = timedelta(milliseconds=connection.execute(text(
            "SELECT clock_offset_ms FROM installation WHERE id = 1")).scalar_one())
        return Doubt({name: truncate(moment) + offset for name, moment in readings.items()})

    def _decider(self, connection: Connection) -> datetime:
        """The clock that decides, without a demonstration's offset (kernel.clock)."""
        if connection.dialect.name == "postgresql":
            return connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
        return self._host().astimezone(UTC)

    def _read(self, connection: Connection, host: bool = False) -> _Reading:
        """All sources, at moments as near to one another as the machine lets them be."""
        before = self._steady()
        decider = self._decider(connection)
        return _Reading(decider, self._host().astimezone(UTC) if host else None, before,
                        self._steady())

    def _project(self, found: _Reading) -> tuple[datetime, float]:
        """Where the deciding clock should stand by the monotonic one, from when both agreed; and
        by how many seconds that may be wrong."""
        with self._lock:
            if self._anchor is None:
                self._anchor = found
            began = self._anchor
            projected = began.decider + timedelta(seconds=found.steady - began.steady)
            unsure = found.unsure + began.unsure
            agrees = abs(found.decider - projected) <= TOLERANCE + timedelta(seconds=unsure)
            aged = found.steady - began.steady > ANCHOR_AGE
            if agrees and (aged or began.unsure > SHORT >= found.unsure):
                self._anchor = found
            return projected, unsure
