"""What a tenderer declares and signs: a bid version, or its withdrawal (sealed-bid A3.2).

A declaration is exact: every key and type is given, its text is its own canonical form, and
nothing in it changes later. Signed bytes are `yangguang/v1/` ‖ type ‖ LF ‖ log_origin ‖ LF ‖
JCS, so that no signature can be shown for another purpose or another platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.canonical import NotCanonical, jcs, parse_canonical, sha256
from people.signed import Key, sign, signed_bytes, verify  # noqa: F401 - of all declarations

from . import suites
from .manifest import PARTS
from .recipients import NotRecipient

MAX_TEXT = 64 * 1024
MAX_VERSION = 1000

_HASH = re.compile(r"\A[0-9a-f]{64}\Z")
_ID = re.compile(r"\A[0-9a-f]{32}\Z")
_PATH = re.compile(r"\A(?:0|[1-9]\d{0,2})(?:/(?:0|[1-9]\d{0,2})){0,3}\Z")
_BID_KEYS = {"v", "type", "log_origin", "suite", "tender", "lot", "bid", "tenderer", "version",
             "previous", "policy_hash", "parts"}
_WITHDRAWAL_KEYS = {"v", "type", "log_origin", "tender", "lot", "bid", "tenderer", "version",
                    "declaration"}
_PART_KEYS = {"part", "recipient", "manifest_hash", "ciphertext_hash", "size", "shares"}
_SHARE_KEYS = {"path", "share_hash", "wrap_hash"}


class BadDeclaration(ValueError):
    """The declaration is not of this format; `field` names the first point that is wrong."""

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True)
class Share:
    """One share as declared; `wrap_hash` is None for the tenderer's own, which is never sent."""

    path: str
    share_hash: str
    wrap_hash: str | None


@dataclass(frozen=True)
class Part:
    """One part as declared; `size` and `ciphertext_hash` (a block hash) are of the age file."""

    part: str
    recipient: str
    manifest_hash: str
    ciphertext_hash: str
    size: int
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Declaration:
    """One bid version as declared; `value` is the object itself."""

    value: dict
    suite: str
    log_origin: str
    tender: str
    lot: str
    bid: str
    tenderer: str
    version: int
    previous: str | None
    policy_hash: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The canonical text."""
        return jcs(self.value).decode()

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text, hex."""
        return digest(self.value)


def digest(value: dict) -> str:
    """SHA-256 of the JCS of an object, hex."""
    return sha256(jcs(value)).hex()


def parse(text: str, kind: str = "bid") -> Declaration:
    """Read a declaration of a bid version (or of a trial of one); raises BadDeclaration."""
    value = _object(text, kind, _BID_KEYS)
    _common(value)
    version, previous = value["version"], value["previous"]
    if (previous is None) != (version == 1) or not (previous is None or _is(_HASH, previous)):
        raise BadDeclaration("previous", "null for version 1, otherwise the hash of the last one")
    if not isinstance(value["suite"], str) or not 1 <= len(value["suite"]) <= 32:
        raise BadDeclaration("suite", "not a suite")
    _require(_HASH, value, "policy_hash")
    parts = value["parts"]
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadDeclaration("parts", "not a list of parts")
    if [part.get("part") for part in parts] != list(PARTS):
        raise BadDeclaration("parts", "exactly form, technical and price, in this order")
    read = tuple(_part(part) for part in parts)
    if len({part.recipient for part in read}) != len(read):
        raise BadDeclaration("recipient", "each part needs a key of its own")
    return Declaration(value, value["suite"], value["log_origin"], value["tender"], value["lot"],
                       value["bid"], value["tenderer"], version, previous, value["policy_hash"],
                       read)


def parse_withdrawal(text: str) -> dict:
    """Read a withdrawal; raises BadDeclaration."""
    value = _object(text, "bid-withdrawal", _WITHDRAWAL_KEYS)
    _common(value)
    _require(_HASH, value, "declaration")
    return value


def withdrawal(declared: dict) -> dict:
    """The withdrawal of a declared version, ready to be signed."""
    same = ("log_origin", "tender", "lot", "bid", "tenderer", "version")
    return {"v": 1, "type": "bid-withdrawal", **{key: declared[key] for key in same},
            "declaration": digest(declared)}


def _object(text: str, kind: str, keys: set[str]) -> dict:
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise BadDeclaration("declaration", "not a text of at most 64 KiB")
    try:
        value = parse_canonical(text.encode())
    except (NotCanonical, UnicodeEncodeError) as error:
        raise BadDeclaration("declaration", str(error)) from error
    if not isinstance(value, dict):
        raise BadDeclaration("declaration", "not an object")
    if value.get("type") != kind:
        raise BadDeclaration("type", f"not {kind}")
    if set(value) != keys:
        odd = min(set(value) ^ keys)
        raise BadDeclaration(odd, "missing, or not a field of this format")
    if value["v"] != 1 or value["v"] is True:
        raise BadDeclaration("v", "only version 1 of the format is known")
    return value


def _common(value: dict) -> None:
    for field in ("tender", "lot", "bid"):
        _require(_ID, value, field)
    origin = value["log_origin"]
    if not isinstance(origin, str) or not 1 <= len(origin) <= 120 or not origin.isprintable():
        raise BadDeclaration("log_origin", "not an origin")
    if not isinstance(value["tenderer"], str) or len(value["tenderer"]) != 18:
        raise BadDeclaration("tenderer", "not a unified social credit code")
    version = value["version"]
    if isinstance(version, bool) or not isinstance(version, int) \
            or not 1 <= version <= MAX_VERSION:
        raise BadDeclaration("version", f"not a number between 1 and {MAX_VERSION}")


def _part(value: dict) -> Part:
    if set(value) != _PART_KEYS:
        raise BadDeclaration("parts", "a part has other fields than the format says")
    for field in ("manifest_hash", "ciphertext_hash"):
        _require(_HASH, value, field)
    try:
        suites.of_recipient(value["recipient"]).check_recipient(value["recipient"])
    except NotRecipient as error:
        raise BadDeclaration("recipient", "not a recipient of a known suite") from error
    size = value["size"]
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise BadDeclaration("size", "not a positive number of bytes")
    shares = value["shares"]
    if not isinstance(shares, list) or not shares:
        raise BadDeclaration("shares", "no shares")
    read = tuple(_share(share) for share in shares)
    if len({share.path for share in read}) != len(read):
        raise BadDeclaration("shares", "one path twice")
    return Part(value["part"], value["recipient"], value["manifest_hash"],
                value["ciphertext_hash"], size, read)


def _share(value: object) -> Share:
    if not isinstance(value, dict) or set(value) != _SHARE_KEYS:
        raise BadDeclaration("shares", "a share has other fields than the format says")
    if value["path"] != "":
        _require(_PATH, value, "path")
    _require(_HASH, value, "share_hash")
    if value["wrap_hash"] is not None:
        _require(_HASH, value, "wrap_hash")
    return Share(value["path"], value["share_hash"], value["wrap_hash"])


def _is(pattern: re.Pattern, value: object) -> bool:
    return isinstance(value, str) and bool(pattern.match(value))


def _require(pattern: re.Pattern, value: dict, field: str) -> None:
    if not _is(pattern, value[field]):
        raise BadDeclaration(field, "not of the form the format says")
