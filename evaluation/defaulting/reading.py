"""What may be asked of cancelled awards and of proposals to cancel one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Act
from bidding.reading import secured_by
from guarantees.forfeiture import forfeited_of
from guarantees.prolongation import standing_securities
from guarantees.reading import valid_until as security_until
from people.model import Account, Party
from tender import timetable
from tender.model import Lot, RetenderBar, Tender
from tender.reading import lot_facts, suspensions_of

from .. import reading as judgement
from ..model import Award, Candidate
from ..validity.reading import bound_until
from . import rules
from .model import AwardDefault, AwardWord


def open_default(session: Session, lot_id: str) -> AwardDefault | None:
    """The proposal to cancel a lot's award that waits for its decision, or None."""
    return session.scalars(select(AwardDefault).where(
        AwardDefault.lot_id == lot_id, AwardDefault.decided_at.is_(None))).first()


def defaults_of(session: Session, lot_id: str) -> list[AwardDefault]:
    """The proposals to cancel an award of the lot, the oldest first."""
    return list(session.scalars(select(AwardDefault).where(AwardDefault.lot_id == lot_id)
                                .order_by(AwardDefault.proposed_at, AwardDefault.id)))


def words_of(session: Session, award_id: str) -> list[AwardWord]:
    """What candidates said of an award, in their order."""
    return list(session.scalars(select(AwardWord).where(AwardWord.award_id == award_id)
                                .order_by(AwardWord.said_at, AwardWord.id)))


def said_by(words: Collection[AwardWord], bid_id: str, default_id: str = "") -> list[str]:
    """What a bid's tenderer said of the award, and to one proposal."""
    return [one.kind for one in words
            if one.bid_id == bid_id and one.about in (one.award_id, default_id)]


def successor(session: Session, lot_id: str, award: Award) -> Candidate | None:
    """The next in the order after the award that stands, or None where there is no order or nobody
    is left."""
    if "ranked" not in lot_facts(session, lot_id).outcomes:
        return None
    return next((one for one in judgement.eligible(session, lot_id)
                 if one.bid_id != award.bid_id), None)


def agreed_until(words: Collection[AwardWord], bid_id: str) -> date | None:
    """Until when a candidate agreed to be bound, or None."""
    return max((one.until for one in words
                if one.bid_id == bid_id and one.kind == rules.AGREES), default=None)


def signing_due(session: Session, lot: Lot, award: Award) -> date:
    """The last day on which a winner could sign before it counts as refusing. In a suspension nobody
    signs, so that its time runs anew behind the last one since the award."""
    began = [award.decided_at, *(one.resumed_at for one in suspensions_of(session, lot.id)
                                 if one.resumed_at is not None)]
    return timetable.contract_due(max(began), lot.profile)


def signed_after_all(ctx: Act, lot_id: str) -> None:
    """The winner signed: a proposal to cancel its award ends. Joins the caller's act."""
    row = open_default(ctx.session, lot_id)
    if row is not None:
        row.decided_at, row.outcome = ctx.now, "signed"


def page(session: Session, lot: Lot, party_id: str | None, buyer: bool, supervisor: bool,
         now: datetime) -> dict[str, object]:
    """How the award of a lot stands, as far as its reader has to do with it: buyer and supervisor
    see all, a candidate what is public, what concerns its own bid and its own words."""
    award = judgement.award(session, lot.id)
    rows = defaults_of(session, lot.id)
    within = buyer or supervisor
    shown = [row for row in rows if within or row.outcome == "cancelled"
             or row.party_id == party_id]
    next_one = successor(session, lot.id, award) if award else None
    words = words_of(session, award.id) if award else []
    waiting = next((row for row in rows if row.decided_at is None), None)
    return {
        "lot_id": lot.id, "award": _award(session, lot, award) if award else None,
        "signed": judgement.contract(session, lot.id) is not None,
        "successor": _candidate(session, lot, next_one) | {
            "agreed_until": agreed_until(words, next_one.bid_id)}
        if next_one and within else None,
        "defaults": [_default(session, row, lot, within or row.party_id == party_id)
                     for row in shown],
        "words": [_word(session, one) for one in words if within or one.party_id == party_id],
        "may_say": _may_say(session, lot, award, waiting, next_one, words, party_id, now)
        if award else [],
        "securities": _short(session, lot, next_one) if next_one
        and next_one.party_id == party_id else []}


def _short(session: Session, lot: Lot, own: Candidate) -> list[dict[str, object]]:
    """The bank guarantees behind a bid, which who agrees to follow may have to have prolonged."""
    behind = secured_by(session, lot.id, own.bid_id, own.party_id)
    return [{"instrument_no": one.instrument_no, "valid_until": lasts}
            for one in standing_securities(session, lot.id, behind)
            if (lasts := security_until(session, one)) is not None]


def papers_of(session: Session, lot_id: str, shown: Mapping[str, object]
              ) -> Iterator[tuple[str, list[str]]]:
    """Who keeps the papers that a page of `page` names, and which these are."""
    rows = {one.id: one for one in defaults_of(session, lot_id)}
    owners = {row.id: row.party_id for row in session.scalars(select(Account).where(
        Account.id.in_([one.proposed_by for one in rows.values()])))}
    for one in shown["defaults"]:
        yield owners[rows[one["id"]].proposed_by], one["evidence"]
    parties = {row.uscc: row.id for row in session.scalars(select(Party).where(
        Party.uscc.in_([one["uscc"] for one in shown["words"]])))}
    for one in shown["words"]:
        yield parties[one["uscc"]], one["evidence"]


def _may_say(session: Session, lot: Lot, award: Award, waiting: AwardDefault | None,
             next_one: Candidate | None, words: list[AwardWord], party_id: str | None,
             now: datetime) -> list[str]:
    if judgement.contract(session, lot.id) is not None:
        return []
    if party_id == award.party_id:
        said = said_by(words, award.bid_id, waiting.id if waiting else "")
        if rules.DECLINES in said:
            return []
        return [rules.DECLINES] + ([rules.CONTESTS] if waiting and rules.CONTESTS not in said
                                   else [])
    if waiting and waiting.plan == rules.NEXT and next_one and next_one.party_id == party_id \
            and timetable.beijing_day(now) > bound_until(session, lot, next_one.bid_id) \
            and rules.AGREES not in said_by(words, next_one.bid_id, waiting.id):
        return [rules.AGREES]
    return []


def _company(session: Session, party_id: str) -> dict[str, object]:
    party = session.get_one(Party, party_id)
    return {"name": party.name, "uscc": party.uscc}


def _award(session: Session, lot: Lot, one: Award) -> dict[str, object]:
    return _company(session, one.party_id) | {
        "id": one.id, "bid_id": one.bid_id, "price_fen": one.price_fen,
        "decided_at": one.decided_at, "notice_hash": one.notice_hash,
        "contract_due": timetable.contract_due(one.decided_at, lot.profile)}


def _candidate(session: Session, lot: Lot, one: Candidate) -> dict[str, object]:
    return _company(session, one.party_id) | {
        "bid_id": one.bid_id, "rank": one.rank, "price_fen": one.price_fen,
        "bound_until": bound_until(session, lot, one.bid_id)}


def _default(session: Session, row: AwardDefault, lot: Lot, whole: bool) -> dict[str, object]:
    cancelled = row.outcome == "cancelled"
    kept = forfeited_of(session, row.id) if cancelled else []
    bars = list(session.scalars(select(RetenderBar).where(RetenderBar.cause == row.id)))
    return _company(session, row.party_id) | {
        "id": row.id, "bid_id": row.bid_id, "ground": row.ground,
        "zh": rules.GROUNDS[row.ground].zh, "en": rules.GROUNDS[row.ground].en,
        "law": rules.law(row.ground, lot.regime), "plan": row.plan,
        "forfeit_law": rules.forfeit_law(row.ground, lot.regime, row.clause),
        "bar_law": rules.bar_law(row.ground, lot.regime),
        "statement_hash": rules.statement_hash(row),
        "account": row.account if whole else None, "evidence": row.evidence if whole else [],
        "document_no": row.document_no, "heard_until": row.heard_until,
        "proposed_at": row.proposed_at, "decided_at": row.decided_at, "outcome": row.outcome,
        "reason": row.reason if whole else None, "successor_award": row.successor_id,
        "forfeited": [_company(session, one.party_id) | {
            "instrument_no": one.instrument_no, "amount_fen": held.amount_fen, "law": held.law}
            for held, one in kept] if whole else [],
        "barred": [_company(session, one.party_id) for one in bars]}


def _word(session: Session, one: AwardWord) -> dict[str, object]:
    return _company(session, one.party_id) | {
        "kind": one.kind, "text": one.text, "evidence": one.evidence, "until": one.until,
        "said_at": one.said_at}


def buyer_of(session: Session, lot: Lot) -> str:
    """The unit that tenders a lot."""
    return session.get_one(Tender, lot.tender_id).buyer_id


def waiting(session: Session, party_id: str | None, now: datetime) -> list[dict[str, object]]:
    """The open proposals that wait for a company's word (`hearing`, `agreement`) or for its own
    decision as the buyer (`decision`); what is due first before the rest."""
    found = []
    for row, lot, tender in session.execute(
            select(AwardDefault, Lot, Tender).join(Lot, Lot.id == AwardDefault.lot_id)
            .join(Tender, Tender.id == Lot.tender_id).where(AwardDefault.decided_at.is_(None))
            .order_by(AwardDefault.heard_until, AwardDefault.id)):
        what = _awaited(session, row, lot, tender, party_id, now)
        if what:
            found.append({"lot_id": lot.id, "tender_id": tender.id, "title": tender.title,
                          "lot_title": lot.title, "what": what, "until": row.heard_until})
    return found


def _awaited(session: Session, row: AwardDefault, lot: Lot, tender: Tender,
             party_id: str | None, now: datetime) -> str:
    if tender.buyer_id == party_id:
        return "decision"
    award = judgement.award(session, lot.id)
    if award is None or party_id is None:
        return ""
    says = _may_say(session, lot, award, row, successor(session, lot.id, award),
                    words_of(session, award.id), party_id, now)
    if rules.CONTESTS in says:
        return "hearing"
    return "agreement" if rules.AGREES in says else ""
