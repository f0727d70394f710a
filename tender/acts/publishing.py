"""From a draft to a published notice: submission freezes, a second person publishes.

The hooks are how the books above have their say in a notice; portal's factory fills them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from audit import spelled
from audit.act import Act, act, wiring
from audit.columns import write_columns
from audit.held import keep
from kernel.canonical import jcs, sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED
from people.model import Party

from .. import invited, notices, regime, rules
from ..model import Lot, Notice, PublishedNotice, Tender
from ..parts import parts_of, published_parts
from ..profile import Profile
from ..reading import (
    bills_of,
    documents_of,
    live_notice,
    lots_of,
    profiles_of,
)
from ..refusals import (
    ALREADY_SUBMITTED,
    INCOMPLETE,
    NOT_SUBMITTED,
    NOTICE_CHANGED,
    SAME_PERSON,
)
from ..scanned import infected
from ..sections import tender_sections
from ..terms import terms_of
from ..timetable import beijing_day
from .course import decide_publication, hold_tender, keep_facts, lock_unit
from .own_signing import signed_facts, subject_of

publish_hooks: list[Callable[[Act, Tender, list[Lot]], dict[str, dict[str, object]] | None]] = []
"""Called inside `notice.approved` with the outcome; each may refuse, or say by the lots' ids which
columns are filled in."""


finding_hooks: list[Callable[[Act, Tender, list[Lot]], list[dict]]] = []
"""Called by `notice.submitted`; each returns findings `{field, zh, en, law}` of its book."""


content_hooks: list[Callable[[object, Tender, list[Lot]], dict]] = []
"""Called with a session; what each returns is part of the content that is frozen at submission,
so that a change to it between submission and approval is caught."""


restated_hooks: list[Callable[[object, Tender], dict]] = []
"""Called with a session; each returns what of that content a published amendment has changed."""


def content_of(session, tender: Tender, lots: list[Lot]) -> bytes:
    """The canonical content of the notice as the draft states it now."""
    more: dict[str, object] = {}
    for hook in content_hooks:
        more |= hook(session, tender, lots)
    return _stated(session, tender, lots, more)


def _stated(session, tender: Tender, lots: list[Lot], more: dict[str, object]) -> bytes:
    buyer, bills = session.get(Party, tender.buyer_id), bills_of(session, lots)
    return rules.notice_content(
        tender, buyer.uscc, [rules.lot_content(lot, bills[lot.id]) for lot in lots],
        documents_of(session, tender.id), more)


def _refuse_findings(ctx: Act, tender: Tender, lots: list[Lot]
                     ) -> tuple[dict[str, Profile], dict[str, list[tuple]]]:
    """Refuse a notice with findings that no reason excuses; else the profiles and the alerts of
    splitting, each by regime."""
    found, profiles, alerts = findings_of(ctx, tender, lots)
    if found:
        raise INCOMPLETE(count=len(found), findings=found)
    return profiles, alerts


@dataclass(frozen=True)
class Looking:
    """What finds without an act: a session to read with, and the time."""

    session: Session
    now: datetime


def findings_of(ctx: Act | Looking, tender: Tender, lots: list[Lot]
                ) -> tuple[list[dict], dict[str, Profile], dict[str, list[tuple]]]:
    """(all that keeps the notice from being published now and that no reason excuses, the
    profiles and the alerts of splitting, each by regime)."""
    profiles = profiles_of(ctx.session, tender, lots, beijing_day(ctx.now))
    found, alerts = [], {}
    bills = bills_of(ctx.session, lots)
    for lot in lots:
        found += rules.lot_findings(lot, profiles[lot.regime], ctx.now, len(bills[lot.id]))
    documents = documents_of(ctx.session, tender.id)
    found += rules.tender_findings(lots, [one.kind for one in documents], profiles)
    hashes = {one.hash for one in documents}
    for lot in lots:
        found += regime.resolution_findings(profiles[lot.regime], terms_of(lot).grounds, hashes,
                                            beijing_day(ctx.now))
    found += infected(ctx.session, [one for one in documents if one.replaced_by is None])
    for own in profiles:
        mine = [lot for lot in lots if lot.regime == own]
        alerts[own] = _alerts(ctx, tender, mine, profiles[own])
        split = regime.split_findings(profiles[own], alerts[own])
        if not any(regime.excused(profiles[own], terms_of(lot).grounds, "split.months")
                   for lot in mine):
            found += split
    for hook in finding_hooks:
        found += hook(ctx, tender, lots)
    return found, profiles, alerts


def _alerts(ctx: Act | Looking, tender: Tender, lots: list[Lot], profile: Profile) -> list[tuple]:
    day = beijing_day(ctx.now)
    since = regime.split_since(profile, day)
    return [] if since is None else regime.split_alert(
        profile, parts_of(tender, lots),
        published_parts(ctx.session, tender.buyer_id, since, tender.id), day)


def _departures(ctx: Act, lot: Lot, alerts: list[tuple]) -> dict[str, object]:
    """What the record says of a lot that departs from its profile, with whose reason's hash."""
    grounds = terms_of(lot).grounds
    said: dict[str, object] = {}
    names = []
    if grounds.reasons:  # Without a reason nothing excuses, and nothing that departs was let through.
        found = rules.all_findings(lot, lot.profile, ctx.now, 1)
        found += regime.split_findings(lot.profile, alerts)
        names = regime.departures(lot.profile, grounds, found)
    if names:
        said["departures"] = {name: sha256(grounds.reasons[name].encode()).hex()
                              for name in names}
    if alerts:
        said["split"] = [{"category": name, "total_fen": total, "limit_fen": limit,
                          "with": list(others)} for name, total, limit, others in alerts]
    return said


@act("notice.submitted", law="招标投标法 16; 电子招标投标办法 17", action="notice.submit")
def submit_notice(ctx: Act, tender_id: str) -> Notice:
    """Submit the notice for approval: its completeness is checked and its content frozen."""
    tender, lots = hold_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    _refuse_findings(ctx, tender, lots)
    content = content_of(ctx.session, tender, lots)
    digest = sha256(content).hex()
    standing = live_notice(ctx.session, tender_id)
    if standing is not None:
        if standing.content_hash == digest:
            raise ALREADY_SUBMITTED()
        standing.voided_at = ctx.now
        ctx.session.flush()
    count = ctx.session.scalar(select(func.count()).where(Notice.tender_id == tender_id))
    notice = Notice(id=new_id(), tender_id=tender_id, number=count + 1,
                    content=content.decode(), content_hash=digest, submitted_at=ctx.now,
                    submitted_by=ctx.actor.account_id, submitted_person=ctx.actor.person_id)
    ctx.session.add(notice)
    ctx.record(notice.id, {"content_hash": digest, "notice": notice.number},
               tender_id=tender_id)
    return notice


@act("notice.approved", law="招标投标法 16; 电子招标投标办法 17; 实施条例 15",
     action="notice.approve", fresh=True)
def approve_notice(ctx: Act, tender_id: str, *, content_hash: str,
                   signature: dict[str, object] | None = None) -> Notice:
    """Approve the submitted notice and so publish it; never by the person who submitted it.

    `content_hash` is what the approver read. The content must still be exactly that. `signature`
    is the approver's own over it; whether it must be there is a number of the rule profile.
    """
    tender, lots = hold_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    notice = live_notice(ctx.session, tender_id)
    if notice is None:
        raise NOT_SUBMITTED()
    if ctx.actor.person_id is None or ctx.actor.person_id == notice.submitted_person:
        raise SAME_PERSON()
    buyer = lock_unit(ctx, tender.buyer_id)
    keep(ctx.session, ("tender", tender_id), ("tender", "party"), (tender, buyer))
    content = content_of(ctx.session, tender, lots)
    if content_hash != notice.content_hash or sha256(content).hex() != notice.content_hash:
        raise NOTICE_CHANGED()
    profiles, alerts = _refuse_findings(ctx, tender, lots)
    signed = signed_facts(ctx, subject_of(notice), profiles.values(), signature)
    facts = decide_publication(ctx, tender, lots)
    filled = {lot.id: {"profile": profiles[lot.regime]} for lot in lots}
    for hook in publish_hooks:
        for lot_id, columns in (hook(ctx, tender, lots) or {}).items():
            filled[lot_id] |= columns
    write_columns(ctx.session, [(lot, filled[lot.id]) for lot in lots])
    keep_facts(ctx, tender_id, facts)
    write_columns(ctx.session, [(tender, {"published_at": ctx.now})])
    write_columns(ctx.session, [(notice, {
        "approved_by": ctx.actor.account_id, "approved_person": ctx.actor.person_id,
        "published_at": ctx.now})])
    publish_tender_notice(ctx, tender, json.loads(notice.content))
    ctx.record(notice.id, {
        "content_hash": notice.content_hash, "submitted_by": notice.submitted_by,
        "lots": [{"lot": lot.id, "deadline": time_text(lot.deadline), "suite": lot.suite,
                  "policy_hash": lot.policy_hash, "profile": lot.profile["id"],
                  "profile_hash": spelled.digest(profiles[lot.regime]),
                  **_departures(ctx, lot, alerts[lot.regime])}
                 for lot in lots], **signed}, tender_id=tender_id)
    return notice


def restate(ctx: Act, tender: Tender, lots: list[Lot]) -> PublishedNotice:
    """Publish the tender notice anew, as it reads now: what two people approved, with what was
    changed since. The caller holds the tender."""
    approved = json.loads(live_notice(ctx.session, tender.id).content)
    more = dict(approved["more"])
    for hook in restated_hooks:
        more |= hook(ctx.session, tender)
    present = json.loads(_stated(ctx.session, tender, lots, more))
    return publish_tender_notice(ctx, tender, present, number=1)


def publish_tender_notice(ctx: Act, tender: Tender, content: dict,
                          number: int | None = None) -> PublishedNotice:
    """Publish the tender notice of a content, of which there is one; `number` for a new version
    of it."""
    buyer = ctx.session.get(Party, tender.buyer_id)
    sections = tender_sections(content, buyer.name, str(wiring().settings.get("public_url", "")))
    return publish_notice(ctx, tender.id, "tender_notice", sections, number=number,
                          first=number is None)


@act("notice.published", law="招标投标法 16, 23, 45; 招标公告和公示信息发布管理办法 3, 10")
def publish_notice(ctx: Act, tender_id: str, kind: str, sections: Iterable[notices.Section], *,
                   lot_id: str | None = None, number: int | None = None,
                   first: bool = False) -> PublishedNotice:
    """Publish a notice of any kind, signed by the platform; only ever part of the act it tells of.

    `sections` are made with `notices.section` and `notices.row`. Without `number` it is a new
    notice of its kind; with it a new version of that one. `first`: the caller knows that there was
    none of its kind; where there was, NOTICE_RACED. The caller holds the tender's lots or the lot
    it is about.
    """
    tender = ctx.session.get_one(Tender, tender_id)
    lot = lot_id and ctx.session.get_one(Lot, lot_id)
    buyer = ctx.session.get(Party, tender.buyer_id)
    sections = list(sections)
    invited.refuse_named(ctx, [lot] if lot else lots_of(ctx.session, tender_id),
                         lambda: jcs(sections).decode())
    about = lot_id or tender_id
    number, version = (1, 1) if first else _place(ctx, about, kind, number)
    heading = {
        "number": number, "version": version, "tender": tender.id, "ocid": tender.ocid,
        "code": tender.code, "title": tender.title, "region": tender.region,
        "buyer": {"name": buyer.name, "uscc": buyer.uscc}, "lot": lot_id,
        "lot_number": lot and lot.number, "lot_title": lot and lot.title,
        "section_code": lot and lot.section_code, "published_at": time_text(ctx.now)}
    body = notices.content(kind, heading, sections)
    digest = sha256(body).hex()
    origin = str(wiring().settings["log_origin"])
    row = {
        "id": new_id(), "tender_id": tender_id, "lot_id": lot_id, "about": about, "kind": kind,
        "number": number, "version": version, "content": body.decode(), "content_hash": digest,
        "published_at": ctx.now,
        "signature": notices.sign(notices.statement(origin, {**heading, "kind": kind}, digest),
                                  wiring().platform_key)}
    ctx.session.flush()
    ctx.session.connection().execute(_PUBLISH, row)
    ctx.record(row["id"], {"kind": kind, "number": number, "version": version,
                           "content_hash": digest}, lot_id=lot_id, tender_id=tender_id)
    return PublishedNotice(**row)


_PUBLISH = insert(PublishedNotice.__table__)
_said = PublishedNotice.__table__.c
_LAST = select(func.max(_said.number), func.max(_said.version).filter(
    _said.number == bindparam("number"))).where(
        _said.about == bindparam("about"), _said.kind == bindparam("kind"))


def _place(ctx: Act, about: str, kind: str, number: int | None) -> tuple[int, int]:
    """The number and version of a notice that is to be published."""
    ctx.session.flush()
    last, version = ctx.session.connection().execute(
        _LAST, {"about": about, "kind": kind, "number": number or 0}).one()
    return (number, (version or 0) + 1) if number else ((last or 0) + 1, 1)
