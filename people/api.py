"""The routes about people: coming in, what is one's own, accounts and roles."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import select

from audit.actor import ANONYMOUS
from kernel.canonical import jcs
from kernel.db import Installation, db
from kernel.refusal import INVALID, NOT_FOUND, Refused

from . import acts, rules, security, sessions, throttle, totp
from . import schemas as s
from .authentication import ABSOLUTE, COOKIE, csrf_token
from .digests import token_hash, unseal
from .edge import Book, allow, page
from .exchange import ahead, current, moment
from .model import (
    Account,
    ApiToken,
    LoginSession,
    Party,
    PendingFactor,
    PersonErasure,
    RoleGrant,
    SigningKey,
)
from .office_api import granted_account
from .own_api import DEVICE_COOKIE
from .passwords import Hashed, prepare
from .reading import key_notices
from .refusals import CODE_INVALID, LOGIN_TAKEN, PARTY_EXISTS, ROLES_CONFLICT
from .relations import relations, standing
from .settled import PARAMETERS, POLICY, settled

api = Book("people")



@api.post("/session", audience="self", signed_in=False, secret=True, body=s.SignInIn,
          returns=s.SignInOut)
def sign_in(actor, body):
    """Sign in; with `cookie: true` by cookies (browsers). `recovery`: a recovery code, where the
    second factor is lost.
    """
    signed = sessions.sign_in(
        login=body["login"], password=body["password"], code=body["totp"],
        device=body["device"] or request.cookies.get(DEVICE_COOKIE),
        before=request.cookies.get(COOKIE), now=moment(),
        recover=_recovering(body["recovery"]) if body["recovery"] else None)
    if not body["cookie"]:
        return signed
    return cookie_answer(signed)


def _recovering(code: str) -> sessions.Recover:
    def recover(account_id: str, begin) -> sessions.SignedIn:
        signed = acts.use_recovery_code(ANONYMOUS, account_id=account_id, code=code, begin=begin)
        current().answer = None  # the cookies are still to come
        return signed

    return recover


def cookie_answer(signed: sessions.SignedIn) -> Response:
    """The answer that sets the cookies and shows no token (Q11)."""
    answer = Response(jcs(s.SignInOut().dump(
        {name: getattr(signed, name) for name in ("session_id", "second_factor", "expires_at",
                                                  "fresh_until")}
        | {"csrf_token": csrf_token(signed.token)})), mimetype="application/json")
    set_cookies(answer, signed)
    return answer


def set_cookies(answer: Response, signed: sessions.SignedIn) -> None:
    """Put session and device into `__Host-` cookies: Secure, HttpOnly, SameSite."""
    for name, value, age in ((COOKIE, signed.token, ABSOLUTE.total_seconds()),
                             (DEVICE_COOKIE, signed.device,
                              rules.DEVICE_LIVES.total_seconds())):
        answer.set_cookie(name, value, max_age=int(age), path="/", secure=True, httponly=True,
                          samesite="Lax" if name == COOKIE else "Strict")


@api.get("/session", audience="self", returns=s.WhoOut)
def who(actor):
    """Who is signed in, as what."""
    session, now = db.session(), moment()
    two = standing(session, actor, now).two_factors
    account = session.get_one(Account, actor.account_id)
    login = session.get_one(LoginSession, actor.session_id)
    cookie = request.cookies.get(COOKIE)
    by_cookie = "Authorization" not in request.headers and cookie
    return {"session_id": login.id, "account_id": account.id, "login": account.login,
            "party": session.get_one(Party, account.party_id),
            "roles": sorted(relations(session, actor, now)),
            "second_factor": two, "has_factor": account.totp_secret is not None,
            "fresh_until": login.fresh_until, "expires_at": login.created_at + ABSOLUTE,
            "csrf_token": csrf_token(cookie) if by_cookie else None,
            "log_origin": session.execute(select(Installation.log_origin)).scalar_one(),
            "key_notices": key_notices(session, account.id)}


@api.delete("/session", audience="self", status=204)
def sign_out(actor):
    """Sign out."""
    sessions.end(actor.account_id, actor.session_id, moment())
    answer = Response(status=204)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
    return answer


@api.post("/session/step-up", audience="self", body=s.CodeIn, returns=s.FreshOut)
def step_up(actor, body):
    """Enter the second factor again; fresh for five minutes."""
    return {"fresh_until": sessions.step_up(actor, body["totp"], moment())}


@api.get("/sessions", audience="self", many=True, returns=s.SessionOut)
def own_sessions(actor):
    """One's own sessions that have not ended."""
    found = db.session.execute(select(LoginSession).where(
        LoginSession.account_id == actor.account_id, LoginSession.ended_at.is_(None),
        LoginSession.created_at > moment() - ABSOLUTE).order_by(LoginSession.created_at)).scalars()
    return [{"id": one.id, "created_at": one.created_at, "seen_at": one.seen_at,
             "source": one.source, "current": one.id == actor.session_id} for one in found]


@api.delete("/sessions/<session_id>", audience="self", status=204)
def end_session(actor, session_id):
    """End one of one's own sessions."""
    if not sessions.end(actor.account_id, session_id, moment()):
        raise NOT_FOUND()


@api.post("/password", audience="self", body=s.PasswordIn, secret=True)
def change_password(actor, body):
    """Choose a new password; every session ends."""
    account = db.session.get_one(Account, actor.account_id)
    login = account.login
    sessions.check_password(account, actor, body["old"], moment())
    acts.change_password(actor, password=_hashed(body["new"], login))


@api.post("/factors", audience="self", body=s.FactorIn, returns=s.FactorOut, secret=True)
def begin_factor(actor, body):
    """Begin to enrol a second factor; its secret is shown this once."""
    account = db.session.get_one(Account, actor.account_id)
    sessions.may_begin_factor(account, actor, body["password"], moment())
    secret = sessions.begin_factor(actor.account_id, moment())
    login = db.session.get_one(Account, actor.account_id).login
    return {"secret": secret, "otpauth": totp.address(secret, login)}


@api.post("/factors/confirmation", audience="self", body=s.CodeIn, secret=True)
def confirm_factor(actor, body):
    """Confirm the second factor by one of its codes; the session is fresh then."""
    acts.confirm_factor(actor, code=body["totp"])


@api.post("/signing-keys", audience="self", status=201, body=s.SigningKeyIn,
          returns=s.SigningKeyOut)
def bind_signing_key(actor, body):
    """Bind an Ed25519 key of one's party, under step-up."""
    return acts.bind_signing_key(actor, **body)


@api.get("/signing-keys", audience="self", many=True, returns=s.SigningKeyOut)
def signing_keys(actor):
    """One's own signing keys."""
    return page(db.session(), select(SigningKey).where(
        SigningKey.account_id == actor.account_id), SigningKey.bound_at, SigningKey.id)


@api.get("/signing-keys/notices", audience="self", many=True, returns=s.KeyNoticeOut)
def signing_key_notices(actor):
    """New keys of one's company that one was told of, as holder of an older one."""
    return key_notices(db.session(), actor.account_id)


@api.post("/signing-keys/notices/<notice_id>/acknowledgement", audience="self", status=204)
def acknowledge_notice(actor, notice_id):
    """Acknowledge such a notice. To stop the new key instead, revoke it while it cools."""
    acts.acknowledge_notice(actor, notice_id)


@api.delete("/signing-keys/<key_id>", audience="self", returns=s.SigningKeyOut)
def revoke_signing_key(actor, key_id):
    """Revoke one's own signing key, or a colleague's new one while it cools, under step-up."""
    return acts.revoke_signing_key(actor, key_id)


@api.post("/tokens", audience="self", status=201, body=s.TokenIn, returns=s.NewTokenOut,
          secret=True)
def issue_token(actor, body):
    """Issue a token for a machine, under step-up; shown this once."""
    return acts.issue_token(actor, **body)


@api.get("/tokens", audience="self", many=True, returns=s.TokenOut)
def tokens(actor):
    """One's own tokens."""
    return page(db.session(), select(ApiToken).where(ApiToken.account_id == actor.account_id),
                ApiToken.created_at, ApiToken.id)


@api.delete("/tokens/<token_id>", audience="self", returns=s.TokenOut)
def revoke_token(actor, token_id):
    """Revoke one's own token."""
    return acts.revoke_token(actor, token_id)


@api.post("/colleagues/<account_id>/vouching", audience="self", returns=s.AccountOut)
def vouch(actor, account_id):
    """Stand for a colleague's account in one's own company, under step-up."""
    return acts.vouch(actor, account_id)


@api.post("/registrations", action="account.register", status=201, body=s.RegistrationIn,
          returns=s.RegistrationOut)
def register(actor, body):
    """Register a company and its first person."""
    allow("account.register")
    gate = throttle.bucket("register", security.source())
    throttle.refuse_if_slowed(db.session(), moment(), gate)
    password = _hashed(body.pop("password"), rules.login(body["login"]))
    rules.id_number(body["id_number"])
    throttle.failed(moment(), gate, settled(db.session(), PARAMETERS)["registrations_free"])
    try:
        return acts.register_company(actor, password=password, **body)
    except Refused as refused:
        # Whether a company, a login or a person is known here is nobody's to learn (Q04).
        if refused.word not in (PARTY_EXISTS, LOGIN_TAKEN, ROLES_CONFLICT):
            raise
        security.note("registration.refused", moment(), detail=refused.word.code)
        return {"login": rules.login(body["login"])}


@api.post("/activation", audience="self", signed_in=False, secret=True, body=s.ActivationIn,
          returns=s.ActivationBegunOut)
def begin_activation(actor, body):
    """Begin with an activation code: whose it is, and a new second factor if none."""
    account = _of_code(body["code"])
    if account.totp_secret:
        return {"login": account.login, "factor": None}
    login = account.login
    secret = sessions.begin_factor(account.id, moment())
    return {"login": login, "factor": {"secret": secret,
                                       "otpauth": totp.address(secret, login)}}


@api.post("/activation/completion", audience="self", signed_in=False, secret=True,
          body=s.ActivationDoneIn)
def complete_activation(actor, body):
    """Choose the password with an activation code."""
    account = _of_code(body["code"])
    pending = db.session.get(PendingFactor, account.id)
    secret = unseal(pending.secret) if pending and body["totp"] else None
    password = _hashed(body["password"], account.login)
    try:
        acts.activate(ANONYMOUS, code=body["code"], password=password, totp_secret=secret,
                      totp_code=body["totp"])
    except Refused:
        throttle.failed(moment(), _code_gate())
        raise


@api.post("/accounts", action="user.create_disable", status=201, body=s.AccountIn,
          returns=s.AccountOut)
def create_account(actor, body):
    """Create an account; its owner chooses the password."""
    if ("party_id" in body) == ("party" in body):
        raise INVALID(fields={"party": ["One of party and party_id. 二者须填其一。"]})
    return acts.create_account(actor, **body)


@api.get("/accounts", action="user.create_disable", many=True, sensitive=True, returns=s.AccountOut)
def accounts(actor):
    """The accounts."""
    allow("user.create_disable")
    return page(db.session(), select(Account), Account.login)


@api.post("/accounts/<account_id>/activation", action="user.create_disable", secret=True,
          returns=s.ActivationOut)
def issue_activation(actor, account_id):
    """Issue an activation code; shown this once."""
    return acts.issue_activation(actor, account_id)


@api.post("/accounts/<account_id>/disable", action="user.create_disable", body=s.ReasonIn,
          returns=s.AccountOut)
def disable_account(actor, account_id, body):
    """Disable an account for good."""
    return acts.disable_account(actor, account_id, **body)


@api.post("/accounts/<account_id>/vouching", action="user.vouch", body=s.ReasonIn,
          returns=s.AccountOut)
def vouch_first(actor, account_id, body):
    """Stand for the account of a company that has nobody who could."""
    return acts.vouch_first(actor, account_id, **body)


@api.post("/role-grants", action="role.grant", status=201, body=s.GrantIn, returns=s.GrantOut)
def propose_grant(actor, body):
    """Propose a role for somebody else."""
    return acts.propose_grant(actor, **granted_account(body))


@api.get("/role-grants", action="role.grant", many=True, sensitive=True, returns=s.GrantOut)
def grants(actor):
    """All grants, waiting, effective and revoked."""
    allow("role.grant")
    found = page(db.session(), select(RoleGrant), RoleGrant.proposed_at, RoleGrant.id)
    ahead(Account, (own for one in found.items for own in (
        one.account_id, one.proposed_by, one.approved_by, one.revocation_by)))
    ahead(Party, (one.party_id for one in found.items))
    return found


@api.post("/role-grants/<grant_id>/revocation", action="role.grant", returns=s.GrantOut)
def propose_revocation(actor, grant_id):
    """Propose to revoke a grant."""
    return acts.propose_revocation(actor, grant_id)


@api.post("/role-grants/<grant_id>/approval", action="role.approve", returns=s.GrantOut)
def approve_grant(actor, grant_id):
    """Approve a grant or a revocation another person proposed, under step-up."""
    return acts.approve_grant(actor, grant_id)


@api.post("/accounts/<account_id>/erasure", action="person.erase_propose", status=201,
          body=s.ErasureIn, returns=s.ErasureOut)
def propose_erasure(actor, account_id, body):
    """Propose to erase the data of the person whose account this is."""
    return acts.propose_erasure(actor, account_id, **body)


@api.get("/erasures", action="person.erase_approve", many=True, sensitive=True, returns=s.ErasureOut)
def erasures(_actor):
    """All erasures, waiting and done."""
    allow("person.erase_approve")
    return page(db.session(), select(PersonErasure), PersonErasure.proposed_at, PersonErasure.id)


@api.post("/erasures/<erasure_id>/approval", action="person.erase_approve", returns=s.ErasureOut)
def approve_erasure(actor, erasure_id):
    """Approve an erasure that a security administrator proposed, under step-up."""
    return acts.approve_erasure(actor, erasure_id)


def _hashed(password: str, login: str) -> Hashed:
    # argon2 is slow on purpose: no transaction stays open meanwhile.
    held = settled(db.session(), POLICY)
    db.session.rollback()
    return prepare(password, login, sessions.cost(), complexity=held["password_complexity"],
                   low=held["password_min"])


def _code_gate() -> str:
    return throttle.bucket("activation", security.source())


def _of_code(code: str) -> Account:
    throttle.refuse_if_slowed(db.session(), moment(), _code_gate())
    account = db.session.execute(select(Account).where(
        Account.activation_hash == token_hash(code))).scalar_one_or_none()
    if account is None or account.activation_until is None or account.disabled_at is not None \
            or moment() >= account.activation_until:
        throttle.failed(moment(), _code_gate())
        raise CODE_INVALID()
    return account
