"""Whether the time may be believed (assurance Q47).

The clock that decides is compared with this process's monotonic one, which nobody sets; the
process of the tick compares the host's and the database's as well. A skew of a web host's
clock changes nothing (Q40), because there the database's decides. Once a clock has jumped, this
process doubts it until it is started again: whoever starts it says that the clock is right.
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


class Watch:
    """Compares the sources of time. `host` gives the host's wall clock, `steady` seconds."""

    def __init__(self, host=lambda: datetime.now(UTC), steady=time.monotonic):
        self._host = host
        self._steady = steady
        self._anchor: tuple[datetime, float] | None = None
        self._lock = threading.Lock()

    def keep(self, connection: Connection) -> None:
        """Take the beginning from which clocks are compared, anew now and then; mostly free."""
        if self._anchor is None or self._steady() - self._anchor[1] > ANCHOR_AGE:
            self._project(self._decider(connection))

    def doubt(self, connection: Connection, all_sources: bool = False) -> Doubt | None:
        """What the sources say, if they disagree; None while the time may be believed.

        `all_sources`: of the host's clock too, which only the tick's process may ask.
        """
        decider = self._decider(connection)
        readings = {"clock": decider, "monotonic": self._project(decider)}
        if all_sources and connection.dialect.name == "postgresql":
            readings["host"] = self._host().astimezone(UTC)
        said = readings.values()
        if max(said) - min(said) <= TOLERANCE:
            return None
        offset = timedelta(milliseconds=connection.execute(text(
            "SELECT clock_offset_ms FROM installation WHERE id = 1")).scalar_one())
        return Doubt({name: truncate(moment) + offset for name, moment in readings.items()})

    def _decider(self, connection: Connection) -> datetime:
        """The clock that decides, without a demonstration's offset (kernel.clock)."""
        if connection.dialect.name == "postgresql":
            return connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
        return self._host().astimezone(UTC)

    def _project(self, moment: datetime) -> datetime:
        """Where the deciding clock should stand by the monotonic one, from when both agreed."""
        steady = self._steady()
        with self._lock:
            if self._anchor is None:
                self._anchor = (moment, steady)
            began, since = self._anchor
            projected = began + timedelta(seconds=steady - since)
            if steady - since > ANCHOR_AGE and abs(moment - projected) <= TOLERANCE:
                self._anchor = (moment, steady)
            return projected
