"""An implementation that is not ours (aics-tlog, of C2SP tlog-tiles) reads the same folder."""

import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from audit import proofs, tiles
from audit.export import export
from audit.verify import verify

ASIDE = Path(__file__).resolve().parents[2] / ".venv" / "aside"


@pytest.fixture(scope="module")
def aics():
    """The package, which stands aside from the environment because it declares Python 3.12."""
    sys.path.append(str(ASIDE))
    try:
        return pytest.importorskip("aics_tlog", reason="aics-tlog is missing; ./dev installs it")
    finally:
        sys.path.remove(str(ASIDE))


@pytest.fixture(params=[1, 100, 256, 700])
def copy(request, quick, tmp_path):
    quick.add(request.param)
    quick.sequencer.tick()
    with Session(quick.engine) as session:
        export(session, quick.folder, tmp_path / "copy", quick.keys.log.verifier,
               lambda _session, _lot_id: ("sealed", ""))
    assert verify(tmp_path / "copy").problems == []
    return tmp_path / "copy"


def head_of(aics, folder):
    note = aics.parse_note((folder / "checkpoint").read_text())
    key = aics.parse_vkey((folder / "log.vkey").read_text().strip())
    result = aics.verify_checkpoint(note, key, expected_origin=key.name)
    assert result.ok and result.log_ok, result.error
    return result


def test_it_verifies_checkpoint_tiles_and_every_entry(aics, copy):
    head = head_of(aics, copy)
    audited = aics.audit_tiles(aics.FileSystemTileReader(copy), head.size, head.root)
    assert audited.size == head.size and audited.bundles == (head.size + 255) // 256


def test_it_finds_what_we_find(aics, copy):
    head = head_of(aics, copy)
    for path in sorted(copy.rglob("tile/**/*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        path.write_bytes(data[:40] + bytes([data[40] ^ 4]) + data[41:] if len(data) > 40
                         else bytes([data[0] ^ 4]) + data[1:])
        assert verify(copy).problems
        with pytest.raises((aics.TileVerificationError, ValueError)):
            aics.audit_tiles(aics.FileSystemTileReader(copy), head.size, head.root)
        path.write_bytes(data)


def test_it_makes_and_takes_the_same_proofs(aics, copy):
    head, reader = head_of(aics, copy), aics.FileSystemTileReader(copy)
    ours = proofs.tiled(head.size, lambda path: (copy / path).read_bytes())
    for index in {0, head.size // 2, head.size - 1}:
        path = proofs.inclusion(index, head.size, ours)
        assert path == list(aics.inclusion_proof_from_tiles(reader, index, head.size))
        entry = aics.read_entry(reader, index, head.size)
        assert aics.verify_leaf_inclusion(entry, index, head.size, path, head.root)
    for old in {1, head.size // 2, head.size} - {0}:
        path = proofs.consistency(old, head.size, ours)
        assert path == list(aics.consistency_proof_from_tiles(reader, old, head.size))
        assert aics.verify_consistency(old, head.size, proofs.subtree(0, old, ours), head.root, path)


def test_we_verify_a_record_it_wrote(aics, quick, tmp_path):
    from audit import leaf
    from audit.checkpoint import Head, sign

    from .stores import ORIGIN, START

    entries = [leaf.make(START, bytes([i % 256]) * 32) for i in range(300)]
    aics.TileWriter(entries).write_to(tmp_path / "theirs")
    root = aics.MerkleTree(entries).root()
    assert root == tiles.tree_hash(list(map(tiles.leaf_hash, entries)))
    (tmp_path / "theirs/checkpoint").write_text(sign(Head(ORIGIN, 300, root), quick.keys.log))
    (tmp_path / "theirs/log.vkey").write_text(f"{quick.keys.log.verifier}\n")
    report = verify(tmp_path / "theirs")
    assert report.problems == [] and report.size == 300
