"""How companies stand to a lot: their licences, debarments and relations, as stated by its deadline.

What is told of one company alone it may see itself at any time. What is told of several says who
bids, and is asked for opened bids only (bidding/reading/contents.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from people.model import Party

from . import companies, invited
from .companies import Barred, Doubt, Held
from .method_refusals import NOT_INVITED, REFUSED_BEFORE
from .model import (
    CompanyRelation,
    Debarment,
    Licence,
    Lot,
    LotSuccession,
    Requirement,
    RetenderBar,
    Tender,
)
from .timetable import beijing_day


def doubts(session: Session, lot: Lot, parties: Sequence[Party]) -> dict[str, list[Doubt]]:
    """What a person should look at about each of these companies in this lot, by credit code.

    Licences and relations count as they were stated before the deadline, days as of the deadline's
    day in Beijing; relations are looked for among the companies given.
    """
    at, day = lot.deadline, beijing_day(lot.deadline)
    region = session.get_one(Tender, lot.tender_id).region
    requirement = session.get(Requirement, lot.id)
    asked = (requirement.body if requirement else companies.NO_REQUIREMENT)["licences"]
    held, stated = _held(session, parties, at), _stated(session, parties, at)
    barred = debarments(session, [party.uscc for party in parties])
    related = companies.related(stated)
    return {party.uscc: [*companies.licence_doubts(asked, held[party.id], day),
                         *companies.barred_doubts(party.uscc, region, barred, day),
                         *_refused_before(session, lot, party),
                         *related[party.uscc]] for party in parties}


def _refused_before(session: Session, lot: Lot, party: Party) -> list[Doubt]:
    return [Doubt("bid.refused-before", REFUSED_BEFORE.law, REFUSED_BEFORE.zh, REFUSED_BEFORE.en)] \
        if refused_before(session, lot.id, party.id) else []


def uninvited(session: Session, lot: Lot, party: Party) -> list[Doubt]:
    """That a lot is put out by invitation and this company, which asks for itself, has none."""
    if lot.method != "invite" or party.uscc in dict(invited.invitees_of(session, lot.id)):
        return []
    return [Doubt("invitation.none", NOT_INVITED.law, NOT_INVITED.zh, NOT_INVITED.en)]


def licences(session: Session, lot: Lot, parties: Sequence[Party]) -> dict[str, list[Held]]:
    """The licences of companies as declared before a lot's deadline, by party."""
    return _held(session, parties, lot.deadline)


def _then(table, at: datetime):
    return (table.declared_at < at), or_(table.withdrawn_at.is_(None), table.withdrawn_at >= at)


def _held(session: Session, parties: Sequence[Party], at: datetime) -> dict[str, list[Held]]:
    held: dict[str, list[Held]] = {party.id: [] for party in parties}
    for row in session.scalars(select(Licence).where(Licence.party_id.in_(held),
                                                     *_then(Licence, at))):
        held[row.party_id].append(Held(
            row.kind, row.grade, row.number, date.fromisoformat(row.valid_from),
            date.fromisoformat(row.valid_until) if row.valid_until else None, row.evidence_hash))
    return held


def _stated(session: Session, parties: Sequence[Party],
            at: datetime) -> dict[str, list[tuple[str, str]]]:
    codes = {party.id: party.uscc for party in parties}
    stated: dict[str, list[tuple[str, str]]] = {uscc: [] for uscc in codes.values()}
    for row in session.scalars(select(CompanyRelation).where(
            CompanyRelation.party_id.in_(codes), *_then(CompanyRelation, at))):
        stated[codes[row.party_id]].append((row.kind, row.other))
    return stated


def refused_before(session: Session, lot_id: str, party_id: str) -> RetenderBar | None:
    """That a company refused the contract in one of the rounds before this lot and may not take
    part again (政府采购非招标采购方式管理办法 22), or None."""
    bars = {row.lot_id: row for row in session.scalars(
        select(RetenderBar).where(RetenderBar.party_id == party_id))}
    while bars and (link := session.get(LotSuccession, lot_id)) is not None:
        lot_id = link.predecessor_id
        if lot_id in bars:
            return bars[lot_id]
    return None


def debarments(session: Session, codes: Sequence[str]) -> list[Barred]:
    """What stands on the public list of debarments about these credit codes."""
    return [Barred(row.uscc, "" if row.nationwide else row.region,
                   date.fromisoformat(row.from_day), date.fromisoformat(row.until_day),
                   row.authority, row.document_no)
            for row in session.scalars(select(Debarment).where(
                Debarment.uscc.in_(codes), Debarment.approved_at.is_not(None)))]
