"""The record's folder and the backups: refused to sign, or found by verifier and old receipts."""

import json
import re
import shutil
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import model, reading, tlogproof
from audit.checkpoint import sign
from audit.export import export
from audit.keys import Keys
from audit.note import Signer
from audit.sequencer import WillNotSign
from audit.verify import verify
from audit.witnessing import Policy, Witnessing
from tests.audit.outside import Outside
from tests.audit.stores import ORIGIN, Log

OWN = [table.__table__ for table in (model.PendingEntry, model.Leaf, model.Disclosure,
                                     model.LogHead, model.Checkpoint, model.Cosignature)]


@pytest.fixture
def quick(tmp_path):
    with closing(Log(f"sqlite:///{tmp_path / 'record.db'}", tmp_path)) as log:
        log.add(300)
        log.sequencer.tick()
        yield log


@pytest.fixture
def copy(quick, tmp_path):
    with Session(quick.engine) as session:
        export(session, quick.folder, tmp_path / "copy", quick.keys.log.verifier,
               lambda _session, _lot: ("awarded", ""))
    assert verify(tmp_path / "copy", quick.keys.log.verifier).problems == []
    return tmp_path / "copy"


def flip(path, place):
    data = path.read_bytes()
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1:])


def resigned(copy, quick):
    head = reading.published(type(quick.sequencer.folder)(copy))[0]
    (copy / "checkpoint").write_text(sign(head, Signer(ORIGIN, bytes(32))))


def swap(copy, quick):
    a, b = copy / "tile/entries/000", copy / "tile/entries/001.p/44"
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second + first[len(second):])
    b.write_bytes(first[:len(second)])


def cut(copy, quick):
    path = copy / "tile/entries/001.p/44"
    path.write_bytes(path.read_bytes()[:-91])


def doubled(copy, quick):
    path = copy / "tile/entries/001.p/44"
    path.write_bytes(path.read_bytes()[:91] * 2 + path.read_bytes()[182:])


def shown_otherwise(copy, quick):
    path = copy / "disclosed/000.jsonl"
    shown, times = re.subn(rb'"number":(\d+)', rb'"number":1\1', path.read_bytes(), count=1)
    assert times == 1
    path.write_bytes(shown)


def declared_cover(copy, quick):
    path = copy / "disclosed/000.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    value = json.loads(lines[7])
    lines[7] = (b'{"i":7,"r":{"type":"cover"},"s":"' + value["s"].encode() + b'"}\n')
    path.write_bytes(b"".join(lines))


FOLDER = {
    "an entry changed": (lambda copy, _: flip(copy / "tile/entries/000", 91 * 5 + 20), "entry 5"),
    "a tile changed": (lambda copy, _: flip(copy / "tile/0/000", 32 * 9), "entry 9"),
    "an upper tile changed": (lambda copy, _: flip(copy / "tile/1/000.p/1", 3), "from 0 on"),
    "entries swapped between bundles": (swap, "tile/entries/000|tile/0/000"),
    "an entry dropped": (cut, "tile/entries/001.p/44"),
    "an entry doubled": (doubled, "entry 257"),
    "a bundle removed": (lambda copy, _: (copy / "tile/entries/000").unlink(), "tile/entries/000"),
    "a file added": (lambda copy, _: (copy / "tile/0/007").write_bytes(b""), "tile/0/007"),
    "a record shown otherwise": (shown_otherwise, "entry"),
    "a real entry declared cover": (declared_cover, "entry 7"),
    "the checkpoint signed by another key": (resigned, "checkpoint"),
    "the key exchanged": (lambda copy, _: (copy / "log.vkey").write_text(
        f"{Signer(ORIGIN, bytes(32)).verifier}\n"), "log.vkey"),
}


@pytest.mark.parametrize("name", FOLDER)
def test_the_published_folder_was_changed(copy, quick, name):
    change, said = FOLDER[name]
    change(copy, quick)
    problems = verify(copy, quick.keys.log.verifier).problems
    assert problems and any(part in problems[0] for part in said.split("|")), problems


def kept(log, place):
    """A backup: the rows of the record, and its folder."""
    shutil.copytree(log.folder, place)
    with log.plain.connect() as connection:
        return {table: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in OWN}


@contextmanager
def unguarded(log):
    with log.plain.begin() as connection:
        for table in OWN:
            for what in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_no_{what}")
        yield connection


def restore(log, rows, folder=None):
    with unguarded(log) as connection:
        for table in OWN:
            connection.execute(table.delete())
            if rows[table]:
                connection.execute(table.insert(), rows[table])
    if folder:
        shutil.rmtree(log.folder)
        shutil.copytree(folder, log.folder)


def test_an_old_dump_under_a_newer_folder_is_not_signed_over(quick, tmp_path):
    rows = kept(quick, tmp_path / "backup")
    quick.add(5)
    quick.sequencer.tick()
    restore(quick, rows)
    quick.add(9)
    with pytest.raises(WillNotSign, match="old state was restored"):
        quick.another().tick()


def test_an_old_dump_with_its_folder_is_refused_where_there_are_witnesses(quick, tmp_path):
    outside = Outside(tmp_path / "w", 1, quick.keys.log.verifier)
    witnesses = Policy(1, {outside.key.cosigner: outside.url})
    quick.another(witnesses=Witnessing(witnesses)).tick()
    rows = kept(quick, tmp_path / "backup")
    quick.add(5)
    quick.another(witnesses=Witnessing(witnesses)).tick()
    restore(quick, rows, tmp_path / "backup")
    quick.add(9)
    with pytest.raises(WillNotSign, match="behind the witnesses: w.example/1 has seen 305"):
        quick.another(witnesses=Witnessing(witnesses)).tick()
    outside.stop()


def test_an_old_dump_with_its_folder_contradicts_every_receipt_given_since(quick, tmp_path):
    """Without witnesses the log goes on, and whoever holds a receipt can show the fork."""
    rows = kept(quick, tmp_path / "backup")
    ids = quick.add(5)
    quick.sequencer.tick()
    with Session(quick.engine) as session:
        receipt = reading.tlog_proof(session, ids[0], quick.sequencer.folder)
        entry = reading.leaf_of(session, ids[0])
    restore(quick, rows, tmp_path / "backup")
    old = tlogproof.parse(receipt).checkpoint.encode()
    report = verify(quick.folder, quick.keys.log.verifier, old)
    assert "305 were signed before" in report.problems[0]
    quick.add(20)
    quick.another().tick()
    report = verify(quick.folder, quick.keys.log.verifier, old)
    assert "does not continue the older one" in report.problems[0]
    assert tlogproof.verify(receipt, entry, quick.keys.log.verifier).head.size == 305


def test_a_log_rewritten_from_its_first_leaf_with_its_own_key(quick, tmp_path):
    """The insider has the log's key and makes everything consistent: only outsiders know."""
    outside = Outside(tmp_path / "w", 1, quick.keys.log.verifier)
    witnesses = Policy(1, {outside.key.cosigner: outside.url})
    quick.another(witnesses=Witnessing(witnesses)).tick()
    before = (quick.folder / "checkpoint").read_bytes()
    (tmp_path / "again").mkdir()
    shutil.copytree(tmp_path / "keys", tmp_path / "again/keys")
    with closing(Log(f"sqlite:///{tmp_path / 'again/record.db'}", tmp_path / "again")) as again:
        again.add(300)
        again.sequencer.tick()
        assert Keys.load(tmp_path / "keys").log.verifier == again.keys.log.verifier
        assert verify(again.folder, quick.keys.log.verifier).problems == [], "in itself it is whole"
        report = verify(again.folder, quick.keys.log.verifier, before)
        assert "does not continue" in report.problems[0]
        again.add(1)
        with pytest.raises(WillNotSign, match="cosigned another root at 300 leaves"):
            again.another(witnesses=Witnessing(witnesses)).tick()
    outside.stop()


def test_a_leaf_rewritten_before_the_tiles_are_made_again(quick):
    """The database was changed and the tiles lost: they are not made again over it."""
    with unguarded(quick) as connection:
        other = connection.execute(select(model.Leaf.entry).where(
            model.Leaf.position == 3)).scalar()
        connection.execute(model.Leaf.__table__.update().where(model.Leaf.position == 4)
                           .values(entry=other))
    shutil.rmtree(quick.folder)
    with pytest.raises(WillNotSign, match="another root"):
        quick.another().tick()


def test_a_head_moved_back_is_not_signed_over(quick):
    with unguarded(quick) as connection:
        connection.execute(model.LogHead.__table__.update().values(size=200))
    quick.add(1)
    with pytest.raises(WillNotSign):
        quick.another().tick()
    assert verify(quick.folder, quick.keys.log.verifier).size == 300
