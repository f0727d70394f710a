"""What no act of the platform makes: roles held too early, and rows that are somebody else's.

Only tests write so, past every guard, as the database's owner. The permission table asks about
an expert on the panel while bids still come in, and about a bid while the notice is a draft;
the platform never gives either, so a test must.
"""

from __future__ import annotations

import copy
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from audit.schema_sql import statements
from bidding.model import Bid, HolderKey, Official
from evaluation.lottery.model import LotteryDraw
from evaluation.model import (
    COMMITTEE,
    PANEL,
    CommitteeMember,
    Draw,
    DrawPlace,
    Judge,
    PanelSeat,
)
from kernel.db import Base, new_id
from people.model import RoleGrant
from supervision.model import Evidence, Objection, ObjectionEvidence
from tender import acts as tendering
from tender.model import (
    Change,
    Document,
    LotOutcome,
    Notice,
    NoticeDraft,
    PendingChange,
    Question,
    Tender,
)
from tests.worlds.tender import PDF, lot_fields

from . import complained, fallen, framed, market, straight, watch

DRAW = "f" * 32
"""The id of a draw that no act announced."""

NO_PANEL_YET = {"DRAFT", "BIDDING", "CLOSED", "OPENING", "OPENED", "SUSPENDED", "TERMINATED",
                "FAILED"}
NO_COMMITTEE_YET = NO_PANEL_YET | {"EVALUATING"}


def rows(world, table: type[Base], *values: dict) -> None:
    """Insert rows as nobody may."""
    with world._raw.begin() as connection:
        for row in values:
            connection.execute(insert(table.__table__).values(**row))


def foreign_rows(world, buyer, phase: str, party_id: str) -> dict[str, str]:
    """Another unit's tender in the same phase and another region, with a row of every kind that
    an address can name (Q16); their ids by the name of the place."""
    tender = tendering.create_tender(
        buyer, title="别处的项目", description="", region="110101", funding="", approval_no="",
        lots=[lot_fields(world.now)])
    tender_id, lot, now = tender.id, world.lots(tender)[0].id, world.now
    if phase != "DRAFT":
        world.force_phase(lot, phase)
    made = {name: new_id() for name in ("bid_id", "draw_id", "key_id", "question_id",
                                        "document_id", "official_id", "amendment_id",
                                        "objection_id", "evidence_id", "lottery_id")}
    official, opener = made["official_id"], world.officials[1]
    rows(world, Bid, {"id": made["bid_id"], "lot_id": lot, "tender_id": tender_id,
                      "party_id": party_id, "declared_at": now})
    rows(world, Draw, _draw(made["draw_id"], lot, now))
    rows(world, LotteryDraw, _draw(made["lottery_id"], lot, now) | {"tickets": {}})
    rows(world, Official, {
        "id": official, "lot_id": lot, "account_id": opener.account_id, "seat": 1,
        "kind": "official", "unit_seat": 1, "unit_limit": 1,
        "person_id": opener.person_id, "unit_id": opener.party_id, "assigned_at": now})
    rows(world, HolderKey, {"id": made["key_id"], "official_id": official, "lot_id": lot,
                            "recipient": "age1foreign", "registered_at": now})
    rows(world, Question, {"id": made["question_id"], "lot_id": lot, "text": "？",
                           "asker_party_id": party_id, "asked_at": now})
    rows(world, Objection, {"id": made["objection_id"], "lot_id": lot, "stage": "documents",
                            "party_id": party_id, "argument": "？", "remedy": "？",
                            "filed_at": now, "answer_by": now + timedelta(days=900)})
    rows(world, Evidence, {"id": made["evidence_id"], "lot_id": lot, "party_id": party_id,
                           "name": "a.pdf", "media_type": "application/pdf", "size": len(PDF),
                           "hash": "b" * 64, "added_at": now})
    rows(world, ObjectionEvidence, {"objection_id": made["objection_id"],
                                    "evidence_id": made["evidence_id"]})
    rows(world, Document, {
        "id": made["document_id"], "tender_id": tender_id, "position": 1, "name": "a.pdf",
        "kind": "biddingDocuments", "media_type": "application/pdf", "size": len(PDF),
        "hash": "b" * 64, "added_at": now})
    rows(world, NoticeDraft, {
        "id": made["amendment_id"], "tender_id": tender_id, "kind": "amendment", "number": 1,
        "changes": {}, "drafted_at": now, "drafted_by": buyer.account_id})
    return made | watch.foreign_rows(world, buyer.party_id) \
        | market.foreign_rows(world, buyer.party_id) \
        | framed.foreign_rows(world, buyer.party_id) \
        | straight.foreign_rows(world, buyer.party_id) \
        | {"default_id": fallen.foreign(rows, world, lot, party_id, buyer.account_id)} \
        | ({} if phase == "DRAFT" else complained.foreign_rows(world, lot, party_id)) | {
        "lot_id": lot, "tender_id": tender_id}


def _draw(draw_id: str, lot_id: str, now) -> dict:
    later = now + timedelta(days=900)  # no clock of the course comes to it
    return {"id": draw_id, "lot_id": lot_id, "announcement": "{}", "salt": "0" * 64,
            "sealed_nonce": "", "announced_at": now, "commit_by": later,
            "reveal_by": later + timedelta(days=1)}


def complete(course) -> None:
    """Make the main station of DRAFT, seat whom the course has not seated yet, keep it all."""
    draft(course)
    account = {role: actor and actor.account_id for role, actor in course.holders.items()}
    tokens = {role: course.tokens.get(found, "") for role, found in account.items()}
    for name, station in course.stations.items():
        station.account, station.tokens = account, tokens
        if not station.full:
            continue
        course.stand_at(name)
        if station.phase in NO_PANEL_YET:
            seat_panel(course, station)
        if station.phase in NO_COMMITTEE_YET:
            seat_committee(course, station)
        station.kept = f"{name}+"
        course.bench.keep(station.kept)


def forget(connection: Connection, table: type[Base], which: ColumnElement) -> None:
    """Delete rows of a table that only grows."""
    name, sqlite = table.__tablename__, connection.dialect.name == "sqlite"
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}_no_delete" if sqlite else
                               f"ALTER TABLE {name} DISABLE TRIGGER USER")
    connection.execute(delete(table.__table__).where(which))
    if not sqlite:
        connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")
    elif table.__table__.info.get("append_only"):
        for statement in statements(name, "sqlite"):
            connection.exec_driver_sql(statement)


def draft(course) -> None:
    """DRAFT with everything in it that only comes later: bids, securities, keys."""
    course.stand_at("BIDDING")
    station = copy.deepcopy(course.stations["BIDDING"])
    lots = (station.lot, station.foreign["lot_id"])
    tenders = (station.tender, station.foreign["tender_id"])
    with course.world._raw.begin() as connection:
        forget(connection, LotOutcome, LotOutcome.lot_id.in_(lots))
        for feed in (Change, PendingChange):
            forget(connection, feed, feed.tender_id.in_(tenders))
        connection.execute(update(Tender.__table__).where(Tender.id.in_(tenders)).values(
            published_at=None))
        connection.execute(update(Notice.__table__).where(
            Notice.tender_id == station.tender).values(published_at=None))
    station.name = station.phase = station.kept = "DRAFT"
    course.stations["DRAFT"] = station
    course.bench.keep("DRAFT")


def seat_panel(course, station) -> None:
    """Put the experts whom the draw will give on the panel already now."""
    world, lot = course.world, station.lot
    if station.draw == DRAW:
        rows(world, Draw, _draw(DRAW, lot, station.at))
    session = world.session
    grants = dict(session.execute(select(RoleGrant.account_id, RoleGrant.id).where(
        RoleGrant.role == "expert")).all())
    places = dict(session.execute(select(DrawPlace.account_id, DrawPlace.id).where(
        DrawPlace.draw_id == station.draw)).all())
    for rank, expert in enumerate(course.panel, 1):
        person = {"account_id": expert.account_id, "person_id": expert.person_id}
        place = places.get(expert.account_id)
        if place is None:
            place = new_id()
            rows(world, DrawPlace, person | {
                "id": place, "draw_id": station.draw, "ticket": f"{rank:064x}",
                "grant_id": grants[expert.account_id], "rank": rank})
        rows(world, Judge, {"lot_id": lot, "person_id": expert.person_id, "body": PANEL})
        rows(world, PanelSeat, person | {
            "lot_id": lot, "draw_id": station.draw, "place_id": place, "number": rank,
            "rank": rank, "seated_at": station.at})


def seat_committee(course, station) -> None:
    """Put the members of the award committee on it already now."""
    for member in course.awarders:
        rows(course.world, Judge, {"lot_id": station.lot, "person_id": member.person_id,
                                   "body": COMMITTEE})
        rows(course.world, CommitteeMember, {
            "lot_id": station.lot, "account_id": member.account_id,
            "person_id": member.person_id, "formed_at": station.at})
