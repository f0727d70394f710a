"""What everybody may know of a tender now: gathered once, for the pages and for OCDS.

Every gate stands here and asks the permission table about `anonymous` in the lot's phase, as
the API does; what is gated is not even read. So a page or a release cannot show what the API
would deny.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, Select, literal, select, tuple_
from sqlalchemy.orm import Session

from bidding.model import FIRST, PRICES, BidVersion, OpenedBid, Opening
from bidding.reading import closing_view
from evaluation import reading as judgement
from evaluation.lottery import reading as lotteries
from evaluation.model import Award as AwardRow
from evaluation.validity.reading import lapsed
from kernel.canonical import parse
from kernel.refusal import NOT_FOUND
from people import permissions
from people.model import Party
from supervision.complaints import reading as cases
from tender import reading, signed
from tender.lifecycle import Facts, Phase, phase, rank_of_tender
from tender.model import Document, Lot, PublishedNotice, Question, Tender
from tender.scanned import with_scans
from tender.views import LISTED_LOT

from .search import finding

OPENED_BY = {FIRST: "opened", PRICES: "prices_opened"}
"""The stages of an opening → the outcome that its record comes with."""


@dataclass(frozen=True)
class Bid:
    """One bid as the opening record shows it. `price_fen` is fen, `period_days` days."""

    id: str
    party: Party
    price_fen: int | None
    period_days: int | None
    quality: str
    leader: str
    verdict: str
    """`opened`, `rejected` (opened, and unlawful as it is) or `unopened`."""
    reason: str
    """Why it was rejected or could not be opened, `part: code`; empty for an opened bid."""
    received_at: datetime
    """When its last byte was durable."""

    @property
    def opened(self) -> bool:
        """Whether the bid was opened and stands."""
        return self.verdict == "opened"


@dataclass(frozen=True)
class OpeningView:
    """One stage of an opening as its record tells it, and as no later one changes it."""

    stage: int
    at: datetime
    """When the record was published."""
    hash: str
    """SHA-256 of the record, hex."""
    bids: list[Bid]
    """The bids of this record, as it found them."""

    @property
    def priced(self) -> bool:
        """Whether forms were opened in it: the first of two envelopes holds none."""
        return any(one.price_fen is not None for one in self.bids)


@dataclass(frozen=True)
class Award:
    """The confirmed winner."""

    id: str
    bid_id: str
    party: Party
    amount_fen: int
    at: datetime
    cancelled_at: datetime | None = None
    """When it was cancelled, because the winner did not sign or may not be awarded."""


@dataclass(frozen=True)
class Contract:
    """The registered contract."""

    id: str
    amount_fen: int
    signed_at: datetime
    at: datetime
    """When it was registered."""
    document_hash: str


@dataclass
class LotView:
    """One lot and what of it is public now; what is not public is empty."""

    lot: Lot
    facts: Facts
    phase: Phase
    closing: dict = field(default_factory=dict)
    """The close: whether witnesses saw it in time, a doubt about time, what was decided."""
    items: int = 0
    questions: list[Question] = field(default_factory=list)
    complaints: list[dict] = field(default_factory=list)
    """Its decided complaints, as everybody is shown them."""
    openings: list[OpeningView] = field(default_factory=list)
    """The opening records in their order: one, or in a lot of two envelopes two."""
    bids: list[Bid] = field(default_factory=list)
    """Every bid as the last record that holds it shows it."""
    lapses: dict[datetime, list[str]] = field(default_factory=dict)
    """When bids lapsed, because their tenderers did not agree to stay bound, and which."""
    candidates: list[Bid] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)
    """Of the candidates in an order, the bids of those that gave up."""
    drawn: list[dict] = field(default_factory=list)
    """The draws among those who passed a lottery's screen, as their page shows them."""
    panel: list[str] = field(default_factory=list)
    award: Award | None = None
    cancelled: list[Award] = field(default_factory=list)
    """The awards that fell, the first one first."""
    contract: Contract | None = None

    def may(self, action: str) -> bool:
        """Whether somebody who is not signed in may do `action` in this lot now."""
        return may(action, self.phase)


@dataclass(frozen=True)
class NoticeView:
    """A published notice as the page shows it: what its JSON says, and its earlier versions."""

    notice: PublishedNotice
    body: dict
    earlier: list[PublishedNotice]
    signatures: list[dict] = field(default_factory=list)
    """What its persons signed with keys of their own."""


@dataclass
class TenderView:
    """A published tender and what of it is public now."""

    tender: Tender
    buyer: Party
    lots: list[LotView]
    documents: list[Document]
    phase: Phase
    now: datetime
    notices: list[NoticeView] = field(default_factory=list)
    """Every notice in its last version, the newest first; then its earlier versions."""


def may(action: str, phase_now: Phase) -> bool:
    """Whether the permission table lets `anonymous` do `action` in `phase_now`."""
    return permissions.decide(action, {"anonymous"}, phase_now.name) is permissions.Answer.ALLOWED


def tender_view(session: Session, tender_id: str, now: datetime) -> TenderView:
    """A published tender as everybody may see it at `now`; NOT_FOUND for a draft or nothing."""
    view = stated_view(session, tender_id, now)
    _became(session, view.lots)
    counts = reading.item_counts(session, [one.lot for one in view.lots])
    for one in view.lots:
        one.items = counts.get(one.lot.id, 0)
        one.closing = closing_view(session, one.lot, now)
    view.notices = _notices(session, tender_id)
    return view


def told_views(session: Session, tender_ids: Sequence[str], now: datetime
               ) -> dict[str, TenderView]:
    """Those of these tenders that everybody may see at `now`, with what came of their lots, but
    without notices, closes and how many lines a bill has: what open data tells."""
    views = _stated(session, tender_ids, now)
    _became(session, [lot for view in views.values() for lot in view.lots])
    return views


def stated_view(session: Session, tender_id: str, now: datetime) -> TenderView:
    """A published tender, its lots and documents as they are stated, without what came of it;
    NOT_FOUND for a draft or nothing."""
    told = reading.told_tender(session, tender_id)
    lots = reading.lots_of(session, tender_id)
    if told is None or not lots:
        raise NOT_FOUND()
    facts = reading.facts_of_tender(session, tender_id)
    view = _view(*told, [LotView(lot, facts[lot.id], phase(facts[lot.id], now)) for lot in lots],
                 with_scans(session, reading.documents_of(session, tender_id)), now)
    if view is None:
        raise NOT_FOUND()
    return view


def _view(tender: Tender, buyer: Party, lots: list[LotView], documents: list[Document],
          now: datetime) -> TenderView | None:
    if not lots or not all(lot.may("notice.view") for lot in lots):
        return None
    return TenderView(tender, buyer, lots, documents,
                      rank_of_tender([lot.phase for lot in lots]), now)


def _stated(session: Session, tender_ids: Sequence[str], now: datetime) -> dict[str, TenderView]:
    tenders = {tender.id: (tender, buyer) for tender, buyer in session.execute(
        select(Tender, Party).join(Party, Party.id == Tender.buyer_id)
        .where(Tender.id.in_(tender_ids)))}
    lots = list(session.scalars(
        select(Lot).where(Lot.tender_id.in_(tenders)).order_by(Lot.number)))
    facts = reading.facts_of(session, [lot.id for lot in lots])
    documents: dict[str, list[Document]] = {one: [] for one in tenders}
    for document in session.scalars(select(Document).where(Document.tender_id.in_(tenders))
                                    .order_by(Document.position)):
        documents[document.tender_id].append(document)
    views: dict[str, list[LotView]] = {one: [] for one in tenders}
    for lot in lots:
        views[lot.tender_id].append(LotView(lot, facts[lot.id], phase(facts[lot.id], now)))
    found = {one: _view(*tenders[one], own, documents[one], now) for one, own in views.items()}
    return {one: view for one, view in found.items() if view is not None}


def _notices(session: Session, tender_id: str) -> list[NoticeView]:
    last: dict[tuple, list[PublishedNotice]] = {}
    for row in session.scalars(
            select(PublishedNotice).where(PublishedNotice.tender_id == tender_id)
            .order_by(PublishedNotice.version.desc())):
        last.setdefault((row.about, row.kind, row.number), []).append(row)
    newest = sorted(last.values(), key=lambda rows: (rows[0].published_at, rows[0].kind),
                    reverse=True)
    signatures = signed.of_notices(session, [rows[0] for rows in newest])
    return [NoticeView(rows[0], parse(rows[0].content), rows[1:], signatures[rows[0].id])
            for rows in newest]


def notice_view(session: Session, row: PublishedNotice) -> NoticeView:
    """One published notice as a page of its own shows it."""
    return NoticeView(row, parse(row.content), [], signed.of_notices(session, [row])[row.id])


def _became(session: Session, views: Sequence[LotView]) -> None:
    """What came of lots, each as far as it may be told."""
    told = {view.lot.id: view for view in views if view.may("question.view_published")}
    for question in session.scalars(
            select(Question).where(Question.lot_id.in_(told), Question.answered_at.is_not(None))
            .order_by(Question.answered_at, Question.id)):
        told[question.lot_id].questions.append(question)
    for lot_id, one in cases.decided_in(session, told):
        told[lot_id].complaints.append(one)
    for view in views:
        if "opened" in view.facts.outcomes:
            _opening(session, view)
        if view.lot.method == "lottery" and view.may("lottery.view"):
            view.drawn = [{"id": one.id, "commit_by": one.commit_by, "reveal_by": one.reveal_by,
                           "drawn_at": one.drawn_at, "void": one.voided_at is not None}
                          for one in lotteries.draws_of(session, view.lot.id)]
        # Once an award was made the names are public, whatever became of it.
        if view.may("committee.view") or "awarded" in view.facts.outcomes:
            view.panel = [member["name"] for member in
                          judgement.panel_page(session, view.lot.id)["members"]]


def _opening(session: Session, view: LotView) -> None:
    """The opening record and the result, each where its own action allows it."""
    record = view.may("opening_record.view") and view.may("tenderer.list")
    result = view.may("result.view")
    if not record and not result:
        return
    openings = _openings(session, view)
    last = {bid.id: bid for one in openings for bid in one.bids}
    if record:
        view.openings, view.bids = openings, list(last.values())
        for one in lapsed(session, view.lot.id).values():
            view.lapses.setdefault(one.lapsed_at, []).append(one.bid_id)
    if result:
        _result(session, view, last)


def _openings(session: Session, view: LotView) -> list[OpeningView]:
    """What each stage found when it was published (招标投标法 36), the first one first."""
    hashes = dict(session.execute(select(Opening.stage, Opening.record_hash).where(
        Opening.lot_id == view.lot.id)).all())
    found: dict[int, list[Bid]] = {}
    for row, received, party in session.execute(
            select(OpenedBid, BidVersion.submitted_at, Party)
            .join(BidVersion, BidVersion.id == OpenedBid.version_id)
            .join(Party, Party.id == OpenedBid.party_id)
            .where(OpenedBid.lot_id == view.lot.id)
            .order_by(OpenedBid.stage, Party.uscc, OpenedBid.bid_id)):
        found.setdefault(row.stage, []).append(
            Bid(row.bid_id, party, row.price_fen, row.period_days, row.quality or "",
                row.leader or "", row.verdict, row.reason, received))
    return [OpeningView(stage, view.facts.outcomes[OPENED_BY[stage]], hashes.get(stage) or "", bids)
            for stage, bids in found.items() if OPENED_BY[stage] in view.facts.outcomes]


def _result(session: Session, view: LotView, by_id: dict[str, Bid]) -> None:
    if "candidates_published" in view.facts.outcomes:
        view.candidates = [by_id[row.bid_id]
                           for row in judgement.candidates(session, view.lot.id)]
        view.given_up = set(judgement.given_up(session, view.lot.id))
    view.cancelled = [_award(one, by_id) for one in judgement.fallen(session, view.lot.id)] \
        if "awarded" in view.facts.outcomes else []
    award = judgement.award(session, view.lot.id)
    if award is None:
        return
    view.award = _award(award, by_id)
    signed = judgement.contract(session, view.lot.id)
    if signed is not None:
        view.contract = Contract(signed.id, signed.amount_fen, signed.signed_at,
                                 signed.registered_at, signed.document_hash)


def _award(row: AwardRow, by_id: dict[str, Bid]) -> Award:
    return Award(row.id, row.bid_id, by_id[row.bid_id].party, row.price_fen, row.decided_at,
                 row.voided_at)


PER_PAGE = 50


@dataclass
class Listed:
    """One line of the list of tenders."""

    tender: Tender
    buyer: Party
    lots: list[LotView]

    @property
    def next_deadline(self) -> datetime | None:
        """The earliest deadline of the lots that still take bids."""
        return min((one.lot.deadline for one in self.lots if one.phase is Phase.BIDDING),
                   default=None)

    @property
    def deadlines(self) -> list[tuple[datetime, list[int]]]:
        """Every deadline once, in order, with the numbers of its lots."""
        found: dict[datetime, list[int]] = {}
        for one in self.lots:
            found.setdefault(one.lot.deadline, []).append(one.lot.number)
        return sorted(found.items())


def published(session: Session, now: datetime, *, text: str = "", region: str = "",
              after: str = "") -> tuple[list[Listed], str | None]:
    """Published tenders, the newest first, and the id to go on after (None at the end).

    `text` is looked for in titles and codes, `region` is the beginning of a division code,
    `after` the id of the last tender seen. Text and region ask the search's index, which is one
    tick behind; without them nothing is.
    """
    query = (select(Tender, Party).join(Party, Party.id == Tender.buyer_id)
             .where(Tender.published_at.is_not(None)))
    if text or region:
        ids, more = finding.tenders(session, text, region, limit=PER_PAGE, after=after)
        by_id = {tender.id: (tender, buyer) for tender, buyer in
                 session.execute(query.where(Tender.id.in_(ids)))}
        rows = [by_id[one] for one in ids if one in by_id]
    else:
        rows, more = _newest(session, query, after)
    return _listed(session, rows, now), more


def listed(session: Session, tender_ids: Sequence[str], now: datetime) -> list[Listed]:
    """These tenders as a list shows them, in this order; drafts are left out."""
    rows = {tender.id: (tender, buyer) for tender, buyer in session.execute(
        select(Tender, Party).join(Party, Party.id == Tender.buyer_id)
        .where(Tender.id.in_(tender_ids), Tender.published_at.is_not(None)))}
    return _listed(session, [rows[one] for one in tender_ids if one in rows], now)


def _listed(session: Session, rows: Sequence[tuple[Tender, Party]], now: datetime) -> list[Listed]:
    lots: dict[str, list[Lot]] = {tender.id: [] for tender, _ in rows}
    for lot in session.scalars(select(Lot).options(LISTED_LOT).where(Lot.tender_id.in_(lots))
                               .order_by(Lot.number)):
        lots[lot.tender_id].append(lot)
    facts = reading.facts_of(session, [lot.id for found in lots.values() for lot in found])
    found = [Listed(tender, buyer, [LotView(lot, facts[lot.id], phase(facts[lot.id], now))
                                    for lot in lots[tender.id]])
             for tender, buyer in rows]
    return [one for one in found if all(lot.may("notice.view") for lot in one.lots)]


def _newest(session: Session, query: Select, after: str) -> tuple[list[Row], str | None]:
    key = (Tender.published_at, Tender.id)
    last = session.get(Tender, after) if after else None
    if last is not None and last.published_at is not None:
        query = query.where(tuple_(*key) < tuple_(*(
            literal(getattr(last, one.key), one.type) for one in key)))
    rows = session.execute(query.order_by(*(one.desc() for one in key))
                           .limit(PER_PAGE + 1)).all()
    return rows[:PER_PAGE], rows[PER_PAGE - 1][0].id if len(rows) > PER_PAGE else None
