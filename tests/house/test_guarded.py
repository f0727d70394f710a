"""What a run of the tests started is gone when the run is, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.guarded import NAME, guarded, marked

ROOT = Path(__file__).parents[2]

RUN = """
import os, subprocess, sys, time
sys.path.insert(0, {root!r})
from tests.guarded import guarded
with guarded():
    own = subprocess.Popen([sys.executable, "-c", "import subprocess, sys, time; subprocess.Popen("
        "['sleep', '1000'], start_new_session=True); time.sleep(1000)"], start_new_session=True)
    plain = {{key: value for key, value in os.environ.items() if key != {name!r}}}
    other = subprocess.Popen(["sleep", "1000"], env=plain, start_new_session=True)
    print(os.environ[{name!r}], other.pid, flush=True)
    {then}
"""


def started(then: str) -> tuple[subprocess.Popen, str, int]:
    """A run with a process and its grandchild: (it, its word, a stranger's process)."""
    run = subprocess.Popen([sys.executable, "-c", RUN.format(root=str(ROOT), name=NAME, then=then)],
                           stdout=subprocess.PIPE, text=True)
    word, other = run.stdout.readline().split()
    return run, word, int(other)


def until(said) -> None:
    ends = time.monotonic() + 60
    while not said():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_run_leaves_nothing_behind(how):
    run, word, other = started("time.sleep(1000)")
    try:
        until(lambda: len(list(marked(word))) == 2)
        run.send_signal(how)
        run.wait(60)
        until(lambda: not list(marked(word)))
        os.kill(other, 0)  # whoever has not the word is nobody of ours
    finally:
        os.kill(other, signal.SIGKILL)


def test_a_run_that_ends_takes_along_what_it_forgot():
    run, word, other = started("pass")
    try:
        assert run.wait(60) == 0
        assert list(marked(word)) == []
    finally:
        os.kill(other, signal.SIGKILL)


def test_the_run_itself_has_another_word_than_one_within_it():
    outer = os.environ[NAME]
    with guarded():
        assert os.environ[NAME] != outer
    assert os.environ[NAME] == outer
