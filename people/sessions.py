"""Coming in and going out: log-in, the second factor, sessions and their ends (Q02-Q13).

Every refusal of a log-in reads the same and takes as long, whatever was wrong. A new session
has a new id; only the hash of its token is kept. Nothing here is an act: sessions are on the
list of what the record does not hold, and the security log has every try.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.act import side_write, wiring
from audit.actor import Actor
from kernel.db import db, new_id
from kernel.refusal import Refused

from . import passwords, security, throttle, totp
from .authentication import ABSOLUTE, SESSION_PREFIX
from .digests import new_token, seal, token_hash, unseal
from .model import Account, KnownDevice, LoginSession, PendingFactor, RoleGrant, UsedStep
from .refusals import FACTOR_EXISTS, NO_SECOND_FACTOR, SECOND_FACTOR, SIGN_IN_FAILED
from .relations import ended
from .rules import FRESH, STRONG_ROLES
from .settled import POLICY, settled

DEVICE_PREFIX = "ygd_"
FACTOR_FREE = 10


@dataclass(frozen=True)
class SignedIn:
    """A session begun: its token and the device's, which are never shown again."""

    token: str
    device: str
    session_id: str
    account_id: str
    second_factor: bool
    expires_at: datetime
    fresh_until: datetime | None


def cost() -> tuple[int, int, int]:
    """argon2id's time, memory in KiB and lanes, as the installation was told."""
    return wiring().settings["argon2"]


Recover = Callable[[str, Callable[[Session], SignedIn]], SignedIn]
"""Uses up a recovery code of the account (id) and begins the session, in one act."""


def sign_in(*, login: str, password: str, code: str | None, device: str | None,
            before: str | None, now: datetime, recover: Recover | None = None) -> SignedIn:
    """Begin a session; raises session.refused, or session.slow-down for a source that guesses.

    `device`: the token this device got when somebody signed in on it before; `before`: the
    token of the session to be replaced, which ends; `recover`: takes the place of `code` for who
    gave a recovery code instead.
    """
    session = db.session()
    account = session.execute(select(Account).where(
        Account.login == login.strip().lower())).scalar_one_or_none()
    known = _known_device(session, account, device)
    gate = throttle.bucket("device", known.id) if known else \
        throttle.bucket("source", security.source())
    throttle.refuse_if_slowed(session, now, gate)
    strong = _strong(session, account)
    session.rollback()
    right = passwords.matches(account.password_hash if account else None, password, cost())
    if not right or account is None or ended(account, now):
        _refuse(now, gate, account, "password")
    factor_gate = throttle.bucket("factor", account.id)
    if known is None:
        throttle.refuse_if_slowed(db.session(), now, factor_gate)
    step = None
    begun = _Beginning(account.id, known.id if known else None, before, now)
    if recover is not None:
        return _recovered(recover, begun, gate, factor_gate)
    if account.totp_secret or strong:
        secret = unseal(account.totp_secret) if account.totp_secret else ""
        step = totp.step_of(secret, code or "", now) if secret else None
        if step is None:
            throttle.failed(now, factor_gate, FACTOR_FREE)
            _refuse(now, gate, account, "factor")
    try:
        with side_write() as own:
            made = begun.write(own, step)
    except IntegrityError:
        throttle.failed(now, factor_gate, FACTOR_FREE)
        _refuse(now, gate, account, "replay")
    security.note("session.begun", now, account_id=account.id)
    return made


def _known_device(session: Session, account: Account | None,
                  device: str | None) -> KnownDevice | None:
    found = session.execute(select(KnownDevice).where(
        KnownDevice.token_hash == token_hash(device or ""))).scalar_one_or_none()
    return found if account is not None and found and found.account_id == account.id else None


def _strong(session: Session, account: Account | None) -> bool:
    return session.execute(select(RoleGrant.id).where(
        RoleGrant.account_id == (account.id if account else ""), RoleGrant.effective(),
        RoleGrant.role.in_(STRONG_ROLES)).limit(1)).first() is not None


def _refuse(now: datetime, gate: str, account: Account | None, why: str) -> None:
    throttle.failed(now, gate, settled(db.session(), POLICY)["guesses_free"])
    # Why it failed stays in the security log; the answer and its length are one for all.
    security.note("session.refused", now, account_id=account.id if account else None, detail=why)
    raise SIGN_IN_FAILED()


def _recovered(recover: Recover, begun: _Beginning, gate: str, factor_gate: str) -> SignedIn:
    now, account_id = begun.now, begun.account_id
    try:
        made = recover(account_id, begun.recovered)
    except Refused:
        throttle.failed(now, factor_gate, FACTOR_FREE)
        _refuse(now, gate, db.session().get(Account, account_id), "recovery")
    security.note("session.recovered", now, account_id=account_id)
    return made


@dataclass(frozen=True)
class _Beginning:
    """A session about to begin, once every factor was given."""

    account_id: str
    known_id: str | None
    before: str | None
    now: datetime

    def recovered(self, own: Session) -> SignedIn:
        """Write it for who gave a recovery code: as good as a one-time code, and as fresh."""
        return self.write(own, two_factors=True)

    def write(self, own: Session, step: int | None = None, two_factors: bool = False) -> SignedIn:
        """Write the session into the transaction of `own`, with the step of its one-time code."""
        token, device, ident, now = (new_token(SESSION_PREFIX), new_token(DEVICE_PREFIX), new_id(),
                                     self.now)
        two_factors = two_factors or step is not None
        fresh = now + FRESH if two_factors else None
        if step is not None:
            own.add(UsedStep(account_id=self.account_id, step=step, used_at=now))
            own.flush()
        if self.before:
            _end(own, LoginSession.token_hash == token_hash(self.before), now, "replaced")
        own.add(LoginSession(id=ident, account_id=self.account_id, token_hash=token_hash(token),
                             created_at=now, seen_at=now, fresh_until=fresh,
                             second_factor=two_factors, source=security.source()))
        if self.known_id is not None:
            own.execute(delete(KnownDevice).where(KnownDevice.id == self.known_id))
            throttle.succeeded(own, throttle.bucket("device", self.known_id))
        own.add(KnownDevice(account_id=self.account_id, token_hash=token_hash(device), seen_at=now))
        return SignedIn(token, device, ident, self.account_id, two_factors, now + ABSOLUTE, fresh)


def step_up(actor: Actor, code: str, now: datetime) -> datetime:
    """Enter the second factor again; the time to which it is fresh (Q13).

    Raises session.second-factor for a wrong or used code, session.slow-down after many.
    """
    account = db.session().get_one(Account, actor.account_id)
    if not account.totp_secret:
        raise NO_SECOND_FACTOR()
    gate = throttle.bucket("step-up", actor.session_id or "")
    throttle.refuse_if_slowed(db.session(), now, gate)
    step = totp.step_of(unseal(account.totp_secret), code, now)
    try:
        if step is None:
            raise SECOND_FACTOR()
        with side_write() as own:
            own.add(UsedStep(account_id=account.id, step=step, used_at=now))
            own.flush()
            own.execute(update(LoginSession).where(LoginSession.id == actor.session_id).values(
                fresh_until=now + FRESH, second_factor=True))
            throttle.succeeded(own, gate)
    except (IntegrityError, Refused) as error:
        throttle.failed(now, gate)
        raise SECOND_FACTOR() from error
    return now + FRESH


def begin_factor(account_id: str, now: datetime) -> str:
    """Keep a new second factor to be confirmed; its secret, shown this once."""
    secret = totp.new_secret()
    with side_write() as own:
        own.execute(delete(PendingFactor).where(PendingFactor.account_id == account_id))
        own.add(PendingFactor(account_id=account_id, secret=seal(secret), at=now))
    return secret


def may_begin_factor(account: Account, actor: Actor, password: str, now: datetime) -> None:
    """Refuse unless the password is right and an existing factor is fresh."""
    check_password(account, actor, password, now)
    if account.totp_secret and not actor.fresh(now):
        raise FACTOR_EXISTS()


def check_password(account: Account, actor: Actor, password: str, now: datetime) -> None:
    """Refuse unless this is the account's password; a session that guesses is slowed."""
    gate = throttle.bucket("password", actor.session_id or "")
    throttle.refuse_if_slowed(db.session(), now, gate)
    stored = account.password_hash
    db.session().rollback()
    if not passwords.matches(stored, password, cost()):
        throttle.failed(now, gate)
        raise SIGN_IN_FAILED()


def end(account_id: str, session_id: str, now: datetime, why: str = "left") -> bool:
    """End one session of the account; whether there was one to end."""
    with side_write() as own:
        return _end(own, (LoginSession.id == session_id) &
                    (LoginSession.account_id == account_id), now, why)


def _end(own: Session, which, now: datetime, why: str) -> bool:
    return own.execute(update(LoginSession).where(which, LoginSession.ended_at.is_(None)).values(
        ended_at=now, ended_why=why)).rowcount > 0
