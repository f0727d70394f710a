"""The register, the payments that nothing explains, the findings and the figures on them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from audit.actor import Actor
from evaluation.model import Award, Contract
from evaluation.services.model import Service
from kernel.refusal import NOT_FOUND
from people.model import Party
from people.reading import grants_of
from tender.model import DirectAward, Lot, Tender
from tender.profile import has, number
from tender.reading import profile_in_force
from tender.relations import prefix
from tender.timetable import beijing_day

from .. import figures as computed
from ..ledger import SHOWN, Known, Line, Obligation, judge
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
    return set(owners_of(session, among))


def owners_of(session: Session, among: Collection[str]) -> dict[str, set[str]]:
    """The credit codes of the buyers to whose published tenders, services or direct awards these
    codes were given; a code that the platform gave to nothing published is left out."""
    named = sorted(set(among))
    found: dict[str, set[str]] = {}
    queries = [select(column, Party.uscc).select_from(Lot).join(
        Tender, Tender.id == Lot.tender_id).join(Party, Party.id == Tender.buyer_id).where(
        column.in_(named), Tender.published_at.is_not(None))
        for column in (Lot.section_code, Lot.deal_code, Tender.code, Tender.ocid)]
    queries.append(select(Service.code, Party.uscc).join(Party, Party.id == Service.buyer_id).where(
        Service.code.in_(named), Service.approved_at.is_not(None)))
    queries += [select(column, Party.uscc).join(Party, Party.id == DirectAward.buyer_id).where(
        column.in_(named), DirectAward.published_at.is_not(None))
        for column in (DirectAward.code, DirectAward.ocid)]
    for query in queries:
        for code, buyer in session.execute(query):
            found.setdefault(code, set()).add(buyer)
    return found


def hits(session: Session, region: str, now: datetime, *, ledger_id: str | None = None,
         year: int | None = None) -> list[dict[str, object]]:
    """Payments of a region (of one list, of one year) that nothing explains, with why (ledger.SHOWN).

    All lists of the region are judged together, whatever is asked for: a contract is paid over
    years, and parts of one thing stand in several lists.
    """
    query = select(Payment, Ledger).join(Ledger, Ledger.id == Payment.ledger_id).where(
        Ledger.region.startswith(region, autoescape=True)).order_by(Ledger.imported_at,
                                                                    Payment.ledger_id,
                                                                    Payment.number)
    rows = [(payment, of) for payment, of in session.execute(query)]
    if not rows:
        return []
    place = max((of.region for _, of in rows), key=len)
    profile = profile_in_force(session, "village", place.ljust(6, "0"), beijing_day(now))
    limit = number(profile, "watch.payment_fen")
    lines = [Line(one.id, one.payer_uscc, one.payee_uscc, one.amount_fen, one.code,
                  date.fromisoformat(one.day), one.purpose, of.id, of.kind == "contracts")
             for one, of in rows]
    judged = judge(lines, _known(session, lines), limit,
                   number(profile, "split.months") if has(profile, "split.months") else 12)
    return [{"id": one.id, "ledger_id": of.id, "row": one.number, "why": judged[one.id],
             "payer": one.payer, "payer_uscc": one.payer_uscc, "payee": one.payee,
             "payee_uscc": one.payee_uscc, "amount_fen": one.amount_fen, "day": one.day,
             "purpose": one.purpose, "code": one.code, "limit_fen": limit}
            for one, of in rows if judged[one.id] in SHOWN
            and ledger_id in (None, of.id) and (year is None or one.day[:4] == f"{year:04d}")]


def _known(session: Session, lines: list[Line]) -> Known:
    payers = sorted({one.payer for one in lines})
    winner = aliased(Party)
    won = session.execute(
        select(Party.uscc, winner.uscc, Contract.amount_fen, Lot.section_code, Lot.deal_code,
               Tender.code, Tender.ocid).select_from(Contract)
        .join(Award, Award.id == Contract.award_id).join(Lot, Lot.id == Contract.lot_id)
        .join(Tender, Tender.id == Lot.tender_id).join(Party, Party.id == Tender.buyer_id)
        .join(winner, winner.id == Award.party_id).where(Party.uscc.in_(payers))).all()
    won += session.execute(
        select(Party.uscc, winner.uscc, Service.price_fen, Service.code).select_from(Service)
        .join(Party, Party.id == Service.buyer_id).join(winner, winner.id == Service.winner_id)
        .where(Service.contracted_at.is_not(None), Party.uscc.in_(payers))).all()
    won += session.execute(
        select(Party.uscc, DirectAward.contractor_uscc, DirectAward.amount_fen, DirectAward.code,
               DirectAward.ocid).select_from(DirectAward)
        .join(Party, Party.id == DirectAward.buyer_id)
        .where(DirectAward.contracted_at.is_not(None), Party.uscc.in_(payers))).all()
    works = session.execute(
        select(Party.uscc, Work.contractor_uscc, Work.amount_fen, Work.code).join(
            Party, Party.id == Work.party_id).where(
            Party.uscc.in_(payers), Work.contractor_uscc != "")).all()
    return Known(owners_of(session, {one.code for one in lines if one.code}), [
        Obligation(payer, payee, amount, frozenset(filter(None, codes)), kind)
        for kind, rows in (("contract", won), ("work", works))
        for payer, payee, amount, *codes in rows])


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
    # Judged once: lists of payments are judged together, whatever their years.
    found = [one["day"] for one in hits(session, region, now)]
    own, before = (_figures(session, one, region, now, sum(
        day[:4] == f"{one:04d}" for day in found)) for one in (year, year - 1))
    changes = {name: computed.year_on_year(own[name], before[name])
               for name in ("works", "amount_fen", "findings", "off_platform")}
    return own | {"year": year, "region": region, "year_on_year": changes,
                  "definitions": {name: {"zh": zh, "en": en}
                                  for name, (zh, en) in computed.DEFINITIONS.items()}}


def _figures(session: Session, year: int, region: str, now: datetime, off: int
             ) -> dict[str, object]:
    here = Work.region.startswith(region, autoescape=True)
    count, amount = session.execute(select(func.count(), func.coalesce(func.sum(
        Work.amount_fen), 0)).where(Work.year == year, here)).one()
    coded = session.scalar(select(func.count()).where(Work.year == year, here, Work.code != ""))
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
