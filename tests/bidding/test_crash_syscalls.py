"""A worker killed at the system calls of a submission: 0 lost, 0 half (assurance F03).

A child is forked and held; strace attaches to it, so that its calls can be counted from one
moment on; the child sends the last block and is killed on entry to the chosen call. One run
without a kill lists the calls: every fifth is tried here, every one under `-m faults`.
"""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from kernel.db import db

from .test_crash import prepared, whole

CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "close", "sendto",
         "recvfrom", "ftruncate", "unlink", "link", "sendmsg", "read", "pread64", "fcntl",
         "lseek", "mkdir")
_CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\(")

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def held_child(world, company, sealed):
    """A child that waits for a byte, then sends the last block: (pid, go, answer)."""
    db.session.remove()
    db.engine.dispose()
    go_reader, go = os.pipe()
    answer, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            block = world.blocks(sealed)[-1]
            os.read(go_reader, 1)
            got = world.upload_block(company.actor, sealed.declaration["bid"], 1, *block)
            os.write(writer, b"A" if got.receipt else b"?")
        finally:
            os._exit(0)
    os.close(go_reader)
    os.close(writer)
    return child, go, answer


def run(world, company, sealed, log, inject: str | None) -> tuple[bool, bool]:
    """Send the last block under strace: (acknowledged, killed)."""
    child, go, answer = held_child(world, company, sealed)
    options = ["-e", f"inject={inject}"] if inject else []
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-e", f"trace={','.join(CALLS)}",
                               *options, "-p", str(child)], stderr=subprocess.PIPE)
    if not _attached(child, tracer):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.skip("strace may not attach here: " + tracer.stderr.read().decode()[:200])
    os.write(go, b"g")
    os.close(go)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    acknowledged = os.read(answer, 1) == b"A"
    os.close(answer)
    tracer.wait(30)
    return acknowledged, status == -signal.SIGKILL


def _attached(child: int, tracer) -> bool:
    for _ in range(1000):
        with open(f"/proc/{child}/status") as status:
            if "TracerPid:\t0" not in status.read():
                return True
        if tracer.poll() is not None:
            return False
        time.sleep(0.01)
    return False


def calls_of(log) -> list[tuple[str, int]]:
    """(call, its number among those of its kind), in order."""
    counts: dict[str, int] = {}
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match:
            name = match.group(1)
            counts[name] = counts.get(name, 0) + 1
            found.append((name, counts[name]))
    return found


def try_every(world, tmp_path, step: int) -> str:
    lot = world.lots(world.published_tender())[0]
    company, sealed = prepared(world, lot)
    log = tmp_path / "calls"
    assert run(world, company, sealed, log, None) == (True, False)
    listed = calls_of(log)
    assert len(listed) > 20 and any(name == "fsync" for name, _ in listed)
    killed = lost = half = acks = 0
    for name, number in listed[::step]:
        company, sealed = prepared(world, lot)
        acknowledged, died = run(world, company, sealed, log,
                                 f"{name}:signal=KILL:when={number}")
        state = whole(world, sealed)
        killed += died
        acks += acknowledged
        half += state is None
        lost += acknowledged and not state
        receipt = world.send(company, sealed).receipt
        assert receipt and whole(world, sealed) is True, f"not mended after {name} {number}"
    assert (lost, half) == (0, 0) and killed >= len(listed) // step // 2
    return f"{len(listed)} calls, {killed} kills, {acks} acknowledged, 0 lost, 0 half"


DURABLE = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "ftruncate", "unlink")


def fail_every(world, tmp_path, step: int, errors: tuple[str, ...]) -> str:
    """F04: the same calls fail instead; no answer says yes unless all is there."""
    lot = world.lots(world.published_tender())[0]
    company, sealed = prepared(world, lot)
    log = tmp_path / "calls"
    assert run(world, company, sealed, log, None) == (True, False)
    listed = [one for one in calls_of(log) if one[0] in DURABLE]
    failed = acks = 0
    for place, (name, number) in enumerate(listed[::step]):
        error = errors[place % len(errors)]
        company, sealed = prepared(world, lot)
        acknowledged, _ = run(world, company, sealed, log, f"{name}:error={error}:when={number}")
        failed += f" {error} (" in log.read_text(errors="replace")
        acks += acknowledged
        state = whole(world, sealed)
        assert state is not None, f"half visible after {error} of {name} {number}"
        assert state or not acknowledged, f"acknowledged and lost: {error} of {name} {number}"
        assert world.send(company, sealed).receipt and whole(world, sealed) is True
    assert failed >= len(listed) // step // 2
    return f"F04: {len(listed)} calls, {failed} failed, {acks} acknowledged, 0 lost, 0 half"


def test_f04_every_eighth_call_fails(world, tmp_path):
    print(fail_every(world, tmp_path, 8, ("EIO", "ENOSPC", "EINTR")))


@pytest.mark.faults
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EINTR"])
def test_f04_every_call_fails(world, tmp_path, error):
    print(fail_every(world, tmp_path, 1, (error,)))


def test_killed_at_every_fifth_call(world, tmp_path):
    print(try_every(world, tmp_path, 5))


@pytest.mark.faults
def test_killed_at_every_call(world, tmp_path):
    print(try_every(world, tmp_path, 1))
