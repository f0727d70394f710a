"""How the companies of opened bids stand to their lot, for the people who judge them.

Before the opening nobody asks this: it would say who bids. After it the findings are for panel
and supervisor (bid.read_other); they reject nothing by themselves.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND
from people.model import Party
from tender import reading as tenders
from tender import standing
from tender.model import Licence, Paper

from .found import members_of, opened_bids


def licence_paper(session: Session, lot_id: str, digest: str) -> Paper:
    """The file of a licence as a company of an opened bid had declared it by the deadline;
    NOT_FOUND."""
    codes = {one["uscc"] for bid in standing_view(session, lot_id) for one in bid["companies"]}
    found = session.scalars(
        select(Paper).join(Licence, (Licence.party_id == Paper.party_id)
                           & (Licence.evidence_hash == Paper.hash))
        .join(Party, Party.id == Paper.party_id)
        .where(Party.uscc.in_(codes), Paper.hash == digest,
               Licence.declared_at < tenders.lot(session, lot_id).deadline)).first()
    if found is None:
        raise NOT_FOUND()
    return found


def standing_view(session: Session, lot_id: str) -> list[dict]:
    """For each opened bid its companies, the lead first, and what was found of each."""
    lot, bids = tenders.lot(session, lot_id), opened_bids(session, lot_id)
    if not bids:
        return []
    members = members_of(session, lot_id)
    codes = {row.uscc for rows in members.values() for row in rows}
    parties = {party.uscc: party for party in session.scalars(select(Party).where(
        Party.id.in_({bid.party_id for bid in bids}) | Party.uscc.in_(codes)))}
    by_id = {party.id: party.uscc for party in parties.values()}
    found = standing.doubts(session, lot, list(parties.values()))
    held = standing.licences(session, lot, list(parties.values()))
    view = []
    for bid in bids:
        lead = by_id[bid.party_id]
        units = [lead, *(row.uscc for row in members.get(bid.bid_id, ())
                         if row.uscc != lead and row.uscc in found)]
        view.append({"bid": bid.bid_id, "companies": [
            {"uscc": uscc, "name": parties[uscc].name, "doubts": found[uscc],
             "licences": held[parties[uscc].id]} for uscc in units]})
    return view
