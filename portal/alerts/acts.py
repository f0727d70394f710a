"""What an account says of its address and of the searches it wants to hear of."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import func, select, update

from audit.act import Act, act, wiring
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.acts.own import own_account
from people.digests import keyed, seal, token_hash
from people.refusals import STALE

from ..refusals import MAIL_CODE, MAIL_OFF, MAIL_UNCONFIRMED, MAILS_MANY, SEARCHES_MANY
from ..search.model import SearchEntry
from . import letters
from .model import Letter, MailAddress, SavedSearch, SearchCourse

MOST = 20
"""Saved searches of an account."""
CODE_LIVES = timedelta(hours=24)
ASKED_MOST = 3
"""Confirmations asked for in a day: a stranger's letter box is not ours to fill."""


@act("mail.stated", law="个人信息保护法 13", by=("self",), disclose="never", veiled=True)
def state_address(ctx: Act, *, address: str, if_match: int | None = None) -> MailAddress:
    """State where one's letters go; a letter with a code asks whether that is right.

    `if_match`: the version that was read, 0 for none, where the writer says it. Raises MAIL_OFF,
    MAILS_MANY, STALE.
    """
    account = own_account(ctx)
    if wiring().settings["mail"] is None:
        raise MAIL_OFF()
    row = ctx.session.get(MailAddress, account.id, with_for_update=True, populate_existing=True) \
        or MailAddress(account_id=account.id, address="")
    if if_match is not None and if_match != row.version:
        raise STALE(version=row.version)
    asked = ctx.session.scalar(select(func.count()).where(
        Letter.account_id == account.id, Letter.search_id.is_(None), Letter.lot_id.is_(None),
        Letter.about.is_(None), Letter.created_at > ctx.now - CODE_LIVES))
    if asked >= ASKED_MOST:
        raise MAILS_MANY(most=ASKED_MOST)
    code = base64.b32encode(secrets.token_bytes(10)).decode()
    row.address, row.code_hash, row.asked_at = seal(address), token_hash(code), ctx.now
    row.confirmed_at = None
    ctx.session.add(row)
    subject, body = letters.confirmation(code)
    ctx.session.add(Letter(account_id=account.id, subject=subject, body=seal(body), state="waiting",
                           created_at=ctx.now, next_try_at=ctx.now))
    ctx.record(account.id, party_id=account.party_id)
    return row


@act("mail.confirmed", law="个人信息保护法 13", by=("self",), disclose="never", veiled=True)
def confirm_address(ctx: Act, *, code: str) -> MailAddress:
    """Confirm one's address with the code that was sent there; raises MAIL_CODE."""
    account = own_account(ctx)
    row = ctx.session.get(MailAddress, account.id, with_for_update=True)
    if row is None or not row.address or ctx.now > row.asked_at + CODE_LIVES \
            or not hmac.compare_digest(row.code_hash, token_hash(code.strip().upper())):
        raise MAIL_CODE()
    row.confirmed_at = row.confirmed_at or ctx.now
    ctx.record(account.id, party_id=account.party_id)
    return row


@act("mail.withdrawn", law="个人信息保护法 15", by=("self",), disclose="never", veiled=True)
def withdraw_address(ctx: Act) -> None:
    """Take one's address back: it is removed, and no letter is sent any more."""
    account = own_account(ctx)
    row = ctx.session.get(MailAddress, account.id, with_for_update=True)
    if row is None or not row.address:
        raise NOT_FOUND()
    row.address, row.confirmed_at, row.code_hash = "", None, ""
    ctx.session.execute(update(Letter).where(
        Letter.account_id == account.id, Letter.state == "waiting")
        .values(state="dead", body="").execution_options(synchronize_session=False))
    ctx.record(account.id, party_id=account.party_id)


@act("search.saved", law="电子招标投标办法 42", by=("self",), disclose="never", veiled=True)
def save_search(ctx: Act, *, name: str, query: dict, pace: str) -> SavedSearch:
    """Be told by mail of what is published from now on and is found by this search.

    Raises MAIL_UNCONFIRMED, SEARCHES_MANY.
    """
    account = own_account(ctx)
    address = ctx.session.get(MailAddress, account.id, populate_existing=True)
    if address is None or address.confirmed_at is None:
        raise MAIL_UNCONFIRMED()
    count = ctx.session.scalar(select(func.count()).where(
        SavedSearch.account_id == account.id, SavedSearch.ended_at.is_(None)))
    if count >= MOST:
        raise SEARCHES_MANY(most=MOST)
    search = SavedSearch(id=new_id(), account_id=account.id, name=name, query=query, pace=pace,
                         created_at=ctx.now)
    ctx.session.add(search)
    ctx.session.flush()
    last = ctx.session.scalar(select(func.max(SearchEntry.seq))) or 0
    ctx.session.add(SearchCourse(search_id=search.id, after_seq=last, next_at=ctx.now))
    ctx.record(search.id, {"pace": pace}, party_id=account.party_id)
    return search


@act("search.dropped", law="个人信息保护法 15", by=("self",), disclose="never", veiled=True)
def drop_search(ctx: Act, search_id: str) -> SavedSearch:
    """Hear no more of a saved search."""
    account = own_account(ctx)
    search = _locked(ctx, search_id)
    if search.account_id != account.id:
        raise NOT_FOUND()
    return _end(ctx, search)


@act("search.unsubscribed", law="个人信息保护法 15", by=("anonymous",), disclose="never",
     veiled=True)
def unsubscribe(ctx: Act, search_id: str, *, token: str) -> SavedSearch | None:
    """End a saved search by the link in its letters; twice is once."""
    if not hmac.compare_digest(unsubscribing(search_id).encode(), token.encode()):
        raise NOT_FOUND()
    search = ctx.session.scalars(select(SavedSearch).where(
        SavedSearch.id == search_id).with_for_update()).first()
    if search is None:
        raise NOT_FOUND()
    return _end(ctx, search)


def unsubscribing(search_id: str) -> str:
    """What a link must hold to end this search, and no other."""
    return keyed("unsubscribe", search_id.encode())[:40]


def _end(ctx: Act, search: SavedSearch) -> SavedSearch:
    search.ended_at = search.ended_at or ctx.now
    ctx.session.execute(update(Letter).where(
        Letter.search_id == search.id, Letter.state == "waiting")
        .values(state="dead", body="").execution_options(synchronize_session=False))
    ctx.record(search.id)
    return search


def _locked(ctx: Act, search_id: str) -> SavedSearch:
    search = ctx.session.scalars(select(SavedSearch).where(
        SavedSearch.id == search_id, SavedSearch.ended_at.is_(None)).with_for_update()).first()
    if search is None:
        raise NOT_FOUND()
    return search
