"""One request under way: whose it is, what was asked of authority, what will be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from audit.actor import ANONYMOUS, Actor
from kernel.db import db


@dataclass
class Exchange:
    """The state of one request at the edge; lives in `flask.g` and nowhere below the edge."""

    route: object
    actor: Actor = ANONYMOUS
    judged: bool = False
    """Authority has allowed what the route stands for."""
    reason: str | None = None
    """Why something sensitive is read, where the route asks for that (Q81)."""
    etag: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    """Further headers of the answer."""
    key: str | None = None
    fingerprint: str = ""
    answer: object = None
    """What the act's finisher made: the answer to send."""
    committed: bool = False
    session: Session | None = None
    now: datetime | None = None
    token_actions: list[str] | None = None
    held: list[object] = field(default_factory=list)
    """Rows that were read ahead (ahead())."""
    allowed: dict[tuple, list[str]] = field(default_factory=dict)
    """What the actor may do with a lot, a tender or an owner's object, once it was asked."""


def current() -> Exchange:
    """The request under way; raises RuntimeError outside a view of a Book."""
    exchange = g.get("exchange")
    if exchange is None:
        raise RuntimeError("no request of a Book is under way")
    return exchange


def reading() -> Session:
    """The session readings use: the act's own while its answer is made, else the request's."""
    exchange = g.get("exchange")
    return exchange.session if exchange and exchange.session is not None else db.session()


def ahead(table: type, ids: Iterable[str | None]) -> None:
    """Read rows by their ids at once and keep them as long as the request: what then gets each by
    itself (`Session.get`) asks the database no more."""
    wanted = {one for one in ids if one}
    exchange = g.get("exchange")
    if wanted and exchange is not None:
        exchange.held += reading().scalars(select(table).where(table.id.in_(wanted)))


def moment() -> datetime:
    """The platform's time for readings of this request; one reading, then the same."""
    exchange = g.get("exchange")
    if exchange is None:
        return wiring().clock.now(db.session().connection())
    if exchange.now is None:
        exchange.now = wiring().clock.now(db.session().connection())
    return exchange.now


def allowed_actions(obj: object) -> list[str]:
    """What the present actor may do with `obj` now: a lot, a tender, or what names one of them.

    Empty where nobody is asking (outside a request). A view that has read the phase already says
    it as `in_phase`.
    """
    exchange = g.get("exchange")
    answer = wiring().allowed_actions
    if exchange is None or answer is None:
        return []
    kind = getattr(obj, "__tablename__", "")
    own = _get(obj, "id")
    lot_id = own if kind == "lot" else _get(obj, "lot_id")
    tender_id = own if kind == "tender" else _get(obj, "tender_id")
    owner = _get(obj, "party_id") if kind not in ("lot", "tender") else None
    of, phase = (lot_id, None if lot_id else tender_id, owner), _get(obj, "in_phase")
    if exchange.session is not None:  # within an act: what it changed counts
        return _asked(answer, exchange.actor, of, phase)
    if of not in exchange.allowed:
        exchange.allowed[of] = _asked(answer, exchange.actor, of, phase)
    return list(exchange.allowed[of])


def _asked(answer: Callable, actor: Actor, of: tuple, phase: object) -> list[str]:
    lot_id, tender_id, owner = of
    return answer(reading(), actor, moment(), lot_id=lot_id, tender_id=tender_id, owner=owner,
                  phase=phase)


def _get(obj: object, name: str) -> object:
    return obj.get(name) if isinstance(obj, dict) else getattr(obj, name, None)
