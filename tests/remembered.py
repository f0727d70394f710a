"""Verbs whose outcome is kept: the next test that begins with the same ones gets a copy.

Half of what the tests compute is the way to a published tender or an opened lot, with which
hundreds of them begin. The platform's own acts play it once in a process; the rows, the files and
the world's own memory are kept, and put in the place of another test's when it calls the same verbs
with the same arguments one after the other, on the same kind of database with the same settings.
Every other call plays the verb: as soon as a row was changed by anything else, the time was moved,
the world was given something of its own, the wiring is another or anything is patched, nothing is
taken or kept any more in that test.
"""

from __future__ import annotations

import functools
import hashlib
import io
import itertools
import pickle
import shutil
import sqlite3
import weakref
from contextlib import closing
from dataclasses import dataclass, is_dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import inspect

from audit.act import wiring
from kernel.db import Base, db

from .lent import FRESH
from .rows import Rows

OWN = {"app", "settings", "clock", "_raw", "_past", "touches"}
"""What belongs to one world and is never copied into another."""

FILE = "yangguang.db"
ONE_PAGE = 32 + 24 + 4096
"""The length of a write-ahead log with one page in it: the setting of the time."""
APART = shutil.ignore_patterns(FILE, f"{FILE}-*", "keys")
NOT_KEPT = (TypeError, AttributeError, pickle.PicklingError)
"""What is said of a memory that cannot be written down: a server, a thread."""


ALONE = object()
"""Said where no outcome can be put in place."""


@dataclass
class Kept:
    """A world after its verbs: its time, its memory and the last verb's result, its files."""

    moment: datetime
    frozen: datetime | None
    memory: dict[str, bytes]
    result: bytes
    place: int


_kept: dict[tuple, Kept] = {}
_seen: set[tuple] = set()
_numbers = itertools.count(1)
_patches: weakref.WeakSet = weakref.WeakSet()


class Past:
    """What one world has gone through so far, as long as it was verbs that are kept."""

    def __init__(self, world, fresh: int | Rows, place: Path):
        self._world, self._fresh, self._place = world, fresh, place
        self._playing = False
        self._key: tuple | None = (_ground(world),)
        self._stood = self._stands()

    def call(self, verb, args: tuple, kwargs: dict):
        """Play a verb, or put its outcome in place."""
        said = None if self._playing or self._key is None else _said((args, kwargs))
        if said is None or _patched() or self._stands() != self._stood or not self._known():
            self._key = self._key if self._playing else None
            return verb(self._world, *args, **kwargs)
        key, self._key = (*self._key, verb.__name__, said), None
        result = self._copied(_kept[key]) if key in _kept else self._played(key, verb, args, kwargs)
        if result is ALONE:
            return verb(self._world, *args, **kwargs)
        self._key, self._stood = key, self._stands()
        return result

    def _played(self, key: tuple, verb, args: tuple, kwargs: dict):
        self._playing = True
        try:
            result = verb(self._world, *args, **kwargs)
        finally:
            self._playing = False
        if key not in _seen:  # most beginnings are one test's alone
            _seen.add(key)
            return result
        try:
            _kept[key] = self._keep(result)
        except NOT_KEPT:
            return result
        return _read(_kept[key].result)

    def _copied(self, kept: Kept):
        return _read(kept.result) if self._put_back(kept) else ALONE

    def close(self) -> None:
        """Let go of the database's rows."""
        if isinstance(self._fresh, Rows):
            self._fresh.close()

    def _stands(self) -> tuple:
        """How everything stands that a test may change."""
        world = self._world
        try:
            memory = _written(_memory(world))
        except NOT_KEPT:
            memory = object()
        wired = [value for name, value in vars(wiring()).items() if name != "settings"]
        return (memory, list(map(id, wired)), dict(wiring().settings), world.clock.frozen,
                world.touches, self._database())

    def _database(self) -> object:
        if isinstance(self._fresh, Rows):
            try:
                return self._fresh.standing()
            except psycopg.Error:  # its session was ended, or a table is gone
                return object()
        return [(path.stat().st_size, path.stat().st_mtime_ns) if path.exists() else None
                for path in map(self._world.settings.folder.joinpath, (FILE, f"{FILE}-wal"))]

    def _known(self) -> bool:
        """Whether a world that has gone through nothing is a copy of the template but for its one
        setting of the time; whatever else was done to it before was not seen."""
        if len(self._key) > 1:
            return True
        if isinstance(self._fresh, Rows):
            return self._fresh.moved(FRESH) == ["installation"]
        file = self._world.settings.folder / FILE
        wal = file.with_name(f"{FILE}-wal")
        return wal.exists() and wal.stat().st_size == ONE_PAGE \
            and file.stat().st_mtime_ns == self._fresh  # to open and close it would end our locks

    def _keep(self, result) -> Kept:
        world = self._world
        kept = Kept(world.now, world.clock.frozen,
                    {name: _written(value) for name, value in _memory(world).items()},
                    _written(result), next(_numbers))
        folder = self._place / str(kept.place)
        shutil.copytree(world.settings.folder, folder, ignore=APART)
        if isinstance(self._fresh, Rows):
            db.session.rollback()
            self._fresh.keep(kept.place)
        else:
            with closing(sqlite3.connect(world.settings.folder / FILE)) as source, \
                    closing(sqlite3.connect(folder / FILE)) as target:
                source.backup(target)
        return kept

    def _put_back(self, kept: Kept) -> bool:
        """Whether the outcome stands now where the world stood; not under a running server."""
        world, folder = self._world, self._place / str(kept.place)
        db.session.rollback()
        if isinstance(self._fresh, Rows):
            self._fresh.put_back(kept.place)
        else:
            db.engine.dispose()
            world._raw.dispose()
            if (world.settings.folder / f"{FILE}-wal").exists():
                return False  # who goes last takes it along: somebody has the file open
            shutil.copy(folder / FILE, world.settings.folder / FILE)
        shutil.copytree(folder, world.settings.folder, ignore=APART, dirs_exist_ok=True)
        world.clock.frozen = kept.frozen
        world.set_time(kept.moment)
        present = _memory(world)
        for name, written in kept.memory.items():
            if name not in present or _written(present[name]) != written:
                setattr(world, name, _read(written))
        world.recall()
        return True


def remembered(verb):
    """Make a verb of the world one whose outcome is kept."""

    @functools.wraps(verb)
    def call(world, *args, **kwargs):
        if world._past is None:
            return verb(world, *args, **kwargs)
        return world._past.call(verb, args, kwargs)

    return call


def watch_patches() -> None:
    """Know every MonkeyPatch there is, to see whether something is patched."""
    real = pytest.MonkeyPatch.__init__

    def known(self) -> None:
        real(self)
        _patches.add(self)

    pytest.MonkeyPatch.__init__ = known


def _patched() -> bool:
    return any(one._setitem or any(not isinstance(place, pytest.Config)  # pytest's own
                                   for place, *_ in one._setattr) for one in _patches)


def _ground(world) -> tuple:
    """What a world stands on: the kind of its database, its settings and its keys."""
    settings = replace(world.settings, data="", database_url="", owner_url="")
    folder = str(world.settings.folder)
    wired = {name: repr(value).replace(folder, "") for name, value in wiring().settings.items()}
    keys = hashlib.sha256()
    for path in sorted(world.settings.keys.rglob("*")):
        keys.update(path.name.encode() + (path.read_bytes() if path.is_file() else b"/"))
    return world.postgres, repr(settings), repr(sorted(wired.items())), keys.digest()


def _said(value) -> str | None:
    """An argument as part of a key; None where it cannot be one."""
    if value is None or isinstance(value, str | int | float | bool | bytes | datetime | timedelta):
        return repr(value)
    if isinstance(value, Base):
        return f"{type(value).__name__}{inspect(value).identity}"
    if isinstance(value, dict):
        value = tuple(value.items())
    elif is_dataclass(value) and value.__hash__:
        value = (type(value).__name__, *vars(value).items())
    if not isinstance(value, list | tuple):
        return None
    parts = [_said(one) for one in value]
    return None if None in parts else f"({', '.join(parts)})"


def _memory(world) -> dict[str, object]:
    return {name: value for name, value in vars(world).items() if name not in OWN}


def _written(value) -> bytes:
    into = io.BytesIO()
    _Writer(into).dump(value)
    return into.getvalue()


class _Writer(pickle.Pickler):
    """Rows that a session holds are written as their keys, to be read afresh."""

    def persistent_id(self, value):
        if isinstance(value, Base) and not inspect(value).detached:
            return type(value), inspect(value).identity
        return None

    def reducer_override(self, value):
        if isinstance(value, Ed25519PrivateKey):
            return Ed25519PrivateKey.from_private_bytes, (value.private_bytes_raw(),)
        return NotImplemented


def _read(written: bytes):
    return _Reader(io.BytesIO(written)).load()


class _Reader(pickle.Unpickler):
    def persistent_load(self, value):
        table, identity = value
        return db.session.get_one(table, identity)
