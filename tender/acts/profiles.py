"""The numbers of a regime, changed by two people and from a day on (rulebook §0).

Nothing that is in force is ever edited: a change is a new version of a whole profile. Tenders
that were published keep the one frozen into them.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from audit.act import Act, act
from kernel.canonical import jcs, parse, sha256
from kernel.refusal import DENIED, NOT_FOUND

from .. import profile as profiles
from ..model import RuleProfile
from ..refusals import (
    PROFILE_DECIDED,
    PROFILE_LOOSER,
    PROFILE_MOVED,
    PROFILE_PAST,
    PROFILE_SAME_PERSON,
    PROFILE_WRONG,
)
from ..timetable import beijing_day


@act("profile.proposed", law="规则 §0; 公平竞争审查规则 10", action="profile.propose")
def propose_profile(ctx: Act, *, base: str, region: str, valid_from: date, title: dict,
                    why: str, changes: dict[str, dict | None]) -> RuleProfile:
    """Propose a version of the profile `base` with other numbers, for a place and from a day on.

    `changes` maps a number's name to its whole entry, or to None to take it away. Raises
    PROFILE_WRONG, PROFILE_LOOSER, PROFILE_PAST.
    """
    ctx.permit(region=region)
    found = ctx.session.get(RuleProfile, base)
    if found is None:
        raise NOT_FOUND()
    if ctx.actor.person_id is None:
        raise DENIED()
    if not region.startswith(found.region):
        raise PROFILE_WRONG(problem=f"{base} is no profile of a place above {region}")
    _not_past(ctx, valid_from)
    version = 1 + (ctx.session.scalar(
        select(func.max(RuleProfile.version)).where(
            RuleProfile.regime == found.regime, RuleProfile.region == region)) or 0)
    body = {"id": f"{found.regime}-{region}-{version}", "regime": found.regime, "region": region,
            "version": version, "valid_from": valid_from.isoformat(), "title": title,
            "numbers": profiles.amended(parse(found.body), changes)}
    try:
        profiles.check(body)
    except ValueError as error:
        raise PROFILE_WRONG(problem=str(error)) from error
    looser = profiles.looser(body, _of_law(found.regime, valid_from))
    if looser:
        raise PROFILE_LOOSER(numbers=", ".join(looser))
    text = jcs(body).decode()
    row = RuleProfile(
        id=body["id"], regime=found.regime, region=region, version=version,
        valid_from=body["valid_from"], body=text, body_hash=sha256(text.encode()).hex(), why=why,
        base_id=base, shipped=False, proposed_at=ctx.now, proposed_by=ctx.actor.account_id,
        proposed_person=ctx.actor.person_id)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"body_hash": row.body_hash, "base": base, "regime": row.regime,
                        "region": region, "valid_from": row.valid_from,
                        "changes": sorted(changes), "why_hash": sha256(why.encode()).hex()})
    return row


@act("profile.approved", law="规则 §0; 规则：两人决定", action="profile.approve", fresh=True)
def approve_profile(ctx: Act, profile_id: str, *, body_hash: str) -> RuleProfile:
    """Put a proposed profile in force from its day on; never by the person who proposed it.

    `body_hash` is what the approver read. Raises PROFILE_SAME_PERSON, PROFILE_MOVED,
    PROFILE_DECIDED, PROFILE_PAST.
    """
    row = ctx.session.scalars(
        select(RuleProfile).where(RuleProfile.id == profile_id).with_for_update()
        .execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NOT_FOUND()
    ctx.permit(region=row.region)
    if row.shipped or row.approved_at is not None:
        raise PROFILE_DECIDED()
    if ctx.actor.person_id is None or ctx.actor.person_id == row.proposed_person:
        raise PROFILE_SAME_PERSON()
    if body_hash != row.body_hash or sha256(row.body.encode()).hex() != row.body_hash:
        raise PROFILE_MOVED()
    _not_past(ctx, date.fromisoformat(row.valid_from))
    row.approved_at, row.approved_by = ctx.now, ctx.actor.account_id
    ctx.record(row.id, {"body_hash": row.body_hash, "proposed_by": row.proposed_by,
                        "regime": row.regime, "region": row.region,
                        "valid_from": row.valid_from})
    return row


def _not_past(ctx: Act, valid_from: date) -> None:
    # A day that is over has had its tenders: no number is changed under them afterwards.
    today = beijing_day(ctx.now)
    if valid_from < today:
        raise PROFILE_PAST(day=valid_from.isoformat(), today=today.isoformat())


def _of_law(regime: str, day: date) -> profiles.Profile | None:
    try:
        return profiles.shipped_for(regime, day)
    except KeyError:
        return None
