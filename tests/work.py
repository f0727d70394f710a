"""Work counted where it could else only be timed: a time says as much of the machine as of us."""

from __future__ import annotations

import signal
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import pytest

from tender import sheets, workbook


class Count:
    """So many of something."""

    def __init__(self):
        self.done = 0


def inflated(patch: pytest.MonkeyPatch, module: ModuleType) -> Count:
    """From now on: the bytes that zlib unpacks for `module`."""
    count = Count()

    class Counting:
        """Unpacks as zlib does."""

        def __init__(self, *given):
            self._real = zlib.decompressobj(*given)

        def __getattr__(self, name):
            return getattr(self._real, name)

        def decompress(self, *given):
            made = self._real.decompress(*given)
            count.done += len(made)
            return made

    patch.setattr(module, "zlib", SimpleNamespace(decompressobj=Counting, error=zlib.error))
    return count


def looked_through(patch: pytest.MonkeyPatch) -> Count:
    """From now on: the characters of workbooks' shared strings that are looked through one by
    one, once for each cell that names one; of what is made of them, too."""
    count = Count()

    class Counting(str):
        """A text that says how much of it is looked through."""

        def strip(self, *given):
            count.done += len(self)
            return super().strip(*given)

    def normalize(form, text):
        made = unicodedata.normalize(form, text)
        count.done += len(made)
        return made

    true = workbook._Strings.run
    patch.setattr(workbook._Strings, "run", lambda self, pieces: SimpleNamespace(
        found=[Counting(one) for one in true(self, pieces).found]))
    patch.setattr(sheets, "unicodedata", SimpleNamespace(normalize=normalize))
    return count


@contextmanager
def ended(seconds: float = 60) -> Iterator[None]:
    """What is done inside comes to an end: processor time many times what it takes anywhere, and
    far less than what it would take if it grew as it must not."""
    def hangs(*_):
        raise AssertionError(f"it has not come to an end after {seconds} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
