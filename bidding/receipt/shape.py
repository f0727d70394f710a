"""What a receipt is: an object of what its holder has been given, and what checking it finds."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from audit import note
from audit.cosignature import Cosigner
from audit.note import BadNote, Verifier
from kernel.canonical import NotCanonical, jcs, parse_canonical, sha256

FIELDS = ("promise", "proof", "leaf", "place", "stamped", "token", "closing")


class BadReceipt(ValueError):
    """The receipt does not hold; the message names the first thing that is wrong."""


class CannotCheck(Exception):
    """What was given does not suffice to check it; the message says what is missing."""


class State(enum.Enum):
    """Where a receipt stands. OVERDUE is the alarm: promised, due, and not in the record."""

    HELD = ("已收到，持有承诺", "received, promise held")
    PROVEN = ("已收到，已证明载入记录", "received, proven")
    REFUSED = ("被拒绝，持有承诺", "refused, promise held")
    REFUSAL_PROVEN = ("被拒绝，已证明载入记录", "refused, proven")
    OVERDUE = ("逾期：承诺的时间已过，记录中仍无此项", "OVERDUE: promised by now, not in the record")

    @property
    def zh(self) -> str:
        """In Chinese."""
        return self.value[0]

    @property
    def en(self) -> str:
        """In English."""
        return self.value[1]


@dataclass(frozen=True)
class Keys:
    """Whose word is taken: the log's, the platform's, witnesses', the time stamper's (PEM)."""

    log: Verifier | None = None
    platform: Verifier | None = None
    witnesses: tuple[Cosigner, ...] = ()
    tsa: bytes | None = None


@dataclass
class Finding:
    """What a receipt that holds proves."""

    says: dict | None = None
    """The promise's words."""
    record: dict | None = None
    """The act as the record holds it."""
    index: int = 0
    size: int = 0
    tick: str = ""
    """When the entry came into the record."""
    cosigned: dict[str, int] = field(default_factory=dict)
    """Witness → POSIX seconds at which it saw a tree that holds the entry."""
    stamped_at: datetime | None = None
    closed_root: str = ""
    """The closing root that the bid's path leads to."""
    declared: bool = False
    """Whether a declaration was compared."""

    @property
    def state(self) -> State:
        """Whether it is proven or promised only."""
        refused = self.says is not None and self.says["type"] == "bid-refusal"
        if self.record is None:
            return State.REFUSED if refused else State.HELD
        return State.REFUSAL_PROVEN if refused else State.PROVEN


def make(promised: str, proof: str | None = None, leaf: str | None = None, **more) -> dict:
    """A receipt object of what there is; `leaf` in base64."""
    return {"v": 1, "type": "receipt", **dict.fromkeys(FIELDS), "promise": promised,
            "proof": proof, "leaf": leaf, **more}


def read(data: bytes) -> dict:
    """A receipt object from a file's bytes. Raises BadReceipt."""
    try:
        value = parse_canonical(data.removesuffix(b"\n"))
    except NotCanonical as error:
        raise BadReceipt(f"receipt: {error}") from error
    if not isinstance(value, dict) or set(value) != {"v", "type", *FIELDS} \
            or value["type"] != "receipt" or value["v"] != 1 or value["v"] is True:
        raise BadReceipt("receipt: not an object of this format")
    texts = [value[name] for name in FIELDS if name not in ("place", "closing")]
    if any(one is not None and not isinstance(one, str) for one in texts) \
            or not isinstance(value["promise"], str):
        raise BadReceipt("receipt: a field of another type than the format says")
    return value


def write(receipt: dict) -> bytes:
    """A receipt object as a file's bytes."""
    return jcs(receipt) + b"\n"


def said(text: str) -> dict:
    """What a promise says, its signature not looked at. Raises BadReceipt."""
    try:
        return parse_canonical(note.parse(text).text.removesuffix("\n").encode())
    except (BadNote, NotCanonical) as error:
        raise BadReceipt(f"promise: {error}") from error


def name_of(receipt: dict) -> str:
    """A file name's stem that tells receipts apart: kind and the start of the promise's hash."""
    kind = said(receipt["promise"])["type"].removeprefix("bid-")
    return f"{kind}-{sha256(receipt['promise'].encode()).hex()[:8]}"
