"""The verifier: every changed byte is found and named, and it needs nothing of ours."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from audit import checkpoint, disclosed, leaf, tiles
from audit.__main__ import main
from audit.checkpoint import Head
from audit.export import export
from audit.keys import Keys
from audit.note import Signer
from audit.verify import verify
from kernel.canonical import sha256
from kernel.db import new_id

from .stores import ORIGIN, START

ROOT = Path(__file__).resolve().parents[2]
LOT = new_id()


def copy_of(log, target, stage="sealed"):
    with Session(log.engine) as session:
        export(session, log.folder, target, log.keys.log.verifier,
               lambda _session, _lot_id: (stage, new_id()))
    return target


@pytest.fixture
def made(quick, tmp_path):
    """A copy of a record of 100 entries in three ticks, six of them disclosed."""
    quick.add(6)
    quick.sequencer.tick()
    quick.add(64, disclose="opened", lot_id=LOT)
    quick.sequencer.tick()
    quick.add(30, disclose="never")
    quick.sequencer.tick()
    return copy_of(quick, tmp_path / "copy")


@pytest.fixture
def big(tmp_path):
    """A record of 70,000 entries: three levels of tiles."""
    folder = tmp_path / "big"
    (folder / "tile").mkdir(parents=True)
    entries = [leaf.make(START, sha256(number.to_bytes(4, "big"))) for number in range(70_000)]
    rewrite(folder, entries, Signer.generate(ORIGIN))
    return folder


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def rng():
    seed = int(os.environ.get("YANGGUANG_SEED", "1"))
    print(f"seed {seed}")
    return random.Random(seed)


def test_a_good_copy(made, capsys):
    report = verify(made)
    assert (report.size, report.disclosed, report.problems) == (100, 6, [])
    assert main(["verify", str(made)]) == 0
    said = capsys.readouterr().out
    head = checkpoint.head_of(checkpoint.note.parse((made / "checkpoint").read_bytes()))
    assert "100 entries" in said and checkpoint.b64(head.root) in said
    assert "6 records disclosed, 0 of them cover; 0 erased, 94 not disclosed yet" in said


def test_what_is_disclosed_follows_the_stage(quick, made, tmp_path):
    assert verify(copy_of(quick, tmp_path / "opened", "opened")).disclosed == 70
    assert verify(copy_of(quick, tmp_path / "awarded", "awarded")).disclosed == 70
    text = b"".join(path.read_bytes() for path in files(made))
    assert LOT.encode() not in text, "a sealed lot's entry tells nothing, not even its lot"


def flip_all(folder, bits):
    """Flip each byte of each file under `folder`, once for each of bits(number); unfound ones."""
    unfound, tried = [], 0
    for path in files(folder):
        data = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        for place in range(len(data)):
            for bit in bits(place):
                changed = bytearray(data)
                changed[place] ^= 1 << bit
                path.write_bytes(changed)
                report = verify(folder)
                tried += 1
                if not report.problems or not _names(report.problems, name):
                    unfound.append((name, place, bit, report.problems))
        path.write_bytes(data)
    assert verify(folder).problems == []
    return unfound, tried


def _names(problems, name):
    """The changed file is named, or the entry in it, in the first problems found."""
    if name == "checkpoint" or name == "log.vkey":
        return problems[0].startswith(("checkpoint:", "log.vkey:"))
    if name.startswith("tile/1/"):
        return name in problems[0]
    return any(name in problem and ("entry" in problem or "entries" in problem or "line" in problem)
               for problem in problems)


def in_memory(folder, tmp_path):
    """The same folder where writing costs nothing."""
    if not os.access("/dev/shm", os.W_OK):
        return folder, None
    place = Path("/dev/shm") / f"yangguang-{os.getpid()}-{new_id()}"
    shutil.copytree(folder, place)
    return place, place


def test_every_changed_byte_is_found_and_named(made, tmp_path):
    """F21, each byte once; `-m faults` flips bits 0, 5 and 7 of each."""
    folder, remove = in_memory(made, tmp_path)
    try:
        unfound, tried = flip_all(folder, lambda place: [(0, 5, 7)[place % 3]])
    finally:
        shutil.rmtree(remove or tmp_path / "none", ignore_errors=True)
    assert tried > 10_000
    assert unfound == []


@pytest.mark.faults
def test_three_bits_of_every_byte(made, tmp_path):
    folder, remove = in_memory(made, tmp_path)
    try:
        unfound, tried = flip_all(folder, lambda _place: (0, 5, 7))
    finally:
        shutil.rmtree(remove or tmp_path / "none", ignore_errors=True)
    print(f"flipped {tried}, unfound {len(unfound)}")
    assert unfound == []


def test_a_sample_of_a_large_record(big):
    report = verify(big)
    assert (report.size, report.problems) == (70_000, [])
    chosen = rng()
    for path in chosen.sample(files(big), 12):
        data = path.read_bytes()
        changed = bytearray(data)
        changed[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
        path.write_bytes(changed)
        name = path.relative_to(big).as_posix()
        problems = verify(big).problems
        assert problems and any(name in problem for problem in problems), name
        path.write_bytes(data)
    assert verify(big).problems == []


def bundle(folder):
    path = folder / "tile/entries/000.p/100"
    return path, tiles.unpack(path.read_bytes())


def rewrite(folder, entries, key=None):
    """A consistent tree over other entries; signed when there is a key."""
    shutil.rmtree(folder / "tile")
    edge = tiles.Frontier()
    full = edge.extend(map(tiles.leaf_hash, entries))
    for level, index, data in [*full, *edge.partials()]:
        path = folder / tiles.tile_path(level, index, len(data) // 32)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for index in range((len(entries) + 255) // 256):
        part = entries[index * 256:index * 256 + 256]
        path = folder / tiles.tile_path("entries", index, len(part))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tiles.pack(part))
    if key:
        (folder / "checkpoint").write_text(
            checkpoint.sign(Head(key.name, len(entries), edge.root()), key))
        (folder / "log.vkey").write_text(f"{key.verifier}\n")


EDITS = {
    "drop the first": lambda e: e[1:], "drop the last": lambda e: e[:-1],
    "drop one": lambda e: e[:50] + e[51:], "repeat one": lambda e: e[:50] + [e[49]] + e[50:],
    "swap two": lambda e: [*e[:40], e[41], e[40], *e[42:]],
    "insert": lambda e: e[:30] + [leaf.make(START, bytes(32))] + e[30:],
    "truncate": lambda e: e[:64], "empty": lambda e: [],
    "append": lambda e: [*e, leaf.make(START.replace(year=2027), bytes(32))],
    "replace": lambda e: [*e[:7], leaf.make(START, bytes(32)), *e[8:]],
}


@pytest.mark.parametrize("edit", EDITS)
def test_edited_bundles_are_found(made, edit):
    path, entries = bundle(made)
    path.write_bytes(tiles.pack(EDITS[edit](entries)))
    problems = verify(made).problems
    assert problems and "tile/entries/000.p/100" in " ".join(problems)
    assert any("entry" in problem or "entries" in problem for problem in problems)


@pytest.mark.parametrize("edit", EDITS)
def test_a_tree_rewritten_consistently_is_not_the_signed_one(made, edit):
    _, entries = bundle(made)
    rewrite(made, EDITS[edit](entries))
    assert any("checkpoint" in problem or "has no place" in problem or "missing" in problem
               for problem in verify(made).problems)


@pytest.mark.parametrize("edit", EDITS)
def test_a_rewritten_record_signed_again_fails_against_the_older_checkpoint(made, quick, edit):
    """The operator himself rewrites, and signs with the real key."""
    old = (made / "checkpoint").read_bytes()
    _, entries = bundle(made)
    shutil.rmtree(made / "disclosed")
    rewrite(made, EDITS[edit](entries), quick.keys.log)
    report = verify(made, quick.keys.log.verifier, old)
    if edit == "append":
        assert report.problems == [] and report.against == 100
    else:
        assert any("older" in problem or "rolled back" in problem or "signed before" in problem
                   or "tick" in problem for problem in report.problems)
        assert main(["verify", str(made), "--against", str(_keep(made, old))]) == 1


def _keep(made, old):
    path = made.parent / "old-checkpoint"
    path.write_bytes(old)
    return path


def test_another_key_is_found_by_who_pins_it(made, quick):
    _, entries = bundle(made)
    shutil.rmtree(made / "disclosed")
    rewrite(made, entries, Signer.generate(ORIGIN))
    assert verify(made).problems == [], "which is why the command says where its key came from"
    assert "log.vkey" in verify(made, quick.keys.log.verifier).problems[0]
    assert main(["verify", str(made), "--vkey", str(quick.keys.log.verifier)]) == 1


STRANGE_FILES = [
    "notes.txt", "tile/0/001", "tile/0/000", "tile/0/000.p/101", "tile/2/000.p/1", "tile/1/000",
    "tile/entries/000.p/101", "tile/entries/001", "disclosed/001.jsonl", "disclosed/000.json",
    "disclosed/000.jsonl.bak", "checkpoint.old", "tile/0/000.p/99x", "disclosed/x000/000.jsonl",
    "Checkpoint", ".hidden", "tile/00/000",
]


@pytest.mark.parametrize("name", STRANGE_FILES)
def test_files_that_have_no_place_are_found(made, name):
    path = made / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(32))
    problems = verify(made).problems
    assert problems and name in problems[0]


def test_older_partial_tiles_are_checked_too(made):
    whole = (made / "tile/0/000.p/100").read_bytes()
    (made / "tile/0/000.p/40").write_bytes(whole[:40 * 32])
    assert verify(made).problems == []
    (made / "tile/0/000.p/40").write_bytes(whole[32:41 * 32])
    assert "tile/0/000.p/40" in verify(made).problems[0]


@pytest.mark.parametrize("how", ["symlink", "empty folder", "fifo", "folder in place of a file"])
def test_what_is_not_a_file_is_found(made, how):
    if how == "symlink":
        (made / "tile/link").symlink_to(made / "checkpoint")
    elif how == "empty folder":
        (made / "tile/9").mkdir()
    elif how == "fifo":
        os.mkfifo(made / "tile/pipe")
    else:
        (made / "checkpoint").unlink()
        (made / "checkpoint").mkdir()
    assert verify(made).problems


@pytest.mark.parametrize("name", ["checkpoint", "log.vkey", "tile/0/000.p/100",
                                  "tile/entries/000.p/100"])
def test_a_missing_file_is_named(made, name):
    (made / name).unlink()
    problems = verify(made).problems
    assert any(name in problem and "missing" in problem for problem in problems)
    assert main(["verify", str(made)]) == 1


DISCLOSURES = {
    "another record": lambda lines: [lines[0].replace(b'"number":', b'"numbers":'), *lines[1:]],
    "white space": lambda lines: [lines[0].replace(b'"r":', b'"r": '), *lines[1:]],
    "order of keys": lambda lines: [b'{"r":1,"i":0,"s":""}\n', *lines],
    "twice": lambda lines: [lines[0], lines[0], *lines[1:]],
    "out of order": lambda lines: lines[::-1],
    "another place": lambda lines: [lines[0].replace(b'{"i":', b'{"i":1'), *lines[1:]],
    "negative": lambda lines: [lines[0].replace(b'{"i":', b'{"i":-'), *lines[1:]],
    "empty": lambda _lines: [], "blank line": lambda lines: [*lines, b"\n"],
    "no newline": lambda lines: [*lines[:-1], lines[-1].rstrip(b"\n")],
    "duplicate key": lambda lines: [lines[0].replace(b'{"i":', b'{"i":0,"i":'), *lines[1:]],
    "not JSON": lambda lines: [b"\xff\xfe\n", *lines],
    "upper-case hex": lambda lines: [lines[0].replace(b"a", b"A"), *lines[1:]],
    "deep": lambda lines: [b'{"i":0,"r":' + b"[" * 5000 + b"]" * 5000 + b',"s":""}\n', *lines],
}


@pytest.mark.parametrize("edit", DISCLOSURES)
def test_disclosures_have_one_spelling(made, edit):
    path = made / disclosed.path(0)
    path.write_bytes(b"".join(DISCLOSURES[edit](path.read_bytes().splitlines(keepends=True))))
    problems = verify(made).problems
    assert problems and "disclosed/000.jsonl" in problems[0]


def test_fewer_disclosures_still_verify(made):
    """Erasing a person's data leaves a tree that verifies."""
    path = made / disclosed.path(0)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:4]))
    assert verify(made).problems == []
    path.unlink()
    path.parent.rmdir()
    assert verify(made).disclosed == 0 and verify(made).problems == []


def test_exit_statuses(made, tmp_path, capsys):
    assert main(["verify", str(tmp_path / "nowhere")]) == 2
    assert main(["verify", str(made), "--vkey", "nonsense"]) == 2
    assert main(["verify", str(made), "--against", str(tmp_path / "nowhere")]) == 2
    assert main(["verify"]) == 2
    assert main(["verify", str(made), "--against", str(made / "checkpoint")]) == 0
    (tmp_path / "junk").write_bytes(b"\x00\xff")
    assert main(["verify", str(made), "--against", str(tmp_path / "junk")]) == 1
    capsys.readouterr()
    (made / "tile/0/000.p/100").write_bytes(b"")
    assert main(["verify", str(made)]) == 1
    assert "WRONG tile/0/000.p/100" in capsys.readouterr().out


BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top in ("kernel", "audit", "cryptography", "cffi", "_cffi_backend"):
            return None
        if top not in sys.stdlib_module_names:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocker())
import runpy
sys.argv = ["audit", *sys.argv[1:]]
try:
    runpy.run_module("audit", run_name="__main__", alter_sys=True)
finally:
    loaded = {name for name in sys.modules if name.startswith(("kernel", "audit"))}
    print("loaded", *sorted(loaded))
"""


def test_it_needs_only_python_and_cryptography(made):
    ran = subprocess.run([sys.executable, "-c", BLOCKER, "verify", str(made)], cwd=ROOT,
                         capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "100 entries" in ran.stdout
    loaded = set(ran.stdout.rpartition("loaded ")[2].split())
    assert not loaded & {"audit.model", "audit.act", "audit.sequencer", "kernel.db"}
    planted = subprocess.run([sys.executable, "-c", BLOCKER.replace('"audit", "cry', '"cry')],
                             cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert "blocked: audit" in planted.stderr, "the blocker itself works"


def test_as_a_command(made):
    ran = subprocess.run([sys.executable, "-m", "audit", "verify", str(made)], cwd=ROOT,
                         capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0 and "100 entries" in ran.stdout


def test_a_name_that_is_not_unicode_does_not_crash(made):
    with open(os.fsencode(made) + b"/tile/\xff\xfe", "wb") as file:
        file.write(b"x")
    ran = subprocess.run([sys.executable, "-m", "audit", "verify", str(made)], cwd=ROOT,
                         capture_output=True, timeout=300, check=False)
    assert ran.returncode == 1 and b"WRONG" in ran.stdout and b"Traceback" not in ran.stderr


def test_keys_are_kept_close(tmp_path):
    folder = tmp_path / "keys"
    made = Keys.make(folder, ORIGIN)
    assert Keys.make(folder, ORIGIN).log.verifier == made.log.verifier, "never replaced"
    for name in ("log.skey", "platform.skey"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "log.skey").chmod(0o644)
    from audit.keys import BadKey

    with pytest.raises(BadKey, match="0600"):
        Keys.load(folder)
    with pytest.raises(BadKey):
        Keys.load(tmp_path / "nowhere")


def test_time_that_runs_backwards_is_found(made, quick):
    _, entries = bundle(made)
    shutil.rmtree(made / "disclosed")
    rewrite(made, [*entries, leaf.make(START.replace(year=2020), bytes(32))], quick.keys.log)
    assert any("entry 100" in problem and "tick" in problem for problem in verify(made).problems)


def test_a_stranger_s_line_under_the_checkpoint_is_found(made):
    """Unknown signatures prove nothing here, and nobody could tell if a byte of one changed."""
    path = made / "checkpoint"
    text = path.read_text()
    stranger = Signer.generate("witness.example").sign(text.split("\n\n")[0] + "\n")
    path.write_text(text + stranger.split("\n\n")[1])
    assert "witness.example" in verify(made).problems[0]


def test_a_changed_upper_tile_is_named(tmp_path):
    folder = tmp_path / "two"
    (folder / "tile").mkdir(parents=True)
    entries = [leaf.make(START, sha256(bytes([number % 256, number // 256])))
               for number in range(600)]
    rewrite(folder, entries, Signer.generate(ORIGIN))
    assert verify(folder).problems == []
    path = folder / "tile/1/000.p/2"
    data = path.read_bytes()
    path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    assert verify(folder).problems == [
        "tile/1/000.p/2: another hash than that of the entries from 256 on"]


def test_a_proof_that_is_no_text_is_wrong_and_no_error(tmp_path, capsys):
    for name in ("x.tlog-proof", "x.leaf"):
        (tmp_path / name).write_bytes(b"\xff\xfe\x00")
    assert main(["proof", str(tmp_path / "x.tlog-proof"), str(tmp_path / "x.leaf"),
                 "--vkey", str(Signer.generate(ORIGIN).verifier)]) == 1
    assert capsys.readouterr().out.startswith("WRONG")


@pytest.mark.parametrize("name", ["log.vkey", "checkpoint"])
def test_a_pipe_or_an_endless_link_is_not_opened(made, name):
    for spoil in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        (made / name).unlink()
        spoil(made / name)
        ran = subprocess.run([sys.executable, "-m", "audit", "verify", str(made)], check=False,
                             cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert ran.returncode == 1 and f"WRONG {name}: is neither" in ran.stdout, ran.stderr
