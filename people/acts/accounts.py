"""Parties, persons and accounts: how they come to be, and how they end."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from audit.act import Act, act
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND

from .. import rules, totp
from ..digests import keyed, new_token, seal, token_hash, unseal
from ..model import (
    PARTY_KINDS,
    Account,
    ApiToken,
    LoginSession,
    Party,
    Person,
    RoleGrant,
    UsedStep,
)
from ..passwords import Hashed
from ..refusals import (
    ACCOUNT_DISABLED,
    CODE_INVALID,
    FIRST_ADMINISTRATORS,
    PARTY_UNKNOWN,
    RESET_NEEDS_FACTOR,
    ROLE_PARTY,
    SECOND_FACTOR,
)
from ..uscc import checked as valid_code


@dataclass(frozen=True)
class NewAccount:
    """An account and the code with which its owner, and nobody else, chooses the password."""

    account: Account
    activation_code: str


@act("party.registered", law="GB 32100-2015", by=("operator",), disclose="never", veiled=True)
def register_party(ctx: Act, *, name: str, uscc: str, kind: str, region: str = "",
                   api_base: str | None = None) -> Party:
    """Register a unit by its unified social credit code.

    `region`: division code, default the one inside the code. `api_base`: a guarantor's own
    interface, which only the operator may state. Raises party.uscc, party.exists.
    """
    ctx.permit()
    if kind not in PARTY_KINDS:
        raise ROLE_PARTY(problem=kind)
    code = valid_code(uscc)
    party = Party(name=name, uscc=code, kind=kind, region=region or code[2:8], api_base=api_base,
                  registered_at=ctx.now)
    ctx.session.add(party)
    ctx.record(party.id, {"uscc": code, "kind": kind, "region": party.region}, party_id=party.id)
    return party


@act("account.registered", law="电子招标投标办法 14", action="account.register", disclose="never",
     veiled=True)
def register_company(ctx: Act, *, name: str, uscc: str, login: str, person_name: str,
                     id_number: str, password: Hashed) -> Account:
    """Register a company that tenders, and its first person, who chose the password.

    Raises party.uscc, party.exists, account.login-taken, person.id-number, role.conflict.
    """
    ctx.permit()
    if ctx.actor.kind != "anonymous":
        raise DENIED()
    person = person_of(ctx, id_number, person_name)
    rules.roles_fit("tenderer", held_by(ctx, person.id))
    code = valid_code(uscc)
    party = Party(id=new_id(), name=name, uscc=code, kind="tenderer", region=code[2:8],
                  registered_at=ctx.now)
    account = Account(id=new_id(), person_id=person.id, party_id=party.id,
                      login=rules.login(login), password_hash=password.text,
                      created_at=ctx.now, vouched_at=ctx.now)
    ctx.session.add(party)
    ctx.session.flush()
    ctx.session.add(account)
    ctx.record(account.id, {"uscc": code, "party": party.id}, party_id=party.id)
    return account


@act("account.created", law="等保 L3-CES1-06", action="user.create_disable", by=("operator",),
     disclose="never", veiled=True)
def create_account(ctx: Act, *, login: str, person_name: str, id_number: str,
                   party_id: str | None = None, party: dict[str, str] | None = None,
                   purpose: str = "normal", expires_at: datetime | None = None) -> Account:
    """Create an account for a person of a party, known or (as `party`: name, uscc, kind, region)
    new.

    It has no password: its owner chooses one with an activation code. In a tenderer's party
    it is nobody's until one of its people vouches for it, or where it has none a security
    administrator does. Raises
    party.unknown, account.login-taken, account.expiry, role.conflict and what registering a
    party raises.
    """
    ctx.permit()
    rules.expiry_fits(purpose, expires_at, ctx.now)
    person = person_of(ctx, id_number, person_name)
    if party is not None:
        owner = register_party(ctx, **party)
    else:
        owner = ctx.session.get(Party, party_id) if party_id else None
    if owner is None:
        raise PARTY_UNKNOWN()
    vouched = None
    if owner.kind == "tenderer":
        rules.roles_fit("tenderer", held_by(ctx, person.id))
        vouched = ctx.now if ctx.actor.kind == "operator" else None
    account = Account(id=new_id(), person_id=person.id, party_id=owner.id,
                      login=rules.login(login), purpose=purpose, expires_at=expires_at,
                      created_at=ctx.now, vouched_at=vouched)
    ctx.session.add(account)
    ctx.record(account.id, {"person": person.id, "party": owner.id, "purpose": purpose},
               party_id=owner.id)
    return account


@act("account.activation_issued", law="等保 L3-CES1-06", action="user.create_disable",
     by=("operator",), disclose="never", veiled=True)
def issue_activation(ctx: Act, account_id: str) -> NewAccount:
    """Issue a code, good for three days, with which the owner chooses a password.

    A second factor that exists stays: the code does not replace it (Q14). An earlier code
    ends. An account in use without a factor is the operator's to reset: an administrator who
    issued the code could use it. Raises object.not-found, account.disabled,
    activation.no-factor.
    """
    account = locked_account(ctx, account_id)
    ctx.permit()
    if account.disabled_at is not None:
        raise ACCOUNT_DISABLED()
    if ctx.actor.kind != "operator" and account.password_hash and not account.totp_secret:
        raise RESET_NEEDS_FACTOR()
    code = new_token("yga_")
    account.activation_hash = token_hash(code)
    account.activation_until = ctx.now + rules.ACTIVATION_LIVES
    ctx.record(account.id, party_id=account.party_id)
    return NewAccount(account, code)


@act("account.activated", law="等保 L3-CES1-06", by=("anonymous",), disclose="never", veiled=True)
def activate(ctx: Act, *, code: str, password: Hashed, totp_secret: str | None,
             totp_code: str | None) -> Account:
    """Choose the password with an activation code; enrol a second factor, or show the present one.

    `totp_secret` is the new factor's, when the account has none; `totp_code` proves it. All
    sessions end. Raises activation.refused, session.second-factor.
    """
    ctx.permit()
    account = account_of_code(ctx, code)
    secret = existing_secret(account) or totp_secret
    if secret is None and held_of(ctx, account.id) & rules.STRONG_ROLES:
        raise SECOND_FACTOR()
    if secret is not None:
        step = totp.step_of(secret, totp_code or "", ctx.now)
        if step is None:
            raise SECOND_FACTOR()
        ctx.session.add(UsedStep(account_id=account.id, step=step, used_at=ctx.now))
        account.totp_secret = account.totp_secret or seal(secret)
    account.password_hash = password.text
    account.activation_hash = account.activation_until = None
    end_sessions(ctx, account.id, "password")
    ctx.record(account.id, {"second_factor": secret is not None}, party_id=account.party_id)
    return account


def account_of_code(ctx: Act, code: str) -> Account:
    """The account, locked, whose activation code this is; raises activation.refused."""
    account = ctx.session.execute(select(Account).where(
        Account.activation_hash == token_hash(code)).with_for_update()).scalar_one_or_none()
    if account is None or account.activation_until is None or \
            ctx.now >= account.activation_until or account.disabled_at is not None or \
            not hmac.compare_digest(account.activation_hash or "", token_hash(code)):
        raise CODE_INVALID()
    return account


def existing_secret(account: Account) -> str | None:
    """The secret of the account's second factor, in clear; None where there is none."""
    return unseal(account.totp_secret) if account.totp_secret else None


@act("account.disabled", law="等保 L3-CES1-06", action="user.create_disable", by=("operator",),
     disclose="never", veiled=True)
def disable_account(ctx: Act, account_id: str, *, reason: str) -> Account:
    """Disable an account for good; its sessions and tokens end at once (Q09).

    Raises object.not-found, account.disabled.
    """
    account = locked_account(ctx, account_id)
    ctx.permit()
    if account.disabled_at is not None:
        raise ACCOUNT_DISABLED()
    account.disabled_at = ctx.now
    account.activation_hash = account.activation_until = None
    end_sessions(ctx, account.id, "disabled")
    ctx.session.execute(update(ApiToken).where(
        ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None)
    ).values(revoked_at=ctx.now))
    ctx.record(account.id, {"reason_hash": keyed("reason", reason.encode())},
               party_id=account.party_id)
    return account


@act("account.vouched_first", law="等保 L3-CES1-08", action="user.vouch", fresh=True,
     disclose="never", veiled=True)
def vouch_first(ctx: Act, account_id: str, *, reason: str) -> Account:
    """Stand for an account in a company that has nobody who could, as the security administrator:
    who makes accounts makes nobody a company's person alone.

    `reason`: by which paper the company asked for it; the record holds its digest. Raises
    object.not-found for an account that is vouched for, of a company that has people, or disabled.
    """
    account = locked_account(ctx, account_id)
    ctx.permit()
    party = ctx.session.get_one(Party, account.party_id, with_for_update=True)
    standing = ctx.session.execute(select(Account.id).where(
        Account.party_id == party.id, Account.vouched_at.is_not(None),
        Account.disabled_at.is_(None)).limit(1)).first()
    if party.kind != "tenderer" or standing or account.vouched_at is not None \
            or account.disabled_at is not None:
        raise NOT_FOUND()
    account.vouched_at, account.vouched_by = ctx.now, ctx.actor.account_id
    ctx.record(account.id, {"reason_hash": keyed("reason", reason.encode())}, party_id=party.id)
    return account


@act("administrator.appointed", law="等保 L3-CES1-08", by=("operator",), disclose="never")
def appoint_administrator(ctx: Act, *, role: str, login: str, person_name: str, id_number: str,
                          party_id: str) -> NewAccount:
    """Appoint a first administrator: one of each kind, and two security administrators.

    Later ones go through two security administrators. Raises administrator.not-first,
    role.conflict, account.login-taken.
    """
    ctx.permit()
    if role not in rules.FIRST:
        raise ROLE_PARTY(problem=role)
    # Two command lines at once meet here: whoever comes second counts the first one's grant.
    ctx.session.execute(select(Party.id).where(Party.id == party_id).with_for_update())
    held = ctx.session.execute(select(func.count()).select_from(RoleGrant).where(
        RoleGrant.role == role)).scalar_one()
    if held >= rules.FIRST[role]:
        raise FIRST_ADMINISTRATORS()
    account = create_account(ctx, login=login, person_name=person_name, id_number=id_number,
                             party_id=party_id)
    rules.roles_fit(role, held_by(ctx, account.person_id))
    party = ctx.session.get_one(Party, party_id)
    rules.grant_fits(role, party.kind, region="", specialty="", employer_uscc="")
    ctx.session.add(RoleGrant(account_id=account.id, role=role, party_id=party.id,
                              proposed_at=ctx.now, approved_at=ctx.now))
    issued = issue_activation(ctx, account.id)
    ctx.record(account.id, {"role": role}, party_id=party.id)
    return issued


def person_of(ctx: Act, id_number: str, name: str) -> Person:
    """The person with this identity number, made when unknown; the row is locked (Q19, Q20)."""
    digest = keyed("identity", rules.id_number(id_number).encode())
    dialect = sqlite if ctx.session.connection().dialect.name == "sqlite" else postgresql
    ctx.session.execute(dialect.insert(Person).values(
        id=new_id(), name=name, id_digest=digest).on_conflict_do_nothing())
    return ctx.session.execute(select(Person).where(
        Person.id_digest == digest).with_for_update()).scalar_one()


def held_by(ctx: Act, person_id: str) -> set[str]:
    """Every role of every living account of a person: granted, proposed, or a tenderer's."""
    living = (Account.person_id == person_id, Account.disabled_at.is_(None))
    granted = select(RoleGrant.role).join(Account, Account.id == RoleGrant.account_id).where(
        *living, RoleGrant.revoked_at.is_(None))
    kinds = select(Party.kind).join(Account, Account.party_id == Party.id).where(*living)
    held = set(ctx.session.execute(granted).scalars())
    return held | {kind for kind in ctx.session.execute(kinds).scalars() if kind == "tenderer"}


def held_of(ctx: Act, account_id: str) -> set[str]:
    """The roles granted to or proposed for one account."""
    return set(ctx.session.execute(select(RoleGrant.role).where(
        RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None))).scalars())


def locked_account(ctx: Act, account_id: str) -> Account:
    """The account, locked; raises object.not-found."""
    account = ctx.session.execute(select(Account).where(
        Account.id == account_id).with_for_update()).scalar_one_or_none()
    if account is None:
        raise NOT_FOUND()
    return account


def end_sessions(ctx: Act, account_id: str, why: str) -> None:
    """End every session of the account from this transaction on (Q09)."""
    ctx.session.execute(update(LoginSession).where(
        LoginSession.account_id == account_id, LoginSession.ended_at.is_(None)
    ).values(ended_at=ctx.now, ended_why=why))
