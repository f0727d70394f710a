"""Reading the record: checkpoints, proofs, and entries as far as their disclosure goes.

Proofs are read from the published tiles, under the published checkpoint; so nothing is ever
proven that a stranger could not fetch himself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from kernel.canonical import jcs
from kernel.refusal import NOT_FOUND

from . import proofs, tiles
from .act import wiring
from .actor import Actor
from .checkpoint import Head, head_of, signature_of
from .cosignature import Cosigner, in_order, quorum_time
from .folder import Folder
from .model import Checkpoint, Cosignature, Disclosure, Leaf, PendingEntry, TimeStamp
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
    cosignatures: list[bytes] = field(default_factory=list)
    """What witnesses signed, by key id: 8 bytes of time and 64 of signature each. The note has
    their lines in the same order."""


@dataclass(frozen=True)
class Cosigned:
    """A checkpoint that a quorum of the configured witnesses has cosigned."""

    size: int
    at: datetime
    """When the quorum was reached, by the witnesses' clocks: the quorum-th smallest time."""
    note: str
    """The signed note with the witnesses' lines."""


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


def first_checkpoint_holding(session: Session, entry_id: str) -> Signed | None:
    """The first checkpoint signed whose tree holds the entry; None while there is none."""
    position = session.scalar(select(Disclosure.position).where(Disclosure.entry_id == entry_id))
    if position is None:
        return None
    return _signed(session, session.scalars(
        select(Checkpoint).where(Checkpoint.size > position)
        .order_by(Checkpoint.size).limit(1)).first())


def _signed(session: Session, row: Checkpoint | None) -> Signed | None:
    if row is None:
        return None
    origin = head_of(parse(row.note)).origin
    given = session.execute(select(Cosignature.witness, Cosignature.line).where(
        Cosignature.size == row.size)).all()
    lines = {Cosigner.parse(one.witness): one.line for one in given}
    note = row.note + "".join(lines[one] for one in in_order(list(lines)))
    values = [line.value for line in parse(note).signatures[1:]]
    return Signed(row.size, row.root, note, row.signed_at, signature_of(row.note, origin), values)


def cosigners() -> list[Cosigner]:
    """The configured witnesses, by key id; empty where there are none."""
    witnesses = wiring().settings.get("witnesses")
    return witnesses.policy.cosigners if witnesses else []


def witnesses_required() -> int:
    """How many witnesses make a quorum; 0 where none are configured."""
    witnesses = wiring().settings.get("witnesses")
    return witnesses.policy.quorum if witnesses else 0


def cosigned(session: Session, position: int) -> Cosigned | None:
    """The smallest checkpoint with a quorum's cosignatures whose tree holds leaf `position`.

    None while there is none, and where no witnesses are configured.
    """
    keys, quorum = [str(one) for one in cosigners()], witnesses_required()
    if not quorum:
        return None
    size = session.scalar(
        select(Cosignature.size).where(Cosignature.size > position, Cosignature.witness.in_(keys))
        .group_by(Cosignature.size).having(func.count() >= quorum)
        .order_by(Cosignature.size).limit(1))
    if size is None:
        return None
    times = list(session.scalars(select(Cosignature.timestamp).where(
        Cosignature.size == size, Cosignature.witness.in_(keys))))
    signed = _signed(session, session.get_one(Checkpoint, size))
    reached = quorum_time(times, quorum)
    return Cosigned(size, datetime.fromtimestamp(reached, UTC), signed.note)


@dataclass(frozen=True)
class Stamped:
    """A checkpoint with the RFC 3161 token over it (over `checkpoint.own(note)`)."""

    size: int
    note: str
    token: bytes
    """TimeStampResp, DER."""
    at: datetime


def stamp(session: Session, position: int) -> Stamped | None:
    """The smallest stamped checkpoint whose tree holds leaf `position`; None while there is none."""
    row = session.scalars(select(TimeStamp).where(TimeStamp.size > position)
                          .order_by(TimeStamp.size, TimeStamp.at).limit(1)).first()
    if row is None:
        return None
    signed = _signed(session, session.get_one(Checkpoint, row.size))
    return Stamped(row.size, signed.note, row.token, row.at)


def time_stamp(session: Session, position: int) -> bytes | None:
    """The token of `stamp`."""
    found = stamp(session, position)
    return found and found.token


def stamped_proof(session: Session, entry_id: str,
                  folder: Folder | None = None) -> tuple[str, bytes] | None:
    """(`.tlog-proof` of the entry under a stamped checkpoint, the token over that checkpoint);
    None while there is none. Raises NOT_YET, NOT_FOUND."""
    row = disclosure(session, entry_id)
    found = stamp(session, row.position)
    if found is None:
        return None
    folder = folder or published_folder()
    path = proofs.inclusion(row.position, found.size, _nodes(found.size, folder))
    entry = session.get(Leaf, row.position).entry
    inclusion = Inclusion(row.position, entry, path, head_of(parse(found.note)), found.note)
    return _proof_text(row, inclusion), found.token


def disclosure(session: Session, entry_id: str) -> Disclosure:
    """The entry as disclosed. Raises NOT_YET while it waits for its tick, NOT_FOUND."""
    row = session.scalars(select(Disclosure).where(Disclosure.entry_id == entry_id)).first()
    if row is None:
        if session.get(PendingEntry, entry_id) is not None:
            raise NOT_YET()
        raise NOT_FOUND()
    return row


def tlog_proof(session: Session, entry_id: str, folder: Folder | None = None) -> str:
    """The entry's `.tlog-proof` under the published checkpoint, its `extra` line being
    salt ‖ JCS(record). Raises NOT_YET, NOT_FOUND."""
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


closed: list[Callable[[Session, Actor, str], Collection[str]]] = []
"""Filled by the books above: each says, by their ids, of what in a lot's record a reader is told
nothing but what everybody may know, because that person stood aside in it."""


def closed_to(session: Session, actor: Actor, lot_id: str) -> list[str]:
    """The ids of which a reader is told nothing in a lot's record."""
    return [one for asked in closed for one in asked(session, actor, lot_id)]


def lot_entries(lot_id: str, tender_id: str, classes: Collection[str],
                without: Collection[str] = ()) -> Select:
    """The entries of a lot, and the public ones of its tender, as far as `classes` goes; those that
    are not public and name one of the ids of `without` are left out."""
    aside = [or_(Disclosure.disclose == "public", ~Disclosure.record.contains(one))
             for one in without]
    return select(Disclosure).where(*aside, or_(
        and_(Disclosure.lot_id == lot_id, Disclosure.disclose.in_(sorted(classes))),
        and_(Disclosure.lot_id.is_(None), Disclosure.tender_id == tender_id,
             Disclosure.disclose == "public")))


def export_lines(session: Session, lot_id: str, tender_id: str, classes: Collection[str],
                 vkey: str, folder: Folder | None = None,
                 without: Collection[str] = ()) -> Iterator[bytes]:
    """JSON lines: first the checkpoint and key, then each entry with its own proof.

    `{"entry_id","leaf","proof"}`: `proof` is the text of a `.tlog-proof`, which holds the
    record. Entries that the published checkpoint does not hold yet are left out.
    """
    folder = folder or published_folder()
    head, note = published(folder)
    nodes = _nodes(head.size, folder)
    yield jcs({"checkpoint": note, "log_vkey": vkey, "lot": lot_id}) + b"\n"
    rows = session.execute(
        lot_entries(lot_id, tender_id, classes, without).where(Disclosure.position < head.size)
        .join(Leaf, Leaf.position == Disclosure.position).add_columns(Leaf.entry)
        .order_by(Disclosure.position))
    for row, entry in rows:
        path = proofs.inclusion(row.position, head.size, nodes)
        text = _proof_text(row, Inclusion(row.position, entry, path, head, note))
        yield jcs({"entry_id": row.entry_id, "leaf": entry.decode(), "proof": text}) + b"\n"
