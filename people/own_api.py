"""The routes about what is around one's own account: its devices, one's colleagues, their keys."""

from __future__ import annotations

from flask import request
from sqlalchemy import select, update

from audit.act import side_write
from kernel.db import db
from kernel.refusal import NOT_FOUND

from . import acts
from . import schemas as s
from .authentication import ABSOLUTE
from .digests import token_hash
from .edge import Book, page
from .exchange import moment
from .model import (
    Account,
    KnownDevice,
    LoginSession,
    SecurityEvent,
    SigningKey,
)
from .recovery_model import RecoveryCode
from .relations import own_party

api = Book("own")

DEVICE_COOKIE = "__Host-yg-device"


@api.delete("/sessions", audience="self", status=204)
def end_other_sessions(actor):
    """End all of one's own sessions but this one."""
    now = moment()
    with side_write() as own:
        own.execute(update(LoginSession).where(
            LoginSession.account_id == actor.account_id, LoginSession.id != actor.session_id,
            LoginSession.ended_at.is_(None), LoginSession.created_at > now - ABSOLUTE
        ).values(ended_at=now, ended_why="left"))


@api.get("/devices", audience="self", many=True, returns=s.DeviceOut)
def devices(actor):
    """The devices on which one signed in: there others' wrong passwords slow nobody down."""
    present = token_hash(request.cookies.get(DEVICE_COOKIE, ""))
    found = db.session.scalars(select(KnownDevice).where(
        KnownDevice.account_id == actor.account_id).order_by(KnownDevice.seen_at, KnownDevice.id))
    return [{"id": one.id, "seen_at": one.seen_at, "current": one.token_hash == present}
            for one in found]


@api.delete("/devices/<device_id>", audience="self", status=204)
def forget_device(actor, device_id):
    """Forget a device; whoever uses it signs in as on a new one."""
    with side_write() as own:
        found = own.get(KnownDevice, device_id)
        if found is None or found.account_id != actor.account_id:
            raise NOT_FOUND()
        own.delete(found)


@api.post("/recovery-codes", audience="self", returns=s.NewCodesOut, secret=True)
def issue_recovery_codes(actor):
    """Make ten recovery codes, under step-up; shown this once, and every earlier one ends."""
    return acts.issue_recovery_codes(actor)


@api.get("/recovery-codes", audience="self", returns=s.RecoveryOut)
def recovery_codes(actor):
    """When one's recovery codes were made, how many are left, and when others were used."""
    found = db.session.scalars(select(RecoveryCode).where(
        RecoveryCode.account_id == actor.account_id).order_by(RecoveryCode.made_at)).all()
    return {"made_at": found[-1].made_at if found else None,
            "left": sum(one.used_at is None and one.ended_at is None for one in found),
            "uses": sorted(one.used_at for one in found if one.used_at)}


@api.get("/sign-ins", audience="self", many=True, returns=s.SignInEventOut)
def sign_ins(actor):
    """What the security log has of one's own account, the newest first: who came in from where, and
    what was refused."""
    return page(db.session(), select(SecurityEvent).where(
        SecurityEvent.account_id == actor.account_id), SecurityEvent.at, SecurityEvent.id,
        descending=True)


@api.get("/colleagues", audience="self", many=True, returns=s.ColleagueOut)
def colleagues(actor):
    """The accounts of one's own unit; none while nobody vouched for one's own."""
    party_id = own_party(db.session(), actor, moment())
    found = db.session.scalars(select(Account).where(
        Account.party_id == party_id).order_by(Account.created_at, Account.login))
    return [{"id": one.id, "login": one.login, "created_at": one.created_at,
             "vouched_at": one.vouched_at, "disabled_at": one.disabled_at,
             "expires_at": one.expires_at, "own": one.id == actor.account_id} for one in found]


@api.get("/signing-keys/company", audience="self", many=True, returns=s.CompanyKeyOut)
def company_keys(actor):
    """The signing keys of one's own unit, with who holds each."""
    now = moment()
    party_id = own_party(db.session(), actor, now)
    rows = db.session.execute(select(SigningKey, Account.login).join(
        Account, Account.id == SigningKey.account_id).where(
        SigningKey.party_id == party_id).order_by(SigningKey.bound_at, SigningKey.id)).all()
    older = min((key.bound_at for key, _ in rows if key.account_id == actor.account_id
                 and key.revoked_at is None), default=None)
    return [{"id": key.id, "public_key": key.public_key, "bound_at": key.bound_at,
             "cools_until": key.cools_until, "revoked_at": key.revoked_at, "login": login,
             "own": key.account_id == actor.account_id,
             "revocable": key.revoked_at is None and (
                 key.account_id == actor.account_id or (
                     older is not None and older < key.bound_at and key.cools_until is not None
                     and now < key.cools_until))} for key, login in rows]
