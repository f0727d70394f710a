"""Opening 1,000 bids of 1 MiB with officials' shares, batched, against `age -d` in a loop.

X25519, one part each: the first stage of a lot of two envelopes. The rows are put there at once,
because declaring and sending is measured elsewhere; opening is the platform's own act.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest
from sqlalchemy import insert

from audit.actor import CLOCK
from bidding import acts, policy, suites
from bidding.manifest import Form
from bidding.model import (
    Bid,
    BidBlock,
    BidPart,
    BidPlace,
    BidVersion,
    OpenedBid,
    OpeningShare,
    StandingBid,
)
from bidding.sealing import seal as seal_bid
from kernel.canonical import b64
from kernel.db import new_id

pytestmark = pytest.mark.bench

BIDS = int(os.environ.get("YANGGUANG_BENCH_BIDS", "1000"))
MIB = 1 << 20
TARGET = 0.7
CLASSIC = suites.get("intl-x25519-1")


def test_opening_many_bids_against_debian_age(world, tmp_path):
    if shutil.which("age") is None:
        pytest.skip("Debian's age is not installed")
    lot = world.lots(world.published_tender(two_envelopes=True, suite=CLASSIC.name))[0]
    seeded = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in seeded:
        world.give_own(lot, company)
    files = _many(world, lot, tmp_path)
    began = time.perf_counter()
    for path, key in files:
        subprocess.run(["age", "-d", "-i", key, "-o", tmp_path / "out", path], check=True)
    theirs = time.perf_counter() - began
    began = time.perf_counter()
    acts.open_lot(CLOCK, lot.id)
    ours = time.perf_counter() - began
    opened = world.session.query(OpenedBid).filter_by(lot_id=lot.id, verdict="opened").count()
    assert opened == BIDS + 3, "every one was opened and compared with its manifest"
    print(f"\nopening {BIDS} bids of 1 MiB: age -d in a loop {theirs:.1f} s, ours {ours:.1f} s, "
          f"ratio {theirs / ours:.2f} (target {TARGET})")
    assert theirs / ours >= TARGET


def _many(world, lot, tmp_path) -> list:
    """BIDS more bids with sealed parts, places and two officials' shares; their age files."""
    officials = sorted(policy.holders(world.terms(lot.id).policy))[:2]
    rows: dict[type, list[dict]] = {}
    add = lambda table, **row: rows.setdefault(table, []).append({"id": new_id(), **row})
    store, files = acts.upload.wiring().store, []
    parties = [world.party("tenderer") for _ in range(BIDS)]
    for number, party in enumerate(parties):
        technical = tmp_path / f"{number}.pdf"
        technical.write_bytes(os.urandom(MIB - 64 * 1024))
        sealed = seal_bid(world.terms(lot.id), party.uscc, Form(390_000_000, 60, "合格", "经理"), [technical], [technical],
                          tmp_path / str(number))
        technical.unlink()
        declared = next(part for part in sealed.declaration["parts"] if part["part"] == "technical")
        bid, version, part, now = sealed.declaration["bid"], new_id(), new_id(), world.now
        add(Bid, id=bid, lot_id=lot.id, tender_id=lot.tender_id, party_id=party.id,
            declared_at=now)
        add(BidVersion, id=version, bid_id=bid, lot_id=lot.id, party_id=party.id, version=1,
            declaration="{}", declaration_hash="0" * 64, key="", signature="", declared_at=now,
            submitted_at=now)
        add(StandingBid, lot_id=lot.id, party_id=party.id, bid_id=bid, version_id=version)
        add(BidPart, id=part, version_id=version, part="technical",
            **{name: declared[name] for name in ("recipient", "manifest_hash", "ciphertext_hash",
                                                 "size")})
        add(BidPlace, lot_id=lot.id, purpose="technical", bid_id=bid, version_id=version,
            round=1, place={})
        data = sealed.files["technical"].read_bytes()
        rows.setdefault(BidBlock, []).append(
            {"part_id": part, "number": 0, "hash": store.put(data), "stored_at": now})
        shares = policy.deal(world.terms(lot.id).policy, sealed.seeds["technical"])
        for path in officials:
            add(OpeningShare, lot_id=lot.id, part="technical", bid_id=bid, path=path,
                holder=policy.holders(world.terms(lot.id).policy)[path]["holder"],
                share=b64(shares[path]), given_at=now)
        key = tmp_path / str(number) / "key"
        key.write_text(CLASSIC.identity_text(sealed.seeds["technical"]) + "\n")
        files.append((sealed.files["technical"], key))
    with world._raw.begin() as connection:
        for table in (Bid, BidVersion, StandingBid, BidPart, BidPlace, BidBlock, OpeningShare):
            for found in range(0, len(rows[table]), 500):
                connection.execute(insert(table.__table__), rows[table][found:found + 500])
    return files
