"""The files of an evidence folder, each read in its one spelling, none left unaccounted for.

Layout (docs/formats/evidence.md): keys and `evidence.note` at the top, and the folders named
in FOLDERS. `evidence.note` is signed by the platform and lists every file outside `record/`
with its size and SHA-256; the record accounts for its own. So nothing can be added, left out
or changed by a byte, whatever the other checks find in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from audit import note
from audit.cosignature import Cosigner
from audit.note import BadNote, Verifier
from kernel.canonical import NotCanonical, parse, parse_canonical

from .findings import Findings

INDEX = "evidence.note"
KIND = "evidence"
FOLDERS = ("record", "notices", "published", "policies", "documents", "receipts", "openings", "bids",
           "draws", "results", "stamps", "closings", "ocds", "profiles", "invitations")
TOP = re.compile(r"\A(?:evidence\.note|log\.vkey|platform\.vkey|witness[1-9]\d{0,2}\.vkey|tsa\.pem"
                 r"|summary\.json)\Z")
LARGEST_TEXT = 64 << 20
PIECE = 1 << 20


class Unreadable(Exception):
    """(where, what): a file that should be there cannot be used."""


@dataclass(frozen=True)
class Keys:
    """The keys that everything here is checked with."""

    log: Verifier
    platform: Verifier
    witnesses: tuple[Cosigner, ...] = ()


@dataclass(frozen=True)
class Index:
    """What `evidence.note` says."""

    log_origin: str
    tender: str
    made_at: str
    record: dict
    files: dict[str, dict]
    quorum: int


def pretty(value: object) -> str:
    """The one spelling of the JSON files that people read: sorted, indented by one."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class Evidence:
    """An evidence folder. `names` are its files outside `record/`, with slashes."""

    def __init__(self, root: Path, findings: Findings):
        self.root, self.findings = Path(root), findings
        self.names = self._walk()

    def _walk(self) -> set[str]:
        names: set[str] = set()
        for place, folders, files in os.walk(self.root):
            inside = Path(place).relative_to(self.root)
            if inside.parts == ("record",):
                folders.clear()
                continue
            for name in sorted(folders):
                if (Path(place) / name).is_symlink():
                    self.findings.wrong(str(inside / name), "is a link")
            for name in sorted(files):
                path = Path(place) / name
                if path.is_symlink() or not path.is_file():
                    # A link leads out of the folder; whoever reads a pipe or a device may wait
                    # for ever. So neither is opened.
                    self.findings.wrong(str(inside / name), "is not a file")
                else:
                    names.add(str(inside / name))
        return names

    def within(self, folder: str, ending: str) -> list[str]:
        """The files of a folder whose names end so, sorted."""
        return sorted(name for name in self.names
                      if name.startswith(folder + "/") and name.endswith(ending))

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises Unreadable."""
        try:
            path = self.root / name
            if path.is_symlink() or path.exists() and not path.is_file():
                raise Unreadable(name, "is not a file")
            if path.stat().st_size > LARGEST_TEXT:
                raise Unreadable(name, "is too large")
            return path.read_bytes()
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            raise Unreadable(name, "is missing" if missing else str(error)) from error

    def text(self, name: str) -> str:
        """A file as UTF-8. Raises Unreadable."""
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(name, "is not UTF-8") from error

    def json(self, name: str) -> dict:
        """A JSON object in the spelling of `pretty`. Raises Unreadable."""
        try:
            data = self.text(name)
            value = parse(data)
        except NotCanonical as error:
            raise Unreadable(name, str(error)) from error
        if not isinstance(value, dict) or pretty(value) != data:
            raise Unreadable(name, "is not in its one spelling")
        return value

    def canonical(self, name: str) -> dict:
        """A JSON object in canonical form (RFC 8785). Raises Unreadable."""
        try:
            value = parse_canonical(self.read(name))
        except NotCanonical as error:
            raise Unreadable(name, str(error)) from error
        if not isinstance(value, dict):
            raise Unreadable(name, "is not an object")
        return value

    def key(self, name: str) -> Verifier:
        """A vkey file at the top. Raises Unreadable."""
        try:
            return note.read_vkey(self.read(name))
        except BadNote as error:
            raise Unreadable(name, str(error)) from error


def read_index(evidence: Evidence, platform: Verifier) -> Index:
    """Read and check `evidence.note`. Raises Unreadable."""
    try:
        signed = note.verify(evidence.text(INDEX), [platform], closed=True)
        value = parse_canonical(signed.text.removesuffix("\n").encode())
        if value["type"] != KIND or value["v"] != 1:
            raise Unreadable(INDEX, "is signed, but is no index of evidence")
        if not isinstance(value["files"], dict) or type(value["quorum"]) is not int \
                or not isinstance(value["tender"], str):
            raise Unreadable(INDEX, "has a field of another type")
        return Index(value["log_origin"], value["tender"], value["made_at"], value["record"],
                     value["files"], value["quorum"])
    except (BadNote, NotCanonical) as error:
        raise Unreadable(INDEX, str(error)) from error
    except (KeyError, TypeError) as error:
        raise Unreadable(INDEX, "lacks a field") from error


def check_names(evidence: Evidence, index: Index) -> None:
    """Every file has a place and stands in the index; every file of the index is there."""
    findings = evidence.findings
    for name in sorted(evidence.names):
        folder, slash, rest = name.partition("/")
        if not (TOP.match(name) or (slash and folder in FOLDERS and "/" not in rest)):
            findings.wrong(name, "is not a file of this evidence")
        elif name not in index.files and name != INDEX:
            findings.wrong(name, "is not listed in evidence.note")
    for name in sorted(set(index.files) - evidence.names):
        findings.wrong(name, "is missing, though evidence.note lists it")


def check_bytes(evidence: Evidence, index: Index) -> None:
    """Every listed file has its size and hash; files that a fault names already are passed over."""
    findings = evidence.findings
    for name in sorted(set(index.files) & evidence.names - findings.blamed):
        said = index.files[name]
        try:
            size, digest = measure(evidence.root / name)
        except OSError as error:
            findings.wrong(name, str(error))
            continue
        if {"size": size, "sha256": digest} != said:
            findings.wrong(name, "is not the file that evidence.note lists")
    findings.did(f"{len(index.files)} 个文件与清单逐字节一致",
                 f"{len(index.files)} files, byte for byte those of the signed list")


def measure(path: Path) -> tuple[int, str]:
    """(size, SHA-256 in hex) of a file of any size."""
    size, digest = 0, hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            size += len(piece)
            digest.update(piece)
    return size, digest.hexdigest()
