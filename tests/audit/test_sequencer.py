"""The sequencer: every entry once, in no order that tells, whatever dies when."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from audit import checkpoint, leaf, model, tiles
from audit.sequencer import Sequencer, WillNotSign
from audit.verify import verify
from kernel.canonical import parse_time
from kernel.db import Installation

from .stores import START, soon


class Died(BaseException):
    """Stands for kill -9: nothing in our code catches it."""


def die(*_args, **_more):
    raise Died


def fetch(log, *columns):
    with log.plain.connect() as connection:
        return connection.execute(select(*columns).order_by(columns[0])).all()


def whole(log):
    """The published folder verifies and holds what the database holds; its report."""
    report = verify(log.folder, log.keys.log.verifier)
    assert report.problems == []
    with log.plain.connect() as connection:
        assert connection.execute(select(model.LogHead.size)).scalar() == report.size
        assert connection.execute(select(func.count()).select_from(model.PendingEntry)).scalar() == 0
    positions = [row[0] for row in fetch(log, model.Leaf.position)]
    assert positions == list(range(report.size))
    assert [row[0] for row in fetch(log, model.Disclosure.position)] == positions
    for (_, entry), (_, record, salt) in zip(
            fetch(log, model.Leaf.position, model.Leaf.entry),
            fetch(log, model.Disclosure.position, model.Disclosure.record, model.Disclosure.salt),
            strict=True):
        assert leaf.read(entry)[1] == leaf.commitment(salt, record.encode())
    return report


def test_an_empty_record_is_published(log):
    tick = log.sequencer.tick()
    assert (tick.size, tick.root) == (0, tiles.EMPTY_ROOT)
    assert whole(log).size == 0
    before = (log.folder / "checkpoint").read_bytes()
    assert log.sequencer.tick().added == 0
    assert (log.folder / "checkpoint").read_bytes() == before


def test_entries_get_their_places(log):
    ids = log.add(300)
    assert log.sequencer.tick().added == 300
    ids += log.add(5)
    assert log.sequencer.tick().size == 305
    assert whole(log).size == 305
    assert sorted(ids) == sorted(row[0] for row in fetch(log, model.Disclosure.entry_id))
    paths = {path.relative_to(log.folder).as_posix()
             for path in log.folder.rglob("*") if path.is_file()}
    assert paths == {"checkpoint", "log.vkey", "tile/0/000", "tile/0/001.p/44", "tile/0/001.p/49",
                     "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44",
                     "tile/entries/001.p/49"}


def test_full_tiles_replace_partial_ones(log):
    for count in (3, 200, 52, 1):
        log.add(count)
        log.sequencer.tick()
        assert verify(log.folder).problems == []
    assert not (log.folder / "tile/0/000.p").exists()
    assert not (log.folder / "tile/entries/000.p").exists()
    assert (log.folder / "tile/0/000").stat().st_size == 8192


def test_the_order_of_the_log_is_not_the_order_of_acts(log):
    ids = log.add(200)
    log.sequencer.tick()
    order = [row[1] for row in fetch(log, model.Disclosure.position, model.Disclosure.entry_id)]
    assert sorted(order) == sorted(ids)
    rank = {entry_id: number for number, entry_id in enumerate(ids)}
    numbers = [rank[entry_id] for entry_id in order]
    # Of 199 neighbours about half rise; all rising, or nearly, would be insert order.
    rising = sum(a < b for a, b in pairwise(numbers))
    assert 60 < rising < 140
    assert order != sorted(order), "the ids themselves must not order the log either"


def test_all_leaves_of_a_tick_say_one_time_and_never_an_earlier_one(log):
    for hours in (0, 2, -1, 0):
        log.host.at = START + timedelta(hours=hours)
        log.add(3)
        with log.plain.begin() as connection:
            # The high-water mark would hold the clock by itself; the log does not rely on it.
            connection.execute(text("UPDATE installation SET high_water = NULL"))
        log.next_tick()
    ticks = [leaf.read(row[1])[0] for row in fetch(log, model.Leaf.position, model.Leaf.entry)]
    assert ticks == sorted(ticks)
    assert [len(set(ticks[i:i + 3])) for i in (0, 3, 6, 9)] == [1, 1, 1, 1]
    if log.engine.dialect.name == "sqlite":
        assert parse_time(ticks[6]) >= START + timedelta(hours=2), "the clock was set back"
    with log.plain.connect() as connection:
        mark = connection.execute(select(Installation.high_water)).scalar()
    assert mark >= parse_time(ticks[-1])


def test_batches(log):
    log.add(25)
    sequencer = log.another(batch=10)
    assert [sequencer.tick().added for _ in range(4)] == [10, 10, 5, 0]
    log.add(25)
    assert sequencer.drain().size == 50
    assert whole(log).size == 50
    assert len(fetch(log, model.Checkpoint.size)) == 6


STEPS = {
    "before the entries are taken": ("placing", "take"),
    "with the leaves not committed": ("placing", "store"),
    "after the leaves are committed": (Sequencer, "_write"),
    "in the middle of the tiles": ("folder", "replace"),
    "after the tiles, before signing": (Sequencer, "_sign"),
    "with the note not committed": ("clock", "signing"),
    "after the note is kept, before it is published": ("folder", "publish"),
    "after publishing": ("folder", "drop_partials"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("before", [0, 250])
def test_death_at_every_step_loses_and_repeats_nothing(log, monkeypatch, step, before):
    if before:
        log.add(before)
        log.sequencer.tick()
    old = (log.folder / "checkpoint").read_bytes() if before else None
    ids = log.add(30)
    victim = log.another()
    with monkeypatch.context() as patch:
        plant(patch, victim, *STEPS[step])
        with pytest.raises(Died):
            victim.tick()
    # Whoever looks now sees the old record or the new one, whole.
    if (log.folder / "checkpoint").exists():
        head = checkpoint.read((log.folder / "checkpoint").read_bytes(), log.keys.log.verifier)
        assert head.size in (before, before + 30)
    later = log.add(4)
    log.next_tick()
    report = whole(log)
    assert report.size == before + 34
    entries = [row[0] for row in fetch(log, model.Disclosure.entry_id)]
    assert set(ids) | set(later) <= set(entries) and len(entries) == before + 34
    if old:
        assert verify(log.folder, log.keys.log.verifier, old).problems == []


def test_two_deaths_in_a_row_leave_what_the_checkpoint_names(log, monkeypatch):
    """The second dies catching up on the first, past a full tile that the record does not name."""
    log.add(250)
    log.sequencer.tick()
    log.add(30)
    for _ in range(2):
        victim = log.another()
        with monkeypatch.context() as patch:
            plant(patch, victim, Sequencer, "_write")
            with pytest.raises(Died):
                victim.tick()
    # The full tile lies there already; all that a reader of the checkpoint asks for does, too.
    found = verify(log.folder, log.keys.log.verifier).problems
    assert found and all("has no place in a tree of 250" in one for one in found)
    log.next_tick()
    assert whole(log).size == 280 and not (log.folder / "tile/0/000.p").exists()


def plant(patch, victim, where, name):
    if where == "folder" and name == "replace":
        real, left = os.replace, [2]

        def dying(source, target):
            left[0] -= 1
            if not left[0]:
                raise Died
            real(source, target)

        patch.setattr("audit.folder.os.replace", dying)
    elif where == "placing":
        patch.setattr(f"audit.sequencer.placing.{name}", die)
    elif where == "folder":
        patch.setattr(victim.folder, name, die)
    elif where == "clock":
        real, said = victim.clock.now, [2]

        def now(connection):
            said[0] -= 1
            return real(connection) if said[0] else die()

        patch.setattr(victim.clock, "now", now)
    else:
        patch.setattr(victim, name, die)


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import create_engine
from audit.keys import Keys
from audit.sequencer import Sequencer
from kernel.clock import Clock
from kernel.db import configure_sqlite
url, place, victim = sys.argv[1:]
engine = create_engine(url)
if engine.dialect.name == "sqlite":
    configure_sqlite(engine)
sequencer = Sequencer(engine, Clock(), Keys.load(Path(place) / "keys"), Path(place) / "record")
kill = lambda *_args: os.kill(os.getpid(), signal.SIGKILL)
setattr(sequencer.folder if victim == "publish" else sequencer, victim, kill)
sequencer.tick()
"""


@pytest.mark.parametrize("victim", ["_write", "_sign", "publish"])
def test_kill_9_between_commit_and_publication(log, victim):
    """A real process, really killed: the locks go with it and the next one goes on."""
    log.add(20)
    log.sequencer.tick()
    ids = log.add(300)
    ran = subprocess.run([sys.executable, "-c", KILLED, log.url, str(log.place), victim],
                         cwd=Path(__file__).resolve().parents[2], timeout=300, check=False)
    assert ran.returncode == -signal.SIGKILL
    assert verify(log.folder).size == 20
    log.next_tick()
    assert whole(log).size == 320
    assert set(ids) <= {row[0] for row in fetch(log, model.Disclosure.entry_id)}


def test_two_sequencers_and_eight_writers(log):
    failures, stop, added = [], threading.Event(), []

    def write():
        try:
            for _ in range(25):
                added.extend(log.add(4))
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    def sequence():
        sequencer = Sequencer(log.guarded(), log.sequencer.clock, log.keys, log.folder, batch=37)
        try:
            while not stop.is_set():
                sequencer.tick()
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            sequencer.engine.dispose()

    writers = [threading.Thread(target=write) for _ in range(8)]
    sequencers = [threading.Thread(target=sequence) for _ in range(2)]
    for thread in writers + sequencers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sequencers:
        thread.join()
    log.sequencer.drain()
    assert failures == []
    assert whole(log).size == 800
    assert sorted(added) == sorted(row[0] for row in fetch(log, model.Disclosure.entry_id))


def test_a_second_sequencer_waits_its_turn(log):
    with log.sequencer._alone() as connection:
        assert connection is not None
        assert log.another().tick() is None
        if log.engine.dialect.name == "postgresql":
            # On another host the file's lock does not help; the database's does.
            elsewhere = Sequencer(log.engine, log.sequencer.clock, log.keys,
                                  log.place / "elsewhere" / "record")
            assert elsewhere.tick() is None
    assert log.next_tick() is not None


def rewind(log, to):
    """What restoring an old dump does, triggers and all."""
    with log.plain.begin() as connection:
        if log.plain.dialect.name == "postgresql":
            for table in ("leaf", "checkpoint"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for table in ("leaf", "checkpoint"):
                connection.execute(text(f"DROP TRIGGER {table}_no_delete"))
        connection.execute(text(f"DELETE FROM leaf WHERE position >= {to}"))
        connection.execute(text(f"DELETE FROM disclosure WHERE position >= {to}"))
        connection.execute(text(f"DELETE FROM checkpoint WHERE size > {to}"))
        root = connection.execute(select(model.Checkpoint.root).where(
            model.Checkpoint.size == to)).scalar()
        connection.execute(model.LogHead.__table__.update().values(size=to, root=root))


@pytest.mark.parametrize("regrown", [0, 3, 7, 20])
def test_a_restored_dump_is_not_signed_over(log, regrown):
    log.add(10)
    log.sequencer.tick()
    log.add(7)
    log.sequencer.tick()
    published = (log.folder / "checkpoint").read_bytes()
    rewind(log, 10)
    if regrown:
        log.add(regrown)
    with pytest.raises(WillNotSign, match="old state was restored"):
        log.next_tick()
    assert (log.folder / "checkpoint").read_bytes() == published
    # Even if somebody lets the restored database grow elsewhere, it is another tree.
    if regrown:
        soon(Sequencer(log.engine, log.sequencer.clock, log.keys, log.place / "other" / "record"))
        with pytest.raises(WillNotSign):
            log.next_tick()
        assert (log.folder / "checkpoint").read_bytes() == published


@pytest.mark.parametrize("what", ["entry", "missing", "head"])
def test_a_database_that_was_edited_is_not_signed(log, what):
    log.add(10)
    log.sequencer.tick()
    published = (log.folder / "checkpoint").read_bytes()
    log.add(6)
    victim = log.another()
    victim._write = die
    with pytest.raises(Died):
        victim.tick()
    with log.plain.begin() as connection:
        postgres = log.plain.dialect.name == "postgresql"
        for name in ("update", "delete"):
            connection.execute(text("ALTER TABLE leaf DISABLE TRIGGER USER" if postgres
                                    else f"DROP TRIGGER leaf_no_{name}"))
        if what == "entry":
            connection.execute(model.Leaf.__table__.update().where(
                model.Leaf.position == 12).values(entry=leaf.make(START, bytes(32))))
        elif what == "missing":
            connection.execute(model.Leaf.__table__.delete().where(model.Leaf.position == 12))
        else:
            connection.execute(model.LogHead.__table__.update().values(root=bytes(32)))
    with pytest.raises(WillNotSign):
        log.next_tick()
    assert (log.folder / "checkpoint").read_bytes() == published


def test_another_installation_s_key_or_checkpoint_is_refused(log, tmp_path):
    from audit.keys import Keys

    log.add(3)
    log.sequencer.tick()
    other = Keys.make(tmp_path / "others", "yangguang.example/test")
    with pytest.raises(WillNotSign, match="not ours"):
        Sequencer(log.engine, log.sequencer.clock, other, log.folder).tick()
    strange = Keys.make(tmp_path / "strange", "yangguang.example/strange")
    with pytest.raises(WillNotSign):
        soon(Sequencer(log.engine, log.sequencer.clock, strange, tmp_path / "s" / "record"))


@pytest.mark.parametrize("damage", ["all", "edge", "checkpoint"])
def test_a_lost_folder_is_made_again_with_the_same_bytes(log, damage):
    for count in (250, 40, 300, 9):
        log.add(count)
        log.sequencer.tick()
    before = {path.relative_to(log.folder): path.read_bytes()
              for path in log.folder.rglob("*") if path.is_file()}
    if damage == "all":
        shutil.rmtree(log.folder)
        log.folder.mkdir()
    elif damage == "edge":
        for path in log.folder.glob("tile/0/*.p/*"):
            path.write_bytes(bytes(len(path.read_bytes())))
    else:
        (log.folder / "checkpoint").unlink()
    log.next_tick()
    after = {path.relative_to(log.folder): path.read_bytes()
             for path in log.folder.rglob("*") if path.is_file()}
    assert after == before


def test_a_folder_taken_away_is_made_again_whole(log):
    """What mends any tile: without its checkpoint the folder is made from the database."""
    log.add(600)
    log.sequencer.tick()
    good = (log.folder / "tile/0/000").read_bytes()
    (log.folder / "tile/0/000").write_bytes(bytes(8192))
    assert verify(log.folder).problems
    log.sequencer.tick()
    assert verify(log.folder).problems, "a tick alone does not read full tiles again"
    (log.folder / "checkpoint").unlink()
    log.sequencer.tick()
    assert (log.folder / "tile/0/000").read_bytes() == good
    assert whole(log).size == 600


def test_temporaries_of_a_crash_are_swept(quick):
    quick.add(2)
    quick.sequencer.tick()
    stale = quick.folder.with_name("record.tmp") / "0"
    stale.parent.mkdir(exist_ok=True)
    stale.write_bytes(b"half")
    quick.sequencer.tick()
    assert not stale.exists()
