"""Whether the time of an answer tells that the same ciphertext was there before (Q31).

A copy of a rival's ciphertext is taken silently; were it taken faster, or slower, the thief
would know that its owner has bid. Fresh and equal blocks of 4 MiB are sent by turns, and the
measure is how often an equal one takes longer than a fresh one: 0.5 tells nothing.
"""

from __future__ import annotations

import os
import statistics
import time

import pytest

from audit.act import wiring
from bidding import blocks
from tests.bidding.test_opening import steal

pytestmark = pytest.mark.bench

ROUNDS = int(os.environ.get("YANGGUANG_BENCH_ROUNDS", "40"))
TELLS = 0.15
"""By how much the measure may be off 0.5; with 40 rounds chance alone reaches 0.15 once in 50."""


def test_an_equal_ciphertext_takes_as_long_as_a_fresh_one(world):
    lot = world.lots(world.published_tender())[0]
    size = 3 * blocks.BLOCK
    wiring().store.prepare()  # as every installation has: else the first of a folder makes it
    owner, equal, fresh = world.company(), [], []
    owner.bids[lot.id] = world.seal(lot, owner, files=os.urandom(size))
    world.declare(lot, owner, owner.bids[lot.id])
    world.send(owner, owner.bids[lot.id])
    for turn in range(ROUNDS):
        thief, other = world.company(), world.company()
        own = world.seal(lot, other, files=os.urandom(size))
        world.declare(lot, other, own)
        copied = steal(world, lot, owner, thief)
        pair = [(thief, copied, equal), (other, own, fresh)]
        for company, sealed, times in pair[::1 if turn % 2 else -1]:
            times.append(_seconds(world, company, sealed))
    told = {name: (_longer(equal, fresh, place), statistics.median(one[place] for one in equal),
                   statistics.median(one[place] for one in fresh))
            for place, name in enumerate(("a block of 4 MiB", "the last byte", "all of it"))}
    for name, (share, copied, new) in told.items():
        print(f"{name}: equal {copied * 1000:.1f} ms, fresh {new * 1000:.1f} ms, an equal one takes "
              f"longer in {share:.2f} of pairs")
    assert all(abs(share - 0.5) <= TELLS for share, _, _ in told.values()), told


def _seconds(world, company, sealed) -> tuple[float, float, float]:
    """Of one upload: the median of a full block, the last block with the submission, the whole."""
    spent, full, declared = [], [], sealed.declaration
    for part, number, data in world.blocks(sealed):
        began = time.perf_counter()
        world.upload_block(company.actor, declared["bid"], declared["version"], part, number, data)
        spent.append(time.perf_counter() - began)
        if len(data) == blocks.BLOCK:
            full.append(spent[-1])
    return statistics.median(full), spent[-1], sum(spent)


def _longer(one: list[tuple], other: list[tuple], place: int) -> float:
    """How often a value of `one` is larger than one of `other` (Mann and Whitney's U, scaled)."""
    pairs = [(a[place], b[place]) for a in one for b in other]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)
