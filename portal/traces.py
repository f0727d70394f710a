"""What the log says of an error: its kind and the way to it, never its words.

The words of an error are often somebody's: the value a cell holds, an address that a server
refused, a row that a constraint threw back. So the log gets the kinds of the error and of those
behind it, and the lines they came through, from which the place can be found. `install` sees to
it once for every logger of the process, whoever calls `log.exception`.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1]) + "/"
DEEPEST = 12
"""Lines told of one error, the innermost first."""


def told(error: BaseException) -> str:
    """`ValueError at portal/alerts/clock.py:98 deliver < …`, and from what, a line each."""
    said, seen = [], set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        frames = traceback.extract_tb(one.__traceback__)[-DEEPEST:]
        way = " < ".join(f"{frame.filename.removeprefix(ROOT)}:{frame.lineno} {frame.name}"
                         for frame in reversed(frames))
        said.append(f"{type(one).__module__}.{type(one).__qualname__} at {way or 'no line'}")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n  from ".join(said)


def install() -> None:
    """From now on every log record that carries an error carries `told` of it instead."""
    made = logging.getLogRecordFactory()
    if getattr(made, "wordless", False):
        return

    def wordless(*args, **kwargs) -> logging.LogRecord:
        record = made(*args, **kwargs)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text, record.exc_info = told(record.exc_info[1]), None
        return record

    wordless.wordless = True
    logging.setLogRecordFactory(wordless)
