"""The routes of the three administrators' offices: policy, parameters, and their own operations."""

from __future__ import annotations

from flask import request
from sqlalchemy import or_, select

from audit.act import CATALOGUE
from audit.model import Disclosure, PendingEntry
from kernel.canonical import parse
from kernel.db import db
from kernel.refusal import INVALID, NOT_FOUND

from . import acts, security
from . import office_schemas as s
from .edge import Book, Page, allow, etag, page
from .exchange import ahead
from .model import Account, PlatformSetting, RoleGrant, SecurityEvent
from .permissions import ADMINISTRATORS, of_administrators
from .schemas import ErasureOut, login_of
from .settled import PARAMETERS, POLICY, newest

api = Book("office")


@api.get("/policy", action="policy.change", returns=s.PolicyOut)
def policy(_actor):
    """The security policy that holds, its version, and what is proposed."""
    allow("policy.change")
    return _shown(POLICY)


@api.post("/policy/proposals", action="policy.change", status=201, body=s.PolicyIn, if_match=True,
          returns=s.ProposalOut)
def propose_policy(actor, body, if_match):
    """Propose passwords, second factors, and from where administrators may come; under step-up."""
    why = body.pop("why")
    return acts.propose_policy(actor, body=body, why=why, version=if_match,
                               source=security.source())


@api.post("/policy/proposals/<proposal_id>/approval", action="policy.approve", returns=s.PolicyOut)
def approve_policy(actor, proposal_id):
    """Approve a policy that another person proposed; under step-up."""
    return acts.approve_policy(actor, proposal_id, source=security.source())


@api.delete("/policy/proposals/<proposal_id>", action="policy.approve", returns=s.ProposalOut)
def reject_policy(actor, proposal_id):
    """Turn a proposed policy down."""
    return acts.reject_policy(actor, proposal_id)


@api.get("/parameters", action="params.change", returns=s.ParametersOut)
def parameters(_actor):
    """The parameters that hold, their version, and what is proposed."""
    allow("params.change")
    return _shown(PARAMETERS)


@api.post("/parameters/proposals", action="params.change", status=201, body=s.ParametersIn,
          if_match=True, returns=s.ProposalOut)
def propose_parameters(actor, body, if_match):
    """Propose sizes, letters and the brake on registrations; under step-up."""
    why = body.pop("why")
    return acts.propose_parameters(actor, body=body, why=why, version=if_match)


@api.get("/parameters/proposals", action="params.approve", returns=s.ParametersOut)
def proposed_parameters(_actor):
    """The same for who approves: the parameters that hold, and what is proposed."""
    allow("params.approve")
    return _shown(PARAMETERS)


@api.post("/parameters/proposals/<proposal_id>/approval", action="params.approve",
          returns=s.ParametersOut)
def approve_parameters(actor, proposal_id):
    """Approve parameters that another person proposed; under step-up."""
    return acts.approve_parameters(actor, proposal_id)


@api.delete("/parameters/proposals/<proposal_id>", action="params.approve", returns=s.ProposalOut)
def reject_parameters(actor, proposal_id):
    """Turn proposed parameters down."""
    return acts.reject_parameters(actor, proposal_id)


def _shown(kind: str) -> PlatformSetting | str:
    row = newest(db.session(), kind)
    etag(row.version if row else 0)
    return row or kind


@api.get("/administration-log", action="adminlog.read", many=True, returns=s.OperationOut)
def operations(_actor):
    """What the administrators and the operator did, the newest first: acts of the record.

    `position` is the entry's place in the record; what has none yet waits for the next tick.
    """
    allow("adminlog.read")
    types = operations_of_administrators()
    found = page(db.session(), select(Disclosure).where(Disclosure.type.in_(types)),
                 Disclosure.position, descending=True)
    waiting = db.session.scalars(select(PendingEntry).where(PendingEntry.type.in_(types)).order_by(
        PendingEntry.at.desc(), PendingEntry.id)).all() if not request.args.get("cursor") else []
    told = [(row, parse(row.record)) for row in [*waiting, *found.items]]
    ahead(Account, (record["actor"].get("account") for _, record in told))
    return Page([_operation(row, record) for row, record in told], found.next)


@api.get("/administration-log/events", action="adminlog.read", many=True, returns=s.EventOut)
def events(_actor):
    """What the security log has of the administrators' accounts, the newest first."""
    allow("adminlog.read")
    theirs = select(RoleGrant.account_id).where(RoleGrant.role.in_(ADMINISTRATORS))
    found = page(db.session(), select(SecurityEvent).where(SecurityEvent.account_id.in_(theirs)),
                 SecurityEvent.at, SecurityEvent.id, descending=True)
    ahead(Account, (one.account_id for one in found.items))
    return Page([{"at": one.at, "kind": one.kind, "login": login_of(one.account_id),
                  "action": one.action, "source": one.source, "detail": one.detail,
                  "subject": one.subject, "reason": one.reason} for one in found.items], found.next)


@api.post("/erasures", action="person.erase_propose", status=201, body=s.ErasureByLogin,
          returns=ErasureOut)
def propose_erasure_by_login(actor, body):
    """Propose to erase the data of the person with this login; all their accounts have ended."""
    allow("person.erase_propose")
    return acts.propose_erasure(actor, account_of(body["login"]), reason=body["reason"])


def operations_of_administrators() -> tuple[str, ...]:
    """The kinds of acts that only administrators and the operator do."""
    return tuple(sorted(kind.name for kind in CATALOGUE.values() if kind.name ==
                        "administrator.appointed" or (
                            kind.action and of_administrators(kind.action))))


def account_of(login: str) -> str:
    """The account with this login; raises object.not-found. Only after authority was asked."""
    found = db.session.scalars(select(Account.id).where(
        or_(Account.login == login.strip().lower(), Account.id == login))).first()
    if found is None:
        raise NOT_FOUND()
    db.session.rollback()
    return found


def granted_account(body: dict) -> dict:
    """A proposal's body with `account_id`, which a `login` may stand for."""
    login = body.pop("login", None)
    if (login is None) == ("account_id" not in body):
        raise INVALID(fields={"login": ["One of login and account_id. 二者须填其一。"]})
    if login is not None:
        allow("role.grant")
        body["account_id"] = account_of(login)
    return body


def _operation(row: Disclosure | PendingEntry, told: dict) -> dict[str, object]:
    actor = told["actor"]
    return {"at": told["at"], "act": row.type, "law": told["law"], "by": actor["kind"],
            "login": login_of(actor.get("account")), "subject": told["subject"],
            "facts": told["facts"], "position": getattr(row, "position", None)}
