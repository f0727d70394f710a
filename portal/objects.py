"""The other half of `yangguang admin fsck`: are the bytes of every bid the ones that were declared?

Each stored block is hashed again; the blocks of a part together give the hash in the signed
declaration. Only bids that stand are asked for: what was withdrawn may be gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.model import BidBlock, BidPart, StandingBid
from kernel.canonical import sha256
from kernel.store import Store


def fsck(session: Session, store: Store) -> Iterator[str]:
    """Every block or part of a standing bid whose bytes are missing or others."""
    parts = session.execute(
        select(BidPart, StandingBid.bid_id)
        .join(StandingBid, StandingBid.version_id == BidPart.version_id)
        .order_by(StandingBid.bid_id, BidPart.part)).all()
    for part, bid_id in parts:
        name, size, joined = f"bid {bid_id} part {part.part}", 0, b""
        for block in session.scalars(select(BidBlock).where(BidBlock.part_id == part.id)
                                     .order_by(BidBlock.number)):
            try:
                with store.open(block.hash) as file:
                    data = file.read()
            except FileNotFoundError:
                yield f"{name}: block {block.number} is missing from the store"
                continue
            if sha256(data).hex() != block.hash:
                yield f"{name}: block {block.number} is damaged in the store"
            size, joined = size + len(data), joined + bytes.fromhex(block.hash)
        if (size, sha256(joined).hex()) != (part.size, part.ciphertext_hash):
            yield f"{name}: its blocks are not the declared ciphertext"
