"""Files written whole."""

from __future__ import annotations

import stat
import threading

import pytest

from kernel import files
from kernel.files import write_whole


def test_files_are_whole_and_their_owners_alone(tmp_path):
    path = tmp_path / "a"
    write_whole(path, "one")
    write_whole(path, b"two")
    assert path.read_text() == "two" and stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_whole(path, "three", new=True)
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_many_at_once_never_meet(tmp_path):
    errors = []

    def write(number: int) -> None:
        try:
            for _ in range(50):
                write_whole(tmp_path / "a", str(number) * 1000)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and len(set((tmp_path / "a").read_text())) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_what_could_not_be_written_leaves_the_old_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write_whole(path, "old")

    def full(_handle):
        raise OSError(28, "no space left")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, "new")
    assert path.read_text() == "old" and [one.name for one in tmp_path.iterdir()] == ["a"]
