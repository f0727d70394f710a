"""RFC 3161 time stamps over checkpoints, from an authority that is not ours.

What is stamped is a checkpoint's note with the log's own signature and no other line
(`checkpoint.own`): so a token shows that this head was signed by then, whoever cosigned it. A
checkpoint is stamped when it is the first to hold a close or an authorisation to open, and else
when the last stamp is some minutes old. The question goes out in a thread and a later tick
collects the answer: an authority that is slow or dead costs a tick nothing and is asked again.

A token is kept only when it verifies: granted, our nonce, our hash, signed by a certificate
for time stamping under the certificates of YANGGUANG_TSA_PEM.
"""

from __future__ import annotations

import http.client
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
from sqlalchemy import Connection, func, insert, select

from . import checkpoint
from .model import Checkpoint, Disclosure, TimeStamp
from .tokens import BadAuthority, BadStamp, Stamp, believed_by, verify
from .witnessing import is_address

PATIENCE = 10.0
"""Seconds an authority may take."""

LONGEST_PAUSE = 600.0
"""Seconds after which an authority that failed is asked again at the latest."""

INTERVAL = "interval"
PURPOSES = {"lot.closed": "close", "opening.authorised": "authorisation"}
"""The acts whose first checkpoint is stamped, and what the stamp is then for."""

_LARGEST = 64 << 10
_STAMP, _SIGNED, _SHOWN = TimeStamp.__table__, Checkpoint.__table__, Disclosure.__table__


class Authority:
    """One time-stamping authority: its address and the certificates it is believed by."""

    def __init__(self, url: str, pem: bytes, patience: float = PATIENCE):
        if not is_address(url):
            raise BadAuthority(f"{url} is not an address")
        believed_by(pem)
        self.url, self.pem, self.patience = url, pem, patience

    def stamp(self, data: bytes) -> Stamp:
        """Ask for a token over `data` and verify it. Raises BadStamp, OSError."""
        asked = (TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
                 .nonce(nonce=True).cert_request(cert_request=True).build())
        return verify(self._post(asked.as_bytes()), data, self.pem, asked.nonce)

    def _post(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        kind = (http.client.HTTPSConnection if parts.scheme == "https"
                else http.client.HTTPConnection)
        connection = kind(parts.hostname, parts.port, timeout=self.patience)
        limit, read = time.monotonic() + self.patience, bytearray()
        try:
            connection.request("POST", parts.path or "/", body,
                               {"Content-Type": "application/timestamp-query"})
            answer = connection.getresponse()
            while piece := answer.read1(4096):
                read += piece
                if len(read) > _LARGEST or time.monotonic() > limit:
                    raise BadStamp("the answer is too large or too slow")
        except http.client.HTTPException as error:
            raise BadStamp(f"the authority does not speak HTTP: {error!r}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise BadStamp(f"the authority answers {answer.status}")
        return bytes(read)


class Stamping:
    """The stamps of an installation, as one process asks for them."""

    def __init__(self, authority: Authority, every: timedelta):
        self.authority, self.every = authority, every
        self._thread: threading.Thread | None = None
        self._got: list[tuple[int, str, Stamp]] = []
        self._failures, self._resume = 0, 0.0
        self.trouble = ""
        """Why the last question brought nothing."""

    def step(self, connection: Connection) -> None:
        """Keep what came since the last tick, and ask for what is due. Never waits."""
        if self._thread is not None and self._thread.is_alive():
            return
        if self._got:
            with connection.begin():
                for size, purpose, stamp in self._got:
                    _keep(connection, size, purpose, stamp)
            self._got.clear()
        if time.monotonic() < self._resume:
            return
        with connection.begin():
            waiting = due(connection, self.every)
        if waiting:
            self._thread = threading.Thread(target=self._ask, args=(waiting,), daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait for a question under way; a demonstration does before it ends."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _ask(self, waiting: list[tuple[int, str, str]]) -> None:
        stamps: dict[int, Stamp] = {}
        try:
            for size, purpose, note in waiting:
                if size not in stamps:
                    stamps[size] = self.authority.stamp(checkpoint.own(note))
                self._got.append((size, purpose, stamps[size]))
            self._failures, self.trouble = 0, ""
        except (BadStamp, OSError) as error:
            self._failures += 1
            self.trouble = str(error)
            self._resume = time.monotonic() + min(LONGEST_PAUSE, 2.0 ** (self._failures - 1))


def configured(url: str, pem: str, minutes: int) -> Stamping | None:
    """The authority at `url` with the certificates in the file `pem`; None where url is empty.

    Raises BadAuthority.
    """
    if not url:
        return None
    try:
        return Stamping(Authority(url, Path(pem).read_bytes()), timedelta(minutes=minutes))
    except OSError as error:
        raise BadAuthority(f"the certificates of the authority: {error}") from error


def due(connection: Connection, every: timedelta) -> list[tuple[int, str, str]]:
    """(size, purpose, note) of the checkpoints that ought to have a stamp and have none."""
    found = []
    for act, purpose in PURPOSES.items():
        done = connection.scalar(
            select(func.max(_STAMP.c.size)).where(_STAMP.c.purpose == purpose)) or 0
        position = connection.scalar(
            select(func.min(_SHOWN.c.position))
            .where(_SHOWN.c.type == act, _SHOWN.c.position >= done))
        if position is not None and (row := _first(connection, position)):
            found.append((row.size, purpose, row.note))
    newest = connection.execute(
        select(_SIGNED).where(_SIGNED.c.size > 0).order_by(_SIGNED.c.size.desc()).limit(1)).first()
    last = connection.scalar(
        select(_SIGNED.c.signed_at)
        .where(_SIGNED.c.size == select(func.max(_STAMP.c.size)).scalar_subquery()))
    if newest and (last is None or newest.signed_at - last >= every):
        found.append((newest.size, INTERVAL, newest.note))
    return found


def _first(connection: Connection, position: int):
    return connection.execute(select(_SIGNED).where(_SIGNED.c.size > position)
                              .order_by(_SIGNED.c.size).limit(1)).first()


def _keep(connection: Connection, size: int, purpose: str, stamp: Stamp) -> None:
    there = connection.execute(select(_STAMP.c.size).where(
        _STAMP.c.size == size, _STAMP.c.purpose == purpose)).first()
    if there is None:
        connection.execute(insert(_STAMP).values(
            size=size, purpose=purpose, token=stamp.token, at=stamp.at))
