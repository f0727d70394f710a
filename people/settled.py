"""What administrators settle while the platform runs: the security policy and the parameters.

Each change is a row of its own and the newest counts from its COMMIT on, in every process, for it
is read where it is used. What was never settled is as it was shipped. Nothing here can shut
anybody out at a deadline: a second factor for everybody begins a week after it was settled.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from kernel.canonical import parse_time, time_text

from .model import PlatformSetting

POLICY, PARAMETERS = "policy", "parameters"
NOTICE = timedelta(days=7)
"""How long before a second factor is asked of everybody it is settled."""


def shipped(kind: str) -> dict[str, object]:
    """What holds while nothing was settled."""
    if kind == PARAMETERS:
        return {"document_mib": 200, "registrations_free": 30, "letters": True}
    return {"password_min": 8, "guesses_free": 5, "admin_networks": [], "factor_for_all": False,
            "factor_from": None,
            "password_complexity": bool(wiring().settings.get("password_complexity", True))}


def newest(session: Session, kind: str) -> PlatformSetting | None:
    """The row that counts; None where nothing was settled."""
    return session.scalars(select(PlatformSetting).where(PlatformSetting.kind == kind).order_by(
        PlatformSetting.version.desc()).limit(1)).first()


def settled(session: Session, kind: str) -> dict[str, object]:
    """What holds now, every value of it."""
    row = newest(session, kind)
    return shipped(kind) | (row.body if row else {})


def factor_for_all(session: Session, now: datetime) -> bool:
    """Whether no role counts now in a session that gave one factor."""
    since = settled(session, POLICY)["factor_from"]
    return since is not None and now >= parse_time(since)


def with_notice(old: dict, new: dict, now: datetime) -> dict:
    """`new` with the time from which a second factor is asked of everybody."""
    if not new["factor_for_all"]:
        return new | {"factor_from": None}
    return new | {"factor_from": old["factor_from"] or time_text(now + NOTICE)}


def within(networks: list[str], source: str) -> bool:
    """Whether an address lies in one of the networks; all do where none is named."""
    if not networks:
        return True
    try:
        address = ipaddress.ip_address(source.partition("/")[0])
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(one) for one in networks)
