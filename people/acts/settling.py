"""What administrators settle of the running platform: one proposes, another person approves.

A proposal changes nothing. What it would change is judged against what holds when it is approved,
by the version it was made from, so that nobody approves what has become something else.
"""

from __future__ import annotations

from sqlalchemy import select

from audit.act import Act, act
from kernel.refusal import NOT_FOUND

from ..model import Account, PlatformSetting, SettingProposal
from ..refusals import OWN_SOURCE, SETTLED_ALREADY, SETTLED_BY_TWO, SETTLED_DECIDED, STALE
from ..settled import PARAMETERS, POLICY, newest, shipped, with_notice, within


@act("policy.proposed", law="等保 L3-CES1-01", action="policy.change", fresh=True, disclose="never")
def propose_policy(ctx: Act, *, body: dict, why: str, version: int, source: str) -> SettingProposal:
    """Propose a security policy; `source` is the address this comes from.

    Raises version.stale, settings.same, settings.own-source (an administrator who would shut
    himself out).
    """
    ctx.permit()
    if not within(body["admin_networks"], source):
        raise OWN_SOURCE(source=source)
    return _propose(ctx, POLICY, body, why, version)


@act("policy.changed", law="等保 L3-CES1-01", action="policy.approve", fresh=True, disclose="never")
def approve_policy(ctx: Act, proposal_id: str, *, source: str) -> PlatformSetting:
    """Approve a policy that another person proposed; it counts from now on.

    Raises settings.same-person, settings.decided, version.stale, settings.own-source.
    """
    proposal = _locked(ctx, POLICY, proposal_id)
    ctx.permit()
    if not within(proposal.body["admin_networks"], source):
        raise OWN_SOURCE(source=source)
    return _settle(ctx, proposal)


@act("policy.rejected", law="等保 L3-CES1-01", action="policy.approve", disclose="never")
def reject_policy(ctx: Act, proposal_id: str) -> SettingProposal:
    """Turn a proposed policy down, or take back one's own. Raises settings.decided."""
    return _reject(ctx, POLICY, proposal_id)


@act("parameters.proposed", law="等保 L3-CES1-08", action="params.change", fresh=True,
     disclose="never")
def propose_parameters(ctx: Act, *, body: dict, why: str, version: int) -> SettingProposal:
    """Propose parameters. Raises version.stale, settings.same."""
    ctx.permit()
    return _propose(ctx, PARAMETERS, body, why, version)


@act("parameters.changed", law="等保 L3-CES1-08", action="params.approve", fresh=True,
     disclose="never")
def approve_parameters(ctx: Act, proposal_id: str) -> PlatformSetting:
    """Approve parameters that another person proposed; they count from now on.

    Raises settings.same-person, settings.decided, version.stale.
    """
    proposal = _locked(ctx, PARAMETERS, proposal_id)
    ctx.permit()
    return _settle(ctx, proposal)


@act("parameters.rejected", law="等保 L3-CES1-08", action="params.approve", disclose="never")
def reject_parameters(ctx: Act, proposal_id: str) -> SettingProposal:
    """Turn proposed parameters down. Raises settings.decided."""
    return _reject(ctx, PARAMETERS, proposal_id)


def _held(ctx: Act, kind: str, version: int) -> dict:
    """What holds now, every value; raises version.stale unless it is of this version."""
    old = newest(ctx.session, kind)
    if version != (present := old.version if old else 0):
        raise STALE(version=present)
    return shipped(kind) | (old.body if old else {})


def _propose(ctx: Act, kind: str, body: dict, why: str, version: int) -> SettingProposal:
    held = _held(ctx, kind, version)
    changed = _changed(held, body)
    made = SettingProposal(kind=kind, base=version, body=body, why=why,
                           proposed_by=ctx.actor.account_id, proposed_at=ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, _facts(held, body, changed))
    return made


def _settle(ctx: Act, proposal: SettingProposal) -> PlatformSetting:
    proposer = ctx.session.get_one(Account, proposal.proposed_by)
    if proposer.person_id == ctx.actor.person_id:
        raise SETTLED_BY_TWO()
    held = _held(ctx, proposal.kind, proposal.base)
    body = held | proposal.body
    if proposal.kind == POLICY:
        body = with_notice(held, body, ctx.now)
    changed = _changed(held, body)
    # Two at once meet at the unique number of their version.
    made = PlatformSetting(kind=proposal.kind, version=proposal.base + 1, body=body,
                           why=proposal.why, set_by=proposal.proposed_by, set_at=ctx.now,
                           approved_by=ctx.actor.account_id)
    _decide(ctx, proposal, approved=True)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, {"version": made.version, "proposal": proposal.id,
                         "proposed_by": proposal.proposed_by} | _facts(held, body, changed))
    return made


def _reject(ctx: Act, kind: str, proposal_id: str) -> SettingProposal:
    proposal = _locked(ctx, kind, proposal_id)
    ctx.permit()
    _decide(ctx, proposal, approved=False)
    ctx.record(proposal.id)
    return proposal


def _decide(ctx: Act, proposal: SettingProposal, approved: bool) -> None:
    if proposal.decided_at is not None:
        raise SETTLED_DECIDED()
    proposal.decided_at, proposal.decided_by = ctx.now, ctx.actor.account_id
    proposal.approved = approved


def _locked(ctx: Act, kind: str, proposal_id: str) -> SettingProposal:
    found = ctx.session.execute(select(SettingProposal).where(
        SettingProposal.id == proposal_id).with_for_update()).scalar_one_or_none()
    if found is None or found.kind != kind:
        raise NOT_FOUND()
    return found


def _changed(held: dict, body: dict) -> list[str]:
    changed = sorted(name for name in body if body[name] != held[name])
    if not changed:
        raise SETTLED_ALREADY()
    return changed


def _facts(held: dict, body: dict, changed: list[str]) -> dict[str, object]:
    return {"from": {name: held[name] for name in changed},
            "to": {name: body[name] for name in changed}}
