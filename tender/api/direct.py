"""Routes of direct awards (直接发包)."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import BinaryIO

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.canonical import sha256
from kernel.refusal import NOT_FOUND
from people.edge import Page, allow, etag, page
from people.exchange import moment
from people.exchange import reading as session
from people.model import Party

from .. import acts, direct, directs, files, schemas, signed
from ..model import DirectAward, DirectNotice, DirectObjection
from ..timetable import beijing_day
from .book import api
from .documents import send_document, stored

OWN = "/direct-awards/<award_id>"


def _award(award_id: str) -> DirectAward:
    row = session().get(DirectAward, award_id)
    if row is None:
        raise NOT_FOUND()
    return row


def _view(row: DirectAward) -> dict[str, object]:
    return _views([row])[0]


def _views(rows: Sequence[DirectAward]) -> list[dict[str, object]]:
    """How each is shown, with what hangs on them asked once for all."""
    ids = [row.id for row in rows]
    buyers = {one.id: one for one in session().scalars(
        select(Party).where(Party.id.in_({row.buyer_id for row in rows})))}
    published: dict[str, list[DirectNotice]] = {one: [] for one in ids}
    for notice in session().scalars(
            select(DirectNotice).where(DirectNotice.award_id.in_(ids))
            .order_by(DirectNotice.published_at, DirectNotice.kind)):
        published[notice.award_id].append(notice)
    answered = directs.answered_of(session(), ids)
    signatures = signed.of_awards(session(), rows)
    return [{column.name: getattr(row, column.name) for column in row.__table__.columns} | {
        "buyer": {"name": buyer.name, "uscc": buyer.uscc},
        "given_up": row.given_up_at is not None,
        "notices": [_notice(one, signatures[row.id]) for one in published[row.id]],
        "objections": answered[row.id],
        "content_hash": row.content_hash or sha256(direct.content(row, buyer.uscc)).hex()}
        for row, buyer in ((row, buyers[row.buyer_id]) for row in rows)]


def _notice(one: DirectNotice, signatures: list[dict[str, object]]) -> dict[str, object]:
    return {name: getattr(one, name) for name in (
        "kind", "content", "content_hash", "signature", "published_at")} | {
        "signatures": signatures if one.kind == "direct_award" else []}


@api.post("/direct-awards", action="direct.state", body=schemas.DirectAwardIn,
          returns=schemas.DirectAwardOut, status=201)
def state_direct_award(actor: Actor, body):
    """State an award of one's own unit that nobody is to bid for; a draft."""
    return _view(acts.state_direct_award(actor, **body))


@api.post(OWN + "/minutes", action="direct.manage", query=schemas.MinutesQuery,
          returns=schemas.DirectAwardOut, status=201, stream=True, limit=files.LIMIT)
def add_minutes(actor: Actor, body: BinaryIO, query, award_id: str):
    """Attach the minutes of the collective decision to a draft; its kind is told by its content."""
    allow("direct.manage", owner=_award(award_id).buyer_id)
    return _view(acts.add_minutes(actor, award_id, **stored(body, query["name"])))


@api.put(OWN, action="direct.manage", body=schemas.DirectAwardIn, if_match=True,
         returns=schemas.DirectAwardOut)
def restate_award(actor: Actor, body, award_id: str, if_match: int):
    """Change what a draft says, as the one who stated it; If-Match names the version that its work
    told. The minutes stay."""
    return _view(acts.restate_award(actor, award_id, if_match=if_match, **body))


@api.delete(OWN, action="direct.manage", returns=schemas.DirectAwardOut)
def give_up_award(actor: Actor, award_id: str):
    """Give a draft up."""
    return _view(acts.give_up_award(actor, award_id))


@api.post(OWN + "/signature", action="direct.manage", body=schemas.SignedIn,
          returns=schemas.SignedOut, status=201)
def sign_award(actor: Actor, body, award_id: str):
    """Sign the direct award that one stated, with a key of one's own."""
    return acts.sign_award(actor, award_id, **body)


@api.post(OWN + "/approval", action="direct.manage", body=schemas.ApprovalIn,
          returns=schemas.DirectAwardOut, status=201)
def approve_award(actor: Actor, body, award_id: str):
    """Approve and so publish a direct award: another person, naming the hash of what it read."""
    return _view(acts.approve_award(actor, award_id, **body))


@api.post(OWN + "/contract", action="direct.manage", body=schemas.DirectContractIn,
          returns=schemas.DirectAwardOut, status=201)
def contract_award(actor: Actor, body, award_id: str):
    """Register the signed contract of a direct award."""
    return _view(acts.contract_award(actor, award_id, **body))


@api.post(OWN + "/objections", action="direct.object", body=schemas.DirectObjectionIn,
          returns=schemas.DirectObjectionOut, status=201)
def object_to_award(actor: Actor, body, award_id: str):
    """Object to a direct award while it stands in public, as another company; once."""
    return directs.objection_view(acts.object_to_award(actor, award_id, **body), inside=True)


@api.get(OWN + "/objections", action="direct.manage", returns=schemas.DirectObjectionOut,
         many=True)
def list_award_objections(actor: Actor, award_id: str):
    """What is objected to an award of one's own unit, without the objector."""
    allow("direct.manage", owner=_award(award_id).buyer_id)
    return [directs.objection_view(one, inside=True)
            for one in directs.objections(session(), award_id)]


@api.get("/direct-objections/<objection_id>/evidence/<digest>", action="direct.manage")
def download_award_evidence(actor: Actor, objection_id: str, digest: str) -> Response:
    """A paper that an objection to an award rests on, for who must answer it."""
    row = session().get(DirectObjection, objection_id)
    if row is None or digest not in row.evidence:
        raise NOT_FOUND()
    allow("direct.manage", owner=_award(row.award_id).buyer_id)
    return send_document(acts.paper_of(session(), row.party_id, digest), cache="no-store")


@api.post("/direct-objections/<objection_id>/answer", action="direct.manage",
          body=schemas.DirectObjectionAnswerIn, returns=schemas.DirectObjectionOut, status=201)
def answer_award_objection(actor: Actor, body, objection_id: str):
    """Answer an objection to an award, once and before everybody; upheld, the award falls."""
    return directs.objection_view(acts.answer_award_objection(actor, objection_id, **body),
                                  inside=True)


@api.get(OWN + "/minutes", action="direct.minutes")
def get_minutes(actor: Actor, award_id: str) -> Response:
    """The minutes, for the buyer's own people and the supervisor of the place; others have the hash."""
    row = _award(award_id)
    allow("direct.minutes", owner=row.buyer_id, region=row.region)
    if row.minutes_hash is None:
        raise NOT_FOUND()
    return send_document(SimpleNamespace(hash=row.minutes_hash, name=row.minutes_name,
                                         media_type=row.minutes_type, size=row.minutes_size),
                         cache="no-store")


@api.get("/direct-awards/own", audience="self", returns=schemas.DirectAwardOut, many=True)
def list_own_awards(actor: Actor) -> Page:
    """One's own unit's direct awards, drafts among them, the newest first."""
    if actor.party_id is None:
        return Page([])
    found = page(session(), select(DirectAward).where(DirectAward.buyer_id == actor.party_id),
                 DirectAward.drafted_at, DirectAward.id, descending=True)
    return Page(_views(found.items), found.next)


@api.get(OWN + "/work", audience="self", returns=schemas.DirectWorkOut)
def get_award_work(actor: Actor, award_id: str):
    """How a direct award of one's own unit stands: what keeps a draft from being approved."""
    row = _award(award_id)
    if actor.account_id is None or row.buyer_id != actor.party_id:
        raise NOT_FOUND()
    found, draft = [], row.published_at is None and row.given_up_at is None
    own, waits = row.drafted_person == actor.person_id, None
    buyer = session().get_one(Party, row.buyer_id)
    if draft:
        found, profile = acts.award_findings(session(), row, buyer.uscc, beijing_day(moment()))
        waits = signed.waiting(session(), actor, row, sha256(
            direct.content(row, buyer.uscc)).hex(), [profile], own=own)
    version = direct.version(row, buyer.uscc) if draft else None
    if draft:
        etag(version)
    return {"id": row.id, "draft": draft, "findings": found, "own": own, "signing": waits,
            "version": version}


@api.get("/direct-awards", audience="open", returns=schemas.DirectAwardRow, many=True)
def list_direct_awards(actor: Actor) -> Page:
    """Published direct awards, the newest first."""
    return page(session(), select(DirectAward).where(DirectAward.published_at.is_not(None)),
                DirectAward.published_at, DirectAward.id, descending=True)


@api.get(OWN, audience="open", returns=schemas.DirectAwardOut)
def get_direct_award(actor: Actor, award_id: str):
    """A direct award with its notices; a draft for its own unit alone."""
    row = _award(award_id)
    if row.published_at is None and row.buyer_id != actor.party_id:
        raise NOT_FOUND()
    return _view(row)


@api.get(OWN + "/notices/<kind>/pdf", audience="open")
def get_direct_pdf(actor: Actor, award_id: str, kind: str) -> Response:
    """The published result, or contract, as PDF: the fields of its JSON, in their order."""
    from .. import notice_pdf  # see get_notice_pdf

    notice = session().scalars(select(DirectNotice).where(
        DirectNotice.award_id == award_id, DirectNotice.kind == kind)).one_or_none()
    if notice is None:
        raise NOT_FOUND()
    return Response(notice_pdf.pdf(notice.content, notice.content_hash, notice.signature),
                    mimetype="application/pdf", headers={
                        "Content-Disposition": f'inline; filename="{notice.kind}.pdf"',
                        "X-Content-Type-Options": "nosniff", "ETag": f'"{notice.content_hash}"'})
