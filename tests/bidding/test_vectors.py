"""The vectors of docs/formats/sealed-bid.md: what was sealed once opens for ever."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from bidding import (
    blocks,
    closing,
    content,
    declaration,
    manifest,
    policy,
    sealing,
    suites,
    ustar,
)
from kernel.canonical import b64, jcs, unb64

CLASSIC = suites.get("intl-x25519-1")

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/sealed-bid.json").read_text("utf-8"))


class _Held:
    def __init__(self, data):
        self.data, self.size = data, len(data)

    def read_at(self, offset, length):
        return self.data[offset:offset + length]


def test_policy_declaration_and_signatures():
    policy.check(VECTORS["policy"], CLASSIC)
    assert policy.policy_hash(VECTORS["policy"]) == VECTORS["policy_hash"]
    read = declaration.parse(jcs(VECTORS["declaration"]).decode())
    assert read.hash == VECTORS["declaration_hash"]
    assert read.policy_hash == VECTORS["policy_hash"]
    assert declaration.verify(read.value, VECTORS["key"], VECTORS["signature"])
    assert declaration.withdrawal(read.value) == VECTORS["withdrawal"]
    assert declaration.verify(VECTORS["withdrawal"], VECTORS["key"],
                              VECTORS["withdrawal_signature"])


@pytest.mark.parametrize("part", manifest.PARTS)
def test_every_part_opens_to_its_files(part):
    sealed, seed = unb64(VECTORS["parts"][part]["sealed"]), unb64(VECTORS["parts"][part]["seed"])
    said = next(one for one in VECTORS["declaration"]["parts"] if one["part"] == part)
    assert (len(sealed), blocks.hash_bytes(sealed)) == (said["size"], said["ciphertext_hash"])
    binding = {name: VECTORS["declaration"][name] for name in (
        "log_origin", "tender", "lot", "bid", "tenderer", "version")} | {"part": part}
    files, opened = content.examine(_Held(sealed), CLASSIC.identity(seed), binding, said["manifest_hash"])
    assert {file["name"]: b64(opened.read(file["offset"], file["size"])) for file in files} \
        == VECTORS["contents"][part]


@pytest.mark.parametrize("part", manifest.PARTS)
def test_every_two_officials_rebuild_the_key(part):
    seeds = [CLASSIC.seed_of(text) for text in VECTORS["officials"]]
    wraps = {one["path"]: unb64(one["wrap"]) for one in VECTORS["wraps"] if one["part"] == part}
    for pair in combinations(range(3), 2):
        shares = {f"1/{n}": sealing.unwrap(wraps[f"1/{n}"], seeds[n], VECTORS["declaration"],
                                           part, f"1/{n}") for n in pair}
        assert b64(policy.combine(VECTORS["policy"], shares)) == VECTORS["parts"][part]["seed"]


def test_closing_path_sizes_and_block_hashes():
    place = closing.Place.from_json(VECTORS["closing"]["place"])
    assert closing.verify(VECTORS["closing"]["root"], VECTORS["declaration"]["bid"],
                          VECTORS["declaration_hash"], place)
    assert [[n, ustar.padme(n)] for n, _ in VECTORS["padme"]] == VECTORS["padme"]
    assert [[n, blocks.hash_bytes(bytes(n))] for n, _ in VECTORS["block_hash"]] \
        == VECTORS["block_hash"]
