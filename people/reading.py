"""Questions about people that other packages ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND

from .model import Account, Party, RoleGrant, SigningKey, SigningKeyNotice
from .relations import ended


def grants_of(session: Session, account_id: str) -> list[RoleGrant]:
    """The effective grants of an account, oldest first."""
    return list(session.scalars(select(RoleGrant).where(
        RoleGrant.account_id == account_id, RoleGrant.effective())
        .order_by(RoleGrant.approved_at, RoleGrant.id)))


def standing_grants(session: Session, role: str, now: datetime, *,
                    specialty: str = "") -> list[tuple[RoleGrant, Account]]:
    """Effective grants of a role whose account is in use at `now`, by grant id.

    With `specialty` only those of that specialty; without, all.
    """
    query = select(RoleGrant, Account).join(Account, Account.id == RoleGrant.account_id).where(
        RoleGrant.role == role, RoleGrant.effective()).order_by(RoleGrant.id)
    if specialty:
        query = query.where(RoleGrant.specialty == specialty)
    return [(grant, account) for grant, account in session.execute(query)
            if not ended(account, now)]


def persons_of_parties(session: Session, party_ids: Sequence[str]) -> set[str]:
    """Everyone with an account of these parties, or with a role granted on their behalf."""
    own = select(Account.person_id).where(Account.party_id.in_(party_ids))
    granted = select(Account.person_id).join(RoleGrant, RoleGrant.account_id == Account.id).where(
        RoleGrant.party_id.in_(party_ids))
    return set(session.scalars(own)) | set(session.scalars(granted))


def party(session: Session, party_id: str) -> Party:
    """The party; raises object.not-found."""
    found = session.get(Party, party_id)
    if found is None:
        raise NOT_FOUND()
    return found


def account(session: Session, account_id: str) -> Account:
    """The account; raises object.not-found."""
    found = session.get(Account, account_id)
    if found is None:
        raise NOT_FOUND()
    return found


_key = SigningKey.__table__.c
_SIGNING = select(_key.id, _key.cools_until).where(
    _key.party_id == bindparam("party"), _key.public_key == bindparam("key"),
    _key.revoked_at.is_(None))


def signing_key(session: Session, party_id: str, public_key: str) -> Row | None:
    """The party's bound and unrevoked key with this base64 public key (its id, cools_until); None
    if it has none."""
    return session.connection().execute(
        _SIGNING, {"party": party_id, "key": public_key}).one_or_none()


def key_notices(session: Session, account_id: str) -> list[dict]:
    """The new keys of one's company that one was told of and has not yet acknowledged."""
    rows = session.execute(
        select(SigningKeyNotice, SigningKey, Account.login)
        .join(SigningKey, SigningKey.id == SigningKeyNotice.key_id)
        .join(Account, Account.id == SigningKey.account_id)
        .where(SigningKeyNotice.account_id == account_id, SigningKeyNotice.seen_at.is_(None))
        .order_by(SigningKeyNotice.at, SigningKeyNotice.id))
    return [{"id": notice.id, "at": notice.at, "key_id": key.id, "public_key": key.public_key,
             "bound_by": login, "revoked_at": key.revoked_at} for notice, key, login in rows]
