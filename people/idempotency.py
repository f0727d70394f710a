"""The same key and the same request give the same answer and no second effect (I10).

The answer is written in the transaction of the act: if we die before COMMIT neither exists,
if we die after it the client asks again and reads it. Two at once on PostgreSQL meet at the
unique constraint: the second is rolled back with all it did and reads the first one's answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kernel.db import new_id

from .digests import keyed, token_hash
from .model import IdempotencyKey
from .refusals import KEY_NEEDED, KEY_REUSED

KEPT = timedelta(days=7)
_table = IdempotencyKey.__table__
_FOUND = select(_table.c.fingerprint, _table.c.status, _table.c.media, _table.c.body,
                _table.c.etag).where(_table.c.scope == bindparam("whose"),
                                     _table.c.key_hash == bindparam("key"))
_KEEP = insert(_table)
_KEY = re.compile(r"\A[\x21-\x7e]{8,128}\Z")


@dataclass(frozen=True)
class Stored:
    """An answer as bytes: what is sent now is what a repetition gets."""

    status: int
    media: str
    body: bytes
    etag: str = ""


def given_key(required: bool) -> str | None:
    """The request's Idempotency-Key; refuses a malformed one, and a missing one if required."""
    key = request.headers.get("Idempotency-Key")
    if key is None and not required:
        return None
    if key is None or not _KEY.match(key):
        raise KEY_NEEDED()
    return key


def scope_of(actor: Actor) -> str:
    """Whose keys these are: an account's own, or everybody's who is not signed in."""
    return f"account:{actor.account_id}" if actor.account_id else "anonymous"


def fingerprint(body: bytes) -> str:
    """What request this is: method, address with query, If-Match and body, under our secret."""
    return keyed("idempotency", request.method.encode(), request.full_path.encode(),
                 (request.headers.get("If-Match") or "").encode(), body)


def find(session: Session, actor: Actor, key: str, print_: str) -> Stored | None:
    """The answer stored for this key; raises `idempotency.reused` if it was another request."""
    row = session.connection().execute(
        _FOUND, {"whose": scope_of(actor), "key": token_hash(key)}).one_or_none()
    if row is None:
        return None
    if row.fingerprint != print_:
        raise KEY_REUSED()
    return Stored(row.status, row.media, row.body, row.etag)


def keep(session: Session, actor: Actor, key: str, print_: str, now: datetime,
         answer: Stored) -> None:
    """Store the answer in the act's own transaction."""
    session.flush()
    session.connection().execute(_KEEP, {
        "id": new_id(), "scope": scope_of(actor), "key_hash": token_hash(key),
        "fingerprint": print_, "at": now, "status": answer.status, "media": answer.media,
        "body": answer.body, "etag": answer.etag})


def forget(session: Session, now: datetime) -> None:
    """Drop the answers older than seven days."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < now - KEPT))
