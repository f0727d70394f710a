"""Questions about people that other packages ask."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND

from .model import Account, Party, RoleGrant, SigningKey


def grants_of(session: Session, account_id: str | None) -> list[RoleGrant]:
    """The effective grants of an account, oldest first."""
    if account_id is None:
        return []
    return list(session.execute(select(RoleGrant).where(
        RoleGrant.account_id == account_id, RoleGrant.approved_at.is_not(None),
        RoleGrant.revoked_at.is_(None)).order_by(RoleGrant.approved_at, RoleGrant.id)).scalars())


def has_role(session: Session, account_id: str | None, role: str) -> bool:
    """Whether an account holds `role` effectively."""
    return any(grant.role == role for grant in grants_of(session, account_id))


def persons_with_role(session: Session, role: str, *, specialty: str | None = None,
                      region: str | None = None) -> list[tuple[RoleGrant, Account]]:
    """Grants of `role` with their accounts, one for each person, in order of person id.

    Accounts disabled are left out, as are grants of another specialty or outside `region`
    (a prefix of the division code) where these are given.
    """
    statement = select(RoleGrant, Account).join(Account, Account.id == RoleGrant.account_id).where(
        RoleGrant.role == role, RoleGrant.approved_at.is_not(None),
        RoleGrant.revoked_at.is_(None), Account.disabled_at.is_(None))
    if specialty is not None:
        statement = statement.where(RoleGrant.specialty == specialty)
    if region is not None:
        statement = statement.where(RoleGrant.region.startswith(region, autoescape=True))
    found: dict[str, tuple[RoleGrant, Account]] = {}
    for grant, account in session.execute(statement.order_by(Account.person_id, RoleGrant.id)):
        found.setdefault(account.person_id, (grant, account))
    return list(found.values())


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


def signing_key(session: Session, party_id: str, public_key: str) -> SigningKey | None:
    """The party's bound and unrevoked key with this base64 public key; None if it has none."""
    return session.execute(select(SigningKey).where(
        SigningKey.party_id == party_id, SigningKey.public_key == public_key,
        SigningKey.revoked_at.is_(None))).scalar_one_or_none()


def person_ids_of_party(session: Session, party_id: str) -> set[str]:
    """The persons with an account of the party that is not disabled."""
    return set(session.execute(select(Account.person_id).where(
        Account.party_id == party_id, Account.disabled_at.is_(None))).scalars())
