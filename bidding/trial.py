"""A trial of a submission that cannot count: checked like a bid, kept nowhere.

The declaration says `bid-trial`, which is another signature domain, so that no trial can be
handed in as a bid nor a bid be taken for a trial. Its bytes are hashed as they stream past and
never touch a disk; no row, no entry and no receipt comes of it, only a signed word that it was
tried. So nothing has to be deleted, and nothing tells that anybody tried.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import BinaryIO

from audit.act import wiring
from audit.actor import Actor
from kernel.canonical import time_text
from kernel.db import db
from people.exchange import moment
from tender.model import Lot

from . import age, blocks, promise, rules
from .acts.promises import expected, own_signer
from .declaration import Key
from .refusals import NOT_SEALED, TOO_LARGE

KIND = "bid-trial"
READ = 1 << 20


def check(actor: Actor, lot_id: str, *, declaration: str, key: Key, signature: str,
          wraps: list[dict]) -> dict:
    """Judge a trial declaration as a real one: {promise}, the signed word that it was tried.

    Raises what a declaration raises, without a promise of refusal: nothing was to be received.
    """
    session, now = db.session(), moment()
    lot = session.get_one(Lot, lot_id)
    rules.in_time(now, lot.deadline)
    own_signer(SimpleNamespace(session=session, now=now), actor.party_id, key)
    declared = rules.read_declaration(declaration, key, signature,
                                      expected(session, lot, actor.party_id), KIND)
    rules.read_wraps(declared, lot.policy, wraps)
    says = {"v": 1, "type": KIND, "log_origin": declared.log_origin, "suite": declared.suite,
            "tender": declared.tender, "lot": declared.lot, "declaration": declared.hash,
            "tried_at": time_text(now)}
    session.rollback()
    return {"promise": promise.sign(says, wiring().platform_key)}


def measure(body: BinaryIO, length: int, part: str) -> dict:
    """Take the bytes of a part, whole, and keep none: {size, ciphertext_hash}."""
    limit = rules.FORM_LIMIT if part == "form" else rules.PART_LIMIT
    if length > limit:
        raise TOO_LARGE(part=part, limit=limit)
    db.session().rollback()  # no transaction stays open while a slow sender sends
    hasher, begins = blocks.Hasher(), b""
    while piece := body.read(READ):
        if len(begins) < age.HEADER_LIMIT:
            begins += piece[:age.HEADER_LIMIT]
            try:
                age.parse_header(begins[:age.HEADER_LIMIT])
            except age.Incomplete:
                if len(begins) >= age.HEADER_LIMIT:
                    raise NOT_SEALED(problem="no complete header in the first 4 KiB") from None
            except age.NotAge as error:
                raise NOT_SEALED(problem=str(error)) from error
        hasher.update(piece)
    return {"size": hasher.size, "ciphertext_hash": hasher.hexdigest()}
