"""`yangguang admin fsck`: does the database still say what the record says?

Whoever holds the database can change a row behind the platform's back; the leaf of the act that
made it is in the published tree. Here every leaf is held against the tree (tree.py), every kept
record against its leaf (entries.py), every business row against the record of its act (rows.py
by rules.py), and what follows from rows together against both: closing tree and receipts
(bids.py), shares, keys and findings (opened.py), lists of those invited (invitations.py), draw
and candidates (judged.py), deadlines and outcomes (times.py), validities that were extended
(bound.py), intermediary services (market.py), framework agreements (framed.py),
village works (watched.py), what companies and buyers state (stated.py),
reviews and what people said of them (reviewed.py), what persons signed (signed.py), the security log (log.py),
the stored bytes (objects.py). Rows that many acts change are held against all of them (folds.py).
Each fault names the first affected object. Read-only; it takes no part in the platform's own work.

A tampering that also rewrites the leaves is found by what was published: the log refuses to
sign over it, `audit verify --against` and every receipt contradict it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from audit.folder import Folder
from audit.note import Verifier
from kernel.store import Store

from .bids import closings, declared, receipts
from .bound import bound
from .entries import entries, records
from .folds import folded
from .framed import framed
from .invitations import FOLDS as DRAWN
from .invitations import invitations
from .judged import judged
from .log import log as security_log
from .market import market
from .objects import objects
from .opened import opened
from .rows import rows
from .signed import signed
from .stated import FOLDS as STATED
from .times import times
from .tree import stamps, tree
from .watched import watched

__all__ = ["fsck"]


def fsck(session: Session, folder: Folder, log: Verifier, platform: Verifier, store: Store,
         authority: bytes | None = None) -> Iterator[str]:
    """Every fault found, `what: which is wrong`, those of the tree first; nothing when there is none.

    `authority`: the certificates (PEM) by which time stamps are believed; without them a token's
    signature is not checked.
    """
    yield from tree(session, folder, log)
    yield from stamps(session, authority)
    yield from records(session)
    found = list(entries(session))
    yield from rows(session, found)
    yield from declared(session)
    yield from closings(session, found)
    yield from opened(session, found)
    yield from receipts(session, platform)
    yield from invitations(session)
    yield from judged(session)
    yield from times(session, found)
    yield from bound(session, found)
    yield from market(session, found)
    yield from framed(session, found)
    yield from watched(session, found)
    yield from signed(session)
    yield from folded(session, (*STATED, *DRAWN), found)
    yield from security_log(session)
    yield from objects(session, store)
