"""Tendering again what failed or was ended: a new draft, linked to the round before it."""

from __future__ import annotations

from collections.abc import Sequence

from audit.act import Act, act

from ..lifecycle import Phase
from ..model import Lot, LotSuccession, Tender
from ..reading import documents_of, facts_of, items_of, phase_of, succession_of
from ..refusals import NOT_ENDED
from .course import lock_tender
from .drafting import LOT_FIELDS, add_document, create_tender, set_items
from .halting import lock_of

TENDER_FIELDS = ("title", "description", "region", "funding", "approval_no")
"""What a new round says of its project like the one before."""

ENDED = (Phase.FAILED, Phase.TERMINATED)


@act("tender.retendered", law="招标投标法 28, 42; 实施条例 31, 44, 55", action="tender.retender",
     lot=True)
def retender(ctx: Act, lot_id: str, *, also: Sequence[str] = ()) -> Tender:
    """Begin the next round of a lot that failed or was ended, and of `also` others of its
    tender: a draft with the same terms, bill and documents, without a deadline.

    Officials and their keys are not taken over, nor is anything of the bids. Raises NOT_ENDED,
    RETENDERED (each lot has one successor), and what a new draft is refused for.
    """
    _, before, lots = lock_of(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    wanted = {lot_id, *also}
    chosen = [lot for lot in lots if lot.id in wanted]
    for lot in chosen:
        if phase_of(ctx.session, lot.id, ctx.now) not in ENDED:
            raise NOT_ENDED(number=lot.number)
    made = create_tender(
        ctx, lots=[{name: getattr(lot, name) for name in LOT_FIELDS} | {"deadline": None}
                   for lot in chosen],
        **{name: getattr(before, name) for name in TENDER_FIELDS})
    _, fresh = lock_tender(ctx, made.id)
    links = [_link(ctx, old, new) for old, new in zip(chosen, fresh, strict=True)]
    for document in documents_of(ctx.session, before.id):
        if document.replaced_by is not None:  # an amendment put another file in its place
            continue
        add_document(ctx, made.id, name=document.name, kind=document.kind,
                     media_type=document.media_type, size=document.size, digest=document.hash)
    ctx.record(made.id, {"before": before.id, "lots": [
        {"lot": link.lot_id, "before": link.predecessor_id, "attempt": link.attempt,
         "failures": link.failures} for link in links]}, tender_id=made.id)
    return made


def _link(ctx: Act, old: Lot, new: Lot) -> LotSuccession:
    earlier = succession_of(ctx.session, old.id)
    failed = "failed" in facts_of(ctx.session, [old.id])[old.id].outcomes
    link = LotSuccession(
        lot_id=new.id, predecessor_id=old.id, attempt=(earlier.attempt if earlier else 1) + 1,
        failures=(earlier.failures if earlier else 0) + failed)
    ctx.session.add(link)
    lines = items_of(ctx.session, old.id)
    if lines:
        set_items(ctx, new.id, items=[
            {"code": line.code, "description": line.description, "unit": line.unit,
             "quantity": line.quantity} for line in lines])
    return link
