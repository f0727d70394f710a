"""What is said of a file beside it: whether a virus scanner looked at it, and what it found.

Nothing is asked of the database where the installation has no scanner: then nothing was scanned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring

from .findings import Finding, finding
from .model import UNSEEN, Document, DraftDocument, FileScan

STORED, OPENED = "stored", "opened"
LAW = "网络安全法 21"


def scans_of(session: Session, kind: str, hashes: Iterable[str]) -> dict[str, dict]:
    """What was said of each file, by its hash; UNSEEN for those nobody looked at."""
    wanted = dict.fromkeys(hashes, UNSEEN)
    if wiring().settings.get("scanner") is None or not wanted:
        return wanted
    rows = session.scalars(select(FileScan).where(FileScan.kind == kind,
                                                  FileScan.hash.in_(list(wanted))))
    return wanted | {row.hash: {name: getattr(row, name) for name in UNSEEN} for row in rows}


def with_scans(session: Session, documents: list[Document]) -> list[Document]:
    """The same documents, each with its `scan`."""
    said = scans_of(session, STORED, [one.hash for one in documents])
    for one in documents:
        one.scan = said[one.hash]
    return documents


def header_of(session: Session, kind: str, digest: str) -> str:
    """The value of a download's `Yangguang-Scan`: `clean`, `not-scanned`, `found; "its name"`."""
    said = scans_of(session, kind, [digest])[digest]
    name = f'; "{said["said"]}"' if said["state"] == "found" else ""
    return said["state"].replace("_", "-") + name


@dataclass(frozen=True)
class File:
    """A file of the store by its name."""

    hash: str
    name: str


def infected(session: Session,
             documents: Sequence[Document | DraftDocument | File]) -> list[Finding]:
    """What holds a notice, an amendment or a direct award back: files of it in which something was
    found. Where no scanner has looked nothing is held up: scanning is help, not a gate."""
    said = scans_of(session, STORED, [one.hash for one in documents])
    return [finding("documents", "document.infected", LAW,
                    f"病毒扫描在“{name}”里发现 {scan['said']}，请移除后换上干净的文件。",
                    f"The virus scan found {scan['said']} in {name}; put a clean file in its place.")
            for name, scan in ((one.name, said[one.hash]) for one in documents)
            if scan["state"] == "found"]
