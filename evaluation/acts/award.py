"""The acts of the award: candidates, committee, votes, award notice, contract (rulebook §3)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.act import Act, act, wiring
from bidding.reading import secured_by
from guarantees.acts import contract_signed, lot_failed
from kernel.canonical import jcs, time_text
from kernel.refusal import NOT_FOUND
from people import conflicts
from people.model import Party
from people.reading import persons_of_parties, standing_grants
from tender import timetable
from tender.acts import decide_outcome, lock_lot, publish_notice
from tender.model import Lot, Requirement, Tender
from tender.notices import failed
from tender.profile import number
from tender.reading import lot_facts
from tender.refusals import DECIDED
from tender.screened import SCREENED

from .. import announced, reading, rules
from ..ballot import Decided
from ..defaulting.reading import signed_after_all
from ..lottery import reading as lotteries
from ..model import (
    COMMITTEE,
    PANEL,
    Award,
    Candidate,
    CandidateWithdrawal,
    CommitteeMember,
    Contract,
    Judge,
    Vote,
)
from ..refusals import (
    ALREADY_AWARDED,
    ALREADY_VOTED,
    BALLOT_NOT_OPEN,
    BALLOTS_OPEN,
    BALLOTS_OVER,
    CHOICE_NOT_OPEN,
    COMMITTEE_EXISTS,
    CONTRACT_EXISTS,
    DRAW_FIRST,
    LATE_NEEDS_REASON,
    NO_AWARD,
    NO_CANDIDATES,
    NO_COMMITTEE,
    NOT_AN_AWARDER,
    NOT_RANKED,
)
from ..validity.acts import none_awaited
from ..validity.reading import bound_until


@act("candidates.published", law="实施条例 54", action="candidates.publish", lot=True)
def publish_candidates(ctx: Act, lot_id: str, *, reason: str | None = None) -> dict[str, object]:
    """Publish the candidates, unranked but where an order decides; the publicity runs at least
    three days and ends with a working day (T8). Later than three days after the report (T7) only
    with a recorded reason. Raises DRAW_FIRST before the draw of a lottery."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    if lot.method == "lottery" and "ranked" not in lot_facts(ctx.session, lot_id).outcomes:
        raise DRAW_FIRST()
    if not reading.candidates(ctx.session, lot_id):
        raise NO_CANDIDATES()
    outcomes = lot_facts(ctx.session, lot_id).outcomes
    if "candidates_published" in outcomes:
        raise DECIDED(outcome="candidates_published")
    latest = timetable.report_to_publicity(
        outcomes["report_concluded"], number(lot.profile, "T7.publicity_start_days"))
    late = timetable.beijing_day(ctx.now) > latest
    if late and not (reason or "").strip():
        raise LATE_NEEDS_REASON(until=latest.isoformat())
    ends = timetable.publicity_ends(ctx.now, lot.publicity_days)
    decide_outcome(ctx, lot_id, "candidates_published", publicity_ends=ends)
    report = reading.concluded_report(ctx.session, lot_id)
    rows = reading.candidate_rows(ctx.session, lot_id)
    publish_notice(ctx, lot.tender_id, "candidates", announced.candidates(
        rows, report["report"], report["report_hash"], ends, reason if late else None,
        asked=_asked(ctx, lot), buyer=_buyer(ctx, lot),
        url=str(wiring().settings.get("public_url", "")), draw_hash=_draw_hash(ctx, lot_id)),
        lot_id=lot_id)
    ctx.record(lot_id, {
        "candidates": [{"bid": row["bid_id"], "uscc": row["uscc"], "price_fen": row["price_fen"]}
                       | ({"rank": row["rank"]} if "rank" in row else {}) for row in rows],
        "report_hash": report["report_hash"], "publicity_ends": time_text(ends),
        "late_reason": reason if late else None,
    }, lot_id=lot_id, tender_id=lot.tender_id)
    return reading.result(ctx.session, lot_id)


def _draw_hash(ctx: Act, lot_id: str) -> str:
    """Of the document that gave a lottery its order; nothing elsewhere."""
    held = [one.document for one in lotteries.draws_of(ctx.session, lot_id) if one.document]
    return rules.digest(json.loads(held[-1])) if held else ""


def _asked(ctx: Act, lot: Lot) -> dict[str, object] | None:
    asked = ctx.session.get(Requirement, lot.id)
    return asked and {"number": lot.number, **asked.body}


def _buyer(ctx: Act, lot: Lot) -> str:
    tender = ctx.session.get_one(Tender, lot.tender_id)
    return ctx.session.get_one(Party, tender.buyer_id).name


@act("award_committee.formed", law="招标投标法 37; 浙江条例 37", action="award.committee_form",
     lot=True, disclose="awarded")
def form_committee(ctx: Act, lot_id: str, *, members: Sequence[str]) -> dict[str, object]:
    """Form the award committee from accounts with an approved awarder's grant.

    Of the published odd size, each another person, nobody of the panel (those who left it
    included), of a tenderer or of the supervisor (I19).
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    if lot.method in SCREENED:
        raise NO_COMMITTEE()
    if reading.committee(ctx.session, lot_id):
        raise COMMITTEE_EXISTS()
    awarders = {account.id: account for _, account
                in standing_grants(ctx.session, "awarder", ctx.now)}
    for account_id in members:
        if account_id not in awarders:
            raise NOT_AN_AWARDER(account=account_id)
    persons = [awarders[account_id].person_id for account_id in members]
    rules.check_committee(persons, size=lot.award_method["committee_size"],
                          elsewhere=_others(ctx, lot))
    for person_id in sorted(persons):
        conflicts.no_two_roles(ctx.session, lot_id, person_id, "awarder")
    for account_id, person_id in zip(members, persons, strict=True):
        ctx.session.add(Judge(lot_id=lot_id, person_id=person_id, body=COMMITTEE))
        ctx.session.flush()
        ctx.session.add(CommitteeMember(lot_id=lot_id, account_id=account_id,
                                        person_id=person_id, formed_at=ctx.now))
    decide_outcome(ctx, lot_id, "committee_formed")
    ctx.record(lot_id, {"members": sorted(members), "size": len(members)},
               lot_id=lot_id, tender_id=lot.tender_id)
    return {"lot_id": lot_id, "size": len(members), "formed_at": ctx.now}


def _others(ctx: Act, lot: Lot) -> set[str]:
    """Persons who may not award: of the panel, of any tenderer, of the supervisor in charge."""
    companies = reading.tenderers_of(ctx.session, lot)
    supervisors = reading.supervisors_of(ctx.session, lot, ctx.now)
    panel = reading.judges(ctx.session, lot.id, PANEL)
    return panel | supervisors | persons_of_parties(
        ctx.session, [party.id for party in companies])


@act("vote.cast", law="招标投标法 40; 浙江条例 37", action="award.vote", lot=True, fresh=True,
     disclose="awarded")
def cast_vote(ctx: Act, lot_id: str, *, ballot: int, choice: str) -> dict[str, object]:
    """Vote in the open ballot for one of its choices (bid ids): one member, one vote.

    The entry holds a hash only; what was voted comes into the record with the award.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    none_awaited(ctx, lot_id)
    voting = reading.voting(ctx.session, lot_id)
    if isinstance(voting.state, Decided):
        raise BALLOTS_OVER()
    member = reading.member_of(ctx.session, lot_id, ctx.actor.account_id)
    if ballot != voting.state.number:
        raise BALLOT_NOT_OPEN(ballot=ballot, open=voting.state.number)
    if member.id in voting.voted:
        raise ALREADY_VOTED()
    if choice not in voting.state.choices:
        raise CHOICE_NOT_OPEN(ballot=ballot)
    vote = Vote(lot_id=lot_id, member_id=member.id, ballot=ballot, bid_id=choice,
                salt=secrets.token_hex(16), cast_at=ctx.now)
    ctx.session.add(vote)
    ctx.session.flush()
    ctx.record(member.id, {"ballot": ballot, "vote_hash": rules.digest(reading.vote_row(vote))},
               lot_id=lot_id, tender_id=lot.tender_id)
    return reading.ballot_page(ctx.session, lot_id, ctx.actor.account_id)


@act("award.confirmed", law="招标投标法 40, 45; 实施条例 55", action="award.confirm", lot=True,
     fresh=True)
def confirm_award(ctx: Act, lot_id: str, *, reason: str | None = None) -> Award:
    """Confirm the result of the ballots, or in a lot with an order the first who has not given
    up, and issue the award notice; at most once per lot (I18).

    Nobody names the winner here: it is what the ballots or the order give. Where an award fell the
    act that cancelled it comes here for the next in the order. Raises BALLOTS_OPEN before, and
    LATE_NEEDS_REASON when the notice is late (T12) or the bids are no longer valid (T20).
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    if reading.award(ctx.session, lot_id) is not None:
        raise ALREADY_AWARDED()
    none_awaited(ctx, lot_id)
    fallen = reading.fallen(ctx.session, lot_id)
    decision = _ranked(ctx, lot) if lot.method in SCREENED else _voted(ctx, lot)
    if not fallen:
        _check_time(ctx, lot, decision.since, reason)
    winner = decision.winner
    notice = _notice(ctx, lot, decision, reason)
    if fallen:
        notice["replaces"] = fallen[-1].notice_hash
    row = Award(lot_id=lot_id, bid_id=winner.bid_id, party_id=winner.party_id,
                price_fen=winner.price_fen, notice=jcs(notice).decode(),
                notice_hash=rules.digest(notice), decided_at=ctx.now)
    ctx.session.add(row)
    decide_outcome(ctx, lot_id, "awarded_anew" if fallen else "awarded")
    publish_notice(ctx, lot.tender_id, "result", announced.result(
        notice | {"hash": row.notice_hash}, {bid["bid_id"]: bid["name"] for bid in
                                             reading.candidate_rows(ctx.session, lot_id)}),
        lot_id=lot_id)
    ctx.record(row.id, {
        "bid": winner.bid_id, "party": winner.party_id, "price_fen": winner.price_fen,
        "how": decision.how, "notice_hash": row.notice_hash, "votes": decision.votes,
    }, lot_id=lot_id, tender_id=lot.tender_id)
    return row


@dataclass(frozen=True)
class Decision:
    """Who has won, how that came, and since when it stands."""

    winner: Candidate
    how: str
    since: datetime
    ballots: list[dict]
    votes: list[dict]


def _voted(ctx: Act, lot: Lot) -> Decision:
    voting = reading.voting(ctx.session, lot.id)
    if not isinstance(voting.state, Decided):
        size = len(reading.committee(ctx.session, lot.id))
        raise BALLOTS_OPEN(open=voting.state.number, missing=size - len(voting.voted))
    winner = next(row for row in reading.candidates(ctx.session, lot.id)
                  if row.bid_id == voting.state.winner)
    return Decision(winner, voting.state.how, max(vote.cast_at for vote in voting.votes),
                    reading.tallies_text(voting.tallies),
                    [reading.vote_row(vote) for vote in voting.votes])


def _ranked(ctx: Act, lot: Lot) -> Decision:
    """The first in the order that stands (74号令 49; LT-1)."""
    standing = reading.eligible(ctx.session, lot.id)
    if not standing:
        raise NO_CANDIDATES()
    return Decision(standing[0], "lowest_price" if lot.method == "inquiry" else "drawn",
                    lot.publicity_ends, [], [])


def _check_time(ctx: Act, lot: Lot, decided: datetime, reason: str | None) -> None:
    due = min(timetable.award_notice_due(decided, lot.profile),
              timetable.valid_until(lot))
    if timetable.beijing_day(ctx.now) > due and not (reason or "").strip():
        raise LATE_NEEDS_REASON(until=due.isoformat())


def _notice(ctx: Act, lot: Lot, decision: Decision, reason: str | None) -> dict[str, object]:
    """The award notice (rulebook §2.6, §3.5): winner, price, period, leader, how it was decided."""
    shown = next(row for row in reading.candidate_rows(ctx.session, lot.id)
                 if row["bid_id"] == decision.winner.bid_id)
    due = timetable.contract_due(ctx.now, lot.profile)
    return {
        "v": 1, "type": "award-notice", "lot": lot.id, "section_code": lot.section_code,
        "decided_at": time_text(ctx.now), "winner": shown, "method": lot.award_method["method"],
        "how": decision.how, "ballots": decision.ballots,
        "reason": reason, "contract_due": due.isoformat(),
    }


@act("candidate.given_up", law="政府采购非招标采购方式管理办法 22, 49; 实施条例 55",
     action="candidate.give_up", lot=True, fresh=True)
def give_up(ctx: Act, lot_id: str, *, reason: str) -> dict[str, object]:
    """Give up one's own place in an order before the award: the next follows. With the last one
    the lot has failed. Raises NOT_RANKED, NOT_FOUND for who is no candidate."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    none_awaited(ctx, lot_id)
    if not {"ranked", "candidates_published"} <= lot_facts(ctx.session, lot_id).outcomes.keys():
        raise NOT_RANKED()
    own = next((row for row in reading.candidates(ctx.session, lot_id)
                if row.party_id == ctx.actor.party_id), None)
    if own is None:
        raise NOT_FOUND()
    row = CandidateWithdrawal(lot_id=lot_id, bid_id=own.bid_id, party_id=own.party_id,
                              reason=reason, given_up_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    if not reading.eligible(ctx.session, lot_id):
        decide_outcome(ctx, lot_id, "failed")
        publish_notice(ctx, lot.tender_id, "failure", failed(
            "全部候选人放弃。", "All candidates have given up."), lot_id=lot_id)
        lot_failed(ctx, lot_id)
    ctx.record(row.id, {"bid": own.bid_id, "rank": own.rank, "reason": reason},
               lot_id=lot_id, tender_id=lot.tender_id, party_id=own.party_id)
    return reading.result(ctx.session, lot_id)


@act("contract.registered", law="招标投标法 46; 实施条例 57", action="contract.register", lot=True)
def register_contract(ctx: Act, lot_id: str, *, amount_fen: int, signed_at: datetime,
                      document_hash: str, late_reason: str | None = None) -> Contract:
    """Register the signed contract: at the bid's price, within 30 days of the notice and the
    bids' validity (T13). Securities are released from here (T15)."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    award = reading.award(ctx.session, lot_id)
    if award is None:
        raise NO_AWARD()
    if reading.contract(ctx.session, lot_id) is not None:
        raise CONTRACT_EXISTS()
    due = timetable.contract_due(award.decided_at, lot.profile)
    late = rules.check_contract(
        amount_fen=amount_fen, price_fen=award.price_fen, signed_at=signed_at, now=ctx.now,
        notified=award.decided_at, due=due,
        valid_until=bound_until(ctx.session, lot, award.bid_id),
        day=timetable.beijing_day(signed_at), late_reason=late_reason, regime=lot.regime)
    row = Contract(lot_id=lot_id, award_id=award.id, amount_fen=amount_fen, signed_at=signed_at,
                   document_hash=document_hash, late_reason=late_reason if late else None,
                   registered_at=ctx.now)
    ctx.session.add(row)
    decide_outcome(ctx, lot_id, "contracted")
    winner = ctx.session.get_one(Party, award.party_id)
    publish_notice(ctx, lot.tender_id, "contract", announced.contract(
        winner.name, winner.uscc, amount_fen, signed_at, document_hash, due, row.late_reason),
        lot_id=lot_id)
    signed_after_all(ctx, lot_id)
    contract_signed(ctx, lot_id, secured_by(ctx.session, lot_id, award.bid_id, award.party_id),
                    signed_at)
    ctx.record(row.id, {
        "award": award.id, "amount_fen": amount_fen, "signed_at": time_text(signed_at),
        "document_hash": document_hash, "late_reason": row.late_reason,
    }, lot_id=lot_id, tender_id=lot.tender_id)
    return row
