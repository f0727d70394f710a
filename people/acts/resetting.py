"""Replacing a second factor whose recovery codes are lost too: two persons and the owner.

One person proposes, another approves and is shown a code, which is handed to the owner in person;
the owner gives login, password and that code and enrols a new factor. The persons are colleagues of
the owner's unit or security administrators; for somebody who holds a role that needs two factors
the approver is a security administrator. So nobody alone replaces a factor, neither of the two
knows the password (Q14), and the owner, who still may sign in, sees the proposal and can stop it.
Until the end the present factor stands, and nobody is locked out of anything.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from audit.act import Act, act
from kernel.refusal import NOT_FOUND

from .. import rules
from ..digests import keyed, new_token, token_hash
from ..model import Account, Party
from ..recovery_model import FactorReset
from ..refusals import (
    CODE_INVALID,
    NO_SECOND_FACTOR,
    RESET_ENDED,
    RESET_OFFICE,
    RESET_PERSONS,
)
from ..relations import ended
from .accounts import end_sessions, held_of, locked_account
from .own import own_account, take_pending
from .recovery import end_codes, tell

CODE_PREFIX = "ygf_"


@dataclass(frozen=True)
class NewReset:
    """A reset just approved, and the code for its owner, which is never shown again."""

    id: str
    until: datetime
    reset_code: str


@act("factor.reset_asked", law="等保 L3-CES1-04", by=("self",), fresh=True, disclose="never",
     veiled=True)
def ask_reset(ctx: Act, account_id: str, *, reason: str) -> FactorReset:
    """Propose, as a colleague, that the second factor of an account of one's own unit be replaced.

    Raises object.not-found for another unit's account, factor.reset-waits, factor.reset-persons.
    """
    own = own_account(ctx)
    account = locked_account(ctx, account_id)
    if account.party_id != own.party_id or not _stands(ctx, own) or not _stands(ctx, account):
        raise NOT_FOUND()
    return _propose(ctx, account, reason)


@act("factor.reset_proposed", law="等保 L3-CES1-04", action="factor.reset", fresh=True,
     disclose="never", veiled=True)
def propose_reset(ctx: Act, account_id: str, *, reason: str) -> FactorReset:
    """Propose the same as a security administrator."""
    account = locked_account(ctx, account_id)
    ctx.permit()
    return _propose(ctx, account, reason)


@act("factor.reset_seconded", law="等保 L3-CES1-04", by=("self",), fresh=True, disclose="never",
     veiled=True)
def second_reset(ctx: Act, reset_id: str) -> NewReset:
    """Approve, as a colleague, what another person proposed.

    Raises object.not-found, factor.reset-persons, factor.reset-office, factor.reset-ended.
    """
    own = own_account(ctx)
    reset, account = _locked(ctx, reset_id)
    if account.party_id != own.party_id or not _stands(ctx, own):
        raise NOT_FOUND()
    if held_of(ctx, account.id) & rules.STRONG_ROLES:
        raise RESET_OFFICE()
    return _approve(ctx, reset, account)


@act("factor.reset_approved", law="等保 L3-CES1-04", action="factor.reset", fresh=True,
     disclose="never", veiled=True)
def approve_reset(ctx: Act, reset_id: str) -> NewReset:
    """Approve as a security administrator what another person proposed."""
    reset, account = _locked(ctx, reset_id)
    ctx.permit()
    return _approve(ctx, reset, account)


@act("factor.reset_stopped", law="等保 L3-CES1-04", by=("self",), disclose="never", veiled=True)
def stop_reset(ctx: Act, reset_id: str) -> FactorReset:
    """Stop a replacement: of one's own factor, or one that one proposed or approved oneself."""
    own = own_account(ctx)
    reset, account = _locked(ctx, reset_id)
    if own.id not in (account.id, reset.proposed_by, reset.approved_by):
        raise NOT_FOUND()
    _end(ctx, reset, "stopped")
    tell(ctx, account.id)
    ctx.record(reset.id, {"account": account.id}, party_id=account.party_id)
    return reset


@act("factor.replaced", law="等保 L3-CES1-04", by=("anonymous",), disclose="never", veiled=True)
def replace_factor(ctx: Act, *, account_id: str, code: str, totp_code: str) -> Account:
    """Make the pending second factor the account's, with the code of an approved replacement.

    The password has been checked. All sessions and recovery codes end. Raises activation.refused,
    factor.none-pending, session.second-factor.
    """
    account = locked_account(ctx, account_id)
    ctx.permit()
    reset = open_reset(ctx, account, code)
    take_pending(ctx, account, totp_code)
    _end(ctx, reset, "done")
    end_codes(ctx, account.id)
    end_sessions(ctx, account.id, "factor")
    tell(ctx, account.id)
    ctx.record(reset.id, {"account": account.id}, party_id=account.party_id)
    return account


@act("sessions.ended", law="等保 L3-CES1-02", action="session.end", fresh=True, disclose="never",
     veiled=True)
def end_all_sessions(ctx: Act, account_id: str, *, reason: str) -> Account:
    """End every session of an account, as the security administrator, when it may be in wrong hands.

    The account counts as before: its owner signs in again. How many there were is told to nobody.
    Raises object.not-found.
    """
    account = locked_account(ctx, account_id)
    ctx.permit()
    end_sessions(ctx, account.id, "security")
    tell(ctx, account.id)
    ctx.record(account.id, {"reason_hash": keyed("reason", reason.encode())},
               party_id=account.party_id)
    return account


def open_reset(ctx: Act, account: Account, code: str) -> FactorReset:
    """The approved replacement whose code this is; raises activation.refused. Who holds by now a
    role that needs two factors needs a security administrator's approval, not a colleague's."""
    found = ctx.session.execute(standing_reset(account.id).with_for_update()).scalar_one_or_none()
    if not counts(found, code, ctx.now) or ended(account, ctx.now) or (
            held_of(ctx, account.id) & rules.STRONG_ROLES
            and "sec_admin" not in held_of(ctx, found.approved_by)):
        raise CODE_INVALID()
    return found


def standing_reset(account_id: str) -> Select[tuple[FactorReset]]:
    """The statement that finds the account's replacement that has not ended."""
    return select(FactorReset).where(FactorReset.account_id == account_id,
                                     FactorReset.ended_at.is_(None))


def counts(reset: FactorReset | None, code: str, now: datetime) -> bool:
    """Whether `code` is that of the approved replacement, in its time."""
    return reset is not None and reset.until is not None and now < reset.until \
        and hmac.compare_digest(reset.code_hash or "", token_hash(code))


def _propose(ctx: Act, account: Account, reason: str) -> FactorReset:
    rules.different_persons(ctx.actor.person_id, "", account.person_id)
    if not account.totp_secret or ended(account, ctx.now):
        raise NO_SECOND_FACTOR()
    old = ctx.session.execute(standing_reset(account.id).with_for_update()).scalar_one_or_none()
    if old is not None and old.until is not None and ctx.now >= old.until:
        _end(ctx, old, "stopped")  # its code has run out unused
        ctx.session.flush()
    reset = FactorReset(account_id=account.id, reason=reason, proposed_by=ctx.actor.account_id,
                        proposed_at=ctx.now)
    ctx.session.add(reset)
    ctx.session.flush()
    tell(ctx, account.id)
    ctx.record(reset.id, {"account": account.id, "reason_hash": keyed("reason", reason.encode())},
               party_id=account.party_id)
    return reset


def _approve(ctx: Act, reset: FactorReset, account: Account) -> NewReset:
    if reset.ended_at is not None or reset.approved_at is not None:
        raise RESET_ENDED()
    proposer = ctx.session.get_one(Account, reset.proposed_by)
    if ctx.actor.person_id in (proposer.person_id, account.person_id):
        raise RESET_PERSONS()
    code = new_token(CODE_PREFIX)
    reset.approved_by, reset.approved_at = ctx.actor.account_id, ctx.now
    reset.code_hash, reset.until = token_hash(code), ctx.now + rules.ACTIVATION_LIVES
    tell(ctx, account.id)
    ctx.record(reset.id, {"account": account.id, "proposed_by": reset.proposed_by},
               party_id=account.party_id)
    return NewReset(reset.id, reset.until, code)


def _locked(ctx: Act, reset_id: str) -> tuple[FactorReset, Account]:
    found = ctx.session.get(FactorReset, reset_id)
    if found is None:
        raise NOT_FOUND()
    account = locked_account(ctx, found.account_id)
    return ctx.session.get(FactorReset, reset_id, with_for_update=True,
                           populate_existing=True), account


def _end(ctx: Act, reset: FactorReset, why: str) -> None:
    if reset.ended_at is not None:
        raise RESET_ENDED()
    reset.ended_at, reset.ended_why, reset.code_hash = ctx.now, why, None


def _stands(ctx: Act, account: Account) -> bool:
    """Whether the account acts for its unit: a company's own people must have vouched for it."""
    party = ctx.session.get_one(Party, account.party_id)
    return not ended(account, ctx.now) and (
        party.kind != "tenderer" or account.vouched_at is not None)
