"""Erasing a person's data: proposed by a security administrator, approved by an auditor.

What goes: name, identity digest, login, password, factors and devices of all the person's
accounts, what the books above keep of them (`also`), and from the record the disclosures of the
entries that are about the person. What stays: the leaves, so that the tree still verifies; acts
of business, whose entries name accounts only by random ids, which then lead to nobody; and the
security log for its term. The public entry names the positions erased, and nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from audit.act import Act, act
from audit.model import Disclosure, PendingEntry
from kernel.canonical import parse
from kernel.refusal import NOT_FOUND

from .. import rules
from ..model import (
    Account,
    ApiToken,
    KnownDevice,
    LoginSession,
    PendingFactor,
    Person,
    PersonErasure,
    RoleGrant,
)
from ..recovery_model import FactorReset, RecoveryCode
from ..refusals import ERASED, ERASURE_ACTIVE, ERASURE_WAITING
from ..relations import ended
from .accounts import locked_account

LAW = "个人信息保护法 47"

ABOUT = ("account.registered", "account.created", "account.activation_issued", "account.activated",
         "account.disabled", "sessions.ended", "account.vouched", "account.vouched_first",
         "administrator.appointed", "password.changed",
         "factor.enrolled", "recovery.issued", "recovery.used", "factor.reset_asked",
         "factor.reset_proposed", "factor.reset_seconded", "factor.reset_approved",
         "factor.reset_stopped", "factor.replaced", "token.issued", "token.revoked",
         "role.proposed", "role.approved", "role.revocation_proposed", "person.erasure_proposed")
"""Acts that are about a person and about nothing else. A signing key is its company's."""


@dataclass(frozen=True)
class Kept:
    """What a book above this one keeps of a person: acts that are about the person alone, the
    ids their entries speak under, and how the rows are taken away. Both get account ids."""

    acts: tuple[str, ...]
    ids: Callable[[Session, list[str]], set[str]]
    forget: Callable[[Session, list[str]], None]


also: list[Kept] = []
"""Filled by the books above as they are imported."""


@act("person.erasure_proposed", law=LAW, action="person.erase_propose", disclose="never",
     veiled=True)
def propose_erasure(ctx: Act, account_id: str, *, reason: str) -> PersonErasure:
    """Propose to erase the data of the person whose account this is; all accounts must have ended.

    Raises person.active, person.erased.
    """
    account = locked_account(ctx, account_id)
    ctx.permit()
    rules.different_persons(ctx.actor.person_id, "", account.person_id)
    _must_have_ended(ctx, account.person_id)
    proposed = PersonErasure(person_id=account.person_id, reason=reason,
                             proposed_by=ctx.actor.account_id, proposed_at=ctx.now)
    ctx.session.add(proposed)
    ctx.session.flush()
    ctx.record(proposed.id, {"account": account.id})
    return proposed


@act("person.erased", law=LAW, action="person.erase_approve", fresh=True)
def approve_erasure(ctx: Act, erasure_id: str) -> PersonErasure:
    """Erase what was proposed: the person's data, and the disclosures about the person.

    Raises role.same-person, person.active, person.erased, person.waiting.
    """
    found = ctx.session.scalars(select(PersonErasure).where(
        PersonErasure.id == erasure_id).with_for_update()).one_or_none()
    if found is None:
        raise NOT_FOUND()
    person = ctx.session.scalars(select(Person).where(
        Person.id == found.person_id).with_for_update()).one()
    ctx.permit()
    if found.approved_at is not None:
        raise ERASED()
    proposer = ctx.session.get_one(Account, found.proposed_by)
    rules.different_persons(proposer.person_id, ctx.actor.person_id, person.id)
    accounts = _must_have_ended(ctx, person.id)
    known = _known_by(ctx, accounts) | {found.id}
    if _about(ctx, PendingEntry, known):
        raise ERASURE_WAITING()
    positions = sorted(row.position for row in _about(ctx, Disclosure, known))
    ctx.session.execute(delete(Disclosure).where(Disclosure.position.in_(positions))
                        .execution_options(erasing=True, synchronize_session=False))
    _forget(ctx, person, accounts)
    found.approved_at, found.approved_by, found.reason = ctx.now, ctx.actor.account_id, ""
    ctx.record(found.id, {"erased": positions})
    return found


def _must_have_ended(ctx: Act, person_id: str) -> list[Account]:
    accounts = list(ctx.session.scalars(select(Account).where(
        Account.person_id == person_id).order_by(Account.id).with_for_update()))
    if not all(ended(account, ctx.now) for account in accounts):
        raise ERASURE_ACTIVE()
    return accounts


def _known_by(ctx: Act, accounts: list[Account]) -> set[str]:
    """The ids under which entries speak of the person."""
    ids = {account.id for account in accounts}
    for owned in (RoleGrant, ApiToken):
        ids |= set(ctx.session.scalars(select(owned.id).where(owned.account_id.in_(ids))))
    return ids.union(*(kept.ids(ctx.session, [account.id for account in accounts])
                       for kept in also))


def _about(ctx: Act, table: type, known: set[str]) -> list:
    """The rows of `table` whose entries are about the person: by subject, or by the account that
    the facts name; what the person did to others is not."""
    rows = ctx.session.execute(select(table.record, *(
        [table.position] if table is Disclosure else [])).where(
            table.type.in_([*ABOUT, *(name for kept in also for name in kept.acts)]), or_(*(table.record.contains(one) for one in known)))).all()
    found = []
    for row in rows:
        record = parse(row.record)
        if record["subject"] in known or record["facts"].get("account") in known:
            found.append(row)
    return found


def _forget(ctx: Act, person: Person, accounts: list[Account]) -> None:
    person.name, person.id_digest = "", f"erased:{person.id}"
    for account in accounts:
        account.login = f"erased:{account.id}"
        account.password_hash = account.totp_secret = account.activation_hash = None
    ids = [account.id for account in accounts]
    ctx.session.execute(update(LoginSession).where(LoginSession.account_id.in_(ids))
                        .values(source=""))
    for table in (KnownDevice, PendingFactor, RecoveryCode, FactorReset):
        ctx.session.execute(delete(table).where(table.account_id.in_(ids)))
    for kept in also:
        kept.forget(ctx.session, ids)
