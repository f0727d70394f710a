"""How many requests one account or address may send in a minute, counted in each process (Q67).

Kept in memory on purpose: a counter in the database would let a flood write. With several
workers the limit is each worker's own. Setting `rate_per_minute`; 0 or none: no limit.
"""

from __future__ import annotations

import threading
import time

from .refusals import TOO_MANY

MOST_KEYS = 20_000

_lock = threading.Lock()
_left: dict[str, tuple[float, float]] = {}


def refuse_if_too_many(key: str, per_minute: int) -> None:
    """Take one of the key's tokens, which come back evenly; refuse (429) when there is none."""
    if per_minute <= 0:
        return
    now, pace = time.monotonic(), per_minute / 60
    with _lock:
        if len(_left) > MOST_KEYS:
            _left.clear()
        tokens, at = _left.get(key, (float(per_minute), now))
        tokens = min(float(per_minute), tokens + (now - at) * pace)
        allowed = tokens >= 1
        _left[key] = (tokens - 1 if allowed else tokens, now)
    if not allowed:
        raise TOO_MANY(retry_after=max(1, int((1 - tokens) / pace) + 1))
