"""The record's own tables: leaves, head, checkpoints and cosignatures, and what is published."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import checkpoint, tiles
from audit.cosignature import Cosigner, cosigned_by
from audit.folder import Folder
from audit.model import Checkpoint, Cosignature, Leaf, LogHead, TimeStamp
from audit.note import BadNote, Verifier, parse
from audit.tiles import Frontier
from audit.tokens import BadAuthority, BadStamp, token_time
from audit.tokens import verify as verify_token
from kernel.canonical import time_text


def tree(session: Session, folder: Folder, log: Verifier) -> Iterator[str]:
    """Leaves, head and signed checkpoints against each other and against what is published."""
    signed = {row.size: row for row in session.scalars(select(Checkpoint))}
    published = _published(folder, log)
    if isinstance(published, str):
        yield published
        published = None
    known = {size: (row.root, f"checkpoint {size}") for size, row in signed.items()}
    if published:
        known[published.size] = (published.root, "the published checkpoint")
    edge, found, bundle = Frontier(), set(), []
    for position, row in enumerate(session.execute(
            select(Leaf.position, Leaf.entry).order_by(Leaf.position)
            .execution_options(yield_per=4096))):
        if row.position != position:
            yield f"leaf {position}: is missing"
            return
        yield from _root_at(known, edge, found)
        if published and position < published.size:
            if position % tiles.WIDTH == 0:
                bundle = _bundle(folder, published.size, position // tiles.WIDTH)
            if bundle[position % tiles.WIDTH:][:1] != [row.entry]:
                yield f"leaf {position}: another than the one published"
        edge.extend([tiles.leaf_hash(row.entry)])
    yield from _root_at(known, edge, found)
    head = session.get(LogHead, 1)
    if head and (head.size, head.root) != (edge.size, edge.root()):
        yield f"log head: says {head.size} leaves, there are {edge.size} or they are others"
    for size in sorted(set(known) - found):
        yield f"leaf {edge.size}: is missing; {known[size][1]} holds {size} leaves"
    yield from _signatures(session, signed, log)


def _published(folder: Folder, log: Verifier) -> checkpoint.Head | str | None:
    note = folder.checkpoint()
    try:
        return note and checkpoint.read(note, log)
    except BadNote as error:
        return f"the published checkpoint: {error}"


def _root_at(known: dict, edge: Frontier, found: set[int]) -> Iterator[str]:
    if edge.size in known:
        found.add(edge.size)
        root, name = known[edge.size]
        if edge.root() != root:
            yield f"{name}: the {edge.size} leaves have another root than the one signed"


def _bundle(folder: Folder, size: int, index: int) -> list[bytes]:
    """The published leaves of a bundle; none where it is missing or damaged."""
    try:
        return tiles.unpack(folder.tile(tiles.ENTRIES, index,
                                        min(tiles.WIDTH, size - index * tiles.WIDTH)))
    except (FileNotFoundError, ValueError):
        return []


def _signatures(session: Session, signed: dict[int, Checkpoint], log: Verifier) -> Iterator[str]:
    for size, row in sorted(signed.items()):
        try:
            head = checkpoint.read(row.note, log)
            if (head.size, head.root) != (size, row.root):
                yield f"checkpoint {size}: its note says something else"
        except BadNote as error:
            yield f"checkpoint {size}: {error}"
    for row in session.scalars(select(Cosignature).order_by(Cosignature.size)):
        try:
            witness = Cosigner.parse(row.witness)
            note = parse(signed[row.size].note + row.line)
            good = cosigned_by(note, [witness]).get(witness) == row.timestamp
        except (BadNote, KeyError):
            good = False
        if not good:
            yield f"cosignature of {row.witness.split('+')[0]} at {row.size}: is wrong"


def stamps(session: Session, authority: bytes | None) -> Iterator[str]:
    """Every time stamp is a token over its checkpoint, of the time that is kept beside it."""
    for row, note in session.execute(
            select(TimeStamp, Checkpoint.note)
            .outerjoin(Checkpoint, Checkpoint.size == TimeStamp.size)
            .order_by(TimeStamp.size, TimeStamp.purpose)):
        name = f"time stamp ({row.purpose}) of checkpoint {row.size}"
        if note is None:
            yield f"{name}: there is no such checkpoint"
            continue
        try:
            over = checkpoint.own(note)
            at = token_time(row.token, over) if authority is None \
                else verify_token(row.token, over, authority).at
        except (BadStamp, BadNote) as error:
            yield f"{name}: {error}"
            continue
        except BadAuthority as error:
            yield f"{name}: cannot be checked: {error}"
            return
        if at != row.at:
            yield f"{name}: names {time_text(at)}, not {time_text(row.at)}"
