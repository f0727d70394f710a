"""Who sends this request: a session by bearer or cookie, a machine by its token, or nobody."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import request
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from audit.act import side_write, wiring
from audit.actor import ANONYMOUS, Actor
from audit.dated import dated
from kernel.db import db

from .digests import keyed, token_hash
from .exchange import Exchange, moment
from .model import Account, ApiToken, LoginSession, RoleGrant
from .refusals import CSRF, SESSION_ENDED
from .relations import ended
from .rules import ADMIN_ROLES

COOKIE = "__Host-yg"
SESSION_PREFIX, TOKEN_PREFIX = "ygs_", "ygt_"
IDLE, IDLE_ADMIN, ABSOLUTE = timedelta(minutes=30), timedelta(minutes=10), timedelta(hours=12)
TOUCH = timedelta(seconds=60)
SAFE = ("GET", "HEAD", "OPTIONS")


_session, _account = LoginSession.__table__.c, Account.__table__.c
_SESSION = (
    select(_session.id, _session.account_id, _session.created_at, _session.seen_at,
           _session.fresh_until, _session.ended_at, _account.person_id, _account.party_id,
           _account.disabled_at, _account.expires_at)
    .join_from(LoginSession.__table__, Account.__table__, _account.id == _session.account_id)
    .where(_session.token_hash == bindparam("token")))
_WIDTH = len(_SESSION.selected_columns)
_DATED = dated(_SESSION)


def identify(exchange: Exchange) -> None:
    """Put the request's actor into `exchange`; ANONYMOUS where no credential was sent.

    A credential that does not count is refused (401), never read as nobody's. A cookie on a
    changing method needs the CSRF token and, where the browser says one, our own origin (Q12).
    """
    header = request.headers.get("Authorization")
    cookie = request.cookies.get(COOKIE)
    if header is not None:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise SESSION_ENDED()
    elif cookie:
        token = cookie
        if not token.startswith(SESSION_PREFIX):
            raise SESSION_ENDED()
    else:
        exchange.actor = ANONYMOUS
        return
    if token.startswith(SESSION_PREFIX):
        exchange.actor, exchange.now = actor_of_session(db.session(), token)
    elif token.startswith(TOKEN_PREFIX):
        exchange.actor = _of_token(exchange, db.session(), token, moment())
    else:
        raise SESSION_ENDED()
    if header is None and request.method not in SAFE:
        refuse_foreign_origin()
        refuse_without_csrf(cookie, request.headers.get("X-CSRF-Token", ""))


def actor_of_session(session: Session, token: str) -> tuple[Actor, datetime]:
    """The actor of a session token, and the time it is; raises SESSION_ENDED. Notes the use, to the
    minute."""
    connection = session.connection()
    login = connection.execute(_DATED(connection), {"token": token_hash(token)}).one_or_none()
    if login is None:
        raise SESSION_ENDED()
    now = wiring().clock.said(*login[_WIDTH:])
    if login.ended_at is not None or ended(login, now) \
            or now >= login.created_at + ABSOLUTE \
            or now >= login.seen_at + _idle(session, login, now):
        raise SESSION_ENDED()
    actor = Actor("account", login.account_id, login.person_id, login.party_id, login.id, None,
                  login.fresh_until)
    if now - login.seen_at > TOUCH:
        with side_write() as own:
            own.execute(update(LoginSession).where(
                LoginSession.id == login.id, LoginSession.seen_at < now).values(seen_at=now))
    return actor, now


def _idle(session: Session, login: Row, now: datetime) -> timedelta:
    if now < login.seen_at + IDLE_ADMIN:
        return IDLE
    admin = session.execute(select(RoleGrant.id).where(
        RoleGrant.account_id == login.account_id, RoleGrant.role.in_(ADMIN_ROLES),
        RoleGrant.effective()).limit(1)).first()
    return IDLE_ADMIN if admin else IDLE


def _of_token(exchange: Exchange, session: Session, token: str, now: datetime) -> Actor:
    row = session.execute(select(ApiToken, Account).join(
        Account, Account.id == ApiToken.account_id).where(
        ApiToken.token_hash == token_hash(token))).one_or_none()
    if row is None:
        raise SESSION_ENDED()
    found, account = row
    if found.revoked_at is not None or now >= found.expires_at or ended(account, now):
        raise SESSION_ENDED()
    exchange.token_actions = list(found.actions)
    return Actor("machine", account.id, account.person_id, account.party_id, None, found.id)


def csrf_token(session_token: str) -> str:
    """The CSRF token of a cookie session: derived from it, so it ends with it."""
    return keyed("csrf", session_token.encode())


def refuse_without_csrf(session_token: str, sent: str) -> None:
    """Refuse a change by cookie whose CSRF token is not the session's own."""
    if not hmac.compare_digest(csrf_token(session_token).encode(), sent.encode("utf-8", "replace")):
        raise CSRF()


def refuse_foreign_origin() -> None:
    """Refuse a change that a browser says comes from elsewhere (Origin, Sec-Fetch-Site)."""
    origin = request.headers.get("Origin")
    if origin is not None:
        try:
            parts = urlsplit(origin)
        except ValueError as error:
            raise CSRF() from error
        if origin == "null" or parts.netloc != request.host or parts.scheme not in ("http", "https"):
            raise CSRF()
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise CSRF()
