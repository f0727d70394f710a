"""Before publication: officials are assigned, make their keys, have them certified.

The policy of a lot is built from certified keys only, inside the act that publishes it, and
never changes afterwards (sealed-bid A2).
"""

from __future__ import annotations

from itertools import count

from sqlalchemy import Row, delete, select, update

import audit.reading
from audit.act import Act, act, wiring
from audit.held import once
from kernel.canonical import sha256
from kernel.refusal import NOT_FOUND
from people import conflicts
from people.conflicts import no_two_roles
from people.model import Account, Party, RoleGrant
from tender import access
from tender.acts import content_hooks, lock_lot, publish_hooks
from tender.model import Lot, Tender
from tender.relations import in_region

from .. import declaration, policy, rehearsal, suites
from ..model import HolderKey, Official, Rehearsal
from ..reading import holders_by_lot, officials_of, persons_in_lot
from ..recipients import NotRecipient
from ..refusals import (
    ALREADY_ASSIGNED,
    KEY_CERTIFIED,
    KEY_MALFORMED,
    KEYS_MISSING,
    KEYS_UNREHEARSED,
    NOT_CLOCK,
    NOT_OPENER,
    SEATS_FULL,
    UNIT_FULL,
    WRONG_SIGNATURE,
)
from .promises import log_origin, own_signer


@act("opener.assigned", law="电子招标投标办法 29", action="opener.assign", lot=True)
def assign_official(ctx: Act, lot_id: str, *, account_id: str,
                    kind: str = "official") -> Official:
    """Assign an opening official, or a clock holder, to a lot in preparation.

    Raises NOT_OPENER, NOT_CLOCK, UNIT_FULL, SEATS_FULL or ALREADY_ASSIGNED.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    account = ctx.session.get(Account, account_id)
    grant = ctx.session.scalars(select(RoleGrant).where(
        RoleGrant.account_id == account_id, RoleGrant.role == "opener",
        RoleGrant.effective())).first()
    if account is None or grant is None:
        raise NOT_OPENER()
    if kind == "clock":
        _supervisors(ctx, lot, grant)
    others = officials_of(ctx.session, lot_id)
    if any(other.person_id == account.person_id for other in others):
        raise ALREADY_ASSIGNED()
    seat, unit_seat, limit = _place(lot, kind, grant.party_id, others)
    no_two_roles(ctx.session, lot_id, account.person_id, "opener")
    official = Official(lot_id=lot_id, account_id=account_id, person_id=account.person_id,
                        unit_id=grant.party_id, kind=kind, seat=seat, unit_seat=unit_seat,
                        unit_limit=limit, assigned_at=ctx.now)
    ctx.session.add(official)
    ctx.session.flush()
    ctx.record(official.id, {"account": account_id, "unit": grant.party_id, "kind": kind,
                             "seat": seat}, lot_id=lot_id, tender_id=lot.tender_id)
    return official


def _supervisors(ctx: Act, lot: Lot, grant: RoleGrant) -> None:
    """Refuse a clock holder that is not the supervisor's in whose region the tender lies."""
    unit = ctx.session.get_one(Party, grant.party_id)
    tender = ctx.session.get_one(Tender, lot.tender_id)
    if unit.kind != "supervisor" or not in_region(tender.region, unit.region):
        raise NOT_CLOCK()


def _place(lot: Lot, kind: str, unit_id: str, others: list[Official]) -> tuple[int, int, int]:
    """The seat to be taken, the unit's how-manieth it is, and how many the unit may have."""
    seats = lot.access["clocks" if kind == "clock" else "officials"]
    limit = seats if kind == "clock" else access.unit_limit(lot.access)
    taken = {other.seat for other in others if other.kind == kind}
    of_unit = {other.unit_seat for other in others
               if other.kind == kind and other.unit_id == unit_id}
    if len(of_unit) >= limit and len(taken) < seats:
        raise UNIT_FULL(limit=limit)
    if len(taken) >= seats:
        raise SEATS_FULL()
    return _least_free(taken), _least_free(of_unit), limit


def _least_free(taken: set[int]) -> int:
    return next(number for number in count(1) if number not in taken)


@act("opener.dismissed", law="电子招标投标办法 29", action="opener.assign", lot=True)
def dismiss_official(ctx: Act, lot_id: str, official_id: str) -> Lot:
    """Take an official or clock holder away from a lot in preparation, with its key."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    official = ctx.session.get(Official, official_id, populate_existing=True)
    if official is None or official.lot_id != lot_id:
        raise NOT_FOUND()
    key = ctx.session.scalars(select(HolderKey).where(
        HolderKey.official_id == official_id)).one_or_none()
    if key is not None:
        drop_key(ctx, key)
    ctx.session.delete(official)
    ctx.session.flush()
    ctx.record(official_id, {"account": official.account_id, "unit": official.unit_id,
                             "kind": official.kind, "seat": official.seat},
               lot_id=lot_id, tender_id=lot.tender_id)
    return lot


def drop_key(ctx: Act, key: HolderKey) -> None:
    """Forget a key with its certification and rehearsals; joins the calling act."""
    ctx.session.execute(delete(Rehearsal).where(Rehearsal.key_id == key.id))
    ctx.session.delete(key)
    ctx.session.flush()


@act("holder_key.registered", law="电子招标投标办法 29", action="holder_key.register", lot=True)
def register_key(ctx: Act, lot_id: str, *, recipient: str, replaces: str | None = None,
                 certificate: str | None = None, signature: str = "") -> HolderKey:
    """Register one's own public opening key (`age1…`), made on one's own device.

    `replaces` names the key it takes the place of (a lost one, before publication): the old
    one's certification and rehearsal count no more. With the chain of a `certificate` of the
    holder's unit and its `signature` over `rehearsal.statement` the authority has certified it;
    otherwise the supervisor must. Raises KEY_MALFORMED, KEY_REGISTERED, BAD_CERTIFICATE or
    WRONG_SIGNATURE.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    official = official_of(ctx, lot_id)
    try:
        suites.get(lot.suite).check_recipient(recipient)
    except NotRecipient as error:
        raise KEY_MALFORMED() from error
    old = ctx.session.scalars(select(HolderKey).where(
        HolderKey.official_id == official.id)).one_or_none()
    if replaces is not None:
        if old is None or old.id != replaces:
            raise NOT_FOUND()
        drop_key(ctx, old)
    key = HolderKey(official_id=official.id, lot_id=lot_id, recipient=recipient,
                    registered_at=ctx.now, certificate=certificate)
    if certificate is not None:
        _vouched(ctx, official, key, signature)
    ctx.session.add(key)
    ctx.session.flush()
    ctx.record(key.id, {
        "official": official.id, "recipient": recipient, "replaces": replaces,
        "certificate_hash": certificate and sha256(certificate.encode()).hex()},
               lot_id=lot_id, tender_id=lot.tender_id)
    return key


def _vouched(ctx: Act, official: Official, key: HolderKey, signature: str) -> None:
    """Certify a key under a certificate that is believed and names the holder's unit."""
    signer = {"certificate": key.certificate}
    own_signer(ctx, official.unit_id, signer)
    said = rehearsal.statement(log_origin(ctx.session), key.lot_id, key.recipient)
    if not declaration.verify(said, signer, signature):
        raise WRONG_SIGNATURE()
    key.certified_at = ctx.now


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


def policy_of(lot: Lot, holders: list[Row]) -> tuple[object | None, int]:
    """The policy that the lot's terms and certified keys make (None while some are missing),
    and how many keys are certified. Holders stand in the order of their seats."""
    seats = {kind: [(one.id, one.recipient if one.certified else None)
                    for one in holders if one.kind == kind] for kind in ("official", "clock")}
    certified = sum(one.certified for one in holders)
    full = all(len(seats[kind]) == lot.access[name]
               for kind, name in (("official", "officials"), ("clock", "clocks")))
    keyless = lot.access["policy"] == "classic"
    if not full or not (keyless or all(key for group in seats.values() for _, key in group)):
        return None, certified
    return policy.build(lot.access, seats["official"], seats["clock"]), certified


def _policies(session, lots: list[Lot]) -> dict[str, tuple[object | None, int, str | None]]:
    """Of each lot its policy, how many keys are certified, and the policy's hash."""
    def built() -> dict[str, tuple[object | None, int, str | None]]:
        holders = holders_by_lot(session, lots)
        made = {lot.id: policy_of(lot, holders[lot.id]) for lot in lots}
        return {one: (tree, certified, tree and policy.policy_hash(tree))
                for one, (tree, certified) in made.items()}

    return once(session, ("policies", *sorted(lot.id for lot in lots)),
                ("lot", "official", "holder_key"), built)


def fill_policy(ctx: Act, tender: Tender, lots: list[Lot]) -> dict[str, dict[str, object]]:
    """At publication: what gives each lot its policy, or refuse to publish. Joins
    `notice.approved`."""
    holders, made = holders_by_lot(ctx.session, lots), _policies(ctx.session, lots)
    for lot in lots:
        tree, certified, _ = made[lot.id]
        if tree is None:
            raise KEYS_MISSING(lot=lot.number, officials=lot.access["officials"],
                               clocks=lot.access["clocks"], certified=certified)
        # Whoever passed a rehearsal opened with its key: no need to spell that out once more.
        policy.check(tree, suites.get(lot.suite),
                     {one.recipient for one in holders[lot.id] if one.passed})
        _judge_units(ctx, lot, holders[lot.id])
        _all_rehearsed(lot, tree, holders[lot.id])
    return {one: {"policy": tree, "policy_hash": digest} for one, (tree, _, digest) in made.items()}


def _judge_units(ctx: Act, lot: Lot, holders: list[Row]) -> None:
    """Judge the units again under the terms that are published: the draft's may have changed.

    The rows then carry the published limit, and their constraint holds it from here on.
    """
    limit = access.unit_limit(lot.access)
    officials = [one for one in holders if one.kind == "official"]
    if any(one.unit_seat > limit for one in officials):
        raise UNIT_FULL(limit=limit)
    other = [one.id for one in officials if one.unit_limit != limit]
    if other:
        ctx.session.execute(update(Official).where(Official.id.in_(other)).values(unit_limit=limit))


def _all_rehearsed(lot: Lot, tree: object, holders: list[Row]) -> None:
    """Refuse to publish before every holder of this policy has answered with its key (Q29)."""
    passed = {one.id for one in holders if one.passed}
    missing = {leaf["holder"] for leaf in policy.holders(tree).values()} - passed
    if missing:
        raise KEYS_UNREHEARSED(lot=lot.number, missing=len(missing))


def policies(session, tender: Tender, lots: list[Lot]) -> dict:
    """What the notice says of the policies: the trees' hashes, frozen when it is submitted."""
    return {"policies": {one: digest for one, (_, _, digest) in _policies(session, lots).items()}}


def offline_sealer(session, tender: Tender, lots: list[Lot]) -> dict:
    """The SHA-256 of the single file with which a tenderer can seal who trusts no page of ours;
    null where this installation hands none out (sealed-bid A4)."""
    offered = wiring().settings.get("offline_sealer")
    return {"sealer": offered and offered["sha256"]}


def keys(_session, _tender: Tender, _lots: list[Lot]) -> dict:
    """The public keys that everything of this tender is checked with, log, platform and witnesses,
    so that none can be put in their place afterwards."""
    settings = wiring().settings
    return {"keys": {"log": settings.get("log_vkey"), "platform": settings.get("platform_vkey"),
                     "witnesses": [str(one) for one in audit.reading.cosigners()],
                     "quorum": audit.reading.witnesses_required()}}


publish_hooks.append(fill_policy)
content_hooks.append(policies)
content_hooks.append(offline_sealer)
content_hooks.append(keys)
conflicts.holders.append(persons_in_lot)
