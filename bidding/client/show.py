"""What is shown while it works: a bar on a terminal, nothing where nobody looks."""

from __future__ import annotations

import sys
import time

WIDTH = 30
EVERY_SECONDS = 0.1


class Bar:
    """One line that grows; only on a terminal."""

    def __init__(self, title: str, whole: int, out=None):
        self.title, self.whole = title, max(1, whole)
        self.out = sys.stderr if out is None else out
        self.shown = self.out.isatty()
        self.done, self._last = 0, 0.0

    def add(self, size: int) -> None:
        """So many bytes more."""
        self.at(self.done + size)

    def at(self, done: int) -> None:
        """So many bytes in all."""
        self.done = min(done, self.whole)
        now = time.monotonic()
        if self.shown and (now - self._last > EVERY_SECONDS or self.done == self.whole):
            self._last = now
            share = self.done * WIDTH // self.whole
            self.out.write(f"\r{self.title:<10} [{'#' * share:<{WIDTH}}] "
                           f"{self.done * 100 // self.whole:3d} %")
            self.out.flush()

    def end(self) -> None:
        """The line stays as it is."""
        if self.shown and self.done:
            self.out.write("\n")
            self.out.flush()
