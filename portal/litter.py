"""What crashes leave in the store of files, and its removal (`yangguang admin gc`)."""

from __future__ import annotations

import re
import time
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.reading import object_names
from kernel.store import Store
from supervision.model import Evidence
from tender.model import DirectAward, Document, Paper

DAY = 86400
"""Seconds for which an object may lie there before a row names it."""
_NAME = re.compile("[0-9a-f]{64}")


def named(session: Session) -> set[str]:
    """Every object that some row of any book refers to, by its SHA-256 in hex."""
    return object_names(session).union(session.scalars(select(Document.hash)),
                                       session.scalars(select(Evidence.hash)),
                                       session.scalars(select(Paper.hash)),
                                       session.scalars(select(DirectAward.minutes_hash).where(
                                           DirectAward.minutes_hash.is_not(None))))


def sweep(store: Store, older_than_seconds: int = DAY) -> int:
    """Remove temporary files that a crash left behind; return how many."""
    stale = [file for file in store.temporary.iterdir() if _older(file, older_than_seconds)]
    for file in stale:
        file.unlink(missing_ok=True)
    return len(stale)


def remove_unknown(store: Store, known: set[str], older_than_seconds: int = DAY) -> int:
    """Remove objects that are not `known` and not younger than that; return how many.

    What is not called as an object is stays: nobody here has put it there.
    """
    orphans = [name for name in store.names() if name not in known and _NAME.fullmatch(name)
               and _older(store.path(name), older_than_seconds)]
    for name in orphans:
        store.delete(name)
    return len(orphans)


def _older(file: Path, seconds: int) -> bool:
    return time.time() - file.stat().st_mtime > seconds
