"""What administrators settle of the running platform: who may, what changes, and why."""

from __future__ import annotations

from audit.act import Act, act

from ..model import PlatformSetting
from ..refusals import OWN_SOURCE, SETTLED_ALREADY, STALE
from ..settled import PARAMETERS, POLICY, newest, shipped, with_notice, within


@act("policy.changed", law="等保 L3-CES1-01", action="policy.change", fresh=True, disclose="never")
def change_policy(ctx: Act, *, body: dict, why: str, version: int, source: str) -> PlatformSetting:
    """Settle the security policy anew; `source` is the address this comes from.

    Raises version.stale, settings.same, settings.own-source (an administrator who would shut
    himself out).
    """
    ctx.permit()
    old = newest(ctx.session, POLICY)
    held = shipped(POLICY) | (old.body if old else {})
    if not within(body["admin_networks"], source):
        raise OWN_SOURCE(source=source)
    return _settle(ctx, POLICY, old, held, with_notice(held, body, ctx.now), why, version)


@act("parameters.changed", law="等保 L3-CES1-08", action="params.change", fresh=True,
     disclose="never")
def change_parameters(ctx: Act, *, body: dict, why: str, version: int) -> PlatformSetting:
    """Settle the parameters anew. Raises version.stale, settings.same."""
    ctx.permit()
    old = newest(ctx.session, PARAMETERS)
    held = shipped(PARAMETERS) | (old.body if old else {})
    return _settle(ctx, PARAMETERS, old, held, held | body, why, version)


def _settle(ctx: Act, kind: str, old: PlatformSetting | None, held: dict, body: dict, why: str,
            version: int) -> PlatformSetting:
    present = old.version if old else 0
    if version != present:
        raise STALE(version=present)
    changed = sorted(name for name in body if body[name] != held[name])
    if not changed:
        raise SETTLED_ALREADY()
    # Two at once meet at the unique number of their version.
    made = PlatformSetting(kind=kind, version=present + 1, body=body, why=why,
                           set_by=ctx.actor.account_id, set_at=ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, {"version": made.version, "from": {name: held[name] for name in changed},
                         "to": {name: body[name] for name in changed}})
    return made
