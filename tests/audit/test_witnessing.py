"""The sequencer and its witnesses, over HTTP on loopback: quorum, late lines, forks, the dead."""

import shutil
import socket
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import model, reading, witnessing
from audit.cosignature import cosigned_by
from audit.note import parse
from audit.sequencer import WillNotSign
from audit.verify import verify
from audit.witnessing import BadWitnesses, Policy, Witnessing, read_policy

from .outside import Outside


@pytest.fixture
def outside(tmp_path, log):
    found = [Outside(tmp_path / f"w{number}", number, log.keys.log.verifier) for number in (1, 2, 3)]
    yield found
    for one in found:
        one.stop()


def policy(outside, quorum=2):
    return Policy(quorum, {one.key.cosigner: one.url for one in outside})


PATIENCE = 120
"""Seconds in which a witness that lives does answer, however slow the machine is."""


def asking(outside):
    return Witnessing(policy(outside), PATIENCE)


@pytest.fixture
def steady(monkeypatch):
    """The clock that says whom to leave alone and for how long; it stands until it is moved."""
    stands = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(witnessing, "time", SimpleNamespace(monotonic=lambda: stands.at))
    return stands


def tick(log, known):
    return log.next_tick(witnesses=known)


def lines(log):
    return len(parse((log.folder / "checkpoint").read_bytes()).signatures) - 1


def cosigned(log, known, position, monkeypatch):
    monkeypatch.setattr(reading, "wiring", lambda: type("W", (), {"settings": {"witnesses": known}}))
    with Session(log.engine) as session:
        return reading.cosigned(session, position)


def test_a_checkpoint_carries_the_lines_of_all_and_verifies(log, outside, monkeypatch):
    known = asking(outside)
    before = time.time() - 1
    for count in (3, 300, 1):
        log.add(count)
        tick(log, known)
        assert lines(log) == 3 and [one.size for one in outside] == [log_size(log)] * 3
    report = verify(log.folder, log.keys.log.verifier)
    assert report.problems == [] and set(report.cosigned) == {one.key.cosigner.name for one in outside}
    found = cosigned(log, known, 3, monkeypatch)
    assert found.size == 303 and before <= found.at.timestamp() <= time.time()
    assert len(cosigned_by(parse(found.note), known.policy.cosigners)) == 3
    assert cosigned(log, known, 304, monkeypatch) is None


def log_size(log):
    with log.plain.connect() as connection:
        return connection.execute(select(model.LogHead.size)).scalar()


def test_without_quorum_it_is_published_and_lines_come_late(log, outside, monkeypatch, steady):
    outside[1].stop()
    outside[2].stop()
    known = asking(outside)
    log.add(5)
    assert tick(log, known).size == 5
    assert lines(log) == 1 and cosigned(log, known, 0, monkeypatch) is None
    outside[1].start()
    assert tick(log, known).added == 0
    assert lines(log) == 1, "whoever failed is left alone for a while"
    steady.at += 1
    tick(log, known)
    assert lines(log) == 2 and cosigned(log, known, 0, monkeypatch).size == 5
    assert verify(log.folder).problems == []


def test_a_witness_that_slept_is_brought_from_where_it_is(log, outside):
    known = asking(outside)
    log.add(5)
    tick(log, known)
    outside[0].stop()
    for _ in range(3):
        log.add(100)
        tick(log, known)
    outside[0].start()
    for contact in known._contacts:
        contact.resume = 0
    log.add(1)
    tick(log, known)
    assert lines(log) == 3 and outside[0].size == 306
    log.add(1)
    tick(log, asking(outside))  # a new process knows no sizes
    assert lines(log) == 3


def knocked(listener):
    """How many have come since it was asked last; each is let go."""
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_a_witness_that_never_answers_costs_its_patience_once(log, outside, steady):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        addresses = dict(policy(outside).addresses)
        addresses[outside[0].key.cosigner] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        silent.setblocking(False)
        known = Witnessing(Policy(2, addresses), PATIENCE)
        (contact,) = [one for one in known._contacts if one.witness == outside[0].key.cosigner]
        contact.patience = 0.2  # of the connection; the others have all the time they need
        log.add(5)
        tick(log, known)
        assert lines(log) == 2 and knocked(silent) == 1
        for _ in range(5):
            log.add(1)
            tick(log, known)
        assert lines(log) == 2 and knocked(silent) == 0, "it was asked again each time"
        steady.at += 1
        tick(log, known)
        assert knocked(silent) == 1 and contact.failures == 2


def test_a_witness_that_names_a_time_beyond_all_calendars_is_silent(log, outside, monkeypatch):
    """Else whoever asks when the quorum was reached gets an error: the close, and the opening."""
    known = asking(outside[:2])
    outside[1].server.witness.now = lambda: 2**62
    log.add(5)
    tick(log, known)
    assert cosigned(log, known, 0, monkeypatch) is None and lines(log) == 1
    assert known._contacts[1].failures + known._contacts[0].failures == 1, "it is asked again later"


def restored(log, work):
    """Run `work` on a log whose database and folder are then set back to before it."""
    with log.plain.connect() as connection:
        kept = {table.name: connection.execute(select(table)).mappings().all()
                for table in OWN}
    shutil.copytree(log.folder, log.folder.with_name("kept"))
    work()
    with log.plain.begin() as connection:
        for table in OWN:
            for statement in UNGUARD[connection.dialect.name](table.name):
                connection.exec_driver_sql(statement)
            connection.execute(table.delete())
            if kept[table.name]:
                connection.execute(table.insert(), [dict(row) for row in kept[table.name]])
    shutil.rmtree(log.folder)
    log.folder.with_name("kept").rename(log.folder)


OWN = [table.__table__ for table in (model.PendingEntry, model.Leaf, model.Disclosure,
                                     model.LogHead, model.Checkpoint, model.Cosignature)]
UNGUARD = {
    "sqlite": lambda name: [f"DROP TRIGGER IF EXISTS {name}_no_update",
                            f"DROP TRIGGER IF EXISTS {name}_no_delete"],
    "postgresql": lambda name: [f'ALTER TABLE "{name}" DISABLE TRIGGER ALL'],
}


@pytest.mark.parametrize("restart", [True, False])
def test_a_restored_dump_with_its_folder_is_not_signed_over(log, outside, restart):
    """The published folder went back too: only the witnesses know."""
    known = asking(outside)
    log.add(5)
    tick(log, known)
    restored(log, lambda: (log.add(4), tick(log, known)))
    if restart:
        known = asking(outside)
    log.add(20)
    with pytest.raises(WillNotSign, match="behind the witnesses"):
        tick(log, known)
    assert log_size(log) == 5, "nothing was given a place"


def test_a_fork_that_outgrew_the_witnesses_is_found(log, outside):
    """The restored log was kept from its witnesses until it was larger than what they saw."""
    known = asking(outside)
    log.add(5)
    tick(log, known)
    restored(log, lambda: (log.add(4), tick(log, known)))
    log.add(20)
    log.next_tick()
    checkpoint = (log.folder / "checkpoint").read_bytes()
    log.add(1)
    with pytest.raises(WillNotSign, match="do not continue the 9"):
        tick(log, asking(outside))
    assert (log.folder / "checkpoint").read_bytes() == checkpoint


def test_a_fork_of_the_same_size_is_found(log, outside):
    known = asking(outside)
    log.add(5)
    tick(log, known)
    restored(log, lambda: (log.add(4), tick(log, known)))
    log.add(4)
    log.next_tick()
    with pytest.raises(WillNotSign, match="another root at 9"):
        tick(log, asking(outside))


def test_a_fork_that_one_tick_makes_is_signed_and_never_published(log, outside):
    known = asking(outside)
    log.add(5)
    tick(log, known)
    restored(log, lambda: (log.add(4), tick(log, known)))
    for one in outside:
        one.stop()
    again = asking(outside)
    log.add(1)
    tick(log, again)  # nobody answers, nobody can object: published without a quorum
    assert lines(log) == 0
    for one in outside:
        one.start()
    for contact in again._contacts:
        contact.resume = 0
    before = (log.folder / "checkpoint").read_bytes()
    log.add(10)
    with pytest.raises(WillNotSign, match="behind the witnesses"):
        tick(log, again)
    assert (log.folder / "checkpoint").read_bytes() == before


def test_died_between_answer_and_keeping(log, outside, monkeypatch):
    class Died(BaseException):
        pass

    def die(*_):
        raise Died

    known = asking(outside)
    log.add(5)
    with monkeypatch.context() as patch:
        patch.setattr(witnessing, "keep", die)
        with pytest.raises(Died):
            tick(log, known)
    tick(log, asking(outside))
    assert lines(log) == 3 and verify(log.folder).problems == []


def test_the_file_of_witnesses(outside):
    keys = [one.key.cosigner for one in outside]
    read = read_policy(f"# ours\nquorum 2\n\n{keys[0]} http://127.0.0.1:1/\n{keys[1]} https://w.example\n")
    assert read.quorum == 2 and read.addresses[keys[0]] == "http://127.0.0.1:1"
    for bad in ("", "quorum 1", "quorum two\n", f"{keys[0]} http://h\n", f"quorum 2\n{keys[0]} http://h",
                f"quorum 0\n{keys[0]} http://h", f"quorum 1\n{keys[0]}", f"quorum 1\n{keys[0]} ftp://h",
                f"quorum 1\n{keys[0]} http://h\n{keys[0]} http://i", "quorum 1\nx http://h",
                f"quorum 1\n{keys[0]} http://h:99999", f"quorum 1\n{keys[0]} http://h:port",
                f"quorum 1\n{str(keys[0])[:-2]}A= http://h"):
        with pytest.raises(BadWitnesses):
            read_policy(bad)
