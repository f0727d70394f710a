"""What the two persons of a notice signed with their own keys, and what waits to be signed: reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kernel.db import Installation
from people.model import Party, SigningKey

from . import signing
from .model import DirectAward, Notice, NoticeDraft, NoticeSignature, PublishedNotice
from .profile import Profile


def origin_of(session: Session) -> str:
    """The name of this installation's record: a part of everything that is signed."""
    return session.execute(select(Installation.log_origin)).scalar_one()


def counted(session: Session, of_id: str, content_hash: str,
            at: datetime | None = None) -> dict[str, NoticeSignature]:
    """The newest signature of each role over a content. One by a registered key that was revoked
    before its publication (`at`; None: it is not published) does not count."""
    rows = session.execute(_SIGNED, {"of": of_id, "hash": content_hash})
    return {row.role: row for row, revoked_at in rows if _counts(revoked_at, at)}


def _counts(revoked_at: datetime | None, at: datetime | None) -> bool:
    return revoked_at is None or (at is not None and revoked_at > at)


_ALL = (select(NoticeSignature, SigningKey.revoked_at)
        .outerjoin(SigningKey, SigningKey.public_key == NoticeSignature.key)
        .order_by(NoticeSignature.signed_at))
_SIGNED = _ALL.where(NoticeSignature.of_id == bindparam("of"),
                     NoticeSignature.content_hash == bindparam("hash"))


def shown(session: Session, of_id: str, content_hash: str,
          at: datetime | None = None) -> list[dict[str, object]]:
    """The signatures over a content as everybody reads them, who submitted first."""
    found = counted(session, of_id, content_hash, at)
    return _shown(found, origin_of(session) if found else "")


def _shown(found: dict[str, NoticeSignature], origin: str) -> list[dict[str, object]]:
    return [signing.shown(signing.fact(one), origin, one.about, one.content_hash)
            for one in (found[role] for role in signing.ROLES if role in found)]


def of_notices(session: Session,
               notices: Iterable[PublishedNotice]) -> dict[str, list[dict[str, object]]]:
    """The persons' signatures of each published notice, by its id. Only what two persons stood for
    has any: a tender notice as it was approved, an amendment, an advance notice."""
    notices = list(notices)
    signed = set(session.scalars(select(NoticeSignature.about).where(
        NoticeSignature.about.in_({one.tender_id for one in notices})).distinct()))
    found = {}
    for one in notices:
        of = _submission(session, one) if one.tender_id in signed else None
        found[one.id] = shown(session, *of, one.published_at) if of else []
    return found


def _submission(session: Session, one: PublishedNotice) -> tuple[str, str] | None:
    if one.kind in ("amendment", "pre_notice"):
        query = select(NoticeDraft.id, NoticeDraft.content_hash).where(
            NoticeDraft.notice_id == one.id)
    elif (one.kind, one.number, one.version) == ("tender_notice", 1, 1):
        query = select(Notice.id, Notice.content_hash).where(
            Notice.tender_id == one.tender_id, Notice.published_at.is_not(None))
    else:
        return None
    row = session.execute(query).one_or_none()
    return row and tuple(row)


def of_award(session: Session, row: DirectAward) -> list[dict[str, object]]:
    """The persons' signatures of a published direct award."""
    return of_awards(session, [row])[row.id]


def of_awards(session: Session,
              rows: Iterable[DirectAward]) -> dict[str, list[dict[str, object]]]:
    """The same of several direct awards, by the awards' ids, every one of them; a draft has none."""
    rows = {row.id: row for row in rows}
    found: dict[str, dict[str, NoticeSignature]] = {one: {} for one in rows}
    for one, revoked_at in session.execute(_ALL.where(NoticeSignature.of_id.in_(
            [row.id for row in rows.values() if row.published_at is not None]))):
        row = rows[one.of_id]
        if one.content_hash == row.content_hash and _counts(revoked_at, row.published_at):
            found[row.id][one.role] = one
    origin = origin_of(session) if any(found.values()) else ""
    return {of: _shown(one, origin) for of, one in found.items()}


def waiting(session: Session, actor: Actor, row: Notice | NoticeDraft | DirectAward, digest: str,
            profiles: Iterable[Profile], *, own: bool) -> dict[str, object]:
    """What the one who asks would sign now: the statement but for its time, and the signatures that
    are there. `own`: that one submitted it."""
    kind = {Notice: "tender_notice", DirectAward: "direct_award"}.get(type(row)) or row.kind
    about = row.id if isinstance(row, DirectAward) else row.tender_id
    party = session.get_one(Party, actor.party_id)
    statement = signing.statement(
        origin_of(session), about=about, kind=kind, content_hash=digest, unit=party.uscc, at="",
        number=1 if isinstance(row, DirectAward) else row.number,
        role="submit" if own else "approve")
    del statement["at"]
    return {"statement": statement, "asked": list(signing.asked(profiles)),
            "signatures": shown(session, row.id, digest)}
