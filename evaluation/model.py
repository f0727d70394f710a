"""The tables of the judgement.

Two rules live in the tables themselves. A person judges a lot once: panel seats and committee
members both hang on `judge`, unique by lot and person, so evaluation and award can share
nobody (I19). And a vote or an award can only name a candidate: both carry a foreign key to
`candidate` (I18).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id

from . import refusals

PANEL = "panel"
COMMITTEE = "award_committee"


class Draw(Base):
    """One announced draw of panel, substitutes and coefficient (docs/formats/draw.md)."""

    __tablename__ = "draw"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"), index=True)
    announcement: Mapped[str] = mapped_column(Text)
    """Canonical JSON; with the list as tickets, so that it names nobody."""
    salt: Mapped[str] = mapped_column(String(64))
    """Turns grants into tickets; shown with the award."""
    sealed_nonce: Mapped[str] = mapped_column(Text)
    """The platform's nonce, sealed under the installation's secret until it is revealed."""
    cause: Mapped[str | None] = mapped_column(Text)
    """Why this lot is drawn again, after a draw that was voided."""
    announced_at: Mapped[datetime] = mapped_column(UtcTime)
    commit_by: Mapped[datetime] = mapped_column(UtcTime)
    reveal_by: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_entry: Mapped[str | None] = mapped_column(Id)
    """The entry of the close: the first checkpoint that holds it gives the seed."""
    drawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    void_reason: Mapped[str | None] = mapped_column(String(64))
    document: Mapped[str | None] = mapped_column(Text)
    """The replayable document, once drawn."""


Index("uq_draw_live", Draw.lot_id, unique=True, info={"refusal": refusals.DRAW_EXISTS},
      sqlite_where=Draw.voided_at.is_(None), postgresql_where=Draw.voided_at.is_(None))


class DrawContribution(Base):
    """One contributor's commitment and, once revealed, its nonce."""

    __tablename__ = "draw_contribution"
    __table_args__ = (UniqueConstraint("draw_id", "contributor", name="uq_draw_contribution",
                                       info={"refusal": refusals.ALREADY_COMMITTED}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draw_id: Mapped[str] = mapped_column(ForeignKey("draw.id"))
    contributor: Mapped[str] = mapped_column(String(32))
    """`platform`, or the id of a party."""
    commitment: Mapped[str] = mapped_column(String(64))
    committed_at: Mapped[datetime] = mapped_column(UtcTime)
    nonce: Mapped[str | None] = mapped_column(String(44))
    revealed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class DrawPlace(Base):
    """Who stands behind a ticket of a draw. Nobody reads this before the award but the platform."""

    __tablename__ = "draw_place"
    __table_args__ = (
        UniqueConstraint("draw_id", "ticket", name="uq_draw_place_ticket"),
        UniqueConstraint("draw_id", "rank", name="uq_draw_place_rank"),
        CheckConstraint("excluded IS NULL OR rank IS NULL", name="excluded"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draw_id: Mapped[str] = mapped_column(ForeignKey("draw.id"))
    ticket: Mapped[str] = mapped_column(String(64))
    grant_id: Mapped[str] = mapped_column(ForeignKey("role_grant.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    excluded: Mapped[str | None] = mapped_column(String(32))
    rank: Mapped[int | None] = mapped_column(Integer)
    """The place in the drawn order, from 1."""
    passed_over: Mapped[str | None] = mapped_column(String(32))
    """Why nobody was seated from this place when its turn came."""


class Judge(Base):
    """A person who evaluates or awards a lot: one body, once (招标投标法 37; I19)."""

    __tablename__ = "judge"
    __table_args__ = (
        UniqueConstraint("lot_id", "person_id", name="uq_judge_person",
                         info={"refusal": refusals.SAME_PERSON}),
        UniqueConstraint("lot_id", "person_id", "body", name="uq_judge_body"),
        CheckConstraint(f"body IN ('{PANEL}', '{COMMITTEE}')", name="body"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str] = mapped_column(String(16))


class PanelSeat(Base):
    """One expert on the panel. Who leaves keeps the row; whoever follows gets one of his own."""

    __tablename__ = "panel_seat"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "person_id", "body"],
                             ["judge.lot_id", "judge.person_id", "judge.body"],
                             name="fk_panel_seat_judge"),
        UniqueConstraint("place_id", name="uq_panel_seat_place"),
        CheckConstraint(f"body = '{PANEL}'", name="body"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    draw_id: Mapped[str] = mapped_column(ForeignKey("draw.id"))
    place_id: Mapped[str] = mapped_column(ForeignKey("draw_place.id"))
    number: Mapped[int] = mapped_column(Integer)
    """Which of the panel's seats, from 1."""
    rank: Mapped[int] = mapped_column(Integer)
    """The drawn place; the lowest among those present leads."""
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    person_id: Mapped[str] = mapped_column(Id)
    body: Mapped[str] = mapped_column(String(16), default=PANEL)
    seated_at: Mapped[datetime] = mapped_column(UtcTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    left_reason: Mapped[str | None] = mapped_column(Text)


Index("uq_panel_seat_number", PanelSeat.lot_id, PanelSeat.number, unique=True,
      sqlite_where=PanelSeat.left_at.is_(None), postgresql_where=PanelSeat.left_at.is_(None))


class ScoreDraft(Base):
    """An expert's unsigned sheet. The nonce goes into the hash that is signed later."""

    __tablename__ = "score_draft"

    seat_id: Mapped[str] = mapped_column(ForeignKey("panel_seat.id"), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(32))
    scores: Mapped[dict] = mapped_column(Json)
    competition: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    version: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[datetime] = mapped_column(UtcTime)


class ScoreSheet(Base):
    """A signed sheet; it counts as long as its expert keeps the seat (实施条例 48; I21)."""

    __tablename__ = "score_sheet"
    __table_args__ = (
        UniqueConstraint("seat_id", name="uq_score_sheet_seat",
                         info={"refusal": refusals.SHEET_SIGNED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"), index=True)
    seat_id: Mapped[str] = mapped_column(ForeignKey("panel_seat.id"))
    account_id: Mapped[str] = mapped_column(Id)
    content: Mapped[str] = mapped_column(Text)
    sheet_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UtcTime)


class ReportSignature(Base):
    """One expert's signature under the report, with the dissent if there is one."""

    __tablename__ = "report_signature"
    __table_args__ = (
        UniqueConstraint("seat_id", name="uq_report_signature_seat",
                         info={"refusal": refusals.REPORT_SIGNED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"), index=True)
    seat_id: Mapped[str] = mapped_column(ForeignKey("panel_seat.id"))
    report_hash: Mapped[str] = mapped_column(String(64))
    dissent: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(UtcTime)


class EvaluationReport(Base):
    """The concluded report of a lot, as all experts signed it."""

    __tablename__ = "evaluation_report"
    __table_args__ = (UniqueConstraint("lot_id", name="uq_evaluation_report_lot"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    content: Mapped[str] = mapped_column(Text)
    report_hash: Mapped[str] = mapped_column(String(64))
    concluded_at: Mapped[datetime] = mapped_column(UtcTime)


class Candidate(Base):
    """A bid the panel recommends: without rank (rulebook §3), but in an inquiry, where the price
    ranks, and in a lottery, where the draw does (tender/screened.py)."""

    __tablename__ = "candidate"
    __table_args__ = (UniqueConstraint("lot_id", "bid_id", name="uq_candidate_bid"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    bid_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    price_fen: Mapped[int] = mapped_column(Fen)
    rank: Mapped[int | None] = mapped_column(Integer)
    """The place in the order, from 1; the first wins, the next where it gives up."""


Index("uq_candidate_rank", Candidate.lot_id, Candidate.rank, unique=True)


class CandidateWithdrawal(Base):
    """A candidate in an order that gave up; the next follows (74号令 22, 49)."""

    __tablename__ = "candidate_withdrawal"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                             name="fk_candidate_withdrawal"),
        UniqueConstraint("lot_id", "bid_id", name="uq_candidate_withdrawal",
                         info={"refusal": refusals.GIVEN_UP}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id)
    bid_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    reason: Mapped[str] = mapped_column(Text)
    given_up_at: Mapped[datetime] = mapped_column(UtcTime)


class CommitteeMember(Base):
    """One member of the award committee."""

    __tablename__ = "committee_member"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "person_id", "body"],
                             ["judge.lot_id", "judge.person_id", "judge.body"],
                             name="fk_committee_member_judge"),
        UniqueConstraint("lot_id", "person_id", name="uq_committee_member_person",
                         info={"refusal": refusals.SAME_PERSON}),
        UniqueConstraint("id", "lot_id", name="uq_committee_member_lot"),
        CheckConstraint(f"body = '{COMMITTEE}'", name="body"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    person_id: Mapped[str] = mapped_column(Id)
    body: Mapped[str] = mapped_column(String(16), default=COMMITTEE)
    formed_at: Mapped[datetime] = mapped_column(UtcTime)


class Vote(Base):
    """One member's vote in one ballot; its choice is a candidate of the lot, by foreign key."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("member_id", "ballot", name="uq_vote_once",
                         info={"refusal": refusals.ALREADY_VOTED}),
        ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                             name="fk_vote_candidate"),
        ForeignKeyConstraint(["member_id", "lot_id"],
                             ["committee_member.id", "committee_member.lot_id"],
                             name="fk_vote_member"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, index=True)
    member_id: Mapped[str] = mapped_column(Id)
    ballot: Mapped[int] = mapped_column(Integer)
    bid_id: Mapped[str] = mapped_column(Id)
    salt: Mapped[str] = mapped_column(String(32))
    cast_at: Mapped[datetime] = mapped_column(UtcTime)


class Award(Base):
    """The award of a lot: the result of the ballots, confirmed. At most one stands (I18)."""

    __tablename__ = "award"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                             name="fk_award_candidate"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    bid_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    price_fen: Mapped[int] = mapped_column(Fen)
    notice: Mapped[str] = mapped_column(Text)
    """The award notice, canonical JSON."""
    notice_hash: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime] = mapped_column(UtcTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)


Index("uq_award_standing", Award.lot_id, unique=True, info={"refusal": refusals.ALREADY_AWARDED},
      sqlite_where=Award.voided_at.is_(None), postgresql_where=Award.voided_at.is_(None))


class Contract(Base):
    """The registered contract of an award: its amount, its time, the hash of what was signed."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("award_id", name="uq_contract_award",
                         info={"refusal": refusals.CONTRACT_EXISTS}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"), index=True)
    award_id: Mapped[str] = mapped_column(ForeignKey("award.id"))
    amount_fen: Mapped[int] = mapped_column(Fen)
    signed_at: Mapped[datetime] = mapped_column(UtcTime)
    document_hash: Mapped[str] = mapped_column(String(64))
    late_reason: Mapped[str | None] = mapped_column(Text)
    registered_at: Mapped[datetime] = mapped_column(UtcTime)
