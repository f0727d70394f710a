"""A client of clamd (INSTREAM over a unix socket or this machine's own TCP): one file, one answer.

    zINSTREAM\\0  <length, 4 bytes, big-endian><piece> …  <0000>   ->   stream: OK\\0
                                                                 ->   stream: NAME FOUND\\0
                                                                 ->   … ERROR\\0

A file goes to the scanner as it is, so only this machine's own is asked.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

CLEAN, FOUND, NOT_SCANNED = "clean", "found", "not_scanned"
PIECE = 1 << 18
LIMIT_SECONDS = 120
ANSWER = 4096


class Away(OSError):
    """The scanner cannot be reached or does not answer: the file is asked about again later."""


@dataclass(frozen=True)
class Verdict:
    """One answer: CLEAN, FOUND with the name of it, NOT_SCANNED with the reason."""

    state: str
    said: str = ""


@dataclass(frozen=True)
class Scanner:
    """Where clamd listens: `path` of its socket, or host and port on this machine."""

    path: str = ""
    host: str = ""
    port: int = 0

    def scan(self, pieces: Iterable[bytes], seconds: float = LIMIT_SECONDS) -> Verdict:
        """Ask about one file; raises Away. Errors of `pieces` pass through."""
        until = time.monotonic() + seconds
        with self._connected(until) as line:
            _send(line, b"zINSTREAM\0", until)
            try:
                for piece in pieces:
                    for start in range(0, len(piece), PIECE):
                        part = piece[start:start + PIECE]
                        _send(line, struct.pack(">I", len(part)) + part, until)
                _send(line, struct.pack(">I", 0), until)
            except Away:
                # It answers and closes before the end where a file is too large for it.
                with contextlib.suppress(Away):
                    return _verdict(_answer(line, min(until, time.monotonic() + 2)))
                raise
            return _verdict(_answer(line, until))

    def version(self) -> str:
        """What the scanner calls itself, with the number and day of its signatures; raises Away."""
        until = time.monotonic() + 10
        with self._connected(until) as line:
            _send(line, b"zVERSION\0", until)
            return _plain(_answer(line, until), 100)

    @contextlib.contextmanager
    def _connected(self, until: float):
        line = socket.socket(socket.AF_UNIX if self.path else _family(self.host))
        with line:
            try:
                line.settimeout(_rest(until))
                line.connect(self.path or (self.host, self.port))
            except OSError as error:
                raise Away(f"{self.path or self.host}: {error}") from error
            yield line


def scanner_of(address: str) -> Scanner | None:
    """The scanner a setting names: `unix:/run/clamav/clamd.ctl`, `tcp:127.0.0.1:3310`; None for an
    empty one. ValueError for another form, and for another machine."""
    if not address:
        return None
    if address.startswith("unix:/"):
        return Scanner(path=address.removeprefix("unix:"))
    found = urlsplit(address.replace("tcp:", "tcp://", 1) if address.startswith("tcp:") else "")
    try:
        near = found.port and ipaddress.ip_address(found.hostname or "").is_loopback
    except ValueError:
        near = False
    if not near:
        raise ValueError("unix:/path or tcp:127.0.0.1:port is needed: files are sent as they are")
    return Scanner(host=found.hostname, port=found.port)


def _family(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _rest(until: float) -> float:
    rest = until - time.monotonic()
    if rest <= 0:
        raise Away("the scanner took too long")
    return rest


def _send(line: socket.socket, data: bytes, until: float) -> None:
    try:
        line.settimeout(_rest(until))
        line.sendall(data)
    except OSError as error:
        raise error if isinstance(error, Away) else Away(str(error)) from error


def _answer(line: socket.socket, until: float) -> bytes:
    said = b""
    while b"\0" not in said and len(said) < ANSWER:
        try:
            line.settimeout(_rest(until))
            piece = line.recv(ANSWER)
        except OSError as error:
            raise error if isinstance(error, Away) else Away(str(error)) from error
        if not piece:
            break
        said += piece
    if not said:
        raise Away("the scanner hung up without an answer")
    return said.partition(b"\0")[0]


def _plain(said: bytes, most: int) -> str:
    return re.sub(r"[^ -~]|[\"\\]", "?", said.decode("ascii", "replace")).strip()[:most]


def _verdict(answer: bytes) -> Verdict:
    said = _plain(answer, 300)
    if said == "stream: OK":
        return Verdict(CLEAN)
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Verdict(FOUND, said[len("stream: "):-len(" FOUND")][:200])
    return Verdict(NOT_SCANNED, said.removesuffix(" ERROR")[:200])


__all__ = ["CLEAN", "FOUND", "NOT_SCANNED", "Away", "Scanner", "Verdict", "scanner_of"]
