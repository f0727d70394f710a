"""The stored bytes: are those of every bid the ones that were declared?

Each stored block is hashed again; the blocks of a part together give the hash in the signed
declaration. Only bids that stand are asked for: what was withdrawn may be gone. Then bidding
documents, what was handed in plain, and every object that no row names: a crash may leave one,
but under the hash of what it holds, and not for longer than a day (`yangguang admin gc`).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding import content, suites
from bidding.age import Damaged
from bidding.content import BadContent, Ciphertext
from bidding.model import BidBlock, BidPart, BidVersion, PlainFile, StandingBid
from bidding.reading import PLAIN_SUITE
from kernel.canonical import NotCanonical, unb64
from kernel.store import Store
from supervision.model import Evidence
from tender.model import Document, Paper

from .. import litter


def objects(session: Session, store: Store) -> Iterator[str]:
    """Every stored object that is missing, holds other bytes, or should not be there."""
    yield from _bids(session, store)
    for document in session.scalars(select(Document).order_by(Document.tender_id,
                                                              Document.position)):
        if fault := _fault(store, document.hash):
            yield f"document {document.id} of tender {document.tender_id}: {fault}"
    for one in session.scalars(select(Evidence).order_by(Evidence.id)):
        if fault := _fault(store, one.hash):
            yield f"evidence {one.id}: {fault}"
    for one in session.scalars(select(Paper).order_by(Paper.id)):
        if fault := _fault(store, one.hash):
            yield f"paper {one.id}: {fault}"
    yield from _plain_files(session, store)
    yield from _unnamed(session, store)


def _bids(session: Session, store: Store) -> Iterator[str]:
    parts = session.execute(
        select(BidPart, StandingBid.bid_id)
        .join(StandingBid, StandingBid.version_id == BidPart.version_id)
        .order_by(StandingBid.bid_id, BidPart.part)).all()
    for part, bid_id in parts:
        name, size, joined = f"bid {bid_id} part {part.part}", 0, b""
        for block in session.scalars(select(BidBlock).where(BidBlock.part_id == part.id)
                                     .order_by(BidBlock.number)):
            if fault := _fault(store, block.hash):
                yield f"{name}: block {block.number} {fault}"
                if fault == MISSING:
                    continue
            size += store.path(block.hash).stat().st_size
            joined += bytes.fromhex(block.hash)
        if (size, hashlib.sha256(joined).hexdigest()) != (part.size, part.ciphertext_hash):
            yield f"{name}: its blocks are not the declared ciphertext"


def _plain_files(session: Session, store: Store) -> Iterator[str]:
    """What was handed in plain: each block, and all of it against the declared manifest."""
    for given, version, manifest_hash in session.execute(
            select(PlainFile, BidVersion, BidPart.manifest_hash)
            .join(BidVersion, BidVersion.id == PlainFile.version_id)
            .join(BidPart, (BidPart.version_id == BidVersion.id)
                  & (BidPart.part == PlainFile.part))
            .order_by(PlainFile.bid_id, PlainFile.part)):
        name = f"bid {given.bid_id} part {given.part}, handed in plain"
        faults = [f"{name}: block {number} {fault}" for number, block in enumerate(given.blocks)
                  if (fault := _fault(store, block))]
        yield from faults
        if faults:
            continue
        said = json.loads(version.declaration)
        binding = {key: said[key] for key in ("log_origin", "tender", "lot", "bid", "tenderer",
                                              "version")} | {"part": given.part}
        try:
            content.examine(Ciphertext(store.open, given.blocks, given.size),
                            suites.get(PLAIN_SUITE).identity(unb64(given.seed, 32)), binding,
                            manifest_hash)
        except (BadContent, Damaged, NotCanonical) as error:
            yield f"{name}: is not what the declared manifest says ({error})"


def _unnamed(session: Session, store: Store) -> Iterator[str]:
    for name in sorted(set(store.names()) - litter.named(session)):
        try:
            path = store.path(name)
        except ValueError:
            yield f"object {name}: no row names it, and that is no name of an object"
            continue
        if fault := _fault(store, name):
            yield f"object {name}: no row names it, and it {fault}"
        elif time.time() - path.stat().st_mtime > litter.DAY:
            yield f"object {name}: no row names it, and it is older than a day"


MISSING = "is missing from the store"


def _fault(store: Store, name: str) -> str:
    """What is wrong with the object that should hold the bytes of this hash."""
    try:
        with store.open(name) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "" if found == name else "is damaged in the store"
