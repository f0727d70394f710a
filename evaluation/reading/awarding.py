"""Candidates, ballots, award and contract.

Candidates stay out of `result` until they are published.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.reading import forms_of, members_of, opened_bids
from kernel.canonical import time_text
from kernel.refusal import NOT_FOUND
from people.model import Party
from tender import reading as tenders

from .. import ballot
from ..model import (
    Award,
    Candidate,
    CandidateWithdrawal,
    CommitteeMember,
    Contract,
    Judge,
    Vote,
)
from ..refusals import NOTHING_TO_VOTE
from ..validity.reading import lapsed
from .draws import held_draw


def candidates(session: Session, lot_id: str) -> list[Candidate]:
    """The recommended candidates in their order, or where there is none by USCC: an order that
    says nothing of merit. Without those whose bids had lapsed when the candidates were published,
    or have by now where they are not yet."""
    rows = session.scalars(
        select(Candidate).join(Party, Party.id == Candidate.party_id)
        .where(Candidate.lot_id == lot_id).order_by(Candidate.rank, Party.uscc,
                                                   Candidate.bid_id)).all()
    gone = lapsed(session, lot_id)
    if not gone:
        return list(rows)
    since = tenders.lot_facts(session, lot_id).outcomes.get("candidates_published")
    return [row for row in rows if row.bid_id not in gone
            or (since is not None and gone[row.bid_id].lapsed_at > since)]


def eligible(session: Session, lot_id: str) -> list[Candidate]:
    """The candidates that may still be awarded: their bids are valid, none gave up, and no award of
    theirs was cancelled."""
    gone = lapsed(session, lot_id).keys() | given_up(session, lot_id).keys() \
        | {row.bid_id for row in fallen(session, lot_id)}
    return [row for row in candidates(session, lot_id) if row.bid_id not in gone]


def given_up(session: Session, lot_id: str) -> dict[str, CandidateWithdrawal]:
    """The candidates that gave up, by bid."""
    return {row.bid_id: row for row in session.scalars(select(CandidateWithdrawal).where(
        CandidateWithdrawal.lot_id == lot_id))}


def committee(session: Session, lot_id: str) -> list[CommitteeMember]:
    """The award committee, by person id."""
    return list(session.scalars(select(CommitteeMember).where(
        CommitteeMember.lot_id == lot_id).order_by(CommitteeMember.person_id)))


def member_of(session: Session, lot_id: str, account_id: str) -> CommitteeMember:
    """The account's seat on the award committee, or NOT_FOUND."""
    for member in committee(session, lot_id):
        if member.account_id == account_id:
            return member
    raise NOT_FOUND()


def judges(session: Session, lot_id: str, body: str) -> set[str]:
    """The persons who are or were on one body of the lot."""
    return set(session.scalars(
        select(Judge.person_id).where(Judge.lot_id == lot_id, Judge.body == body)))


def vote_row(vote: Vote) -> dict[str, object]:
    """A vote as it is hashed when cast and shown with the award."""
    return {"lot": vote.lot_id, "ballot": vote.ballot, "member": vote.member_id,
            "choice": vote.bid_id, "salt": vote.salt}


@dataclass(frozen=True)
class Voting:
    """Where the voting stands: the state, the complete ballots, the votes of the open one."""

    state: ballot.Open | ballot.Decided
    tallies: list[ballot.Tally]
    voted: dict[str, Vote]
    """Votes of the open ballot by member id; what they say is nobody's business yet."""
    votes: list[Vote]
    """Every vote of the complete ballots."""


def voting(session: Session, lot_id: str) -> Voting:
    """Count the ballots of a lot; NOTHING_TO_VOTE before there are candidates and a committee."""
    prices = {row.bid_id: row.price_fen for row in eligible(session, lot_id)}
    size = len(committee(session, lot_id))
    if not prices or not size:
        raise NOTHING_TO_VOTE()
    by_ballot: dict[int, list[Vote]] = {}
    for vote in session.scalars(select(Vote).where(Vote.lot_id == lot_id)
                                .order_by(Vote.ballot, Vote.id)):
        by_ballot.setdefault(vote.ballot, []).append(vote)
    complete = []
    while len(by_ballot.get(len(complete) + 1, ())) == size:
        complete.append(by_ballot[len(complete) + 1])
    state, tallies = ballot.count(prices, size,
                                  [[vote.bid_id for vote in votes] for votes in complete])
    voted = {vote.member_id: vote for vote in by_ballot.get(len(complete) + 1, ())}
    return Voting(state, tallies, voted, [vote for votes in complete for vote in votes])


def ballot_page(session: Session, lot_id: str, account_id: str) -> dict[str, object]:
    """What a member of the committee sees: the open ballot, its choices, the complete tallies."""
    now = voting(session, lot_id)
    member = next((one for one in committee(session, lot_id) if one.account_id == account_id),
                  None)
    is_open = isinstance(now.state, ballot.Open)
    return {
        "lot_id": lot_id, "open": now.state.number if is_open else None,
        "kind": now.state.kind if is_open else None,
        "choices": list(now.state.choices) if is_open else [],
        "voted": len(now.voted), "own_vote_cast": bool(member and member.id in now.voted),
        "tallies": tallies_text(now.tallies),
        "result": None if is_open else now.state.winner,
    }


def tallies_text(tallies: Sequence[ballot.Tally]) -> list[dict[str, object]]:
    """Complete ballots as JSON."""
    return [{"ballot": tally.number, "kind": tally.kind, "votes": tally.votes}
            for tally in tallies]


def award(session: Session, lot_id: str) -> Award | None:
    """The standing award, or None."""
    return session.scalars(
        select(Award).where(Award.lot_id == lot_id, Award.voided_at.is_(None))).first()


def fallen(session: Session, lot_id: str) -> list[Award]:
    """The awards of a lot that were cancelled, the first one first (实施条例 55)."""
    return list(session.scalars(select(Award).where(
        Award.lot_id == lot_id, Award.voided_at.is_not(None)).order_by(Award.voided_at, Award.id)))


def contract(session: Session, lot_id: str) -> Contract | None:
    """The registered contract, or None."""
    return session.scalars(select(Contract).where(Contract.lot_id == lot_id)).first()


def candidate_rows(session: Session, lot_id: str) -> list[dict[str, object]]:
    """The candidates as they are published (rulebook §2.6), with their rank where there is an
    order, else by USCC; what a form of an earlier version does not state is None."""
    opened = {bid.bid_id: bid for bid in opened_bids(session, lot_id)}
    forms, members = forms_of(session, lot_id), members_of(session, lot_id)
    names = {party.uscc: party.name for party in session.scalars(select(Party).where(
        Party.uscc.in_({one.uscc for rows in members.values() for one in rows})))}
    rows = []
    for candidate in candidates(session, lot_id):
        bid, party = opened[candidate.bid_id], session.get_one(Party, candidate.party_id)
        stated = forms.get(bid.bid_id, {}).get("credentials") or {}
        rows.append(({} if candidate.rank is None else {"rank": candidate.rank}) | {
            "bid_id": bid.bid_id, "name": party.name, "uscc": party.uscc,
            "price_fen": candidate.price_fen, "period_days": bid.period_days,
            "quality": bid.quality, "leader": bid.leader,
            "certificate": stated.get("certificate"), "qualification": stated.get("qualification"),
            "performance": stated.get("performance", []),
            "members": [{"name": names[one.uscc], "uscc": one.uscc, "duty": one.duty}
                        for one in members.get(bid.bid_id, ())]})
    return rows


def result(session: Session, lot_id: str) -> dict[str, object]:
    """What the public sees of the result: candidates once published, draw, award notice, contract."""
    lot = tenders.lot(session, lot_id)
    facts = tenders.lot_facts(session, lot_id)
    shown = "candidates_published" in facts.outcomes
    standing, signed, held = award(session, lot_id), contract(session, lot_id), held_draw(
        session, lot_id)
    gone, left = lapsed(session, lot_id), given_up(session, lot_id)
    return {
        "lot_id": lot_id,
        "candidates": [row | {"lapsed_at": gone[row["bid_id"]].lapsed_at
                              if row["bid_id"] in gone else None}
                       | ({"given_up_at": left[row["bid_id"]].given_up_at}
                          if row["bid_id"] in left else {})
                       for row in candidate_rows(session, lot_id)] if shown else [],
        "published_at": facts.outcomes.get("candidates_published"),
        "publicity_ends": lot.publicity_ends,
        "draw": held and held.document and json.loads(held.document),
        "tickets": held.salt if held and "awarded" in facts.outcomes else None,
        "cancelled": [{"award": json.loads(one.notice), "award_hash": one.notice_hash,
                       "cancelled_at": one.voided_at} for one in fallen(session, lot_id)],
        "award": standing and json.loads(standing.notice),
        "award_hash": standing and standing.notice_hash,
        "contract": signed and {"amount_fen": signed.amount_fen,
                                "signed_at": time_text(signed.signed_at),
                                "document_hash": signed.document_hash},
    }
