"""What the openings of a lot found of its bids."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from people.model import Party

from ..model import (
    ConsortiumMember,
    OpenedBid,
    Opening,
    UnopenedBid,
)


def opened_bids(session: Session, lot_id: str) -> list[OpenedBid]:
    """The bids that were opened and are what they say, with price, period, quality, leader; in a
    lot of two envelopes without them until the prices are opened."""
    return [one for one in found_bids(session, lot_id) if one.verdict == "opened"]


def found_bids(session: Session, lot_id: str) -> list[OpenedBid]:
    """What the opening found of every bid, by id: of the last stage that looked at it."""
    last: dict[str, OpenedBid] = {}
    for one in session.scalars(select(OpenedBid).where(OpenedBid.lot_id == lot_id)
                               .order_by(OpenedBid.bid_id, OpenedBid.stage)):
        last[one.bid_id] = one
    return list(last.values())


def found_bid(session: Session, bid_id: str) -> OpenedBid | None:
    """What the last stage that looked at a bid found of it; None before."""
    return session.scalars(select(OpenedBid).where(OpenedBid.bid_id == bid_id)
                           .order_by(OpenedBid.stage.desc()).limit(1)).one_or_none()


def forms_of(session: Session, lot_id: str) -> dict[str, dict]:
    """The forms of a lot's opened bids as the opening records show them, by bid: whatever their
    version states. Empty before anything was opened."""
    records = session.scalars(select(Opening.record).where(
        Opening.lot_id == lot_id, Opening.record.is_not(None)).order_by(Opening.stage))
    return {line["bid"]: line["form"] for record in records
            for line in json.loads(record)["bids"] if line["form"]}


def members_of(session: Session, lot_id: str) -> dict[str, list[ConsortiumMember]]:
    """The members of opened joint bids, by bid, the lead first."""
    found: dict[str, list[ConsortiumMember]] = {}
    for row in session.scalars(select(ConsortiumMember).where(ConsortiumMember.lot_id == lot_id)
                               .order_by(ConsortiumMember.lead.desc(), ConsortiumMember.uscc)):
        found.setdefault(row.bid_id, []).append(row)
    return found


def secured_by(session: Session, lot_id: str, bid_id: str, tenderer: str) -> list[str]:
    """Whose securities stand behind a bid, as ids of companies: its tenderer's and, of an opened
    joint bid, every other member's (30号令 45: in the lead's name or in theirs).

    Before the opening nobody knows who bids together: then it is the tenderer alone, and what a
    member lodged stands until the opened bid or the lot tells what becomes of it.
    """
    others = session.scalars(
        select(Party.id).join(ConsortiumMember, ConsortiumMember.uscc == Party.uscc)
        .where(ConsortiumMember.lot_id == lot_id, ConsortiumMember.bid_id == bid_id,
               Party.id != tenderer).order_by(Party.uscc))
    return [tenderer, *others]


def unopened_bid(session: Session, bid_id: str) -> UnopenedBid | None:
    """What became of a bid that could not be opened; None of any other."""
    return session.scalars(
        select(UnopenedBid).where(UnopenedBid.bid_id == bid_id)).one_or_none()


def faults_view(session: Session, lot_id: str) -> list[UnopenedBid]:
    """What whoever decides about the unopened bids must read first: reasons and statements."""
    return list(session.scalars(select(UnopenedBid).where(UnopenedBid.lot_id == lot_id)
                                .order_by(UnopenedBid.bid_id)))
