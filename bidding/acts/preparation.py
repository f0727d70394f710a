"""Before publication: officials are assigned, make their keys, have them certified.

The policy of a lot is built from certified keys only, inside the act that publishes it, and
never changes afterwards (sealed-bid A2).
"""

from __future__ import annotations

from sqlalchemy import func, select

from audit.act import Act, act
from kernel.refusal import NOT_FOUND
from people import conflicts
from people.conflicts import no_two_roles
from people.model import Account, RoleGrant
from tender.acts import content_hooks, lock_lot, publish_hooks
from tender.model import Lot, Tender

from .. import age, bech32, policy, rules
from ..model import HolderKey, Official
from ..reading import persons_in_lot
from ..refusals import (
    ALREADY_ASSIGNED,
    KEY_CERTIFIED,
    KEY_MALFORMED,
    KEYS_MISSING,
    NOT_OPENER,
    SEATS_FULL,
    UNIT_FULL,
)


@act("opener.assigned", law="电子招标投标办法 29", action="opener.assign", lot=True)
def assign_official(ctx: Act, lot_id: str, *, account_id: str) -> Official:
    """Assign an opening official to a lot in preparation; one of a unit, three in all.

    Raises NOT_OPENER, UNIT_FULL, SEATS_FULL or ALREADY_ASSIGNED.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    account = ctx.session.get(Account, account_id)
    grant = ctx.session.scalars(select(RoleGrant).where(
        RoleGrant.account_id == account_id, RoleGrant.role == "opener",
        RoleGrant.effective())).first()
    if account is None or grant is None:
        raise NOT_OPENER()
    others = list(ctx.session.scalars(select(Official).where(Official.lot_id == lot_id)))
    if any(other.person_id == account.person_id for other in others):
        raise ALREADY_ASSIGNED()
    if any(other.unit_id == grant.party_id for other in others):
        raise UNIT_FULL()
    if len(others) >= rules.OFFICIALS:
        raise SEATS_FULL()
    no_two_roles(ctx.session, lot_id, account.person_id, "opener")
    official = Official(lot_id=lot_id, account_id=account_id, person_id=account.person_id,
                        unit_id=grant.party_id, seat=len(others) + 1, assigned_at=ctx.now)
    ctx.session.add(official)
    ctx.session.flush()
    ctx.record(official.id, {"account": account_id, "unit": grant.party_id,
                             "seat": official.seat}, lot_id=lot_id, tender_id=lot.tender_id)
    return official


@act("holder_key.registered", law="电子招标投标办法 29", action="holder_key.register", lot=True)
def register_key(ctx: Act, lot_id: str, *, recipient: str) -> HolderKey:
    """Register one's own public opening key (`age1…`), made on one's own device.

    Raises KEY_MALFORMED or KEY_REGISTERED.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    official = official_of(ctx, lot_id)
    try:
        age.recipient_key(recipient)
    except bech32.NotBech32 as error:
        raise KEY_MALFORMED() from error
    key = HolderKey(official_id=official.id, lot_id=lot_id, recipient=recipient,
                    registered_at=ctx.now)
    ctx.session.add(key)
    ctx.session.flush()
    ctx.record(key.id, {"official": official.id, "recipient": recipient}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return key


@act("holder_key.certified", law="电子招标投标办法 29; 招标投标法 36", action="holder_key.certify",
     lot=True)
def certify_key(ctx: Act, lot_id: str, key_id: str) -> HolderKey:
    """Certify an official's key: the supervisor has seen whose it is. Raises KEY_CERTIFIED."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    key = ctx.session.get(HolderKey, key_id, with_for_update=True, populate_existing=True)
    if key is None or key.lot_id != lot_id:
        raise NOT_FOUND()
    if key.certified_at is not None:
        raise KEY_CERTIFIED()
    key.certified_at, key.certified_by = ctx.now, ctx.actor.account_id
    ctx.record(key.id, {"official": key.official_id, "recipient": key.recipient}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return key


def official_of(ctx: Act, lot_id: str) -> Official:
    """The actor's own seat among the lot's officials; NOT_FOUND when there is none."""
    found = ctx.session.scalars(select(Official).where(
        Official.lot_id == lot_id, Official.account_id == ctx.actor.account_id)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found


def policy_of(session, lot_id: str) -> tuple[dict | None, int]:
    """The policy that the lot's certified keys make (None while some are missing), and how many
    keys are certified. Officials stand in the order of their seats."""
    rows = session.execute(
        select(Official.id, HolderKey.recipient).join(
            HolderKey, HolderKey.official_id == Official.id)
        .where(Official.lot_id == lot_id, HolderKey.certified_at.is_not(None))
        .order_by(Official.seat)).all()
    count = session.execute(select(func.count()).select_from(Official).where(
        Official.lot_id == lot_id)).scalar_one()
    if len(rows) != rules.OFFICIALS or count != rules.OFFICIALS:
        return None, len(rows)
    return policy.embedded([(row.id, row.recipient) for row in rows]), len(rows)


def fill_policy(ctx: Act, tender: Tender, lots: list[Lot]) -> None:
    """At publication: give each lot its policy, or refuse to publish. Joins `notice.approved`."""
    for lot in lots:
        tree, certified = policy_of(ctx.session, lot.id)
        if tree is None:
            raise KEYS_MISSING(lot=lot.number, certified=certified)
        policy.check(tree)
        lot.policy, lot.policy_hash = tree, policy.policy_hash(tree)
        lot.suite = policy.SUITE


def policies(session, tender: Tender, lots: list[Lot]) -> dict:
    """What the notice says of the policies: their hashes, frozen when it is submitted."""
    trees = {lot.id: policy_of(session, lot.id)[0] for lot in lots}
    return {"policies": {lot_id: tree and policy.policy_hash(tree)
                         for lot_id, tree in trees.items()}}


publish_hooks.append(fill_policy)
content_hooks.append(policies)
conflicts.holders.append(persons_in_lot)
