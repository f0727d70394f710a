"""Templates: what a unit keeps of a project of its own and begins others from.

A template is made from a tender: its lots as they were stated, but for their deadlines, and its
documents, which lie in the store under their hashes. A version is never changed; a later one takes
its place, and says with whom it is shared.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from audit.act import Act, act
from kernel.canonical import jcs, sha256
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND

from ..model import Template, Tender
from ..reading import documents_of, items_of, lots_of
from ..sharing import template_for
from .course import lock_tender
from .drafting import LOT_FIELDS, add_document, create_tender, set_items

KEPT = tuple(name for name in LOT_FIELDS if name != "deadline")


@act("template.kept", law="规则：范本", action="project.create", disclose="never")
def keep_template(ctx: Act, *, name: str, tender_id: str, shared_with: Sequence[str] = (),
                  family: str | None = None) -> Template:
    """Keep a tender of one's own unit as a template, or as the next version of the template
    `family`. `shared_with`: parties' ids, or `*` for everybody."""
    ctx.permit()
    tender, lots = lock_tender(ctx, tender_id)
    own = ctx.actor.party_id
    if own is None:
        raise DENIED()
    if tender.buyer_id != own:
        raise NOT_FOUND()
    last = 0
    if family is not None:
        last = ctx.session.scalar(select(func.max(Template.version)).where(
            Template.family == family, Template.party_id == own)) or 0
        if not last:
            raise NOT_FOUND()
    body = _kept(ctx, tender, lots)
    row = Template(id=new_id(), party_id=own, name=name, version=last + 1, body=body,
                   family="", shared_with=sorted(set(shared_with)), kept_at=ctx.now)
    row.family = family or row.id
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"family": row.family, "version": row.version, "from": tender_id,
                        "body_hash": sha256(jcs(body)).hex(), "shared_with": row.shared_with})
    return row


def _kept(ctx: Act, tender: Tender, lots: list) -> dict[str, object]:
    return {
        "title": tender.title, "description": tender.description, "funding": tender.funding,
        "lots": [{name: getattr(lot, name) for name in KEPT} | {"items": [
            {"code": one.code, "description": one.description, "unit": one.unit,
             "quantity": one.quantity} for one in items_of(ctx.session, lot.id)]} for lot in lots],
        "documents": [{"name": one.name, "kind": one.kind, "media_type": one.media_type,
                       "size": one.size, "digest": one.hash}
                      for one in documents_of(ctx.session, tender.id) if one.replaced_by is None]}


@act("template.used", law="招标投标法 19", action="project.create")
def begin_from_template(ctx: Act, template_id: str, *, title: str, region: str,
                        approval_no: str = "", buyer: str | None = None) -> Tender:
    """Begin a draft from a template of one's own or one that is shared: lots, bills, documents."""
    ctx.permit()
    row = template_for(ctx.session, template_id, ctx.actor.party_id)
    stated = [{name: lot[name] for name in KEPT} for lot in row.body["lots"]]
    tender = create_tender(ctx, lots=stated, buyer=buyer, title=title, region=region,
                           description=row.body["description"], funding=row.body["funding"],
                           approval_no=approval_no, template_id=row.id)
    for lot, kept in zip(lots_of(ctx.session, tender.id), row.body["lots"], strict=True):
        if kept["items"]:
            set_items(ctx, lot.id, items=kept["items"])
    for one in row.body["documents"]:
        add_document(ctx, tender.id, **one)
    ctx.record(tender.id, {"template": row.id, "version": row.version}, tender_id=tender.id)
    return tender
