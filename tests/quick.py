"""What makes the run shorter and changes no test: order, memory, and work done once.

Nothing here touches what a test asserts about. The long modules go first, so that no worker is
left alone with one of them at the end; everything that collecting made is kept out of the
garbage collector's sight, which looks less often; and routes, which werkzeug compiles anew for
every application, and statements, which SQLAlchemy compiles anew for every engine, are compiled
once.
"""

from __future__ import annotations

import gc

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

LONG = (
    "tests/story/",
    "tests/permissions/test_every_action.py",
    "tests/faults/",
    "tests/leaks/",
    "tests/bidding/test_crash_syscalls.py",
    "tests/audit/test_crash_syscalls.py",
    "tests/portal/test_verify.py",
    "tests/tampering/test_rows.py",
    "tests/bidding/test_api.py",
    "tests/bidding/test_opening.py",
    "tests/browser/",
    "tests/model/",
    "tests/audit/test_standby.py",
    "tests/bidding/test_coalitions.py",
    "tests/bidding/test_client",
)
"""Beginnings of the names of modules that take many seconds, the longest first."""

LESS_OFTEN = (20_000, 20, 20)
"""The garbage collector's thresholds: a test makes many objects and leaves few in circles."""


def rank(nodeid: str) -> int:
    """Where a test's module stands among the long ones; after all of them if it is none."""
    return next((place for place, name in enumerate(LONG) if nodeid.startswith(name)), len(LONG))


def pytest_collection_modifyitems(items: list) -> None:
    """The long modules first, every module's own order kept (xdist: --no-loadscope-reorder)."""
    items.sort(key=lambda item: rank(item.nodeid))


def pytest_collection_finish() -> None:
    """What is there now stays until the end: a collection need not look at it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*LESS_OFTEN)


def remember_routes() -> None:
    """Compile each route once a run, not once an application (there are some 270 of them)."""
    compiled, known = Rule.compile, {}

    def once(self) -> None:
        if self.defaults or self.map.host_matching:  # they are written into the code
            return compiled(self)
        key = (self.rule, self.subdomain, self.merge_slashes, *self.map.converters.values())
        if key not in known:
            compiled(self)
            known[key] = (self._parts, self._trace, self._converters, self._build.__func__,
                          self._build_unknown.__func__)
        parts, trace, converters, build, build_unknown = known[key]
        self._parts, self._trace = list(parts), list(trace)
        self._converters = dict(converters)
        self.arguments.update(converters)
        self._build, self._build_unknown = build.__get__(self), build_unknown.__get__(self)
        return None

    Rule.compile = once


def share_compiled_statements() -> None:
    """Compile each statement once a run and kind of database, not once an engine.

    SQLAlchemy keeps what it compiled beside the engine, under the statement and the dialect. Every
    test has an engine of its own, all alike: two dialects that speak to the same kind and version
    of server say the same, so here they count as one.
    """
    kept = LRUCache(5000)

    def said(dialect) -> tuple:
        return (type(dialect), getattr(dialect, "server_version_info", None), dialect.paramstyle,
                getattr(dialect, "_backslash_escapes", None))

    def created(_class, engine) -> None:
        engine._compiled_cache = kept

    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda self, other: said(self) == said(other)
        dialect.__hash__ = lambda self: hash(type(self))
        dialect.engine_created = classmethod(created)
