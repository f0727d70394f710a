"""A small simulator: a platform with a clock one may move, and persons one may call up.

Packages add their verbs in `tests/worlds/<package>.py`: every class there whose name ends in
`World` or `Verbs` becomes part of World.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.orm import Session

import guarantees.nightly
import people.clock
import portal.alerts.clock
import portal.migrate
import portal.webhooks.clock
import tests.worlds
from audit.act import wiring
from audit.actor import ANONYMOUS, CLOCK, OPERATOR
from kernel.clock import Clock
from kernel.db import Base, Installation, configure_sqlite, db
from people import rates, security
from people.rules import FRESH
from portal.config import Settings
from tests.remembered import Past, remembered
from tests.rows import Rows

ORIGIN = "test.example/log"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Where every world begins: Monday, 2 March 2026, 09:00 in Beijing."""

__all__ = ["ANONYMOUS", "CLOCK", "OPERATOR", "ORIGIN", "START", "World", "WorldClock",
           "as_started", "create_schema", "settings_for"]


REMEMBERED = (security._seen, rates._left, people.clock._last, guarantees.nightly._settled,
              portal.webhooks.clock._last, portal.alerts.clock._last)
"""What a process of the platform remembers by itself: who tried how often, when it swept last."""


def as_started() -> None:
    """Forget it, as a process that was just started: else what a test finds done depends on what
    another one did before it, at nearly the same time of a world of its own."""
    for kept in REMEMBERED:
        kept.clear()


class WorldClock(Clock):
    """The platform's clock, which a test may hold still."""

    frozen: datetime | None = None

    def now(self, connection) -> datetime:
        """The frozen moment, else the database's time with its offset."""
        return self.frozen or super().now(connection)

    def said(self, offset, high_water, moment=None) -> datetime:
        """The same of a row that was read already."""
        return self.frozen or super().said(offset, high_water, moment)


def settings_for(folder: Path, app_url: str = "", owner_url: str = "") -> Settings:
    """An installation's settings under `folder`, with quick password hashes."""
    return Settings(data=str(folder), database_url=app_url, owner_url=owner_url,
                    log_origin=ORIGIN, argon2="1,8,1", accelerator="1", pool="12", rate_per_minute="0",
                    store_full="100")


def create_schema(settings: Settings) -> None:
    """All tables, and the row that makes the database an installation of kind `test`."""
    engine = create_engine(settings.migration_url)
    if engine.dialect.name == "sqlite":
        configure_sqlite(engine)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        portal.migrate.lay_profiles(connection)
        connection.execute(insert(Installation).values(
            id=1, kind="test", log_origin=ORIGIN, clock_offset_ms=0))
        if engine.dialect.name == "postgresql":
            connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num "
                                    "varchar(32) PRIMARY KEY)"))
        portal.migrate.grant(connection, _role(settings.url))
    engine.dispose()


def _role(url: str) -> str | None:
    return create_engine(url).url.username


class BaseWorld:
    """Time, the raw database, and what every mixin may count on."""

    fresh_for = FRESH
    """For how long of the platform's running time a second factor just entered is fresh."""

    def __init__(self, app, settings: Settings):
        self.app = app
        self.settings = settings
        self.clock: WorldClock = app.extensions["yangguang"].clock
        self._raw = create_engine(settings.migration_url)
        self._numbers = itertools.count(1)
        self.salt = secrets.token_hex(3)
        self.touches = 0
        """How often time was set or a row changed by hand."""
        self._past: Past | None = None
        self.set_time(START)

    def remember(self, fresh: int | Rows, place: Path) -> None:
        """Let verbs whose outcome is kept be answered with a copy: this world is a fresh one, on a
        file copied at this time (ns) or over these rows. `place` is where files are kept."""
        self._past = Past(self, fresh, place)

    def keep_to_itself(self) -> None:
        """Nothing is remembered any more, and no session of ours is left in the database: a test
        copies or replaces it as a whole, and it is lent to nobody after that."""
        past, self._past = self._past, None
        if past is not None:
            past.close()

    def recall(self) -> None:
        """After a kept outcome was put in place: verbs bring back what lies elsewhere."""

    def close(self) -> None:
        """Let go of the raw connection."""
        self._raw.dispose()

    @property
    def postgres(self) -> bool:
        """Whether this world stands on PostgreSQL."""
        return self._raw.dialect.name == "postgresql"

    @property
    def session(self) -> Session:
        """A session to read with; it sees what is committed now."""
        db.session.rollback()
        return db.session()

    @property
    def now(self) -> datetime:
        """The platform's time."""
        now = wiring().clock.now(self.session.connection())
        db.session.rollback()
        return now

    def number(self) -> int:
        """1, 2, 3 …: a number that this world has not given yet."""
        return next(self._numbers)

    def raw(self, statement: str, **values: object) -> list:
        """SQL past every guard, as the database's owner: what a burglar or a fault would do."""
        db.session.rollback()
        self.touches += not statement.startswith("SELECT")
        with self._raw.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    def set_time(self, moment: datetime) -> None:
        """Make it `moment` (aware). Backwards too, which only a test may do."""
        self.touches += 1
        if self.clock.frozen is not None:
            self.clock.frozen = moment
        self.clock._said = datetime.min.replace(tzinfo=UTC)
        with self._raw.begin() as connection:
            # The base of the offset is the clock that decides: the database's on PostgreSQL.
            host = connection.execute(text("SELECT clock_timestamp()")).scalar_one() \
                if self.postgres else datetime.now(UTC)
            offset = int((moment - host).total_seconds() * 1000) + 1
            connection.execute(text("UPDATE installation SET clock_offset_ms = :offset, "
                                    "high_water = NULL"), {"offset": offset})

    def advance(self, *, to: datetime | None = None, **delta: float) -> datetime:
        """Let time pass: `advance(days=3, minutes=5)` or `advance(to=…)`; the new time."""
        self.set_time(to if to is not None else self.now + timedelta(**delta))
        return self.now

    def freeze(self, moment: datetime | None = None) -> datetime:
        """Hold the clock still, at `moment` or now; `advance` still moves it."""
        self.clock.frozen = moment or self.now
        return self.clock.frozen

    def thaw(self) -> None:
        """Let the clock run again from where it stands."""
        moment, self.clock.frozen = self.clock.frozen, None
        if moment is not None:
            self.set_time(moment)

    def tick(self, record: bool = False) -> int:
        """One round of the clock's work; with `record` the log is brought up to date too."""
        tick = importlib.import_module("portal.tick").tick
        if not record:
            return tick()
        return tick(importlib.import_module("audit.keys").Keys.load(self.settings.keys))

    def entries(self, kind: str | None = None) -> list:
        """The entries written so far (of one kind), in no order of the log."""
        from audit.model import PendingEntry

        statement = select(PendingEntry)
        if kind is not None:
            statement = statement.where(PendingEntry.type == kind)
        return list(self.session.execute(statement).scalars())


def _mixins() -> tuple[type, ...]:
    found = []
    for info in sorted(pkgutil.iter_modules(tests.worlds.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"tests.worlds.{info.name}")
        found += [value for name, value in vars(module).items()
                  if isinstance(value, type) and value.__module__ == module.__name__
                  and name.endswith(("World", "Verbs"))]
    return tuple(found)


World = type("World", (*_mixins(), BaseWorld), {"__doc__": "The simulator with all its verbs."})

for _verb in ("draft_tender", "published_tender", "opened_lot", "opened_by_fiat", "announced_draw",
              "drawn_panel", "scored", "awarding", "awarded", "contracted"):
    setattr(World, _verb, remembered(getattr(World, _verb)))
