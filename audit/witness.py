"""A witness (C2SP tlog-witness): a small server that somebody else runs, elsewhere.

    yangguang witness --folder DIR --log-vkey KEY [--listen 127.0.0.1:8090]

It keeps, for every log it was told of, one line for each checkpoint it ever cosigned: size,
root, time. It cosigns a checkpoint only if the log signed it and it continues the last line;
the new line is on the disk before the signature exists. If it dies after the line and before
the answer, the log asks again and gets the very signature that the line stands for: text and
time are the same, and Ed25519 draws nothing at random. So there is one cosignature for a size,
ever, and never one for another root of that size.

The file of lines is the witness's history. It is served, and tells every checkpoint it was
shown: a log that lets one pass because a draw would not suit it is found out there. The folder
must not be restored from a backup: a witness that lost lines is retired, with its key.

Standard library and `cryptography` only; one process a folder.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kernel.canonical import NotCanonical, b64, sha256, unb64
from kernel.files import sync_folder, write_whole

from . import checkpoint, proofs, tiles
from .cosignature import CosignerKey
from .note import BadNote, Verifier, parse, read_vkey

LARGEST = 64 << 10
"""Bytes of a request; 63 hashes and 32 signatures fit in a tenth of it."""

MOST_HASHES = 63
SLOWEST = 10.0
"""Seconds that a client may take between two bytes."""

_OLD = re.compile(r"\Aold (0|[1-9]\d{0,18})\Z", re.ASCII)
_LINE = re.compile(r"\A(0|[1-9]\d{0,18}) (\S{44}) ([1-9]\d{0,18})\Z", re.ASCII)
_TEXT = "text/plain; charset=utf-8"


class Damaged(RuntimeError):
    """The witness's own folder is not what it wrote; it will not sign."""


@dataclass(frozen=True)
class Answer:
    """What goes back: HTTP status, body, content type."""

    status: int
    body: str
    kind: str = _TEXT


@dataclass(frozen=True)
class Seen:
    """One line of the history: a checkpoint that was cosigned, and when (POSIX seconds)."""

    size: int
    root: bytes
    at: int

    def text(self) -> str:
        """The line, newline included."""
        return f"{self.size} {b64(self.root)} {self.at}\n"


class History:
    """The lines of one log, on disk before they count; one at a time is written."""

    def __init__(self, path: Path):
        self.path, self.lock = path, threading.Lock()
        self.handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        sync_folder(path.parent)
        data = path.read_bytes()
        whole = data[:data.rfind(b"\n") + 1]
        # A torn last line was never signed for: the signature comes after its fsync.
        os.ftruncate(self.handle, len(whole))
        os.fsync(self.handle)
        os.lseek(self.handle, 0, os.SEEK_END)
        lines = whole.decode("ascii", "replace").splitlines()
        self.last: Seen | None = None
        for number, line in enumerate(lines, 1):
            seen = _seen(line, path, number)
            if self.last and (seen.size <= self.last.size or seen.at < self.last.at):
                raise Damaged(f"{path}:{number}: does not follow the line before it")
            self.last = seen

    def add(self, seen: Seen) -> None:
        """Write a line durably. If this raises, the line may or may not be there."""
        data = memoryview(seen.text().encode())
        while data:
            data = data[os.write(self.handle, data):]
        os.fsync(self.handle)
        self.last = seen

    def since(self, size: int) -> str:
        """The lines of trees larger than `size`."""
        with self.lock:
            length = os.fstat(self.handle).st_size
        text = os.pread(self.handle, length, 0).decode("ascii")
        return "".join(f"{line}\n" for line in text.splitlines()
                       if int(line.split(" ", 1)[0]) > size)


def _seen(line: str, path: Path, number: int) -> Seen:
    match = _LINE.match(line)
    try:
        if not match:
            raise Damaged(f"{path}:{number}: is not a line of a history")
        return Seen(int(match[1]), unb64(match[2], tiles.HASH), int(match[3]))
    except NotCanonical as error:
        raise Damaged(f"{path}:{number}: {error}") from error


class Witness:
    """The key, the logs it knows, and the history of each."""

    def __init__(self, folder: Path, key: CosignerKey, logs: list[Verifier],
                 now: Callable[[], int] = lambda: int(time.time())):
        self.key, self.now = key, now
        self.logs = {log.name: log for log in logs}
        self.histories = {name: History(folder / f"{history_name(name)}.history")
                          for name in self.logs}

    def add_checkpoint(self, body: bytes) -> Answer:
        """Judge one add-checkpoint request in the order of the specification."""
        try:
            old, proof, note = _request(body)
            signed = parse(note)
            head = checkpoint.head_of(signed)
        except (BadNote, NotCanonical, ValueError) as error:
            return Answer(400, f"{error}\n")
        log = self.logs.get(head.origin)
        if log is None:
            return Answer(404, f"{head.origin} is not a log this witness knows\n")
        try:
            checkpoint.read(note, log)
        except BadNote as error:
            return Answer(403, f"{error}\n")
        if old > head.size:
            return Answer(400, "the old size is larger than the checkpoint's\n")
        history = self.histories[head.origin]
        with history.lock:
            return self._judge(history, old, proof, head, signed.text)

    def _judge(self, history: History, old: int, proof: list[bytes], head: checkpoint.Head,
               text: str) -> Answer:
        last = history.last
        size, root = (last.size, last.root) if last else (0, tiles.EMPTY_ROOT)
        if old != size or (old == head.size and root != head.root):
            return Answer(409, f"{size}\n", "text/x.tlog.size")
        if last and old == head.size and not proof:
            return Answer(200, self.key.cosign(text, last.at))
        try:
            if old:
                proofs.check_consistency(old, head.size, proof, root, head.root)
            elif proof:
                raise proofs.BadProof("there is no proof from nothing")
        except proofs.BadProof as error:
            return Answer(422, f"{error}\n")
        # The line first. If we died here we would sign the same text and time when asked again.
        history.add(Seen(head.size, head.root, max(self.now(), last.at if last else 1)))
        return Answer(200, self.key.cosign(text, history.last.at))

    def history(self, name: str, since: int) -> Answer:
        """The lines of the log whose history is called `name`."""
        for history in self.histories.values():
            if history.path.stem == name:
                return Answer(200, history.since(since))
        return Answer(404, "no such history\n")


def history_name(origin: str) -> str:
    """The name of a log's history: the SHA-256 of its origin, in hex."""
    return sha256(origin.encode()).hex()


def _request(body: bytes) -> tuple[int, list[bytes], str]:
    head, divided, note = body.decode("utf-8").partition("\n\n")
    first, *rest = head.split("\n")
    match = _OLD.match(first)
    if not match or not divided or len(rest) > MOST_HASHES:
        raise ValueError("not an add-checkpoint request")
    return int(match[1]), [unb64(line, tiles.HASH) for line in rest], note


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SLOWEST
    server_version, sys_version = "yangguang-witness", ""
    server: _Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._say(Answer(404, "not found\n"), close=True)
        elif not length.isdecimal() or int(length) > LARGEST:
            self._say(Answer(400, "the length is missing or too large\n"), close=True)
        else:
            body = self.rfile.read(int(length))
            self._say(self._judged(body) if len(body) == int(length)
                      else Answer(400, "cut short\n"))

    def _judged(self, body: bytes) -> Answer:
        try:
            return self.server.witness.add_checkpoint(body)
        except OSError as error:
            # A full disk: what was not written durably is not signed, and nothing more is.
            print(f"cannot write the history: {error}", file=sys.stderr, flush=True)
            os._exit(1)

    def do_GET(self) -> None:
        name, _, since = self.path.removeprefix("/history/").partition("?since=")
        if self.path == "/vkey":
            self._say(Answer(200, f"{self.server.witness.key.cosigner}\n"))
        elif self.path.startswith("/history/") and (not since or since.isdecimal()):
            self._say(self.server.witness.history(name, int(since or 0)))
        else:
            self._say(Answer(404, "not found\n"))

    def _say(self, answer: Answer, close: bool = False) -> None:
        data = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(data)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words) -> None:
        """Say nothing: the history is the log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    witness: Witness


def load_key(folder: Path, name: str) -> CosignerKey:
    """The key in `folder`, made at the first start under `name`. Raises BadNote, Damaged."""
    path = folder / "witness.skey"
    if not path.exists():
        if list(folder.glob("*.history")):
            raise Damaged("there is a history and no key; a witness that lost its key is retired")
        write_whole(path, CosignerKey.generate(name).secret_text() + "\n")
    if path.stat().st_mode & 0o077:
        raise Damaged(f"{path} can be read by others; its mode must be 0600")
    return CosignerKey.parse(path.read_text("utf-8").rstrip("\n"))


def _clock(demonstration: str | None) -> Callable[[], int]:
    if demonstration is None:
        return lambda: int(time.time())
    # A demonstration moves its days; its witnesses read by how many milliseconds from this file.
    return lambda: int(time.time() + int(Path(demonstration).read_text("ascii") or 0) / 1000)


def main(arguments: list[str] | None = None) -> int:
    """Run a witness until it is ended; print its vkey first."""
    parser = argparse.ArgumentParser(prog="yangguang witness", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--log-vkey", action="append", required=True, metavar="KEY",
                        help="a log's verifier key, or a file that holds it; may be repeated")
    parser.add_argument("--name", default="witness.example/1",
                        help="the witness's name, chosen once: a schema-less URL")
    parser.add_argument("--listen", default="127.0.0.1:8090", metavar="HOST:PORT")
    parser.add_argument("--demonstration", metavar="FILE", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    given.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(given.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        logs = [read_vkey(Path(text).read_bytes()) if Path(text).is_file() else
                Verifier.parse(text) for text in given.log_vkey]
        key = load_key(given.folder, given.name)
        witness = Witness(given.folder, key, logs, _clock(given.demonstration))
        host, _, port = given.listen.rpartition(":")
        server = _Server((host, int(port)), _Handler)
    except BlockingIOError:
        print("another witness runs on this folder", file=sys.stderr)
        return 2
    except (BadNote, Damaged, OSError, ValueError) as error:
        print(f"yangguang witness: {error}", file=sys.stderr)
        return 2
    server.witness = witness
    print(f"{key.cosigner}\nlistening on {host}:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
