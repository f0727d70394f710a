"""The register, the payments that nothing explains, the findings and the figures on them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from evaluation.model import Award, Contract
from kernel.refusal import NOT_FOUND
from people.model import Party
from people.reading import grants_of
from tender.model import Lot, Tender
from tender.profile import number
from tender.reading import profile_in_force
from tender.relations import prefix
from tender.timetable import beijing_day

from .. import figures as computed
from ..ledger import Known, Line, judge
from ..lifecycle import FindingFacts, FindingState, finding_state, overdue
from ..model import Ledger, Payment, Work, WorkFinding


def work(session: Session, work_id: str) -> Work:
    """The work; NOT_FOUND."""
    found = session.get(Work, work_id)
    if found is None:
        raise NOT_FOUND()
    return found


def ledger(session: Session, ledger_id: str) -> Ledger:
    """The imported list; NOT_FOUND."""
    found = session.get(Ledger, ledger_id)
    if found is None:
        raise NOT_FOUND()
    return found


def known_codes(session: Session, among: Collection[str]) -> set[str]:
    """Which of these codes the platform gave to something that was published."""
    named = sorted(set(among))
    found: set[str] = set()
    for column in (Lot.section_code, Lot.deal_code, Tender.code, Tender.ocid):
        query = select(column).select_from(Lot).join(Tender, Tender.id == Lot.tender_id).where(
            column.in_(named), Tender.published_at.is_not(None))
        found |= set(session.scalars(query))
    return found


def hits(session: Session, region: str, now: datetime, *, ledger_id: str | None = None,
         year: int | None = None) -> list[dict[str, object]]:
    """Payments of a region (of one list, of one year) that nothing explains, with why: `hit`, or
    `split` for smaller ones that reach the limit together."""
    query = select(Payment, Ledger).join(Ledger, Ledger.id == Payment.ledger_id).where(
        Ledger.region.startswith(region, autoescape=True)).order_by(Ledger.imported_at,
                                                                    Payment.ledger_id,
                                                                    Payment.number)
    if ledger_id is not None:
        query = query.where(Payment.ledger_id == ledger_id)
    if year is not None:
        query = query.where(Payment.day.startswith(f"{year:04d}-"))
    rows = [(payment, of) for payment, of in session.execute(query)]
    if not rows:
        return []
    place = max((of.region for _, of in rows), key=len)
    limit = number(profile_in_force(session, "village", place.ljust(6, "0"), beijing_day(now)),
                   "watch.payment_fen")
    lines = [Line(one.id, one.payer_uscc, one.payee_uscc, one.amount_fen, one.code)
             for one, _ in rows]
    judged = judge(lines, _known(session, lines), limit)
    return [{"id": one.id, "ledger_id": of.id, "row": one.number, "why": judged[one.id],
             "payer": one.payer, "payer_uscc": one.payer_uscc, "payee": one.payee,
             "payee_uscc": one.payee_uscc, "amount_fen": one.amount_fen, "day": one.day,
             "purpose": one.purpose, "code": one.code, "limit_fen": limit}
            for one, of in rows if judged[one.id] in ("hit", "split")]


def _known(session: Session, lines: list[Line]) -> Known:
    payers = sorted({one.payer for one in lines})
    won = select(Tender.buyer_id, Award.party_id, Contract.amount_fen).select_from(Contract).join(
        Award, Award.id == Contract.award_id).join(Lot, Lot.id == Contract.lot_id).join(
        Tender, Tender.id == Lot.tender_id).join(Party, Party.id == Tender.buyer_id).where(
        Party.uscc.in_(payers))
    rows = list(session.execute(won))
    codes = dict(session.execute(select(Party.id, Party.uscc).where(
        Party.id.in_({one for row in rows for one in row[:2]}))).all()) if rows else {}
    works = session.execute(select(Party.uscc, Work.contractor_uscc, Work.amount_fen).join(
        Party, Party.id == Work.party_id).where(Party.uscc.in_(payers),
                                                Work.contractor_uscc != ""))
    return Known(known_codes(session, {one.code for one in lines if one.code}),
                 {(codes[buyer], codes[winner], amount) for buyer, winner, amount in rows},
                 {tuple(row) for row in works})


def finding_facts(found: WorkFinding) -> FindingFacts:
    """When each thing happened to a finding."""
    return FindingFacts(found.due_at, found.answered_at, found.close_proposed_at, found.closed_at)


def finding_view(found: WorkFinding, now: datetime) -> dict[str, object]:
    """A finding with its state."""
    facts = finding_facts(found)
    own = {column.name: getattr(found, column.name) for column in found.__table__.columns}
    return own | {"state": finding_state(facts).value, "overdue": overdue(facts, now)}


def findings(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Which findings an actor may read: one's own unit's, and those of one's jurisdiction."""
    own = [WorkFinding.party_id == actor.party_id]
    for grant in grants_of(session, actor.account_id):
        if grant.role == "supervisor" and grant.region:
            own.append(WorkFinding.region.startswith(prefix(grant.region), autoescape=True))
    return or_(*own)


def figures(session: Session, year: int, region: str, now: datetime) -> dict[str, object]:
    """The published figures of a year and a place, each computed, with the year before."""
    own, before = (_figures(session, one, region, now) for one in (year, year - 1))
    changes = {name: computed.year_on_year(own[name], before[name])
               for name in ("works", "amount_fen", "findings", "off_platform")}
    return own | {"year": year, "region": region, "year_on_year": changes,
                  "definitions": {name: {"zh": zh, "en": en}
                                  for name, (zh, en) in computed.DEFINITIONS.items()}}


def _figures(session: Session, year: int, region: str, now: datetime) -> dict[str, object]:
    here = Work.region.startswith(region, autoescape=True)
    count, amount = session.execute(select(func.count(), func.coalesce(func.sum(
        Work.amount_fen), 0)).where(Work.year == year, here)).one()
    coded = session.scalar(select(func.count()).where(Work.year == year, here, Work.code != ""))
    off = len(hits(session, region, now, year=year))
    opened = [finding_facts(one) for one in session.scalars(select(WorkFinding).where(
        WorkFinding.region.startswith(region, autoescape=True)))
        if beijing_day(one.opened_at).year == year]
    closed = sum(finding_state(one) is FindingState.CLOSED for one in opened)
    due = [one for one in opened if one.answered_at or now >= one.due_at]
    return {
        "works": count, "amount_fen": int(amount), "off_platform": off, "surveyed": count + off,
        "entered_pct": computed.percent(count, count + off),
        "tendered_pct": computed.percent(coded, count), "findings": len(opened),
        "closed": closed, "closed_pct": computed.percent(closed, len(opened)),
        "on_time_pct": computed.percent(sum(not overdue(one, now) for one in due), len(due))}
