"""One act, one transaction, one entry.

A function under `@act` is the only way to change anything. Called with an Actor it opens a
transaction of its own; called with the Act of a caller it joins the caller's. Either way it
leaves exactly one entry in the record beside its change, or neither.

What happens, in order, when an Actor calls: an act on a lot first closes the lot if its
deadline has passed, in a transaction of its own, so that a refusal never undoes a close
(sealed-bid A3.6) → BEGIN (IMMEDIATE on SQLite) → the function locks what it judges, asks
`ctx.permit`, changes, calls `ctx.record` → the edge's finisher stores the answer for
Idempotency-Key → COMMIT, where the guard looks once more. If we die before COMMIT nothing
happened; if we die after it, the same key gives the same answer.
"""

from __future__ import annotations

import functools
import inspect
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from sqlalchemy import Connection, Dialect, insert
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from kernel.canonical import jcs, time_text
from kernel.clock import Clock
from kernel.db import db, new_id, refusal_for
from kernel.refusal import BUSY, DENIED, Refused
from kernel.store import Store

from .actor import Actor
from .model import PendingEntry
from .refusals import STEP_UP, UNWRITABLE
from .watch import Watch

CATALOGUE: dict[str, ActType] = {}
"""Every act the platform knows, by name; the list is closed when the app is built."""

DISCLOSE = ("public", "opened", "awarded", "party", "never")
"""When an entry's content may be read by everyone: at once · when the lot is opened · with the
award · only by its own party and the supervisor after opening · by supervisor and auditor only."""

_WAIT = insert(PendingEntry.__table__)

finisher: ContextVar[Callable[[Session, object, datetime], Callable[[], None]] | None] = ContextVar(
    "finisher", default=None
)
"""Set by the edge for one request: stores the answer of the outermost act before it commits; what
it returns is called when that is done."""


@dataclass(frozen=True)
class ActType:
    """One kind of act. `action` is the row of the permission table that allows it to people;
    None means that only `by` (`clock`, `operator`) or a larger act may do it."""

    name: str
    law: str
    action: str | None
    by: tuple[str, ...]
    lot: bool
    fresh: bool
    disclose: str
    summary: str
    veiled: bool = False
    """Whether its entry could tell of a bid in an open lot: it comes out under cover."""
    alone: str = ""
    """`closing` or `authorisation`: its entry gets a tick of its own."""


@dataclass
class Wiring:
    """What the app is built with, composed in portal: the upward answers @act needs."""

    clock: Clock
    authority: Callable[..., None]
    """`authority(session, actor, action, now, lot_id=, tender_id=, owner=, region=)`: returns or
    refuses."""
    close_if_due: Callable[[str], None]
    """`close_if_due(lot_id)` in a transaction of its own."""
    store: Store
    """Where files lie, by their hash."""
    platform_key: object = None
    """The key that signs promises; the log's key is the sequencer's alone."""
    settings: dict[str, object] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    """Whether the clock may be believed."""
    allowed_actions: Callable[..., list[str]] | None = None
    """`allowed_actions(session, actor, now, lot_id=, tender_id=, owner=, phase=)`: what may be done."""
    awaited: Callable[..., list[int]] = lambda _connection: []
    """`awaited(connection)`: sizes of checkpoints that something waits for all witnesses on."""
    open_lots: Callable[..., list[tuple[str, datetime | None]]] = lambda _session, _now: []
    """`open_lots(session, now)`: the lots of which nothing may tell a bid, each with its deadline;
    with None a lot that ended unopened and whose cover is not disclosed yet."""
    announce: Callable[..., None] = lambda _connection, _kind, _entry: None
    """`announce(connection, kind, entry)`: notes a public act for the feed, in its transaction."""


@dataclass(frozen=True)
class Due:
    """One thing that waits for time: `act(CLOCK, *args, **kwargs)` may run from `at` on."""

    at: datetime
    act: Callable
    args: tuple = ()
    kwargs: dict[str, object] = field(default_factory=dict)


def wiring() -> Wiring:
    """The wiring of the running app."""
    return current_app.extensions["yangguang"]


class Act:
    """One act under way: its session, its one reading of the clock, its actor, its entry."""

    def __init__(self, kind: ActType, actor: Actor, session: Session, parent: Act | None):
        self.kind = kind
        self.actor = actor
        self.session = session
        self.parent = parent
        self.permitted = parent is not None or actor.kind in kind.by
        self.entry_id: str | None = None
        self._now: datetime | None = parent.now if parent else None

    @property
    def now(self) -> datetime:
        """The one reading of the clock; taken at first use, so lock the row you judge first."""
        if self._now is None:
            self._now = wiring().clock.now(self.session.connection())
        return self._now

    def dated(self, offset: int, high_water: object, moment: datetime | None = None) -> None:
        """Take the act's one reading of the clock from a row that was read under its lock together
        with what it judges (audit.dated)."""
        if self._now is None:
            self._now = wiring().clock.said(offset, high_water, moment)

    def permit(self, *, lot_id: str | None = None, tender_id: str | None = None,
               owner: str | None = None, account: str | None = None,
               region: str | None = None) -> None:
        """Refuse unless the actor may do this now, judged inside the transaction (I30).

        `owner` is the party whose object is touched, where the object belongs to one; `region`
        the place that is touched, where no lot or tender says it.
        `account` is the account touched by an act of one's own (`by=("self",)`): nobody but
        the person signed in to it may do that, and no row of the table is asked.
        """
        if self.permitted:
            return
        if self.kind.action is None:
            own = account is not None and account == self.actor.account_id
            if "self" not in self.kind.by or self.actor.kind != "account" or not own:
                raise DENIED()
        else:
            wiring().authority(self.session, self.actor, self.kind.action, self.now,
                               lot_id=lot_id, tender_id=tender_id, owner=owner, region=region)
        if self.kind.fresh and not self.actor.fresh(self.now):
            raise STEP_UP()
        self.permitted = True

    def record(self, subject: str, facts: dict[str, object] | None = None, *,
               lot_id: str | None = None, tender_id: str | None = None,
               party_id: str | None = None) -> None:
        """Write this act's one entry, beside its change, in the same transaction.

        `subject` is the id of what was acted on; `facts` holds digests, ids and amounts,
        never a secret and never a person's name. `party_id` names whose entry it is where
        the disclosure is `party`.
        """
        if not self.permitted:
            raise RuntimeError(f"{self.kind.name} recorded without ctx.permit()")
        if self.entry_id is not None:
            raise RuntimeError(f"{self.kind.name} recorded twice")
        self.entry_id = new_id()
        record = {"v": 1, "type": self.kind.name, "at": time_text(self.now),
                  "actor": self.actor.as_facts(), "law": self.kind.law, "subject": subject,
                  "tender": tender_id, "lot": lot_id, "party": party_id, "facts": facts or {}}
        self.session.flush()
        entry = {"id": self.entry_id, "type": self.kind.name, "at": self.now, "lot_id": lot_id,
                 "tender_id": tender_id, "party_id": party_id, "disclose": self.kind.disclose,
                 "record": jcs(record).decode(), "salt": secrets.token_bytes(32),
                 "veiled": self.kind.veiled, "alone": self.kind.alone}
        try:
            wait(self.session.connection(), entry)
            wiring().announce(self.session.connection(), self.kind, entry)
        except DBAPIError as error:
            if _transient(error):
                raise
            # What cannot be recorded does not happen (Q72).
            raise UNWRITABLE() from error


def wait(connection: Connection, entry: dict[str, object]) -> None:
    """Add one entry (all columns of `pending_entry`) to those that wait for the sequencer.

    This statement is in every act. PostgreSQL's driver takes the values as they are, so that it is
    given the text at once; that is worth a third of what SQLAlchemy's own way costs.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_spelled(connection.dialect, tuple(entry)), entry)
    else:
        connection.execute(_WAIT, entry)


@functools.lru_cache(maxsize=4)
def _spelled(dialect: Dialect, columns: tuple[str, ...]) -> str:
    return str(_WAIT.compile(dialect=dialect, column_keys=list(columns)))


def summary_of(function: Callable) -> str:
    """What a function says of itself: its docstring's first paragraph, on one line."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def act(name: str, *, law: str, action: str | None = None, by: tuple[str, ...] = (),
        lot: bool = False, fresh: bool = False, disclose: str = "public",
        veiled: bool = False, alone: str = ""):
    """Declare an act called `subject.past-tense`.

    `lot=True`: the first argument after the actor is a lot id, and the lot is closed first if
    its deadline has passed. `fresh=True`: needs a second factor no older than five minutes.
    `veiled=True`: the act could tell of a bid in an open lot, so its entry comes out under cover.
    `alone`: `closing` or `authorisation`, whose entries get a tick of their own.
    The decorated function is called as `function(actor_or_act, …)` and receives an Act.
    """
    if name in CATALOGUE or disclose not in DISCLOSE or "." not in name:
        raise ValueError(f"bad or repeated act {name}")

    def declare(function):
        kind = ActType(name, law, action, by, lot, fresh, disclose, summary_of(function), veiled,
                       alone)
        CATALOGUE[name] = kind

        @functools.wraps(function)
        def call(who: Actor | Act, *args, **kwargs):
            if isinstance(who, Act):
                return _run(kind, function, Act(kind, who.actor, who.session, who), args, kwargs)
            if who.kind in ("clock", "operator") and who.kind not in by:
                raise DENIED()
            return _outermost(kind, function, who, args, kwargs)

        call.act = kind
        return call

    return declare


def _outermost(kind: ActType, function, actor: Actor, args, kwargs):
    lot_id = (args[0] if args else kwargs["lot_id"]) if kind.lot else None
    if lot_id:
        wiring().close_if_due(lot_id)
    for attempt in range(4):
        session = _clean_session()
        try:
            session.connection(execution_options={"immediate": True})
            context = Act(kind, actor, session, None)
            result = _run(kind, function, context, args, kwargs)
            # What the clock does on the way, a close, is not what the request asked for.
            store = finisher.get() if actor.kind != "clock" else None
            done = store and store(session, result, context.now)
            session.commit()
            if done:
                done()
            return result
        except Refused:
            session.rollback()
            if lot_id:
                wiring().close_if_due(lot_id)
            raise
        except IntegrityError as error:
            session.rollback()
            raise refusal_for(error) from error
        except DBAPIError as error:
            session.rollback()
            if not _transient(error):
                raise
            if attempt == 3:
                raise BUSY() from error
        except BaseException:
            session.rollback()
            raise
    raise BUSY()


@contextmanager
def side_write() -> Iterator[Session]:
    """A transaction of its own for tables whose changes are not acts (the guard holds it to that)."""
    session = _clean_session()
    try:
        session.connection(execution_options={"immediate": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def _clean_session() -> Session:
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside an act")
    session.rollback()
    return session


def _run(kind: ActType, function, context: Act, args, kwargs):
    result = function(context, *args, **kwargs)
    if context.entry_id is None:
        raise RuntimeError(f"{kind.name} left no entry")
    context.session.flush()
    return result


def _transient(error: DBAPIError) -> bool:
    state = getattr(getattr(error.orig, "diag", None), "sqlstate", None)
    if state in ("40001", "40P01", "55P03"):
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)
