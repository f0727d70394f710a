"""The routes by which a second factor is replaced whose recovery codes are lost too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from audit.act import wiring
from audit.actor import ANONYMOUS
from kernel.db import db

from . import acts, passwords, security, sessions, throttle, totp
from . import schemas as s
from .acts.resetting import counts, standing_reset
from .edge import Book, allow, page
from .exchange import ahead, moment
from .model import Account
from .office_api import account_of
from .recovery_model import FactorReset
from .refusals import SIGN_IN_FAILED
from .relations import ended, own_party
from .settled import POLICY, settled

api = Book("reset")


@api.post("/colleagues/<account_id>/factor-reset", audience="self", body=s.ResetReasonIn,
          returns=s.ResetOut)
def ask_reset(actor, account_id, body):
    """Propose that a colleague's second factor be replaced, under step-up."""
    return acts.ask_reset(actor, account_id, **body)


@api.get("/colleagues/factor-resets", audience="self", many=True, returns=s.ResetOut)
def unit_resets(actor):
    """Replacements under way in one's own unit, and of one's own account."""
    party_id = own_party(db.session(), actor, moment())
    return db.session.scalars(select(FactorReset).join(
        Account, Account.id == FactorReset.account_id).where(
        FactorReset.ended_at.is_(None), or_(Account.party_id == (party_id or ""),
                                            Account.id == actor.account_id))
        .order_by(FactorReset.proposed_at, FactorReset.id))


@api.post("/factor-resets/<reset_id>/seconding", audience="self", secret=True,
          returns=s.ResetCodeOut)
def second_reset(actor, reset_id):
    """Approve a colleague's replacement that another person proposed, under step-up; the code for
    its owner is shown this once."""
    return acts.second_reset(actor, reset_id)


@api.delete("/factor-resets/<reset_id>", audience="self", returns=s.ResetOut)
def stop_reset(actor, reset_id):
    """Stop a replacement of one's own second factor, or one that one proposed or approved."""
    return acts.stop_reset(actor, reset_id)


@api.post("/factor-resets", action="factor.reset", status=201, body=s.ResetIn, returns=s.ResetOut)
def propose_reset(actor, body):
    """Propose a replacement as a security administrator, under step-up."""
    allow("factor.reset")
    return acts.propose_reset(actor, account_of(body["login"]), reason=body["reason"])


@api.get("/factor-resets", action="factor.reset", many=True, sensitive=True, returns=s.ResetOut)
def resets(_actor):
    """All replacements, under way and ended."""
    allow("factor.reset")
    found = page(db.session(), select(FactorReset), FactorReset.proposed_at, FactorReset.id,
                 descending=True)
    ahead(Account, (own for one in found.items for own in (
        one.account_id, one.proposed_by, one.approved_by)))
    return found


@api.post("/factor-resets/<reset_id>/approval", action="factor.reset", secret=True,
          returns=s.ResetCodeOut)
def approve_reset(actor, reset_id):
    """Approve what another person proposed, under step-up; the code is shown this once."""
    return acts.approve_reset(actor, reset_id)


@api.post("/factor-recovery", audience="self", signed_in=False, secret=True, body=s.OwnerIn,
          returns=s.FactorOut)
def begin_replacement(_actor, body):
    """Begin with the code of an approved replacement: a new second factor, shown this once."""
    account_id, login = _owner(**body)
    secret = sessions.begin_factor(account_id, moment())
    return {"secret": secret, "otpauth": totp.address(secret, login)}


@api.post("/factor-recovery/completion", audience="self", signed_in=False, secret=True,
          body=s.OwnerDoneIn)
def complete_replacement(_actor, body):
    """Confirm the new second factor by one of its codes; it takes the lost one's place."""
    code = body.pop("totp")
    account_id, _ = _owner(**body)
    acts.replace_factor(ANONYMOUS, account_id=account_id, code=body["code"], totp_code=code)
    security.note("factor.replaced", moment(), account_id=account_id)


def _owner(login: str, password: str, code: str) -> tuple[str, str]:
    """(account id, login) of who gave password and code; raises session.refused for either, as
    slowly and in the same words, and session.slow-down for a source that guesses."""
    session, now = db.session(), moment()
    gate = throttle.bucket("source", security.source())
    throttle.refuse_if_slowed(session, now, gate)
    account = session.scalars(select(Account).where(
        Account.login == login.strip().lower())).one_or_none()
    stored = account.password_hash if account else None
    session.rollback()
    right = passwords.matches(stored, password, wiring().settings["argon2"])
    if not right or account is None or ended(account, now) or not counts(
            db.session().scalars(standing_reset(account.id)).one_or_none(), code, now):
        _refuse(now, gate, account.id if account else None)
    found = account.id, account.login
    db.session().rollback()
    return found


def _refuse(now: datetime, gate: str, account_id: str | None) -> None:
    throttle.failed(now, gate, settled(db.session(), POLICY)["guesses_free"])
    security.note("session.refused", now, account_id=account_id, detail="replacement")
    raise SIGN_IN_FAILED()
