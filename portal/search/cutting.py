"""The dictionary that cuts a query into words (jieba), loaded when it is first needed."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

_LOADING = threading.Lock()


def cutter(folder: Path):
    """A function that cuts a run of Han characters into words; its cache lies in `folder`.

    A second's work the first time, then a tenth of one per process. jieba's own choice for its
    cache is a known name in /tmp, which it reads with `marshal`: anybody's code.
    """
    def cut(run: str) -> list[str]:
        return _dictionary(folder).lcut(run)

    return cut


_made: list = []


def _dictionary(folder: Path):
    """The one dictionary of the process: a hundred megabytes, the same for everybody."""
    with _LOADING:
        if not _made:
            import jieba

            jieba.setLogLevel(logging.WARNING)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            dictionary = jieba.Tokenizer()
            dictionary.tmp_dir = str(folder)
            dictionary.initialize()
            _made.append(dictionary)
        return _made[0]
