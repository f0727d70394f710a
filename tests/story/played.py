"""One playing of the story on one database, and what is asked of what it leaves behind."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest

from audit import cosignature, note, tlogproof
from bidding import closing, promise
from portal.demo import evidence, files
from portal.demo.base import PRICES
from portal.demo.cast import COMPANIES
from portal.demo.stage import Stage
from portal.demo.story import Story
from tests.bidding.markers import hunt

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 5


class Played:
    """The story, stopped once while everything is sealed to look for plaintext."""

    def __init__(self, folder: Path, environment: dict[str, str], dump):
        self.folder = folder
        with Stage(folder, dict(os.environ) | environment) as stage:
            stage.command("migrate", "--create", "demo")
            stage.serve()
            self.story = Story(stage, MEGABYTES, items=200)
            self.story.sealed()
            self.found_while_sealed = search(stage.folder, dump())
            self.story.opened()
            self.found_when_opened = search(stage.folder, dump())
            evidence.gather(self.story)
            self.stage = stage.folder
        self.summary = json.loads((folder / "summary.json").read_text("utf-8"))


def markers() -> dict[str, bytes]:
    """What only a bid says: the leader its form names, and 32 random bytes of its technical part."""
    found = {f"leader of {key}": f"{COMPANIES[key][:2]}项目经理".encode() for key in "ABCDEF"}
    return found | {f"photographs of {key}": next(files.noise(COMPANIES[key], 32))
                    for key in "ABCDEFG"}


def search(folder: Path, dumped: bytes) -> set[str]:
    """Which markers lie, in any form, in what is the platform's: its folder, its logs, the rows
    of its database, temporary folders."""
    paths = [folder / "platform.log", folder / "guarantor.log", *Path("/tmp").glob("wsgi*")]
    places = [("rows", dumped)]
    for root, _folders, names in os.walk(folder / "platform"):
        paths += [Path(root) / name for name in names]
    for path in paths:
        # The platform goes on meanwhile: a partial tile gives way to a fuller one.
        with suppress(FileNotFoundError):
            places.append((str(path), path.read_bytes()))
    names = {marker: name for name, marker in markers().items()}
    return {names[marker] for _place, _form, marker in hunt(places, names)}


class Evidence:
    """The tests; a module for each database gives the fixture `played`."""

    def test_nothing_readable_lay_anywhere_before_the_opening(self, played):
        assert played.found_while_sealed == set()

    def test_the_search_does_find_what_is_public_after_the_opening(self, played):
        assert played.found_when_opened >= {f"leader of {key}" for key in "ABCDEF"}

    def test_six_of_nine_were_opened_lot_two_was_not_and_lot_three_in_two_envelopes(self, played):
        assert played.story.counted["parts"] == 18 + 9
        assert sorted(path.name for path in (played.folder / "openings").iterdir()) == [
            "lot1.json", "lot3-prices.json", "lot3.json"]
        bids = played.summary["bids"].values()
        assert sorted(bid["form"]["price_fen"] for bid in bids) == sorted(
            PRICES[key] for key in "ABCDEF")
        assert {bid["version"] for bid in bids if bid["name"] == COMPANIES["F"]} == {2}
        assert not any(path.name.startswith(("G", "H", "J"))
                       for path in (played.folder / "bids").iterdir())

    def test_every_security_was_released_once_for_its_cause(self, played):
        causes = {}
        for release in played.summary["releases"]:
            causes.setdefault(release["cause"], []).append(release["tenderer"])
        assert {cause: len(names) for cause, names in causes.items()} == {
            "lost": 5, "contracted": 1, "withdrawn": 2, "failed": 2}
        assert causes["contracted"] == [played.summary["winner"]]
        cash = [one for one in played.summary["releases"] if one["kind"] == "cash-deposit"]
        assert all(one["interest_fen"] > 0 for one in cash) and len(cash) == 2

    def test_a_stranger_verifies_the_record_and_finds_a_flipped_byte(self, played, tmp_path):
        record = played.folder / "record"
        assert _verify(record).returncode == 0
        copy = shutil.copytree(record, tmp_path / "record")
        for path in sorted(copy.rglob("*")):
            if path.is_file():
                data = bytearray(path.read_bytes())
                data[len(data) // 2] ^= 1
                path.write_bytes(data)
                done = _verify(copy)
                assert done.returncode == 1, f"{path.name}: {done.stdout}"
                data[len(data) // 2] ^= 1
                path.write_bytes(data)
        assert _verify(copy).returncode == 0

    def test_a_stranger_verifies_the_evidence(self, played):
        done = _yangguang("verify", str(played.folder))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "18 technical and price part(s) not opened" in done.stdout
        assert "9 form(s) decrypted again" in done.stdout

    def test_supervisor_and_panel_open_everything_again(self, played):
        done = _yangguang("verify", str(played.folder), "--panel", str(played.stage / "panel"))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "18 other part(s) opened again" in done.stdout
        assert "evaluation report computed again" in done.stdout

    def test_every_receipt_is_a_proof_with_its_leaf_and_the_keys_beside_it(self, played):
        folder = played.folder / "receipts"
        platform = note.Verifier.parse((folder / "platform.vkey").read_text().strip())
        log = note.Verifier.parse((folder / "log.vkey").read_text().strip())
        witnesses = tuple(cosignature.read_vkey(path.read_bytes())
                          for path in sorted(folder.glob("witness*.vkey")))
        proofs = list(folder.glob("*.tlog-proof"))
        assert len(proofs) >= 10
        for path in proofs:
            proven = tlogproof.verify(path.read_text(), path.with_suffix(".leaf").read_bytes(),
                                      log, witnesses)
            kept = path.with_name(path.stem + ".receipt.txt")
            if kept.exists():
                says = promise.read(kept.read_text(), platform)
                assert proven.record["facts"]["declaration"] == says["declaration"]
        for path in folder.glob("*refusal?.txt"):
            says = promise.read(path.read_text(), platform)
            assert says["code"] in ("bid.late", "bid.not-sealed") and says["law"]

    def test_closing_paths_lead_to_one_root(self, played):
        folder = played.folder / "receipts"
        roots = {one["facts"]["root"] for one in _records(played.folder / "record")
                 if one["type"] == "lot.closed"}
        found = list(folder.glob("*.paths.json"))
        assert len(found) == 9
        for path in found:
            says = json.loads(path.read_text())
            kept = json.loads(_last_line(folder / path.name.replace(".paths.json",
                                                                    ".receipt.txt")))
            assert any(closing.verify(root, kept["bid"], kept["declaration"],
                                      closing.Place.from_json(says["closing"]))
                       for root in roots)

    def test_debians_age_opens_every_part(self, played):
        if shutil.which("age") is None:
            pytest.skip("missing tool: age")
        keys = [*(played.folder / "bids").glob("*.key"), *(played.stage / "panel").glob("*.key")]
        hybrid = {key for key in keys if key.read_text().startswith("AGE-SECRET-KEY-PQ-1")}
        assert (len(keys), {key.name[1:6] for key in hybrid}) == (27, {"-lot3"})
        for key in set(keys) - hybrid:  # Debian's age knows X25519 alone
            sealed = played.folder / "bids" / f"{key.stem}.age"
            done = subprocess.run(["age", "-d", "-i", key, sealed], capture_output=True, check=True)
            with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
                names = tar.getnames()
                assert names[-1] == "manifest.json" and names[0] == "0001"

    def test_the_release_package_is_valid(self, played):
        schema = ROOT.parent / "shared" / "ocds" / "release-package-schema-extended.json"
        if not schema.exists():
            pytest.skip(f"no OCDS schema at {schema}")
        from jsonschema import Draft4Validator

        package = json.loads((played.folder / "ocds" / "release-package.json").read_text("utf-8"))
        errors = list(Draft4Validator(json.loads(schema.read_text("utf-8"))).iter_errors(package))
        assert not errors, errors[0]
        assert {tag for release in package["releases"] for tag in release["tag"]} >= {
            "tender", "award", "contract"}

    def test_nothing_failed_inside_the_platform(self, played):
        text = (played.stage / "platform.log").read_text("utf-8")
        assert "Traceback" not in text and "unexpected error" not in text, text[-3000:]


def _last_line(path: Path) -> str:
    return path.read_text().split("\n", 1)[0]


def _records(record: Path) -> list[dict]:
    return [json.loads(line)["r"] for path in sorted((record / "disclosed").rglob("*.jsonl"))
            for line in path.read_text("utf-8").splitlines()]


def _yangguang(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "portal.cli", *words], cwd=ROOT,
                          capture_output=True, text=True, check=False)


def _verify(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "audit", "verify", str(folder)], cwd=ROOT,
                          capture_output=True, text=True, check=False)
