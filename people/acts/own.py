"""What only the person signed in does to what is their own: password, factor, tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from audit.act import Act, act
from audit.refusals import STEP_UP
from kernel.canonical import time_text
from kernel.refusal import INVALID, NOT_FOUND

from .. import rules, totp
from ..digests import new_token, token_hash, unseal
from ..model import Account, ApiToken, LoginSession, PendingFactor, UsedStep
from ..passwords import Hashed
from ..permissions import ACTIONS
from ..refusals import FACTOR_PENDING, SECOND_FACTOR
from ..relations import standing
from .accounts import end_sessions, locked_account


@act("password.changed", law="等保 L3-CES1-01", by=("self",), disclose="never", veiled=True)
def change_password(ctx: Act, *, password: Hashed) -> Account:
    """Take a new password; every session of the account ends, this one too (Q09).

    The edge has checked the old one. Where a second factor exists it must be fresh.
    """
    account = own_account(ctx)
    if account.totp_secret:
        _fresh(ctx)
    account.password_hash = password.text
    end_sessions(ctx, account.id, "password")
    ctx.record(account.id, party_id=account.party_id)
    return account


@act("factor.enrolled", law="等保 L3-CES1-04", by=("self",), disclose="never", veiled=True)
def confirm_factor(ctx: Act, *, code: str) -> Account:
    """Make the pending second factor the account's, proved by one of its codes.

    An existing factor is replaced only while it is fresh. Raises factor.none-pending,
    session.second-factor.
    """
    account = own_account(ctx)
    if account.totp_secret:
        _fresh(ctx)
    take_pending(ctx, account, code)
    ctx.session.execute(update(LoginSession).where(
        LoginSession.id == ctx.actor.session_id).values(
        second_factor=True, fresh_until=ctx.now + rules.FRESH))
    ctx.record(account.id, party_id=account.party_id)
    return account


def take_pending(ctx: Act, account: Account, code: str) -> None:
    """Make the pending second factor the account's, proved by a code of it, which is used up.

    Joins the calling act. Raises factor.none-pending, session.second-factor.
    """
    pending = ctx.session.execute(select(PendingFactor).where(
        PendingFactor.account_id == account.id).with_for_update()).scalar_one_or_none()
    if pending is None or ctx.now > pending.at + rules.PENDING_LIVES:
        raise FACTOR_PENDING()
    step = totp.step_of(unseal(pending.secret), code, ctx.now)
    if step is None:
        raise SECOND_FACTOR()
    ctx.session.add(UsedStep(account_id=account.id, step=step, used_at=ctx.now))
    account.totp_secret = pending.secret
    ctx.session.delete(pending)


@dataclass(frozen=True)
class NewToken:
    """A token just issued: `token` is the secret itself, which is never shown again."""

    id: str
    name: str
    actions: list[str]
    created_at: datetime
    expires_at: datetime
    token: str


@act("token.issued", law="等保 L3-CES1-01", by=("self",), fresh=True, disclose="never", veiled=True)
def issue_token(ctx: Act, *, name: str, actions: list[str],
                expires_at: datetime) -> NewToken:
    """Issue a token for a machine of one's own: within `actions`, until `expires_at` (≤ 1 year)."""
    account = own_account(ctx)
    if not ctx.now < expires_at <= ctx.now + rules.TOKEN_LIVES:
        raise INVALID(fields={"expires_at": ["Within one year. 须在一年之内。"]})
    unknown = [word for word in actions if word not in ACTIONS or ACTIONS[word].nobody]
    if unknown or not actions:
        raise INVALID(fields={"actions": ["Actions of the permission table. 须为权限表中的操作。"]})
    secret = new_token("ygt_")
    token = ApiToken(account_id=account.id, token_hash=token_hash(secret), name=name,
                     actions=sorted(set(actions)), created_at=ctx.now, expires_at=expires_at)
    ctx.session.add(token)
    ctx.session.flush()
    ctx.record(token.id, {"actions": token.actions, "expires_at": time_text(expires_at)},
               party_id=account.party_id)
    return NewToken(token.id, token.name, token.actions, token.created_at, token.expires_at, secret)


@act("account.vouched", law="等保 L3-CES1-06", by=("self",), fresh=True, disclose="never",
     veiled=True)
def vouch(ctx: Act, account_id: str) -> Account:
    """Stand for a colleague's account in one's own company, which counts from then on.

    Raises object.not-found for another party's account and for one that is vouched for.
    """
    own = own_account(ctx)
    if own.vouched_at is None or account_id == own.id:
        raise NOT_FOUND()
    account = locked_account(ctx, account_id)
    if account.party_id != own.party_id or account.vouched_at is not None:
        raise NOT_FOUND()
    account.vouched_at, account.vouched_by = ctx.now, own.id
    ctx.record(account.id, party_id=own.party_id)
    return account


@act("token.revoked", law="等保 L3-CES1-01", by=("self",), disclose="never", veiled=True)
def revoke_token(ctx: Act, token_id: str) -> ApiToken:
    """Revoke one's own token; it counts no more from this transaction on."""
    account = own_account(ctx)
    token = ctx.session.execute(select(ApiToken).where(
        ApiToken.id == token_id).with_for_update()).scalar_one_or_none()
    if token is None or token.account_id != account.id or token.revoked_at is not None:
        raise NOT_FOUND()
    token.revoked_at = ctx.now
    ctx.record(token.id, party_id=account.party_id)
    return token


def own_account(ctx: Act) -> Account:
    """The actor's own account, locked, with its session still standing (I30)."""
    if ctx.actor.account_id is None:
        raise NOT_FOUND()
    account = locked_account(ctx, ctx.actor.account_id)
    standing(ctx.session, ctx.actor, ctx.now)
    ctx.permit(account=account.id)
    return account


def _fresh(ctx: Act) -> None:
    if not ctx.actor.fresh(ctx.now):
        raise STEP_UP()
