"""F21: every byte of record, checkpoint, cosignatures, receipts and evidence, bits 0, 5 and 7.

A hundred entries, as published, with their disclosures, two witnesses' lines and a receipt. The
plain tier takes every eleventh byte, `./dev faults` each one. Beside the flips: whole lines and
files dropped, doubled, swapped, inserted and cut, letters in another case, and white space.
"""

import shutil

import pytest
from sqlalchemy.orm import Session

from audit import reading, tlogproof
from audit.cosignature import CosignerKey
from audit.export import export
from audit.note import parse
from audit.verify import verify

KEYS = [CosignerKey(f"w.example/{number}", bytes([number]) * 32) for number in (1, 2)]
BITS = (0, 5, 7)


@pytest.fixture
def whole(quick, tmp_path):
    """The folder of a hundred entries, cosigned, and a receipt from it."""
    ids = quick.add(100)
    quick.sequencer.tick()
    note = quick.sequencer.folder.checkpoint().decode()
    note += "".join(one.cosign(parse(note).text, 1_800_000_000) for one in KEYS)
    quick.sequencer.folder.publish(note, quick.keys.log.verifier, [one.cosigner for one in KEYS])
    folder = tmp_path / "whole"
    with Session(quick.engine) as session:
        export(session, quick.folder, folder, quick.keys.log.verifier,
               lambda _session, _lot: ("awarded", ""))
        proof = reading.tlog_proof(session, ids[7], quick.sequencer.folder)
        entry = reading.leaf_of(session, ids[7])
    assert verify(folder, quick.keys.log.verifier).problems == []
    return folder, proof, entry


def spoiled(data, place, bit):
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1:]


FULL = pytest.param(1, marks=pytest.mark.faults)


@pytest.mark.parametrize("stride", [151, FULL])
def test_every_flip_of_the_folder_is_found(quick, whole, stride):
    folder, key, quiet, count = whole[0], quick.keys.log.verifier, [], 0
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        for place in range(0, len(data), stride):
            for bit in BITS:
                path.write_bytes(spoiled(data, place, bit))
                report, count = verify(folder, key), count + 1
                if not report.problems or not report.problems[0].startswith(
                        (str(path.relative_to(folder)), "tile/", "checkpoint")):
                    quiet.append((path.name, place, bit, report.problems[:1]))
        path.write_bytes(data)
    print(f"{count} flips of the folder, {len(quiet)} not found")
    assert quiet == [] and count > 500


@pytest.mark.parametrize("stride", [11, FULL])
def test_every_flip_of_a_receipt_is_found(quick, whole, stride):
    _, proof, entry = whole
    key, others = quick.keys.log.verifier, tuple(one.cosigner for one in KEYS)
    text, quiet, count = proof.encode(), [], 0
    for data, other in ((text, entry), (entry, text)):
        for place in range(0, len(data), stride):
            for bit in BITS:
                count += 1
                broken = spoiled(data, place, bit)
                try:
                    one, two = (broken, other) if data is text else (other, broken)
                    tlogproof.verify(one.decode(), two, key, others)
                    quiet.append((data is text, place, bit))
                except (tlogproof.BadProofFile, UnicodeDecodeError):
                    pass
    print(f"{count} flips of a receipt, {len(quiet)} not found")
    # A flipped letter of a witness's name or key id makes its line a stranger's, which notes
    # allow; so does one of a signature that is no longer its. Only such lines may pass, and the
    # log's own line, path, leaf and record never.
    first = text.index("— w.example".encode())
    assert all(is_text and place >= first for is_text, place, _ in quiet), quiet


def lines_of(path):
    return path.read_bytes().splitlines(keepends=True)


CHANGES = {
    "dropped": lambda lines: lines[:3] + lines[4:],
    "doubled": lambda lines: [*lines[:4], *lines[3:]],
    "swapped": lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
    "inserted": lambda lines: [*lines[:3], b"x\n", *lines[3:]],
    "cut": lambda lines: lines[:-1],
    "half a line": lambda lines: [*lines[:-1], lines[-1][:-1]],
    "a space": lambda lines: [*lines[:3], b" " + lines[3], *lines[4:]],
    "carriage returns": lambda lines: [line.replace(b"\n", b"\r\n") for line in lines],
    "an empty line": lambda lines: [*lines, b"\n"],
    "a byte order mark": lambda lines: [b"\xef\xbb\xbf", *lines],
    "another case": lambda lines: [*lines[:3], lines[3].swapcase(), *lines[4:]],
}


@pytest.mark.parametrize("name", CHANGES)
def test_lines_of_the_disclosed_records(quick, whole, name):
    folder = whole[0]
    path = folder / "disclosed/000.jsonl"
    path.write_bytes(b"".join(CHANGES[name](lines_of(path))))
    report = verify(folder, quick.keys.log.verifier)
    if name in ("dropped", "cut"):  # less may be disclosed; then it is counted as not disclosed
        assert report.disclosed == 99
    else:
        assert report.problems and report.problems[0].startswith("disclosed/000.jsonl"), name


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"dropped", "cut", "swapped"}))
def test_lines_of_the_checkpoint(quick, whole, name):
    folder = whole[0]
    path = folder / "checkpoint"
    changed = b"".join(CHANGES[name](lines_of(path)))
    if changed != path.read_bytes():
        path.write_bytes(changed)
        assert verify(folder, quick.keys.log.verifier).problems


def test_files_dropped_and_swapped(quick, whole):
    folder, key = whole[0], quick.keys.log.verifier
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        if path.name in ("000.jsonl",):
            continue
        data = path.read_bytes()
        path.unlink()
        problems = verify(folder, key).problems
        assert problems, path
        path.write_bytes(data)
    one, two = folder / "witness1.vkey", folder / "witness2.vkey"
    shutil.copy(one, two)
    assert verify(folder, key).problems
