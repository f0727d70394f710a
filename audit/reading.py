"""Reading the record: checkpoints, proofs, and entries as far as their disclosure goes.

Proofs are read from the published tiles, under the published checkpoint; so nothing is ever
proven that a stranger could not fetch himself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from kernel.canonical import jcs
from kernel.refusal import NOT_FOUND

from . import proofs, tiles
from .act import wiring
from .checkpoint import Head, head_of, signature_of
from .folder import Folder
from .model import Checkpoint, Disclosure, Leaf, PendingEntry
from .note import parse
from .refusals import NO_SUCH_TREE, NOT_YET, UNPUBLISHED
from .tlogproof import TlogProof

LotStage = Callable[[Session, str], tuple[str, str]]
"""`stage(session, lot_id)`: (`sealed`, `opened` or `awarded`; the tender's id). The books above
know it; they hand it in."""


@dataclass(frozen=True)
class Signed:
    """A checkpoint that was signed."""

    size: int
    root: bytes
    note: str
    signed_at: datetime
    signature: bytes
    """The bare signature of the log; a draw takes it for its seed where there are no witnesses."""


@dataclass(frozen=True)
class Inclusion:
    """Where an entry is, and the proof of it under one checkpoint."""

    index: int
    entry: bytes
    """The leaf's bytes."""
    path: list[bytes]
    head: Head
    note: str


def published_folder() -> Folder:
    """The folder that the sequencer of this installation publishes."""
    return Folder(Path(wiring().settings["record"]))


def published(folder: Folder | None = None) -> tuple[Head, str]:
    """The published head and its signed note. Raises UNPUBLISHED."""
    note = (folder or published_folder()).checkpoint()
    if note is None:
        raise UNPUBLISHED()
    return head_of(parse(note)), note.decode()


def latest_checkpoint(session: Session) -> Signed | None:
    """The newest checkpoint signed, None before the first."""
    return _signed(session.scalars(
        select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).first())


def first_checkpoint_after(session: Session, moment: datetime) -> Signed | None:
    """The first checkpoint signed at or after `moment`; None while there is none.

    A checkpoint is signed only when the tree has grown, so its bytes are new to everybody but
    the log. Who waits for one must see to it that an act follows `moment` (a closing of what
    was waited for is one).
    """
    return _signed(session.scalars(
        select(Checkpoint).where(Checkpoint.signed_at >= moment)
        .order_by(Checkpoint.size).limit(1)).first())


def _signed(row: Checkpoint | None) -> Signed | None:
    if row is None:
        return None
    origin = head_of(parse(row.note)).origin
    return Signed(row.size, row.root, row.note, row.signed_at, signature_of(row.note, origin))


def disclosure(session: Session, entry_id: str) -> Disclosure:
    """The entry as disclosed. Raises NOT_YET while it waits for its tick, NOT_FOUND."""
    row = session.scalars(select(Disclosure).where(Disclosure.entry_id == entry_id)).first()
    if row is None:
        if session.get(PendingEntry, entry_id) is not None:
            raise NOT_YET()
        raise NOT_FOUND()
    return row


def inclusion_proof(session: Session, entry_id: str, folder: Folder | None = None) -> Inclusion:
    """Proof that the entry is in the published tree. Raises NOT_YET, NOT_FOUND."""
    return _inclusion(session, disclosure(session, entry_id), folder or published_folder())


def tlog_proof(session: Session, entry_id: str, folder: Folder | None = None) -> str:
    """The entry's `.tlog-proof`, its `extra` line being salt ‖ JCS(record)."""
    row = disclosure(session, entry_id)
    return _proof_text(row, _inclusion(session, row, folder or published_folder()))


def leaf_of(session: Session, entry_id: str) -> bytes:
    """The leaf's bytes, for the `.leaf` file that lies beside a `.tlog-proof`."""
    return session.get(Leaf, disclosure(session, entry_id).position).entry


def _inclusion(session: Session, row: Disclosure, folder: Folder) -> Inclusion:
    head, note = published(folder)
    if row.position >= head.size:
        raise NOT_YET()
    path = proofs.inclusion(row.position, head.size, _nodes(head.size, folder))
    return Inclusion(row.position, session.get(Leaf, row.position).entry, path, head, note)


def _nodes(size: int, folder: Folder) -> proofs.Node:
    return proofs.tiled(size, lambda path: folder.tile(*tiles.read_path(path)))


def _proof_text(row: Disclosure, found: Inclusion) -> str:
    return TlogProof(found.index, tuple(found.path), found.note,
                     row.salt + row.record.encode()).text()


def consistency_proof(old: int, new: int | None = None,
                      folder: Folder | None = None) -> tuple[int, list[bytes], str]:
    """(new size, proof from `old` to it, published note); `new` defaults to the published size.

    Raises NO_SUCH_TREE unless 1 <= old <= new <= published size.
    """
    folder = folder or published_folder()
    head, note = published(folder)
    size = head.size if new is None else new
    if not 1 <= old <= size <= head.size:
        raise NO_SUCH_TREE(size=head.size)
    return size, proofs.consistency(old, size, _nodes(head.size, folder)), note


def lot_entries(lot_id: str, tender_id: str, classes: Collection[str]) -> Select:
    """The entries of a lot, and the public ones of its tender, as far as `classes` goes."""
    return select(Disclosure).where(or_(
        and_(Disclosure.lot_id == lot_id, Disclosure.disclose.in_(sorted(classes))),
        and_(Disclosure.lot_id.is_(None), Disclosure.tender_id == tender_id,
             Disclosure.disclose == "public")))


def export_lines(session: Session, lot_id: str, tender_id: str, classes: Collection[str],
                 vkey: str, folder: Folder | None = None) -> Iterator[bytes]:
    """JSON lines: first the checkpoint and key, then each entry with its own proof.

    `{"entry_id","leaf","proof"}`: `proof` is the text of a `.tlog-proof`, which holds the
    record. Entries that the published checkpoint does not hold yet are left out.
    """
    folder = folder or published_folder()
    head, note = published(folder)
    nodes = _nodes(head.size, folder)
    yield jcs({"checkpoint": note, "log_vkey": vkey, "lot": lot_id}) + b"\n"
    rows = session.execute(
        lot_entries(lot_id, tender_id, classes).where(Disclosure.position < head.size)
        .join(Leaf, Leaf.position == Disclosure.position).add_columns(Leaf.entry)
        .order_by(Disclosure.position))
    for row, entry in rows:
        path = proofs.inclusion(row.position, head.size, nodes)
        text = _proof_text(row, Inclusion(row.position, entry, path, head, note))
        yield jcs({"entry_id": row.entry_id, "leaf": entry.decode(), "proof": text}) + b"\n"
