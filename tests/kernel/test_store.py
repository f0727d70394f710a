"""Files by their hash: whole or absent, whatever happens in between."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import time

import pytest

from kernel import store as store_module
from kernel.store import Store, TooLarge
from portal import litter


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "objects")
    made.prepare()
    return made


def test_a_file_is_found_by_its_hash(store):
    name = store.put(b"sealed")
    assert name == hashlib.sha256(b"sealed").hexdigest()
    with store.open(name) as file:
        assert file.read() == b"sealed"
    assert store.put(b"sealed") == name and list(store.names()) == [name]


def test_a_stream_is_cut_off_at_its_limit_and_leaves_nothing(store):
    assert store.put_stream(io.BytesIO(b"x" * 10), 10) == (
        hashlib.sha256(b"x" * 10).hexdigest(), 10)
    with pytest.raises(TooLarge):
        store.put_stream(io.BytesIO(b"y" * 11), 10)
    assert len(list(store.names())) == 1 and not list((store.root / "tmp").iterdir())


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_dying_before_the_rename_leaves_only_a_temporary_file(store, monkeypatch, step):
    class Dead(BaseException):
        """A process that dies cleans up nothing."""

    def die(*_args, **_more):
        raise Dead

    monkeypatch.setattr(store_module.os, step, die)
    with pytest.raises(Dead):
        store.put(b"half")
    monkeypatch.undo()
    assert list(store.names()) == []
    for file in (store.root / "tmp").iterdir():
        os.utime(file, (time.time() - 90_000,) * 2)
    assert litter.sweep(store) == 1 and litter.sweep(store) == 0


def test_the_bytes_are_synced_before_the_name_and_the_folder_after(store, monkeypatch):
    steps = []
    real_sync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(store_module.os, "fsync", lambda fd: (steps.append(
        "folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file"), real_sync(fd)))
    monkeypatch.setattr(store_module.os, "replace", lambda *a: (steps.append("name"),
                                                                real_replace(*a)))
    store.put(b"in order")
    assert steps == ["file", "name", "folder"]
    steps.clear()
    store.put(b"in order")
    assert steps == ["file", "name", "folder"], "what is there may not be durable: written anew"


@pytest.mark.parametrize("name", ["", "..", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 65])
def test_a_name_is_a_hash_and_never_a_path(store, name):
    with pytest.raises(ValueError, match="not an object name"):
        store.path(name)


def test_many_writers_of_the_same_and_of_other_bytes(store):
    def write(number):
        for turn in range(20):
            store.put(b"shared %d" % turn)
            store.put(b"own %d %d" % (number, turn))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = list(store.names())
    assert len(names) == 20 + 6 * 20
    for name in names:
        assert hashlib.sha256(store.path(name).read_bytes()).hexdigest() == name
    assert not list((store.root / "tmp").iterdir())


def test_old_objects_that_nobody_knows_are_removed_and_young_ones_kept(store):
    known, orphan, young = store.put(b"known"), store.put(b"orphan"), store.put(b"young")
    for name in (known, orphan):
        os.utime(store.path(name), (time.time() - 90_000,) * 2)
    assert litter.remove_unknown(store, {known}) == 1
    assert set(store.names()) == {known, young} and orphan not in set(store.names())
