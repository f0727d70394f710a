"""A served installation whose database can be put back to a kept state in milliseconds.

Requests go over a real socket to the real application, or without one (`called.py`). Between tries
the whole database (a file, or on PostgreSQL every row that differs) and the record's folder are
replaced, so that no try sees what another one did.
"""

from __future__ import annotations

import functools
import hashlib
import http.client
import json
import os
import shutil
import sqlite3
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text
from werkzeug.serving import WSGIRequestHandler, make_server

from kernel.db import Base, db
from portal.factory import create_app
from tests import postgres
from tests.rows import Rows
from tests.world import World, WorldClock, settings_for

from .called import called

NOT_BUSINESS = {
    "login_session", "throttle", "security_event", "known_device", "used_totp_step",
    "pending_factor", "bid_refusal", "installation", "undigested", "change", "pending_change",
}
"""Sessions, throttles and logs of refusals may move when somebody is refused, and whoever reads
the feed gives what is public already its place in it; nothing else may."""

ENTRIES = "pending_entry"
ASKED = {"Access-Reason": "routine check"}
MEMORY = Path("/dev/shm")
PREFIX = "yg-permissions-"


@dataclass
class Answer:
    """What came back over the socket."""

    status: int
    media: str
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the request had its way."""
        return 200 <= self.status < 300

    @property
    def json(self):
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def code(self) -> str:
        """The refusal's code, or nothing."""
        value = self.json
        return str(value.get("code", "")) if isinstance(value, dict) else ""


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_args, **_more):
        """Sixty thousand lines would say nothing."""


class Bench:
    """One installation, served on loopback, with its world and its kept states."""

    def __init__(self, database: str, keys: Path, template: Path | str):
        self.database = database
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_place()))
        data = self.folder / "data"
        data.mkdir()
        shutil.copytree(keys, data / "keys")
        if database == "sqlite":
            shutil.copy(template, data / "yangguang.db")
            self.settings = settings_for(data)
        else:
            self._server = postgres.server()
            owner_url, app_url = self._server.database(template=template)
            self._live = app_url.partition("@/")[2].partition("?")[0]
            self._rows = Rows(self._server.connect(self._live))
            self.settings = settings_for(data, app_url, owner_url)
        self.app = create_app(self.settings, WorldClock())
        self.app.testing = True
        self._seen: dict[str, tuple] = {}
        self._kept_tables: dict[str, dict[str, str]] = {}
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self._context = self.app.app_context()
        self._context.push()
        self.world = World(self.app, self.settings)
        self._http = make_server("127.0.0.1", 0, self.app, request_handler=_Quiet)
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        self.port = self._http.server_port
        self.tried = 0

    def close(self) -> None:
        """Stop serving and leave nothing behind."""
        self._http.shutdown()
        self._http.server_close()
        try:
            self.world.close()
            self._release()
            self._context.pop()
            if self.database != "sqlite":
                self._rows.close()
                self._server.drop(self._live)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- states -------------------------------------------------------------------------------
    def keep(self, name: str) -> None:
        """Keep database and record as they are now, under `name`."""
        self._release()
        self._kept_tables.pop(name, None)
        kept = self.folder / "kept" / name.replace(":", "-")
        kept.mkdir(parents=True)
        if self.settings.record.exists():
            shutil.copytree(self.settings.record, kept / "record")
        if self.database == "sqlite":
            with closing(sqlite3.connect(self._file)) as source, \
                    closing(sqlite3.connect(kept / "db")) as target:
                source.backup(target)
            return
        self._rows.keep(name)

    def put_back(self, name: str) -> None:
        """Replace database and record by what was kept under `name`."""
        self._release()
        kept = self.folder / "kept" / name.replace(":", "-")
        shutil.rmtree(self.settings.record, ignore_errors=True)
        if (kept / "record").exists():
            shutil.copytree(kept / "record", self.settings.record, copy_function=shutil.copyfile)
        if self.database == "sqlite":
            for more in ("-wal", "-shm"):
                Path(f"{self._file}{more}").unlink(missing_ok=True)
            shutil.copyfile(kept / "db", self._file)
            return
        self._rows.put_back(name)

    @property
    def _file(self) -> Path:
        return self.settings.folder / "yangguang.db"

    def _release(self) -> None:
        db.session.remove()
        if self.database == "sqlite":  # the file itself is replaced
            db.engine.dispose()
            self.world._raw.dispose()
        if looking := self.app.extensions.get("yangguang_kept"):
            looking.close()  # it looks beside the pool at what is about to be another state

    def fingerprint(self) -> dict[str, str]:
        """A digest of the rows of every business table, and of the names of the stored files."""
        return self._tables(_business()) | _stored(self.world)

    def kept_fingerprint(self, name: str) -> dict[str, str]:
        """The same of what was just put back: its tables are looked at once for each `name`."""
        if name not in self._kept_tables:
            self._kept_tables[name] = self._tables(_business())
        return self._kept_tables[name] | _stored(self.world)

    def differs(self, before: dict[str, str]) -> bool:
        """Whether the fingerprint is another one now; every act leaves an entry, so this is looked
        for first."""
        return any(before[place] != digest for tables in ([ENTRIES], _business())
                   for place, digest in self._tables(tables).items()) \
            or _stored(self.world).items() - before.items() != set()

    def _tables(self, names: list[str]) -> dict[str, str]:
        return _on_sqlite(self._file, self._seen, names) if self.database == "sqlite" \
            else self._rows.digests(names)

    # --- requests -----------------------------------------------------------------------------
    def call(self, method: str, path: str, body: bytes | None, headers: dict) -> Answer:
        """One request without a connection."""
        self.tried += 1
        return Answer(*called(self.app, self.port, method, path, body, ASKED | headers))

    def send(self, method: str, path: str, body: bytes | None, headers: dict) -> Answer:
        """One request on one connection."""
        self.tried += 1
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request(method, path, body, ASKED | headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get_content_type(), answer.read())
        finally:
            connection.close()


def fingerprint(world) -> dict[str, str]:
    """A digest of the rows of every business table of a world, and of its stored files' names."""
    found = _on_postgres(world._raw) if world.postgres \
        else _on_sqlite(world.settings.folder / "yangguang.db", {}, _business())
    return found | _stored(world)


def _stored(world) -> dict[str, str]:
    files = []
    for _, folders, names in os.walk(world.settings.folder / "objects"):
        folders[:] = [name for name in folders if name != "tmp"]
        files += names
    files.sort()
    return {"(objects)": hashlib.sha256("\n".join(files).encode()).hexdigest()}


def _on_sqlite(file: Path, seen: dict[str, tuple], names: list[str]) -> dict[str, str]:
    """`seen`: what was found last, so that only what differs is digested anew."""
    found = {}
    with closing(sqlite3.connect(file)) as connection:
        for name in names:
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            if name not in seen or seen[name][0] != rows:
                seen[name] = rows, _digest(rows)
            found[name] = seen[name][1]
    return found


def _on_postgres(engine: Engine) -> dict[str, str]:
    parts = [f"SELECT '{name}', md5(coalesce(string_agg(r::text, ',' ORDER BY r::text), '')) "
             f'FROM "{name}" r' for name in _business()]
    with engine.connect() as connection:
        return dict(map(tuple, connection.execute(text(" UNION ALL ".join(parts)))))


def _place() -> Path:
    """In memory where there is some: a commit costs a thousandth of what it costs on a disk."""
    return MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())


def _sweep() -> None:
    """Remove what runs that were killed have left in memory."""
    for folder in _place().glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _digest(rows: list[tuple]) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


@functools.cache
def _business() -> list[str]:
    return sorted(set(Base.metadata.tables) - NOT_BUSINESS)
