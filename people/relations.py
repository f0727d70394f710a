"""What somebody is to the platform, judged inside the transaction that uses it (I30).

The rows that carry authority (session or token, account, grants) are locked FOR SHARE inside
an act on PostgreSQL: a revocation either comes before and counts, or waits for the act.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from audit.actor import Actor

from .model import Account, ApiToken, LoginSession, Party, RoleGrant
from .refusals import SESSION_ENDED
from .rules import STRONG_ROLES

BASE = {
    "buyer": "buyer_other", "opener": "opener_unassigned", "expert": "expert_unassigned",
    "awarder": "awarder_unassigned", "supervisor": "supervisor_out", "guarantor": "guarantor",
    "sys_admin": "sys_admin", "sec_admin": "sec_admin", "audit_admin": "audit_admin",
}
"""A granted role as the role of the permission table it is without any closer relation."""


def relations(session: Session, actor: Actor, now: datetime) -> set[str]:
    """The base roles of `actor` in the words of permissions.csv.

    Raises SESSION_ENDED when the session, token or account ended meanwhile. Somebody signed
    in without any role sees what the public sees.
    """
    if actor.kind in ("clock", "operator"):
        return set()
    if actor.kind == "anonymous":
        return {"anonymous"}
    account, party, two_factors = standing(session, actor, now)
    roles = {"tenderer_outside"} if party.kind == "tenderer" and account.vouched_at else set()
    grants = select(RoleGrant).where(
        RoleGrant.account_id == actor.account_id, RoleGrant.effective()).order_by(RoleGrant.id)
    for grant in _read(session, grants).scalars():
        if two_factors or grant.role not in STRONG_ROLES:
            roles.add(BASE[grant.role])
    return roles or {"anonymous"}


def standing(session: Session, actor: Actor, now: datetime) -> tuple[Account, Party, bool]:
    """The account of `actor`, its party, and whether two factors stand behind it.

    Raises SESSION_ENDED where session or token was ended, or the account disabled or expired.
    """
    two_factors = actor.kind == "account"
    if actor.session_id is not None:
        row = _read(session, select(LoginSession).where(
            LoginSession.id == actor.session_id)).scalar_one_or_none()
        if row is None or row.ended_at is not None or row.account_id != actor.account_id:
            raise SESSION_ENDED()
        two_factors = row.second_factor
    if actor.token_id is not None:
        token = _read(session, select(ApiToken).where(
            ApiToken.id == actor.token_id)).scalar_one_or_none()
        if token is None or token.revoked_at is not None or now >= token.expires_at \
                or token.account_id != actor.account_id:
            raise SESSION_ENDED()
    account = _read(session, select(Account).where(
        Account.id == actor.account_id)).scalar_one_or_none()
    if account is None or ended(account, now):
        raise SESSION_ENDED()
    return account, session.get_one(Party, account.party_id), two_factors


def ended(account: Account, now: datetime) -> bool:
    """Whether the account is disabled or past its expiry."""
    return account.disabled_at is not None or (
        account.expires_at is not None and now >= account.expires_at)


def _read(session: Session, statement: Select):
    in_act = session.connection().get_execution_options().get("immediate")
    if in_act:
        statement = statement.with_for_update(read=True)
    return session.execute(statement.execution_options(populate_existing=True))
