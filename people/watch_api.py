"""The routes by which administrators watch over accounts and keys that are not their own."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from sqlalchemy import or_, select

from audit.act import wiring
from kernel.db import db

from . import acts, security, x509
from . import office_schemas as s
from .edge import Book, Page, allow, page
from .exchange import ahead, moment
from .model import Account, Party, SecurityEvent, SigningKey
from .office_api import account_of
from .schemas import login_of

api = Book("watch")

HIDDEN = ("tenderer", "guarantor")
"""Kinds of units of whose people no sign-in is told to others: it could tell who bids."""


@api.post("/session-endings", action="session.end", body=s.EndingIn, status=204)
def end_sessions(actor, body):
    """End all sessions of an account, under step-up; the account counts as before."""
    allow("session.end")
    account_id = account_of(body["login"])
    acts.end_all_sessions(actor, account_id, reason=body["reason"])
    security.note("session.closed", moment(), account_id=account_id, detail=body["reason"])


@api.get("/certificate-authorities", action="key.watch", returns=s.AuthoritiesOut)
def authorities(_actor):
    """The certificate authorities and revocation lists that certificates are judged by."""
    allow("key.watch")
    folder = wiring().settings["ca"]
    try:
        found = x509.Authorities.read(folder) if folder else x509.Authorities()
    except x509.BadCertificate as error:
        return {"roots": [], "lists": [], "problem": str(error)}
    return {"problem": None, "roots": [
        {"subject": one.subject.rfc4514_string(), "valid_from": one.not_valid_before_utc,
         "valid_until": one.not_valid_after_utc,
         "fingerprint": one.fingerprint(hashes.SHA256()).hex()} for one in found.roots],
        "lists": [{"issuer": one.issuer.rfc4514_string(), "made_at": one.last_update_utc,
                   "next_at": one.next_update_utc, "revoked": len(one)} for one in found.lists]}


@api.get("/unit-keys", action="key.watch", many=True, sensitive=True, query=s.UnitQuery,
         returns=s.UnitKeyOut)
def unit_keys(_actor, query):
    """The signing keys of a unit, by its code: bound, cooling, revoked."""
    allow("key.watch")
    rows = db.session.execute(select(SigningKey, Account.login).join(
        Account, Account.id == SigningKey.account_id).join(
        Party, Party.id == SigningKey.party_id).where(Party.uscc == query["uscc"].strip().upper())
        .order_by(SigningKey.bound_at, SigningKey.id)).all()
    return [{"id": key.id, "public_key": key.public_key, "login": login, "bound_at": key.bound_at,
             "cools_until": key.cools_until, "revoked_at": key.revoked_at} for key, login in rows]


@api.get("/security-log", action="securitylog.read", many=True, sensitive=True, query=s.LogQuery,
         returns=s.EventOut)
def security_log(_actor, query):
    """The security log, the newest first, but for what is about people of tenderers and guarantors:
    sign-ins, failed factors, refusals, readings. Of who is not signed in it does not tell what they
    were about: a bid that comes after its session's end is a tenderer's."""
    allow("securitylog.read")
    hidden = select(Account.id).join(Party, Party.id == Account.party_id).where(
        Party.kind.in_(HIDDEN))
    wanted = select(SecurityEvent).where(or_(SecurityEvent.account_id.is_(None),
                                             SecurityEvent.account_id.not_in(hidden)))
    if query["login"]:
        wanted = wanted.where(SecurityEvent.account_id.in_(
            select(Account.id).where(Account.login == query["login"].strip().lower())))
    found = page(db.session(), wanted, SecurityEvent.at, SecurityEvent.id, descending=True)
    ahead(Account, (one.account_id for one in found.items))
    return Page([{"at": one.at, "kind": one.kind, "login": login_of(one.account_id),
                  "action": one.action if one.account_id else "", "source": one.source,
                  "detail": one.detail, "subject": one.subject, "reason": one.reason}
                 for one in found.items], found.next)
