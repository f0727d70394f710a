"""What a unit has to do in its own tenders, and how a draft or a running lot of it stands.

For the buyer's own people and for who acts for it; nothing here changes anything, and nothing
of a bid is looked at: only phases, which are public.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from audit.act import wiring
from audit.actor import Actor
from kernel.canonical import parse
from people.model import Party

from . import amendment, rules, timetable
from .acts.publishing import Looking, findings_of
from .lifecycle import Facts, Phase, awarded_at, phase
from .model import (
    AgencyAuthority,
    DirectAward,
    Lot,
    Notice,
    NoticeDraft,
    Question,
    SentBack,
    Template,
    Tender,
)
from .notices import Section
from .profile import has, number
from .reading import facts_of, items_of, live_notice, lots_of, until_of
from .registration import in_force
from .schedule import schedule
from .sections import tender_sections
from .timetable import end_of

MOST = 300
"""Tenders of a unit that are looked through, the newest."""


@dataclass
class Task:
    """One thing that waits for the unit: `kind` says what, `due` by when at the latest."""

    kind: str
    tender_id: str | None
    """None where it is about a direct award, named by `about`."""
    title: str
    due: datetime | None = None
    lot_id: str | None = None
    lot_title: str | None = None
    count: int | None = None
    about: str | None = None


def own_tenders(session: Session, actor: Actor, now: datetime):
    """The condition on Tender of one's own unit's, and of those it acts for as an agency."""
    given = [row for row in session.scalars(select(AgencyAuthority).where(
        AgencyAuthority.agency_id == actor.party_id)) if in_force(row, now)]
    return or_(Tender.buyer_id == actor.party_id,
               Tender.buyer_id.in_([row.buyer_id for row in given if row.tender_id is None]),
               Tender.id.in_([row.tender_id for row in given if row.tender_id]))


def is_own(session: Session, actor: Actor, tender: Tender, now: datetime) -> bool:
    """Whether the actor's unit is the tender's buyer or acts for it now."""
    return session.scalar(select(func.count()).where(
        Tender.id == tender.id, own_tenders(session, actor, now))) > 0


def waiting(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """What waits for the actor's unit, what is due first before the rest."""
    tenders = {one.id: one for one in session.scalars(
        select(Tender).where(own_tenders(session, actor, now))
        .order_by(Tender.created_at.desc(), Tender.id).limit(MOST))}
    lots = list(session.scalars(select(Lot).where(Lot.tender_id.in_(tenders))
                                .order_by(Lot.tender_id, Lot.number)))
    facts = facts_of(session, [lot.id for lot in lots])
    found = [*_approvals(session, actor, tenders, lots), *_awards(session, actor),
             *_questions(session, tenders, lots, facts, now)]
    for lot in lots:
        found += _steps(tenders[lot.tender_id], lot, facts[lot.id], now)
    return sorted(found, key=lambda one: (one.due is None, one.due, one.kind, one.title))


def _approvals(session: Session, actor: Actor, tenders: dict[str, Tender],
               lots: Iterable[Lot]) -> list[Task]:
    """Drafts, and what was submitted: for a second person, or waiting for one."""
    found, standing = [], {}
    deadlines: dict[str, list[datetime]] = {}
    for lot in lots:
        if lot.deadline is not None:
            deadlines.setdefault(lot.tender_id, []).append(lot.deadline)
    for notice in session.scalars(select(Notice).where(
            Notice.tender_id.in_(tenders), Notice.voided_at.is_(None))):
        standing[notice.tender_id] = notice
    for tender in tenders.values():
        if tender.published_at is not None:
            continue
        notice = standing.get(tender.id)
        kind = "draft" if notice is None else \
            "submitted" if notice.submitted_person == actor.person_id else "approve"
        found.append(Task(kind, tender.id, tender.title,
                          min(deadlines.get(tender.id, ()), default=None)))
    for draft in session.scalars(select(NoticeDraft).where(
            NoticeDraft.tender_id.in_(tenders), NoticeDraft.ended_at.is_(None))):
        what = "amendment" if draft.kind == "amendment" else "advance"
        kind = what if draft.content_hash is None else f"{what}-submitted" \
            if draft.submitted_person == actor.person_id else f"{what}-approve"
        tender = tenders[draft.tender_id]
        found.append(Task(kind, tender.id, tender.title,
                          min(deadlines.get(tender.id, ()), default=None), about=draft.id))
    return found


def _awards(session: Session, actor: Actor) -> list[Task]:
    """Direct awards of one's own unit that are not published: for a second person, or waiting."""
    return [Task("direct" if row.drafted_person == actor.person_id else "direct-approve", None,
                 row.title, about=row.id)
            for row in session.scalars(select(DirectAward).where(
                DirectAward.buyer_id == actor.party_id, DirectAward.published_at.is_(None),
                DirectAward.given_up_at.is_(None)).order_by(DirectAward.drafted_at))]


def _questions(session: Session, tenders: dict[str, Tender], lots: Iterable[Lot],
               facts: dict[str, Facts], now: datetime) -> list[Task]:
    """Questions without an answer, by the last instant that moves no deadline (T3)."""
    counts = dict(session.execute(
        select(Question.lot_id, func.count()).where(
            Question.lot_id.in_([lot.id for lot in lots]), Question.answered_at.is_(None))
        .group_by(Question.lot_id)).all())
    return [Task("questions", lot.tender_id, tenders[lot.tender_id].title,
                 timetable.before(lot.deadline, amendment.span(lot.profile, lot.method)), lot.id, lot.title,
                 counts[lot.id]) for lot in lots
            if lot.id in counts and phase(facts[lot.id], now) is Phase.BIDDING]


OURS = {Phase.OPENED: "draw", Phase.EVALUATED: "candidates", Phase.AWARDING: "award",
        Phase.AWARDED: "contract"}
"""Phases in which the buyer moves next, and what it does."""


def _steps(tender: Tender, lot: Lot, facts: Facts, now: datetime) -> list[Task]:
    present = phase(facts, now)
    if present not in OURS:
        return []
    kind, due = OURS[present], None
    if kind == "candidates" and "candidates_published" in facts.outcomes:
        if "ranked" in facts.outcomes:
            return []
        kind, due = "committee", facts.publicity_ends
    elif kind == "candidates" and lot.method == "lottery" and "ranked" not in facts.outcomes:
        kind = "lottery"
    elif kind == "candidates":
        due = end_of(timetable.report_to_publicity(
            facts.outcomes["report_concluded"], number(lot.profile, "T7.publicity_start_days")))
    elif kind == "contract":
        due = end_of(timetable.contract_due(awarded_at(facts.outcomes), lot.profile))
    return [Task(kind, tender.id, tender.title, due, lot.id, lot.title)]


# --- one tender -----------------------------------------------------------------------------------
def work(session: Session, actor: Actor, tender: Tender, now: datetime) -> dict[str, object]:
    """How a tender of one's own stands: what keeps a draft from being published, the dates it
    would have, what a change would ask of a running lot's deadline."""
    lots = lots_of(session, tender.id)
    facts = facts_of(session, [lot.id for lot in lots])
    draft = tender.published_at is None
    found, profiles = [], {lot.regime: lot.profile for lot in lots}
    if draft:
        found, profiles, _ = findings_of(Looking(session, now), tender, lots)
    template = tender.template_id and session.get(Template, tender.template_id)
    return {"tender_id": tender.id, "draft": draft, "findings": found,
            "submission": _submission(session, actor, tender),
            "sent_back": session.scalars(select(SentBack).where(
                SentBack.tender_id == tender.id).order_by(SentBack.at.desc())).first(),
            "template": template and {"id": template.id, "name": template.name,
                                      "version": template.version},
            "lots": [_lot(session, lot, profiles[lot.regime], facts[lot.id], now)
                     for lot in lots]}


def _submission(session: Session, actor: Actor, tender: Tender) -> dict[str, object] | None:
    notice = live_notice(session, tender.id)
    return notice and {"number": notice.number, "content_hash": notice.content_hash,
                       "submitted_at": notice.submitted_at, "published_at": notice.published_at,
                       "own": notice.submitted_person == actor.person_id}


def _lot(session: Session, lot: Lot, profile, facts: Facts, now: datetime) -> dict[str, object]:
    dates, after = (), None
    if facts.published is None and lot.deadline is not None:
        dates = schedule(lot, profile, Facts(lot.deadline, None, {"published": now}))
    elif facts.published is not None and profile is not None:
        dates = schedule(lot, profile, facts, suspended_until=until_of(session, lot.id, facts))
    if phase(facts, now) in (Phase.BIDDING, Phase.SUSPENDED) and lot.deadline is not None:
        after = amendment.earliest(profile, lot.method, lot.deadline, now)
    counts = session.scalar(select(func.count()).where(
        Question.lot_id == lot.id, Question.answered_at.is_(None)))
    rule = rules.rule_of_deadline(lot, profile)
    return {"lot_id": lot.id, "number": lot.number, "profile": _profile(profile),
            "earliest_deadline": timetable.earliest_deadline(
                profile, now, method=lot.method,
                comprehensive=rules.comprehensive(lot.price_method))
            if facts.published is None else None,
            "rule": rule, "dates": dates, "after_change": after, "questions": counts,
            "guarantee_cap_fen": rules.guarantee_cap(profile, lot.category, lot.estimate_fen)}


def _profile(profile) -> dict[str, object]:
    return {"id": profile["id"], "title": profile["title"], "numbers": {
        name: one for name, one in profile["numbers"].items() if has(profile, name)}}


# --- what a second person reads -------------------------------------------------------------------
def read_notice(session: Session, tender: Tender, notice: Notice) -> dict[str, object]:
    """The submitted notice in the sections it will be published in, and what differs: from the
    submission before it, else from the template that the draft was begun from."""
    buyer, url = session.get_one(Party, tender.buyer_id), str(wiring().settings.get("public_url", ""))
    content = parse(notice.content)
    sections = tender_sections(content, buyer.name, url)
    earlier = session.scalars(select(Notice).where(
        Notice.tender_id == tender.id, Notice.number < notice.number)
        .order_by(Notice.number.desc())).first()
    template = tender.template_id and session.get(Template, tender.template_id)
    before, against = None, None
    if earlier is not None:
        before, against = parse(earlier.content), "submission"
    elif template:
        before, against = _as_kept(session, tender, content, template), "template"
    return {"tender_id": tender.id, "content_hash": notice.content_hash,
            "submitted_at": notice.submitted_at, "against": against,
            "sections": sections, "changes": _changes(before, sections, buyer.name, url)}


def _changes(before: dict | None, after: list[Section], buyer: str, url: str) -> list[Section]:
    return [] if before is None else amendment.difference(
        tender_sections(before, buyer, url), after)


def _as_kept(session: Session, tender: Tender, content: dict, template: Template) -> dict:
    """The content as it would be if the draft still said what the template says."""
    body, lots = template.body, []
    for lot, kept in zip(lots_of(session, tender.id), body["lots"], strict=False):
        stated = {column.name: getattr(lot, column.name) for column in Lot.__table__.columns}
        items = [SimpleNamespace(position=place, **one)
                 for place, one in enumerate(kept["items"], 1)]
        lots.append(rules.lot_content(
            SimpleNamespace(**stated | {name: kept[name] for name in kept if name != "items"}),
            items if kept["items"] else items_of(session, lot.id)))
    documents = [{"name": one["name"], "kind": one["kind"], "media_type": one["media_type"],
                  "size": one["size"], "hash": one["digest"]} for one in body["documents"]]
    return content | {"title": body["title"], "description": body["description"],
                      "funding": body["funding"], "lots": lots, "documents": documents}
