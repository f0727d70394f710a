"""A worker killed at the system calls of a submission: 0 lost, 0 half (assurance F03).

The child sends the last block and is killed on entry to the chosen call. One run without a kill
lists the calls: every fifth is tried here, every one under `-m faults`.
"""

import pytest

from kernel.db import db
from tests.traced import DURABLE, calls_of, needed, traced

from .test_crash import prepared, whole

pytestmark = needed


def run(world, company, sealed, log, inject: str | None) -> tuple[bool, bool]:
    """Send the last block under strace: (acknowledged, killed)."""
    db.session.remove()
    db.engine.dispose()

    def send(hold, say):
        block = world.blocks(sealed)[-1]
        hold()
        got = world.upload_block(company.actor, sealed.declaration["bid"], 1, *block)
        say(b"A" if got.receipt else b"?")

    said, killed = traced(send, log, inject)
    return said == b"A", killed


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
