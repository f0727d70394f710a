"""A project while it is a draft: its lots, its documents, its bill of quantities."""

from __future__ import annotations

from sqlalchemy import delete, insert

from audit.act import Act, act, wiring
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.model import Party
from people.refusals import STALE

from .. import access, codes, rules
from ..model import Document, Item, Lot, Tender
from ..reading import documents_of, items_of, profile_in_force, profiles_of
from ..reading import lot as read_lot
from ..refusals import MANY
from ..screened import PRICE_METHODS
from ..timetable import beijing_day
from .agencies import buyer_for
from .course import changed_draft, lock_tender

LOT_FIELDS = ("title", "category", "regime", "estimate_fen", "price_ceiling_fen", "deadline",
              "decrypt_minutes", "period_days_max", "quality", "validity_days",
              "publicity_days", "suite", "access", "two_envelopes", "criteria", "price_method",
              "award_method", "panel", "guarantee", "method", "grounds")
"""What the buyer states of a lot; everything else on the row is the platform's."""


@act("tender.created", law="招标投标法 9; 电子招标投标办法 16", action="project.create")
def create_tender(ctx: Act, *, lots: list[dict], buyer: str | None = None, **fields) -> Tender:
    """Create a project with its lots, in draft: one's own unit's, or, as its agency, that of the
    buyer with the credit code `buyer`."""
    ctx.permit()
    buyer = buyer_for(ctx, buyer)
    tender = Tender(id=new_id(), buyer_id=buyer.id, created_at=ctx.now,
                    created_by=ctx.actor.account_id, version=1, ocid="", code="", **fields)
    tender.ocid = codes.ocid(tender.id, wiring().settings.get("ocid_prefix", codes.OCID_PREFIX))
    tender.code = codes.tender_code(tender.region)
    ctx.session.add(tender)
    ctx.session.flush()
    if not 1 <= len(lots) <= rules.MAX_LOTS:
        raise MANY(what="lots", limit=rules.MAX_LOTS)
    made = [_new_lot(ctx, tender, buyer.uscc, number, given)
            for number, given in enumerate(lots, 1)]
    _check_lots(ctx, tender, made, made)
    ctx.record(tender.id, {"ocid": tender.ocid, "lots": [lot.id for lot in made]},
               tender_id=tender.id)
    return tender


def _new_lot(ctx: Act, tender: Tender, buyer_uscc: str, number: int, given: dict) -> Lot:
    profile = profile_in_force(ctx.session, given["regime"], tender.region, beijing_day(ctx.now))
    operator = wiring().settings.get("operator_uscc", buyer_uscc)
    stated = rules.lot_defaults(profile, given.get("method", "open")) | given
    stated["guarantee"] = {"kinds": list(rules.GUARANTEE_KINDS)} | stated["guarantee"]
    stated["access"] = access.normal(stated["access"])
    lot = Lot(id=new_id(), tender_id=tender.id, number=number,
              section_code=codes.section_code(tender.code, number),
              deal_code=codes.deal_code(given["category"], operator, beijing_day(ctx.now)),
              **{name: stated[name] for name in LOT_FIELDS})
    ctx.session.add(lot)
    return lot


def _check_lots(ctx: Act, tender: Tender, lots: list[Lot], timed: list[Lot]) -> None:
    """Refuse at once what no later edit of something else could make right.

    Only the `timed` lots' deadlines are judged: an old draft stays editable, and its notice
    cannot be submitted before its deadline is mended.
    """
    profiles = profiles_of(ctx.session, tender, lots, beijing_day(ctx.now))
    for lot in lots:
        profile = profiles[lot.regime]
        rules.check_guarantee(profile, lot.category, lot.estimate_fen,
                              lot.guarantee["amount_fen"])
        if lot.deadline is not None and lot in timed:
            rules.check_lot_deadline(lot, profile, ctx.now)
    for profile in profiles.values():
        rules.check_limits(profile, [(lot.category, lot.estimate_fen) for lot in lots])


@act("tender.edited", law="招标投标法 16, 19", action="project.edit")
def edit_tender(ctx: Act, tender_id: str, *, if_match: int, lots: list[dict] = (),
                **fields) -> Tender:
    """Change a draft: the fields given, and the lots named by their id; others are added."""
    tender, present = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    if if_match != tender.version:
        raise STALE(version=tender.version)
    for name, value in fields.items():
        setattr(tender, name, value)
    by_id = {lot.id: lot for lot in present}
    timed = [_edit_lot(ctx, tender, by_id, dict(given)) for given in lots]
    if len(by_id) > rules.MAX_LOTS:
        raise MANY(what="lots", limit=rules.MAX_LOTS)
    _check_lots(ctx, tender, list(by_id.values()), [lot for lot in timed if lot is not None])
    voided = changed_draft(ctx, tender)
    changed = sorted({*fields, *(name for given in lots for name in given if name != "id")})
    ctx.record(tender.id, {"version": tender.version, "fields": changed,
                           "submission_voided": voided}, tender_id=tender.id)
    return tender


def _edit_lot(ctx: Act, tender: Tender, by_id: dict[str, Lot], given: dict) -> Lot | None:
    """Change or add one lot; return it when its deadline must be judged anew."""
    lot_id = given.pop("id", None)
    if lot_id is None:
        buyer = ctx.session.get(Party, tender.buyer_id)
        lot = _new_lot(ctx, tender, buyer.uscc, len(by_id) + 1, given)
        by_id[lot.id] = lot
        return lot
    if lot_id not in by_id:
        raise NOT_FOUND()
    if "guarantee" in given:
        given["guarantee"] = {"kinds": list(rules.GUARANTEE_KINDS)} | given["guarantee"]
    if "access" in given:
        given["access"] = access.normal(given["access"])
    given = _judged_anew(ctx, tender, by_id[lot_id], given) | given
    for name, value in given.items():
        setattr(by_id[lot_id], name, value)
    return by_id[lot_id] if {
        "deadline", "price_method", "regime", "grounds"} & given.keys() else None


def _judged_anew(ctx: Act, tender: Tender, lot: Lot, given: dict) -> dict:
    """What a lot says of its judging once its method is another that is judged otherwise."""
    kinds = [PRICE_METHODS.get(name) for name in (lot.method, given.get("method", lot.method))]
    if kinds[0] == kinds[1]:
        return {}
    profile = profile_in_force(ctx.session, given.get("regime", lot.regime), tender.region,
                               beijing_day(ctx.now))
    return rules.judged_by(profile, given["method"])


@act("document.added", law="招标投标法 19; 电子招标投标办法 20", action="project.edit")
def add_document(ctx: Act, tender_id: str, *, name: str, kind: str, media_type: str, size: int,
                 digest: str) -> Document:
    """Add a file, already stored and checked, to the bidding documents of a draft."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    present = documents_of(ctx.session, tender_id)
    if len(present) >= rules.MAX_DOCUMENTS:
        raise MANY(what="documents", limit=rules.MAX_DOCUMENTS)
    document = Document(id=new_id(), tender_id=tender_id, kind=kind,
                        position=max([one.position for one in present], default=0) + 1,
                        name=name, media_type=media_type, size=size, hash=digest,
                        added_at=ctx.now)
    ctx.session.add(document)
    ctx.session.flush()
    voided = changed_draft(ctx, tender)
    ctx.record(document.id, {"document_hash": digest, "size": size, "version": tender.version,
                             "submission_voided": voided}, tender_id=tender_id)
    return document


@act("document.removed", law="招标投标法 19", action="project.edit")
def remove_document(ctx: Act, tender_id: str, document_id: str) -> Tender:
    """Take a file out of a draft's bidding documents again."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    document = ctx.session.get(Document, document_id, populate_existing=True)
    if document is None or document.tender_id != tender_id:
        raise NOT_FOUND()
    digest = document.hash
    ctx.session.delete(document)
    ctx.session.flush()
    voided = changed_draft(ctx, tender)
    ctx.record(document_id, {"document_hash": digest, "version": tender.version,
                             "submission_voided": voided}, tender_id=tender_id)
    return tender


@act("items.set", law="招标投标法 19", action="project.edit", lot=True)
def set_items(ctx: Act, lot_id: str, *, items: list[dict], if_match: int | None = None) -> Lot:
    """Replace the bill of quantities of a draft lot."""
    tender, lots = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    ctx.permit(lot_id=lot_id)
    voided = changed_draft(ctx, tender, if_match)
    if len(items) > rules.MAX_ITEMS:
        raise MANY(what="items", limit=rules.MAX_ITEMS)
    ctx.session.execute(delete(Item).where(Item.lot_id == lot_id))
    if items:
        ctx.session.execute(insert(Item), [
            {"id": new_id(), "lot_id": lot_id, "position": position} | item
            for position, item in enumerate(items, 1)])
    ctx.record(lot_id, {"items": len(items), "version": tender.version,
                        "items_hash": rules.items_hash(items_of(ctx.session, lot_id)),
                        "submission_voided": voided}, lot_id=lot_id, tender_id=tender.id)
    return next(lot for lot in lots if lot.id == lot_id)
