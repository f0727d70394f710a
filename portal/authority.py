"""The one answer to "may this actor do this now": permission table × roles × phase.

Handed to `@act` when the app is built, and asked again inside every act's transaction, so
that a role revoked, a session ended or a lot suspended a moment ago counts (I30).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

import bidding.relations
import evaluation.relations
import people.relations
import tender.invited
import tender.relations
from audit.actor import Actor
from kernel.refusal import DENIED, NOT_FOUND, WRONG_PHASE
from people import permissions
from people.refusals import SIGN_IN
from tender import reading
from tender.invited import CLOSED_TO_OTHERS
from tender.lifecycle import Phase
from tender.method_refusals import NOT_INVITED

CLOSE = (tender.relations, bidding.relations, evaluation.relations)
GENERAL = {role: general for package in CLOSE for role, general in package.REFINES.items()}
"""A role close to the lot takes the place of the general one."""

INSIDE_DRAFT = {"buyer_own", "supervisor_in", "opener_assigned"}


def roles_of(session: Session, actor: Actor, now: datetime, *, lot_id: str | None = None,
             tender_id: str | None = None, owner: str | None = None,
             region: str | None = None) -> set[str]:
    """The roles of permissions.csv that `actor` has towards a lot, a tender, an owner's object
    or a region.

    An object of another company's turns `tenderer_own` into `tenderer_rival`; a company
    without a bid has no role at all towards it.
    """
    roles = people.relations.relations(session, actor, now)
    close: set[str] = set()
    if region is not None:
        close |= tender.relations.towards_region(session, actor, region)
    for package in CLOSE:
        close |= package.relations(session, actor, roles, lot_id=lot_id, tender_id=tender_id)
    # An assignment, a seat or a jurisdiction is worth nothing without the grant it came from, or
    # without the two factors that the grant asks for (Q02): so no package judges that again.
    close = {role for role in close if GENERAL[role] in roles}
    roles = (roles | close) - {GENERAL[role] for role in close}
    if owner is not None and lot_id is None and tender_id is None and owner == actor.party_id \
            and "buyer_other" in roles:
        roles = (roles - {"buyer_other"}) | {"buyer_own"}  # an object of the unit, of no tender
    if owner is not None and owner != actor.party_id:
        if "tenderer_own" in roles:
            roles = (roles - {"tenderer_own"}) | {"tenderer_rival"}
        roles.discard("tenderer_outside")
    return roles


def phase_of(session: Session, now: datetime, lot_id: str | None,
             tender_id: str | None) -> Phase | None:
    """The phase that counts: the lot's, or its tender's; None where there is neither."""
    if lot_id is not None:
        return reading.phase_of(session, lot_id, now)
    if tender_id is not None:
        return reading.phase_of_tender(session, tender_id, now)
    return None


def authority(session: Session, actor: Actor, action: str, now: datetime, *,
              lot_id: str | None = None, tender_id: str | None = None,
              owner: str | None = None, region: str | None = None) -> None:
    """Return if `actor` may do `action` now; else raise the refusal that says why.

    Raises NOT_FOUND where saying more would tell of a draft or of another's object,
    people's `session.needed` to those not signed in, WRONG_PHASE where the role may do it in
    another phase, NOT_INVITED where only those invited may, else DENIED.
    """
    roles = roles_of(session, actor, now, lot_id=lot_id, tender_id=tender_id, owner=owner,
                     region=region)
    if action in tender.relations.agent_actions(session, actor, roles, now, lot_id=lot_id,
                                                tender_id=tender_id):
        roles = (roles - {"buyer_other"}) | {"buyer_own"}
    phase = phase_of(session, now, lot_id, tender_id)
    answer = permissions.decide(action, roles, phase and phase.name)
    if answer is permissions.Answer.ALLOWED:
        if action in CLOSED_TO_OTHERS and tender.invited.turned_away(session, actor, roles, lot_id):
            raise NOT_INVITED()
        return
    if phase is Phase.DRAFT and not roles & INSIDE_DRAFT:
        raise NOT_FOUND()
    if owner is not None and owner != actor.party_id:
        raise NOT_FOUND()
    if answer is permissions.Answer.WRONG_PHASE:
        raise WRONG_PHASE(phase=phase.name, action=action)
    if actor.kind == "anonymous":
        raise SIGN_IN()
    raise DENIED(action=action)


def allowed_actions(session: Session, actor: Actor, now: datetime, *, lot_id: str | None = None,
                    tender_id: str | None = None, owner: str | None = None,
                    phase: Phase | None = None) -> list[str]:
    """What `actor` may do now towards this object, in the order of the permission table.

    `phase`: the lot's or tender's, where the caller has just read it.
    """
    roles = roles_of(session, actor, now, lot_id=lot_id, tender_id=tender_id, owner=owner)
    phase = phase or phase_of(session, now, lot_id, tender_id)
    name = phase and phase.name
    allowed = _allowed(frozenset(roles), name)
    if tender.invited.turned_away(session, actor, roles, lot_id):
        allowed = tuple(one for one in allowed if one not in CLOSED_TO_OTHERS)
    given = tender.relations.agent_actions(session, actor, roles, now, lot_id=lot_id,
                                           tender_id=tender_id)
    if not given:
        return list(allowed)
    own = set(_allowed(frozenset((roles - {"buyer_other"}) | {"buyer_own"}), name)) & given
    return [one for one in permissions.present_actions() if one in own or one in allowed]


@lru_cache(maxsize=1024)
def _allowed(roles: frozenset[str], phase: str | None) -> tuple[str, ...]:
    return tuple(action for action in permissions.present_actions()
                 if permissions.decide(action, roles, phase) is permissions.Answer.ALLOWED)
