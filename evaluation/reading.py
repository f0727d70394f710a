"""What others may ask of the judgement; nothing here changes anything.

Who may be shown what is the edge's question, except in two places where the answer is not a
matter of roles: candidates stay out of `result` until they are published, and nobody's sheet
but one's own leaves here before all have signed (I22).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.reading import found_bids, opened_bids, tenderers
from kernel.canonical import time_text, unb64
from kernel.refusal import NOT_FOUND
from people.model import Party, Person
from people.reading import standing_grants
from tender import reading as tenders
from tender.model import Lot
from tender.relations import in_region

from . import ballot, draw, report, rules, scoring
from .lifecycle import DrawFacts, draw_state
from .model import (
    Award,
    Candidate,
    CommitteeMember,
    Contract,
    Draw,
    DrawContribution,
    DrawPlace,
    EvaluationReport,
    Judge,
    PanelSeat,
    ReportSignature,
    ScoreDraft,
    ScoreSheet,
    Vote,
)
from .refusals import NO_REPORT, NOTHING_TO_VOTE, PRICES_AWAITED, SHEETS_MISSING


# --- draws ------------------------------------------------------------------------------------
def the_draw(session: Session, draw_id: str) -> Draw:
    """The draw, or NOT_FOUND."""
    found = session.get(Draw, draw_id)
    if found is None:
        raise NOT_FOUND()
    return found


def draws_of(session: Session, lot_id: str) -> list[Draw]:
    """Every draw announced for a lot, oldest first, the voided ones included."""
    return list(session.scalars(
        select(Draw).where(Draw.lot_id == lot_id).order_by(Draw.announced_at, Draw.id)))


def held_draw(session: Session, lot_id: str) -> Draw | None:
    """The draw whose panel judges the lot, or None."""
    return session.scalars(select(Draw).where(
        Draw.lot_id == lot_id, Draw.drawn_at.is_not(None), Draw.voided_at.is_(None))).first()


def contributions(session: Session, draw_id: str) -> list[draw.Contribution]:
    """Commitments and revealed nonces, in the order in which they go into the seed."""
    rows = session.scalars(select(DrawContribution).where(DrawContribution.draw_id == draw_id))
    return draw.ordered([
        draw.Contribution(row.contributor, row.commitment, row.nonce and unb64(row.nonce))
        for row in rows])


def draw_page(session: Session, drawn: Draw, now: datetime) -> dict[str, object]:
    """What contributors see of a draw: announcement, state, contributions, document once held."""
    state = draw_state(
        DrawFacts(drawn.commit_by, drawn.reveal_by, drawn.drawn_at, drawn.voided_at), now)
    return {
        "id": drawn.id, "lot_id": drawn.lot_id, "state": state.name,
        "announcement": json.loads(drawn.announcement),
        "announcement_hash": rules.digest(json.loads(drawn.announcement)),
        "commit_by": drawn.commit_by, "reveal_by": drawn.reveal_by,
        "void_reason": drawn.void_reason,
        "caution": None if json.loads(drawn.announcement)["witnesses"] else draw.CAUTION,
        "contributions": [
            {"contributor": part.contributor, "commitment": part.commitment,
             "revealed": part.nonce is not None}
            for part in contributions(session, drawn.id)],
        "document": drawn.document and json.loads(drawn.document),
    }


def place_order(session: Session, draw_id: str) -> list[DrawPlace]:
    """The drawn places by rank."""
    return list(session.scalars(select(DrawPlace).where(
        DrawPlace.draw_id == draw_id, DrawPlace.rank.is_not(None)).order_by(DrawPlace.rank)))


def tenderers_of(session: Session, lot: Lot) -> list[Party]:
    """Every company whose bid stood at the deadline, opened or not."""
    ids = {bid.party_id for bid in opened_bids(session, lot.id)}
    ids |= {party.id for party in tenderers(session, lot.id)}
    return list(session.scalars(select(Party).where(Party.id.in_(ids)).order_by(Party.uscc)))


def supervisors_of(session: Session, lot: Lot, now: datetime) -> set[str]:
    """The persons who supervise the region the lot lies in."""
    region = tenders.tender(session, lot.tender_id).region
    return {account.person_id for grant, account in standing_grants(session, "supervisor", now)
            if in_region(region, grant.region)}


# --- panel, sheets, report --------------------------------------------------------------------
def seats(session: Session, lot_id: str) -> list[PanelSeat]:
    """The experts present on the panel, by drawn rank: the first leads."""
    return list(session.scalars(select(PanelSeat).where(
        PanelSeat.lot_id == lot_id, PanelSeat.left_at.is_(None)).order_by(PanelSeat.rank)))


def seat_of(session: Session, lot_id: str, account_id: str) -> PanelSeat:
    """The account's present seat, or NOT_FOUND."""
    for seat in seats(session, lot_id):
        if seat.account_id == account_id:
            return seat
    raise NOT_FOUND()


def signed_sheets(session: Session, lot_id: str) -> dict[str, ScoreSheet]:
    """The signed sheets that count, by seat id: those of experts present."""
    rows = session.scalars(select(ScoreSheet).join(PanelSeat, PanelSeat.id == ScoreSheet.seat_id)
                           .where(ScoreSheet.lot_id == lot_id, PanelSeat.left_at.is_(None)))
    return {row.seat_id: row for row in rows}


def missing_sheets(session: Session, lot: Lot) -> int:
    """How many sheets of the published panel size are not signed yet."""
    return lot.panel["size"] - len(signed_sheets(session, lot.id))


def report_bids(session: Session, lot: Lot) -> list[report.Bid]:
    """The opened bids as the report needs them."""
    bids = opened_bids(session, lot.id)
    usccs = dict(session.execute(select(Party.id, Party.uscc).where(
        Party.id.in_([bid.party_id for bid in bids]))).all())
    return [report.Bid(bid.bid_id, bid.party_id, usccs[bid.party_id], bid.price_fen)
            for bid in bids]


def unopened_bids(session: Session, lot_id: str) -> list[dict[str, object]]:
    """The standing bids that the opening left unopened or found wrong, with its words for it."""
    return [{"bid": one.bid_id, "uscc": session.get_one(Party, one.party_id).uscc,
             "verdict": one.verdict, "reason": one.reason}
            for one in found_bids(session, lot_id) if one.verdict != "opened"]


def valid_bids(session: Session, lot: Lot) -> list[report.Bid]:
    """The bids that are judged (实施条例 51(5)), by USCC. In a lot of two envelopes nobody knows
    a price while the technical sheets are signed, so all that were opened are judged."""
    bids = report_bids(session, lot)
    if lot.two_envelopes and "prices_opened" not in tenders.lot_facts(session, lot.id).outcomes:
        return report.by_uscc(bids)
    return report.valid_bids(bids, lot.price_ceiling_fen or None)


def report_content(session: Session, lot: Lot) -> dict[str, object]:
    """The report computed from the signed sheets; SHEETS_MISSING until all are signed, and in a
    lot of two envelopes PRICES_AWAITED until the prices are opened."""
    missing = missing_sheets(session, lot)
    held = held_draw(session, lot.id)
    if missing or held is None:
        raise SHEETS_MISSING(missing=missing)
    if lot.two_envelopes and opened_bids(session, lot.id) \
            and "prices_opened" not in tenders.lot_facts(session, lot.id).outcomes:
        raise PRICES_AWAITED()
    numbers = {seat.id: seat.number for seat in seats(session, lot.id)}
    sheets = [report.SignedSheet(numbers[seat_id], json.loads(sheet.content), sheet.sheet_hash)
              for seat_id, sheet in signed_sheets(session, lot.id).items()]
    basis = report.Basis(
        lot.id, held.id, lot.price_ceiling_fen or None, lot.criteria, lot.price_method,
        json.loads(held.document)["coefficient"], lot.panel["candidates"],
        report_bids(session, lot), unopened_bids(session, lot.id))
    return report.build(basis, sheets)


def to_sign(session: Session, lot: Lot) -> dict[str, object]:
    """The report as the panel has to sign it, and who has."""
    content = report_content(session, lot)
    return {"lot_id": lot.id, "report": content, "report_hash": rules.digest(content),
            "signed": sorted(seat.number for seat, _ in signatures(session, lot.id))}


def signatures(session: Session, lot_id: str) -> list[tuple[PanelSeat, ReportSignature]]:
    """Who has signed the report, among the experts present."""
    return [(seat, row) for seat, row in session.execute(
        select(PanelSeat, ReportSignature)
        .join(ReportSignature, ReportSignature.seat_id == PanelSeat.id)
        .where(PanelSeat.lot_id == lot_id, PanelSeat.left_at.is_(None))
        .order_by(PanelSeat.number))]


def concluded_report(session: Session, lot_id: str) -> dict[str, object]:
    """The concluded report with its signatures; NO_REPORT before."""
    row = session.scalars(
        select(EvaluationReport).where(EvaluationReport.lot_id == lot_id)).first()
    if row is None:
        raise NO_REPORT()
    return {"lot_id": lot_id, "report": json.loads(row.content), "report_hash": row.report_hash,
            "concluded_at": row.concluded_at,
            "signatures": [{"seat": seat.number, "signed_at": time_text(signed.signed_at),
                            "dissent": signed.dissent}
                           for seat, signed in signatures(session, lot_id)]}


@dataclass(frozen=True)
class OwnSheet:
    """What an expert sees of his own sheet."""

    lot_id: str
    seat: int
    factors: list[dict]
    bids: list[dict]
    scores: dict
    competition: dict | None
    version: int
    """0 before the first draft."""
    sheet_hash: str | None
    signed_at: datetime | None


def own_sheet(session: Session, lot_id: str, account_id: str) -> OwnSheet:
    """One's own sheet: what is to be scored, the draft, its hash, whether it is signed."""
    lot, seat = tenders.lot(session, lot_id), seat_of(session, lot_id, account_id)
    draft = session.get(ScoreDraft, seat.id)
    signed = session.scalars(select(ScoreSheet).where(ScoreSheet.seat_id == seat.id)).first()
    return OwnSheet(
        lot_id=lot_id, seat=seat.number, factors=lot.criteria["factors"],
        bids=[{"bid_id": bid.bid_id, "uscc": bid.uscc} for bid in valid_bids(session, lot)],
        scores=draft.scores if draft else {},
        competition=draft.competition if draft else None,
        version=draft.version if draft else 0,
        sheet_hash=rules.digest(sheet_of(draft, lot_id)) if draft else None,
        signed_at=signed.signed_at if signed else None)


def sheet_of(draft: ScoreDraft, lot_id: str) -> dict[str, object]:
    """The document of a draft, as it would be signed."""
    return rules.sheet_document(lot_id, draft.seat_id, draft.nonce, draft.scores,
                                draft.competition)


def factors(lot: Lot) -> list[scoring.Factor]:
    """The technical factors of the lot."""
    return scoring.factors_of(lot.criteria)


def panel_page(session: Session, lot_id: str) -> dict[str, object]:
    """The panel with names; the edge shows it to whom the table allows (招标投标法 37)."""
    present = seats(session, lot_id)
    names = dict(session.execute(select(Person.id, Person.name).where(
        Person.id.in_([seat.person_id for seat in present]))).all())
    signed = signed_sheets(session, lot_id)
    return {"lot_id": lot_id, "members": [
        {"seat": seat.number, "name": names[seat.person_id], "leader": seat is present[0],
         "accepted": seat.accepted_at is not None, "sheet_signed": seat.id in signed}
        for seat in present]}


# --- award ------------------------------------------------------------------------------------
def candidates(session: Session, lot_id: str) -> list[Candidate]:
    """The recommended candidates by USCC: an order that says nothing of merit."""
    return list(session.scalars(
        select(Candidate).join(Party, Party.id == Candidate.party_id)
        .where(Candidate.lot_id == lot_id).order_by(Party.uscc, Candidate.bid_id)))


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
    prices = {row.bid_id: row.price_fen for row in candidates(session, lot_id)}
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


def contract(session: Session, lot_id: str) -> Contract | None:
    """The registered contract, or None."""
    return session.scalars(select(Contract).where(Contract.lot_id == lot_id)).first()


def candidate_rows(session: Session, lot_id: str) -> list[dict[str, object]]:
    """The candidates as they are published (rulebook §2.6), unranked, by USCC."""
    opened = {bid.bid_id: bid for bid in opened_bids(session, lot_id)}
    parties = {party.id: party for party in session.scalars(select(Party).where(
        Party.id.in_([bid.party_id for bid in opened.values()])))}
    rows = []
    for candidate in candidates(session, lot_id):
        bid, party = opened[candidate.bid_id], parties[candidate.party_id]
        rows.append({"bid_id": bid.bid_id, "name": party.name, "uscc": party.uscc,
                     "price_fen": candidate.price_fen, "period_days": bid.period_days,
                     "quality": bid.quality, "leader": bid.leader})
    return rows


def result(session: Session, lot_id: str) -> dict[str, object]:
    """What the public sees of the result: candidates once published, draw, award notice, contract."""
    lot = tenders.lot(session, lot_id)
    facts = tenders.lot_facts(session, lot_id)
    shown = "candidates_published" in facts.outcomes
    standing, signed, held = award(session, lot_id), contract(session, lot_id), held_draw(
        session, lot_id)
    return {
        "lot_id": lot_id,
        "candidates": candidate_rows(session, lot_id) if shown else [],
        "published_at": facts.outcomes.get("candidates_published"),
        "publicity_ends": lot.publicity_ends,
        "draw": held and held.document and json.loads(held.document),
        "tickets": held.salt if held and standing else None,
        "award": standing and json.loads(standing.notice),
        "award_hash": standing and standing.notice_hash,
        "contract": signed and {"amount_fen": signed.amount_fen,
                                "signed_at": time_text(signed.signed_at),
                                "document_hash": signed.document_hash},
    }
