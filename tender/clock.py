"""What of the invitation waits for time: nothing by itself.

A deadline that passes is a fact of the lot's phase; the entry that closes it is bidding's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from audit.act import Due


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Nothing."""
    return iter(())
