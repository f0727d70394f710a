"""Ask the locked-up child for a file's text."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from ..review import Passage
from . import jail

SECONDS = 40
"""How long a child may take by the clock."""

_CHILD = Path(__file__).with_name("child.py")
_FREE = threading.BoundedSemaphore(2)
"""So many children at once; a worker has other things to do."""


@dataclass(frozen=True)
class Reading:
    """What could be read of a file; `problem` names in a word what could not."""

    passages: tuple[Passage, ...]
    problem: str = ""


def read(path: Path, media_type: str, seconds: float = SECONDS) -> Reading:
    """The text of a stored file. Never raises for what the file holds: that is a `problem`."""
    if not path.exists():
        return Reading((), "missing")
    with _FREE, path.open("rb") as file, tempfile.TemporaryFile() as answer:
        child = subprocess.Popen(
            [sys.executable, "-I", str(_CHILD), media_type], stdin=file, stdout=answer,
            stderr=subprocess.DEVNULL, cwd="/", env={"LANG": "C.UTF-8"}, start_new_session=True)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            code = -signal.SIGXCPU
        finally:
            child.kill()
            child.wait()
        if code == -signal.SIGXCPU or code == -signal.SIGKILL:
            return Reading((), "time")
        answer.seek(0)
        return _understood(answer.read(jail.WRITTEN))


def _understood(data: bytes) -> Reading:
    # A child that was taken over may write what it likes: it is a stranger's answer.
    try:
        said = json.loads(data)
        passages = tuple(Passage(str(text), page if isinstance(page, int) else None,
                                 paragraph if isinstance(paragraph, int) else None)
                         for text, page, paragraph in said["passages"])
        return Reading(passages, str(said["problem"])[:300])
    except (ValueError, TypeError, KeyError, RecursionError):
        return Reading((), "damaged")
