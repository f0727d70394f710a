"""The security log: denials, log-ins and what else the record does not hold (house §3.4)."""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from datetime import datetime

from flask import has_request_context, request

from audit.act import side_write, wiring
from kernel.db import new_id

from .model import SecurityEvent, Undigested

log = logging.getLogger("yangguang.security")


def source() -> str:
    """The address the request came from; an IPv6 one counts by its /64, which is one subscriber.

    It is the connection's own. Only an installation that says how many proxies of its own stand
    before it (setting `trusted_proxies`) believes the address the outermost of these wrote into
    X-Forwarded-For; what a client wrote lies further left and is never read (Q66).
    """
    if not has_request_context():
        return ""
    address = request.remote_addr or ""
    hops = int(wiring().settings.get("trusted_proxies") or 0)
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(forwarded) >= hops:
        address = forwarded[-hops].strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if parsed.version == 6:
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def note_reading(now: datetime, *, account_id: str | None, action: str, subject: str,
                 reason: str) -> None:
    """Write down who read what sensitive thing and why (Q81), in a transaction of its own.

    Never left out and never forgiven: what cannot be written down is not shown.
    """
    with side_write() as session:
        own = new_id()
        session.add(SecurityEvent(
            id=own, at=now, kind=SENSITIVE, account_id=account_id, action=action,
            source=source(), subject=subject[:400], reason=reason))
        session.add(Undigested(of_id=own, kind="event", at=now))


SENSITIVE = "sensitive.read"
MOST_A_MINUTE = 60
"""Events of one kind and source that one process writes in a minute: a flood must not write."""

_lock = threading.Lock()
_seen: dict[tuple[str, str], tuple[float, int]] = {}


def _counted(kind: str, where: str) -> int | None:
    """How many events were left out before this one; None where this one is left out."""
    now = time.monotonic()
    with _lock:
        if len(_seen) > 20_000:
            _seen.clear()
        since, count = _seen.get((kind, where), (now, 0))
        if now - since >= 60:
            _seen[(kind, where)] = (now, 1)
            return max(0, count - MOST_A_MINUTE)
        _seen[(kind, where)] = (since, count + 1)
    return 0 if count < MOST_A_MINUTE else None


def note(kind: str, now: datetime, *, account_id: str | None = None, action: str = "",
         detail: str = "") -> None:
    """Write one event in a transaction of its own; a failure to write never fails the request."""
    where = source()
    left_out = _counted(kind, where)
    if left_out is None:
        return
    if left_out:
        detail = f"{detail} (+{left_out} like this)".strip()
    try:
        with side_write() as session:
            own = new_id()
            session.add(SecurityEvent(
                id=own, at=now, kind=kind[:40], account_id=account_id, action=action[:60],
                source=where, detail=detail[:200]))
            session.add(Undigested(of_id=own, kind="event", at=now))
    except Exception:
        log.exception("a security event was not written: %s", kind)
