"""What somebody is to the platform, judged inside the transaction that uses it (I30).

The rows that carry authority (session or token, account, grants) are locked FOR SHARE inside
an act on PostgreSQL: a revocation either comes before and counts, or waits for the act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from audit.held import once

from .model import Account, ApiToken, LoginSession, Party, RoleGrant
from .refusals import SESSION_ENDED
from .rules import STRONG_ROLES
from .settled import factor_for_all

BASE = {
    "buyer": "buyer_other", "opener": "opener_unassigned", "expert": "expert_unassigned",
    "awarder": "awarder_unassigned", "supervisor": "supervisor_out", "guarantor": "guarantor",
    "sys_admin": "sys_admin", "sec_admin": "sec_admin", "audit_admin": "audit_admin",
}
"""A granted role as the role of the permission table it is without any closer relation."""


@dataclass(frozen=True)
class Standing:
    """What somebody signed in stands on: the kind of the party, whether the party vouched for the
    account, whether two factors stand behind the session."""

    party_kind: str
    vouched: bool
    two_factors: bool


def relations(session: Session, actor: Actor, now: datetime) -> set[str]:
    """The base roles of `actor` in the words of permissions.csv.

    Raises SESSION_ENDED when the session, token or account ended meanwhile. Somebody signed
    in without any role sees what the public sees.
    """
    if actor.kind in ("clock", "operator"):
        return set()
    if actor.kind == "anonymous":
        return {"anonymous"}
    found = standing(session, actor, now)
    roles = {"tenderer_outside"} if found.party_kind == "tenderer" and found.vouched else set()
    if actor.session_id is not None and not found.two_factors and factor_for_all(session, now):
        return {"anonymous"}
    for row in effective_grants(session, actor.account_id):
        if found.two_factors or row.role not in STRONG_ROLES:
            roles.add(BASE[row.role])
    return roles or {"anonymous"}


def effective_grants(session: Session, account_id: str) -> Sequence[Row]:
    """The effective grants of an account, by id: their columns."""
    return once(session, ("grants", account_id), ("role_grant",),
                lambda: _read(session, _GRANTS, account=account_id).all())


def standing(session: Session, actor: Actor, now: datetime) -> Standing:
    """What `actor` stands on at `now`.

    Raises SESSION_ENDED where session or token was ended, or the account disabled or expired.
    """
    row = once(session, ("standing", actor.account_id, actor.session_id, actor.token_id),
               ("account", "party", "login_session", "api_token"), lambda: _stood(session, actor))
    if row is None or ended(row, now):
        raise SESSION_ENDED()
    if actor.session_id is not None and row.ended_at is not None:
        raise SESSION_ENDED()
    if actor.token_id is not None and (row.revoked_at is not None or now >= row.token_until):
        raise SESSION_ENDED()
    two_factors = row.second_factor if actor.session_id is not None else actor.kind == "account"
    return Standing(row.kind, row.vouched_at is not None, two_factors)


def _stood(session: Session, actor: Actor) -> Row | None:
    names = {"account": actor.account_id}
    if actor.session_id is not None:
        return _read(session, _SESSION, login=actor.session_id, **names).one_or_none()
    if actor.token_id is not None:
        return _read(session, _TOKEN, token=actor.token_id, **names).one_or_none()
    return _read(session, _ACCOUNT, **names).one_or_none()


def own_party(session: Session, actor: Actor, now: datetime) -> str | None:
    """The party that somebody signed in speaks for and reads of; None while no one of a company
    vouched for the account, so that who makes accounts makes nobody one of its people alone."""
    found = standing(session, actor, now)
    return actor.party_id if found.party_kind != "tenderer" or found.vouched else None


def ended(account: Account, now: datetime) -> bool:
    """Whether the account is disabled or past its expiry."""
    return account.disabled_at is not None or (
        account.expires_at is not None and now >= account.expires_at)


# Asked several times in every request: made once, of columns alone. Each beside the one that locks.
_account, _session, _token = Account.__table__, LoginSession.__table__, ApiToken.__table__
_grant = RoleGrant.__table__


def _both(statement: Select, *tables) -> tuple[Select, Select]:
    return statement, statement.with_for_update(read=True, of=tables)


_OWN = (select(_account.c.disabled_at, _account.c.expires_at, _account.c.vouched_at,
               Party.__table__.c.kind)
        .join(Party.__table__, Party.__table__.c.id == _account.c.party_id)
        .where(_account.c.id == bindparam("account")))
_ACCOUNT = _both(_OWN, _account)
_SESSION = _both(
    _OWN.add_columns(_session.c.ended_at, _session.c.second_factor)
    .join(_session, _session.c.account_id == _account.c.id)
    .where(_session.c.id == bindparam("login")), _session, _account)
_TOKEN = _both(
    _OWN.add_columns(_token.c.revoked_at, _token.c.expires_at.label("token_until"))
    .join(_token, _token.c.account_id == _account.c.id)
    .where(_token.c.id == bindparam("token")), _token, _account)
_GRANTS = _both(
    select(_grant).where(
        _grant.c.account_id == bindparam("account"), _grant.c.approved_at.is_not(None),
        _grant.c.revoked_at.is_(None)).order_by(_grant.c.id), _grant)


def _read(session: Session, statement: tuple[Select, Select], /, **names: str):
    session.flush()
    connection = session.connection()
    in_act = bool(connection.get_execution_options().get("immediate"))
    return connection.execute(statement[in_act], names)
