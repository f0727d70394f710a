"""What the demonstration says while it goes: who does what, when, and how far long work is."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta, timezone
from typing import TextIO

BEIJING = timezone(timedelta(hours=8))
WIDTH = 28


class Voice:
    """Says lines under the platform's own time; draws a bar on a terminal, plain lines elsewhere."""

    def __init__(self, now, out: TextIO = sys.stdout):
        self._now = now
        self._out = out
        self._live = out.isatty()
        self._began = time.monotonic()
        self._drawn = 0.0

    def scene(self, zh: str, en: str) -> None:
        """The heading of a part of the story."""
        self._print(f"\n── {zh} · {en}")

    def say(self, who: str, zh: str, en: str) -> None:
        """One line: the platform's time, who acts, what happened."""
        moment: datetime = self._now().astimezone(BEIJING)
        self._print(f"{moment:%m-%d %H:%M:%S}  {who}：{zh} · {en}")

    def bar(self, what: str, done: int, whole: int) -> None:
        """How far `what` is, in bytes; a finished bar becomes a line."""
        whole = max(whole, 1)
        finished = done >= whole
        if not finished and (not self._live or time.monotonic() - self._drawn < 0.1):
            return
        self._drawn = time.monotonic()
        filled = WIDTH * done // whole
        text = (
            f"    [{'█' * filled}{'░' * (WIDTH - filled)}] {100 * done // whole:3d}%  "
            f"{done / 1e6:,.1f} / {whole / 1e6:,.1f} MB  {what}"
        )
        if self._live:
            self._out.write("\r\x1b[K" + text + ("\n" if finished else ""))
            self._out.flush()
        else:
            self._print(text)

    def elapsed(self) -> float:
        """Seconds of real time since the story began."""
        return time.monotonic() - self._began

    def _print(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()
