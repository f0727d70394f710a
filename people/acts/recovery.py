"""Coming in without the second factor: recovery codes, made by the person, used once each.

A code takes the place of the one-time code beside the password, never of the password (Q14). What
is made and what is used is told to the person (`tell`), so that a code that somebody else used
does not stay unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.act import Act, act

from ..recovery import digest, new_codes
from ..recovery_model import RecoveryCode
from ..refusals import NO_SECOND_FACTOR, SIGN_IN_FAILED
from ..relations import ended
from .accounts import locked_account
from .own import own_account

Begun = TypeVar("Begun")

tellers: list[Callable[[Session, str, str, datetime], None]] = []
"""Filled by the books above: each tells the account's person (account id) what happened (the act's
name) in the act's own transaction, by letter."""


def tell(ctx: Act, account_id: str) -> None:
    """Let the account's person be told of this act."""
    for teller in tellers:
        teller(ctx.session, account_id, ctx.kind.name, ctx.now)


@dataclass(frozen=True)
class NewCodes:
    """A set of recovery codes just made, which is never shown again."""

    codes: list[str]
    made_at: datetime


@act("recovery.issued", law="等保 L3-CES1-04", by=("self",), fresh=True, disclose="never",
     veiled=True)
def issue_recovery_codes(ctx: Act) -> NewCodes:
    """Make ten recovery codes for one's own account; every earlier one ends.

    Raises session.no-second-factor where there is none whose loss they could make good.
    """
    account = own_account(ctx)
    if not account.totp_secret:
        raise NO_SECOND_FACTOR()
    end_codes(ctx, account.id)
    codes = new_codes()
    ctx.session.add_all(RecoveryCode(account_id=account.id, code_hash=digest(account.id, code),
                                     made_at=ctx.now) for code in codes)
    tell(ctx, account.id)
    ctx.record(account.id, {"codes": len(codes)}, party_id=account.party_id)
    return NewCodes(codes, ctx.now)


@act("recovery.used", law="等保 L3-CES1-04", by=("anonymous",), disclose="never", veiled=True)
def use_recovery_code(ctx: Act, *, account_id: str, code: str,
                      begin: Callable[[Session], Begun]) -> Begun:
    """Use up a recovery code and begin the session it is for (`begin`), both or neither.

    The password has been checked. Raises session.refused for a code that is none, was used, or
    ended with a newer set.
    """
    account = locked_account(ctx, account_id)
    ctx.permit()
    found = ctx.session.execute(select(RecoveryCode).where(
        RecoveryCode.code_hash == digest(account.id, code)).with_for_update()).scalar_one_or_none()
    if found is None or found.account_id != account.id or found.used_at is not None \
            or found.ended_at is not None or not account.totp_secret or ended(account, ctx.now):
        raise SIGN_IN_FAILED()
    found.used_at = ctx.now
    begun = begin(ctx.session)
    ctx.session.flush()
    left = ctx.session.query(RecoveryCode).filter(
        RecoveryCode.account_id == account.id, RecoveryCode.standing()).count()
    tell(ctx, account.id)
    ctx.record(account.id, {"left": left}, party_id=account.party_id)
    return begun


def end_codes(ctx: Act, account_id: str) -> None:
    """End the account's unused recovery codes."""
    ctx.session.execute(update(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.standing()).values(ended_at=ctx.now))
