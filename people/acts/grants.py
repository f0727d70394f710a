"""Roles: proposed by one security administrator, approved by another person (Q19, Q21)."""

from __future__ import annotations

from sqlalchemy import select

from audit.act import Act, act
from kernel.refusal import NOT_FOUND

from .. import rules
from ..model import GRANTED_ROLES, Account, Party, Person, RoleGrant
from ..refusals import ACCOUNT_DISABLED, GRANT_NOT_WAITING, ROLE_PARTY
from ..relations import ended
from ..uscc import checked as valid_code
from .accounts import held_by, locked_account


@act("role.proposed", law="等保 L3-CES1-08", action="role.grant", disclose="never")
def propose_grant(ctx: Act, *, account_id: str, role: str, region: str = "", specialty: str = "",
                  employer_uscc: str = "") -> RoleGrant:
    """Propose a role for somebody else's account; it counts when another person approves it.

    Raises role.same-person (to oneself), role.conflict (Q19), role.party, role.held.
    """
    if role not in GRANTED_ROLES:
        raise ROLE_PARTY(problem=role)
    account = locked_account(ctx, account_id)
    ctx.permit()
    if ended(account, ctx.now):
        raise ACCOUNT_DISABLED()
    rules.different_persons(ctx.actor.person_id, "", account.person_id)
    _locked_person(ctx, account.person_id)
    party = ctx.session.get_one(Party, account.party_id)
    region = region or (party.region if role == "supervisor" else "")
    employer = valid_code(employer_uscc) if employer_uscc else ""
    rules.grant_fits(role, party.kind, region=region, specialty=specialty, employer_uscc=employer)
    rules.roles_fit(role, held_by(ctx, account.person_id))
    grant = RoleGrant(account_id=account.id, role=role, party_id=party.id, region=region,
                      specialty=specialty, employer_uscc=employer,
                      proposed_by=ctx.actor.account_id, proposed_at=ctx.now)
    ctx.session.add(grant)
    ctx.session.flush()
    ctx.record(grant.id, {"account": account.id, "role": role, "region": region},
               party_id=party.id)
    return grant


@act("role.approved", law="等保 L3-CES1-08", action="role.approve", fresh=True, disclose="never")
def approve_grant(ctx: Act, grant_id: str) -> RoleGrant:
    """Approve what waits about a grant: the grant itself, or its revocation.

    Proposer, approver and receiver are different persons. Raises role.same-person,
    role.not-waiting, role.conflict.
    """
    grant = _locked_grant(ctx, grant_id)
    account = ctx.session.get_one(Account, grant.account_id)
    _locked_person(ctx, account.person_id)
    ctx.permit()
    if grant.revoked_at is not None or (grant.approved_at and grant.revocation_at is None):
        raise GRANT_NOT_WAITING()
    if grant.approved_at is None:
        if ended(account, ctx.now):
            raise ACCOUNT_DISABLED()
        rules.different_persons(_person(ctx, grant.proposed_by), ctx.actor.person_id,
                                account.person_id)
        rules.roles_fit(grant.role, held_by(ctx, account.person_id))
        grant.approved_at, grant.approved_by = ctx.now, ctx.actor.account_id
        what = "grant"
    else:
        rules.different_persons(_person(ctx, grant.revocation_by), ctx.actor.person_id,
                                account.person_id)
        grant.revoked_at, grant.revoked_by = ctx.now, ctx.actor.account_id
        what = "revocation"
    ctx.record(grant.id, {"account": account.id, "role": grant.role, "what": what},
               party_id=grant.party_id)
    return grant


@act("role.revocation_proposed", law="等保 L3-CES1-08", action="role.grant", disclose="never")
def propose_revocation(ctx: Act, grant_id: str) -> RoleGrant:
    """Propose to revoke a grant; one that is not approved yet is withdrawn at once.

    Raises role.not-waiting where it is revoked or its revocation proposed already, and
    role.same-person for one's own.
    """
    grant = _locked_grant(ctx, grant_id)
    account = ctx.session.get_one(Account, grant.account_id)
    ctx.permit()
    if grant.revoked_at is not None or grant.revocation_at is not None:
        raise GRANT_NOT_WAITING()
    rules.different_persons(ctx.actor.person_id, "", account.person_id)
    if grant.approved_at is None:
        grant.revoked_at, grant.revoked_by = ctx.now, ctx.actor.account_id
    grant.revocation_at, grant.revocation_by = ctx.now, ctx.actor.account_id
    ctx.record(grant.id, {"account": grant.account_id, "role": grant.role,
                          "effective": grant.revoked_at is not None}, party_id=grant.party_id)
    return grant


def _locked_grant(ctx: Act, grant_id: str) -> RoleGrant:
    grant = ctx.session.execute(select(RoleGrant).where(
        RoleGrant.id == grant_id).with_for_update()).scalar_one_or_none()
    if grant is None:
        raise NOT_FOUND()
    return grant


def _locked_person(ctx: Act, person_id: str) -> None:
    # Two proposals for two accounts of one person must see each other (Q19).
    ctx.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())


def _person(ctx: Act, account_id: str | None) -> str | None:
    return ctx.session.get_one(Account, account_id).person_id if account_id else None
