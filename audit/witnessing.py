"""Asking witnesses for cosignatures (C2SP tlog-witness), and heeding what they answer.

The file named by YANGGUANG_WITNESSES says who they are: first `quorum N`, then one witness a
line, `vkey url`. Each is asked in a thread of its own and waited for no longer than `PATIENCE`
together; who does not answer is left alone for a while, twice as long each time. So a dead
witness never keeps the log from signing.

A living one may: when it has seen a larger tree than ours, or one that ours does not continue,
then our database was restored or is a fork, and nothing more may be signed. A witness that lies
about this can stop the log, which is seen, and is taken out of the file, which is seen too.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, insert, select

from kernel.canonical import b64

from . import proofs
from .checkpoint import Head
from .cosignature import Cosigner, accepted, in_order
from .model import Cosignature
from .note import MOST_SIGNATURES, BadNote

PATIENCE = 3.0
"""Seconds that a tick waits for all its witnesses together."""

LONGEST_PAUSE = 60.0
"""Seconds after which a witness that failed is asked again at the latest."""

LATEST = 253_402_300_799
"""The last second of the year 9999. A cosignature may name a later one by its format; no clock
does, and no calendar here reads it."""

_ANSWER = 64 << 10
_SIZE = re.compile(rb"\A(?:0|[1-9]\d{0,18})\n\Z")
_COSIGNATURE = Cosignature.__table__


class Behind(RuntimeError):
    """A witness has seen a larger or another tree than ours; the message says who and what."""


class BadWitnesses(ValueError):
    """The file of witnesses cannot be used; the message says why."""


@dataclass(frozen=True)
class Policy:
    """Who the witnesses are, where each answers, and how many make a quorum."""

    quorum: int
    addresses: dict[Cosigner, str]

    @property
    def cosigners(self) -> list[Cosigner]:
        """The witnesses by key id."""
        return in_order(list(self.addresses))


def is_address(url: str) -> bool:
    """Whether something outside may be asked there: http or https, a host, and a port that is one."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_policy(text: str) -> Policy:
    """Read the file of witnesses. Raises BadWitnesses."""
    lines = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not lines or lines[0][0] != "quorum" or len(lines[0]) != 2 or not lines[0][1].isdecimal():
        raise BadWitnesses("the first line is `quorum N`")
    addresses: dict[Cosigner, str] = {}
    for words in lines[1:]:
        try:
            vkey, url = words
            witness = Cosigner.parse(vkey)
        except (BadNote, ValueError) as error:
            raise BadWitnesses(f"a witness is `vkey url`: {error}") from error
        if not is_address(url):
            raise BadWitnesses(f"{url} is not an address")
        if any(witness.name == other.name or witness.public == other.public for other in addresses):
            raise BadWitnesses(f"{witness.name} or its key stands there twice")
        addresses[witness] = url.rstrip("/")
    quorum = int(lines[0][1])
    if not 1 <= quorum <= len(addresses) < MOST_SIGNATURES:
        raise BadWitnesses(f"a quorum of {quorum} among {len(addresses)} witnesses cannot be")
    return Policy(quorum, addresses)


def configured(path: str) -> Witnessing | None:
    """The witnesses of the file at `path`; None where it is empty. Raises BadWitnesses."""
    if not path:
        return None
    try:
        return Witnessing(read_policy(Path(path).read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise BadWitnesses(f"{path}: {error}") from error


@dataclass(frozen=True)
class Gained:
    """One cosignature that a witness gave."""

    witness: Cosigner
    size: int
    line: str
    at: int
    """POSIX seconds, by the witness's clock."""


@dataclass(frozen=True)
class Request:
    """A checkpoint to be cosigned, with a way to read the tiles of its tree."""

    head: Head
    note: str
    read: Callable[[str], bytes]


class _Silent(Exception):
    """The witness gave no answer that can be used."""


@dataclass
class _Contact:
    """What this process knows of one witness."""

    witness: Cosigner
    url: str
    patience: float
    size: int | None = None
    """The size it last cosigned, as it said; None before it has answered."""
    refusal: str | None = None
    """Why the log may not sign, by this witness; stays until the process ends."""
    failures: int = 0
    resume: float = 0.0
    thread: threading.Thread | None = None
    gained: list[Gained] = field(default_factory=list)

    def idle(self) -> bool:
        """Whether it may be asked now."""
        busy = self.thread is not None and self.thread.is_alive()
        return not busy and time.monotonic() >= self.resume

    def start(self, requests: Sequence[Request]) -> None:
        """Ask for the cosignatures of `requests`, sizes rising, in a thread."""
        self.thread = threading.Thread(target=self._run, args=(requests,), daemon=True,
                                       name=f"witness {self.witness.name}")
        self.thread.start()

    def _run(self, requests: Sequence[Request]) -> None:
        try:
            for request in requests:
                self._bring(request)
            self.failures = 0
        except (_Silent, OSError, http.client.HTTPException, proofs.BadProof, ValueError):
            self.failures += 1
            self.resume = time.monotonic() + min(LONGEST_PAUSE, 2.0 ** (self.failures - 1))

    def _bring(self, request: Request) -> None:
        """Bring the witness from the size it has to the one asked for."""
        head = request.head
        old = head.size if self.size is None else self.size
        for _ in range(3):
            if old > head.size:
                return
            proof = [] if old in (0, head.size) else proofs.consistency(
                old, head.size, proofs.tiled(head.size, request.read))
            status, body = self._post(_body(old, proof, request.note))
            if status == 200:
                self._take(request, body)
                return
            if status == 422:
                self.refusal = (f"the {head.size} leaves do not continue the {old} that "
                                f"{self.witness.name} cosigned")
                return
            if status != 409 or not _SIZE.match(body):
                raise _Silent
            if (size := int(body)) == old == head.size:
                self.refusal = f"{self.witness.name} cosigned another root at {old} leaves"
                return
            self.size = old = size
        raise _Silent

    def _take(self, request: Request, body: bytes) -> None:
        found = accepted(request.note, body, self.witness)
        if found is None or found[1] > LATEST:
            raise _Silent
        self.size = request.head.size
        self.gained.append(Gained(self.witness, self.size, *found))

    def _post(self, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        kind = (http.client.HTTPSConnection if parts.scheme == "https"
                else http.client.HTTPConnection)
        connection = kind(parts.hostname, parts.port, timeout=self.patience)
        limit = time.monotonic() + self.patience
        try:
            connection.request("POST", f"{parts.path}/add-checkpoint", body,
                               {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            read = bytearray()
            while piece := answer.read1(4096):
                read += piece
                if len(read) > _ANSWER or time.monotonic() > limit:
                    raise _Silent
            return answer.status, bytes(read)
        finally:
            connection.close()


def _body(old: int, proof: list[bytes], note: str) -> bytes:
    lines = [f"old {old}", *map(b64, proof), "", note]
    return "\n".join(lines).encode()


class Witnessing:
    """The witnesses of an installation, as one process knows them."""

    def __init__(self, policy: Policy, patience: float = PATIENCE):
        self.policy, self.patience = policy, patience
        self._contacts = [_Contact(witness, policy.addresses[witness], patience)
                          for witness in policy.cosigners]

    def heed(self, size: int, newest: Request | None) -> None:
        """Before anything is signed: compare the database's `size` with the witnesses' sizes.

        Whoever has not answered this process yet is asked about `newest`, the last checkpoint
        that was signed. Raises Behind; a witness that does not answer is passed over.
        """
        if newest is not None and newest.head.size:
            self._ask([one for one in self._contacts if one.size is None], [newest])
        for one in self._contacts:
            if one.refusal:
                raise Behind(one.refusal)
            if one.size is not None and one.size > size:
                raise Behind(f"behind the witnesses: {one.witness.name} has seen {one.size} "
                             f"leaves, the database holds {size}")

    def collect(self, requests: Sequence[Request], have: set[str]) -> list[Gained]:
        """What the witnesses give for `requests` (sizes rising), asking only those whose vkey
        is not in `have`; also what earlier questions brought late. Raises Behind."""
        asked = [request for request in requests if request.head.size]
        if asked:
            self._ask([one for one in self._contacts if str(one.witness) not in have], asked)
        for one in self._contacts:
            if one.refusal:
                raise Behind(one.refusal)
        return [found for one in self._contacts for found in _emptied(one.gained)]

    def _ask(self, contacts: list[_Contact], requests: Sequence[Request]) -> None:
        asked = [one for one in contacts if one.idle()]
        for one in asked:
            one.start(requests)
        limit = time.monotonic() + self.patience
        for one in asked:
            one.thread.join(max(0.0, limit - time.monotonic()))


def _emptied(found: list[Gained]) -> list[Gained]:
    taken = []
    while found:
        taken.append(found.pop(0))
    return taken


def kept(connection: Connection, size: int, cosigners: Sequence[Cosigner]) -> dict[str, str]:
    """The kept lines of a size, by vkey, in the order of `cosigners`."""
    rows = dict(connection.execute(
        select(_COSIGNATURE.c.witness, _COSIGNATURE.c.line)
        .where(_COSIGNATURE.c.size == size)).all())
    return {str(one): rows[str(one)] for one in cosigners if str(one) in rows}


def keep(connection: Connection, gained: Sequence[Gained]) -> None:
    """Keep cosignatures; the first that a witness gave for a size stays the one."""
    for one in gained:
        there = connection.execute(select(_COSIGNATURE.c.size).where(
            _COSIGNATURE.c.size == one.size, _COSIGNATURE.c.witness == str(one.witness))).first()
        if there is None:
            connection.execute(insert(_COSIGNATURE).values(
                size=one.size, witness=str(one.witness), line=one.line, timestamp=one.at))
