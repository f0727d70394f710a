"""What makes the run shorter and changes no test: order, memory, and work done once.

Nothing here touches what a test asserts about. The long modules go first, so that no worker is
left alone with one of them at the end; everything that collecting made is kept out of the
garbage collector's sight; and the builders of addresses, which werkzeug compiles anew for every
application, are compiled once.
"""

from __future__ import annotations

import gc

from werkzeug.routing import Rule

LONG = (
    "tests/story/",
    "tests/permissions/test_every_action.py",
    "tests/faults/",
    "tests/leaks/",
    "tests/bidding/test_crash_syscalls.py",
    "tests/audit/test_crash_syscalls.py",
    "tests/portal/test_verify.py",
    "tests/browser/",
    "tests/model/",
    "tests/audit/test_standby.py",
    "tests/bidding/test_coalitions.py",
    "tests/bidding/test_client",
)
"""Beginnings of the names of modules that take many seconds, the longest first."""


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


def remember_builders() -> None:
    """Compile each route's builder of addresses once a run, not once an application."""
    compiled, known = Rule._compile_builder, {}

    def once(self, append_unknown: bool = True):
        if self.defaults:  # they are written into the code
            return compiled(self, append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in known:
            known[key] = compiled(self, append_unknown)
        return known[key]

    Rule._compile_builder = once
