"""The remedy of 办法 31: the plain content of a part that its tenderer cannot decrypt.

Taken inside the window only, before anything of any bid is disclosed, and only if it is what
the declaration committed to, byte for byte: the manifest with its nonce, and every file by its
hash. It comes in one stream and is sealed again as it comes, so it never lies in the clear.
Whoever hands it in trusts the platform with it until the window ends, which the page says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Act, act, wiring
from audit.actor import Actor
from kernel.canonical import b64
from kernel.db import db
from kernel.refusal import NOT_FOUND, Refused
from people.model import Party
from tender.acts import lock_lot

from .. import age, blocks, content, suites
from ..content import BadContent, Ciphertext
from ..model import Bid, BidPart, BidPlace, BidVersion, OpeningPart, PlainFile
from ..reading import PLAIN_SUITE
from ..refusals import ALREADY, PLAIN_DIFFERS, STORAGE, TOO_LARGE
from .opening import complete, window
from .promises import log_origin
from .submission import lot_of

log = logging.getLogger("yangguang.bidding")

PIECE = 1 << 20


def give_plain_file(actor: Actor, bid_id: str, part: str, stream: BinaryIO) -> PlainFile:
    """Take a part's plain archive (the tar that was sealed) from a stream.

    Raises PLAIN_DIFFERS, TOO_LARGE, WINDOW_OVER, ALREADY, or NOT_FOUND where the part is not
    authorised. Whoever calls has asked authority; it is asked again in the act.
    """
    declared, binding = _declared(db.session(), bid_id, part)
    db.session().rollback()
    with _resealed(stream, part, declared.size) as (seed, names, size):
        try:
            content.examine(Ciphertext(wiring().store.open, names, size),
                            suites.get(PLAIN_SUITE).identity(seed), binding,
                            declared.manifest_hash)
        except BadContent as error:
            raise PLAIN_DIFFERS(problem=error.code) from error
        return _take(actor, lot_of(bid_id), bid_id, part,
                     sealed={"seed": b64(seed), "size": size, "blocks": names})


@act("opening.plain_file_given", law="电子招标投标办法 31", action="opening.plain_file", lot=True,
     disclose="opened", veiled=True)
def _take(ctx: Act, lot_id: str, bid_id: str, part: str, *, sealed: dict) -> PlainFile:
    """Keep a plain file that has matched its manifest, inside the window and before anything is
    disclosed."""
    lot = lock_lot(ctx, lot_id, share=True)
    bid = ctx.session.get(Bid, bid_id)
    ctx.permit(lot_id=lot_id, owner=bid.party_id)
    declared, _ = _declared(ctx.session, bid_id, part)
    opening = window(ctx, lot_id, _stage(ctx.session, lot_id, part))
    row = PlainFile(lot_id=lot_id, bid_id=bid_id, version_id=declared.version_id, part=part,
                    given_at=ctx.now, **sealed)
    ctx.session.add(row)
    ctx.session.flush()
    complete(ctx, opening, lot.policy)
    ctx.record(bid_id, {"part": part, "manifest_hash": declared.manifest_hash}, lot_id=lot_id,
               tender_id=lot.tender_id, party_id=bid.party_id)
    return row


def _stage(session: Session, lot_id: str, part: str) -> int | None:
    """The stage in which a part was authorised; None where it is still sealed."""
    return session.scalar(select(OpeningPart.stage).where(
        OpeningPart.lot_id == lot_id, OpeningPart.part == part))


def _declared(session: Session, bid_id: str, part: str) -> tuple[BidPart, dict]:
    """The authorised part as it was declared, and what its manifest must repeat."""
    found = session.execute(
        select(BidPart, BidVersion, Bid, Party)
        .join(BidVersion, BidVersion.id == BidPart.version_id)
        .join(Bid, Bid.id == BidVersion.bid_id).join(Party, Party.id == Bid.party_id)
        .join(BidPlace, (BidPlace.version_id == BidVersion.id) & (BidPlace.purpose == part))
        .where(Bid.id == bid_id, BidPart.part == part)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    declared, version, bid, party = found
    if session.scalars(select(PlainFile.id).where(
            PlainFile.bid_id == bid_id, PlainFile.part == part)).first():
        raise ALREADY()
    return declared, {"log_origin": log_origin(session), "tender": bid.tender_id,
                      "lot": bid.lot_id, "bid": bid_id, "tenderer": party.uscc,
                      "version": version.version, "part": part}


@contextmanager
def _resealed(stream: BinaryIO, part: str, limit: int) -> Iterator[tuple[bytes, list[str], int]]:
    """Seal a stream to a fresh key into stored blocks; they are taken away again on a refusal.

    The plain archive of a part is never larger than its sealed file, `limit` bytes.
    """
    suite = suites.get(PLAIN_SUITE)
    store, names, seed = wiring().store, [], suite.generate()
    try:
        with _blocks(_stored, names) as write:
            sealer = age.Sealer(write, [suite.recipient_of(seed)])
            size = 0
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > limit:
                    raise TOO_LARGE(part=part, limit=limit)
                sealer.write(piece)
            sealer.close()
        yield seed, names, write.size
    except Refused:
        # Only what was surely not kept: after any other fault the row may stand, and an orphan
        # is harmless until `admin gc` collects it.
        for name in names:
            store.delete(name)
        raise


def _stored(data: bytes) -> str:
    try:
        return wiring().store.put(data)
    except OSError as error:
        log.error("a block of a plain file could not be stored: %s", error)
        raise STORAGE(retry_after=30) from error


class _Blocks:
    """Cuts what is written into blocks of 4 MiB and puts each into the store."""

    def __init__(self, put: Callable[[bytes], str], names: list[str]):
        self._put, self._names, self._rest = put, names, bytearray()
        self.size = 0

    def __call__(self, data: bytes) -> None:
        self.size += len(data)
        self._rest += data
        while len(self._rest) >= blocks.BLOCK:
            self._names.append(self._put(bytes(self._rest[:blocks.BLOCK])))
            del self._rest[:blocks.BLOCK]

    def finish(self) -> None:
        """Put what is left."""
        if self._rest:
            self._names.append(self._put(bytes(self._rest)))


@contextmanager
def _blocks(put: Callable[[bytes], str], names: list[str]) -> Iterator[_Blocks]:
    writer = _Blocks(put, names)
    yield writer
    writer.finish()
