"""A pytest plugin (`-p tests.skips`): say what was skipped, and do not let CI pass over it.

A test that is skipped because a tool is missing proves nothing. With CI set such a skip fails the
run; elsewhere it is counted and named. Skips for other reasons (a rule that one database cannot
show, specifications that lie outside the repository) are counted only.
"""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest

TOOLS = "age|chromium|gcc|node|npm|npx|openssl|spin|strace|playwright|aics.tlog"
MISSING = re.compile(
    rf"could not import|not installed|missing tool|no postgres|is missing|\b({TOOLS})\b",
    re.IGNORECASE,
)


class Skips:
    """Counts the skips of a run by reason; under xdist in the controlling process."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Count one report if it is a skip; an expected failure is not one."""
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            self.reasons[str(reason).removeprefix("Skipped: ")] += 1

    pytest_runtest_logreport = note
    pytest_collectreport = note

    @property
    def for_want_of_a_tool(self) -> list[str]:
        """The reasons that name a tool that was not there."""
        return [reason for reason in self.reasons if MISSING.search(reason)]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a passing run into a failing one when CI lacked a tool."""
        if os.environ.get("CI") and self.for_want_of_a_tool and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter) -> None:
        """Name each reason once, before pytest's closing line."""
        terminalreporter.write_line(f"skipped: {sum(self.reasons.values())}")
        for reason, count in sorted(self.reasons.items()):
            lacking = reason in self.for_want_of_a_tool
            mark = "  MISSING TOOL: " if lacking else "  "
            terminalreporter.write_line(f"{mark}{count} x {reason}", red=lacking)


def pytest_configure(config: pytest.Config) -> None:
    """Register the counter in the controlling process only."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Skips(), "yangguang-skips")
