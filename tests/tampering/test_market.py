"""Rows of services, works and statements changed behind the platform's back: fsck names them.

One world with all of them; every tampering is done in a savepoint of its own and undone.
"""

from __future__ import annotations

import re
import secrets
import shutil
from datetime import date, timedelta

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from evaluation.services import directory, drawing, ending, objecting, offers, reading
from kernel.canonical import b64, sha256
from kernel.db import db, new_id
from people.uscc import completed
from portal.factory import create_app
from portal.fsck.entries import entries
from portal.fsck.folds import folded
from portal.fsck.market import RULES as MARKET
from portal.fsck.market import market
from portal.fsck.rows import rows as rules_of
from portal.fsck.stated import FOLDS as STATED
from portal.fsck.stated import RULES as STATEMENTS
from portal.fsck.watched import RULES as WATCHED
from portal.fsck.watched import watched
from portal.tick import tick
from supervision import acts as watch
from tender import acts as tendering
from tender.timetable import beijing_day
from tests import postgres
from tests.evaluation.test_services import Market
from tests.permissions.watch import WORK, book
from tests.supervision.test_works import HEADS, LINE, PAID
from tests.world import World, WorldClock, settings_for

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def played(request, tmp_path_factory, installation_keys):
    """Services to their ends, works with findings, statements of companies and buyers."""
    folder = tmp_path_factory.mktemp("market") / "data"
    folder.mkdir()
    shutil.copytree(installation_keys, folder / "keys")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "yangguang.db")
        settings = settings_for(folder)
    else:
        owner, application = postgres.server().database(
            template=request.getfixturevalue("postgres_template"))
        settings = settings_for(folder, application, owner)
    app = create_app(settings, WorldClock())
    with app.app_context():
        world = World(app, settings)
        place = Market(world)
        for part in (services, works, statements):
            part(world, place)
        world.tick(record=True)
        world.publish_record()
        db.session.rollback()
        yield world
        world.close()
        db.session.remove()
        db.engine.dispose()
    if request.param == "postgres":
        postgres.server().drop(application.partition("@/")[2].partition("?")[0])


def services(world, market) -> None:
    """One rated, one that failed by an objection and was asked for again, one drawn."""
    done = market.settled(market.publish())
    made = objecting.object_to_result(market.agencies[0], done.id, argument="资质不符", remedy="重审")
    objecting.answer_objection(world.chief, made.id, outcome="rejected", text="经核对相符")
    world.advance(to=done.objections_until)
    ending.contract_service(world.clerk, done.id, amount_fen=2_400_000, document_hash="d" * 64)
    ending.finish_service(world.clerk, done.id, document_hash="f" * 64)
    ending.rate_agency(world.clerk, done.id, stars=2, text="报告有误")
    failed = market.settled(market.publish())
    made = objecting.object_to_result(market.agencies[0], failed.id, argument="串通", remedy="作废")
    objecting.answer_objection(world.chief, made.id, outcome="upheld", text="属实")
    market.publish(predecessor_id=failed.id)
    drawn(world, market)
    first, second = market.supervisors
    gone = directory.enter_agency(market.agencies[2], region="330703", kinds=["监理"],
                                  qualifications=[])
    held = directory.propose_sanction(first, gone.id, kind="suspended", document_no="3 号",
                                      reason="虚假报告",
                                      until=beijing_day(world.now) + timedelta(days=90))
    directory.approve_sanction(second, held.id)
    directory.leave_directory(market.agencies[2], gone.id)


def drawn(world, market) -> None:
    """A selection behind a screen, to its result."""
    found = market.settled(market.publish("draw"))
    parties = [one.party_id for one in market.agencies]
    offers.screen_offers(world.clerk, found.id, verdicts=[
        {"party_id": one, "passed": one != parties[2],
         "because": "无业绩" if one == parties[2] else ""} for one in parties])
    held = drawing.announce_selection(world.clerk, found.id, commit_minutes=10, reveal_minutes=10)
    nonce = secrets.token_bytes(32)
    drawing.commit_to_selection(market.agencies[0], held.id, commitment=sha256(nonce).hex())
    world.advance(minutes=11)
    drawing.reveal_to_selection(market.agencies[0], held.id, nonce=b64(nonce))
    tick()
    world.advance(minutes=10)
    tick()
    world.publish_record()
    tick()
    db.session.rollback()
    assert reading.service(db.session, found.id).winner_id


def works(world, market) -> None:
    """A workbook of two of which one was changed, one entered singly, a list, two findings."""
    town = world.client(world.clerk)
    sent = town.post("/works/imports", data=book(HEADS, LINE, [*LINE[:1], "水渠", *LINE[2:]]))
    assert sent.status_code == 201
    single = watch.enter_work(world.clerk, name="公厕", **WORK)
    world.advance(seconds=5)
    (ditch,) = [one["id"] for one in town.get("/works").json["items"] if one["name"] == "水渠"]
    watch.change_work(world.clerk, ditch, if_match=1, state="finished")
    builder = completed("91330703", "MA2A0002")
    paid = [["甲镇", completed("11330703", "MA2A0001"), "乙公司", builder, amount, "2026-03-01", ""]
            for amount in (60_000, 70_000)]
    first, second = market.supervisors
    sent = world.client(first).post("/payment-ledgers?region=330703", data=book(PAID, *paid))
    assert sent.status_code == 201
    paper = {"answer": "已补正", "evidence_hash": kept(world, world.clerk)}
    for kind, close in (("quality", True), ("funds", False)):
        found = watch.open_finding(first, work_id=single.id, kind=kind, text="凭证缺失",
                                   due=beijing_day(world.now) + timedelta(days=9))
        world.advance(seconds=5)
        watch.answer_finding(world.clerk, found.id, **paper)
        if close:
            read = {"evidence_hash": paper["evidence_hash"]}
            watch.propose_closing(first, found.id, **read)
            watch.approve_closing(second, found.id, **read)
        else:
            world.advance(seconds=5)
            watch.return_finding(second, found.id, reason="照片不符")


def kept(world, actor) -> str:
    """A paper of the actor's unit; its hash."""
    sent = world.client(actor).post("/papers?name=a.pdf", data=PDF)
    assert sent.status_code == 201, sent.json
    return sent.json["hash"]


def statements(world, market) -> None:
    """Licences, relations, a debarment, an agent's authority, a plan, a registration."""
    company = market.agencies[1]
    tendering.declare_licence(company, kind="市政", grade="一级", number="7",
                              evidence_hash=kept(world, company), valid_from=date(2026, 1, 1),
                              valid_until=None)
    gone = tendering.declare_relation(company, kind="controls",
                                      other=completed("91330703", "MA2A0003"))
    tendering.declare_relation(company, kind="controls", other=completed("91330703", "MA2A0004"))
    world.advance(seconds=5)
    tendering.withdraw_statement(company, gone.id)
    first, second = market.supervisors
    barred = tendering.propose_debarment(
        first, region="330703", uscc=completed("91330703", "MA2A0005"), name="某公司",
        authority="某局", document_no="1 号", reason="串标", nationwide=False,
        from_day=date(2026, 1, 1), until_day=date(2028, 1, 1))
    tendering.approve_debarment(second, barred.id)
    tendering.authorise_agency(world.chief, agency=world.party("agency").uscc, tender_id=None,
                               actions=["project.edit"], letter="委托书 1 号", letter_hash="a" * 64,
                               valid_from=world.now, valid_until=world.now + timedelta(days=99))
    tendering.announce_plan(world.chief, title="道路", description="修复", region="330703",
                            category="works", estimate_fen=1_000_000, expected="2027-03")
    tender = world.draft_tender()
    tendering.set_registration(
        world.clerk, tender.id, plan_id=None, site_visit=None, approval_body="某局", township="101",
        village="", funding=[{"source": "财政", "share": 100}])
    tendering.set_requirements(world.clerk, world.lots(tender)[0].id, licences=[], personnel=[],
                               credit="", consortium=False, members_max=0)


UPDATES = [
    ("service", "title", "'改名'", "1 = 1", "is not what was submitted and approved"),
    ("service", "price_fen", "1", "finished_at IS NOT NULL", "price_fen|signed notice"),
    ("service", "winner_id", "buyer_id", "finished_at IS NOT NULL", "winner_id"),
    ("service", "result", "NULL", "finished_at IS NOT NULL", "result_hash"),
    ("service", "objections_until", "offers_until", "finished_at IS NOT NULL", "signed notice"),
    ("service", "profile", "'{}'", "finished_at IS NOT NULL", "profile_hash"),
    ("service", "failed_at", "NULL", "failure = 'objection'", "failed_at"),
    ("service", "failure", "'contract'", "failure = 'objection'", "failure"),
    ("service", "finished_at", "NULL", "finished_at IS NOT NULL", "finished_at"),
    ("service", "contract_hash", "finish_hash", "finished_at IS NOT NULL", "contract_hash"),
    ("service", "approved_person", "buyer_id", "1 = 1", "approved_person"),
    ("service_offer", "price_fen", "price_fen - 1", "price_fen > 1", "price_fen"),
    ("service_offer", "commitment", f"'{'c' * 64}'", "1 = 1", "commitment"),
    ("service_offer", "passed", "1", "passed = 0", "passed"),
    ("service_offer", "failed_because", "'其他'", "passed = 0", "because_hash"),
    ("service_draw", "document", "'{}'", "document IS NOT NULL", "draw_hash"),
    ("service_draw", "salt", f"'{'0' * 64}'", "1 = 1", "a ticket stands for somebody else"),
    ("service_draw", "voided_at", "closed_at", "1 = 1", "voided_at"),
    ("service_draw", "commit_by", "reveal_by", "1 = 1", "its times"),
    ("service_nonce", "nonce", "NULL", "contributor = 'platform'", "nonce"),
    ("service_nonce", "commitment", f"'{'0' * 64}'", "1 = 1", "commitment"),
    ("service_rating", "stars", "5", "stars = 2", "stars"),
    ("service_rating", "text", "'很好'", "stars = 2", "text"),
    ("service_objection", "argument", "'别的'", "1 = 1", "objection_hash"),
    ("service_objection", "outcome", "'rejected'", "outcome = 'upheld'", "outcome"),
    ("service_objection", "answered_at", "NULL, outcome = NULL", "1 = 1", "outcome|answered_at"),
    ("service_succession", "attempt", "9", "1 = 1", "attempt"),
    ("agency", "qualifications", "'[]'", "approved_at IS NOT NULL", "content_hash"),
    ("agency", "left_at", "NULL", "left_at IS NOT NULL", "left_at"),
    ("agency_sanction", "until_day", "'2026-01-01'", "1 = 1", "until_day"),
    ("agency_sanction", "reason", "'无'", "1 = 1", "reason_hash"),
    ("village_work", "amount_fen", "1", "name = '公厕'", "amount_fen"),
    ("village_work", "amount_fen", "1", "name = '水渠'", "amount_fen"),
    ("village_work", "amount_fen", "1", "name = '道路硬化'", "the works of its workbook"),
    ("village_work", "state", "'accepted', version = 2", "name = '道路硬化'", "version|workbook"),
    ("payment_ledger", "region", "'110000'", "1 = 1", "region"),
    ("payment_line", "amount_fen", "1", "1 = 1", "are not the lines"),
    ("payment_line", "payee", "'丙'", "1 = 1", "are not the lines"),
    ("work_finding", "text", "'无事'", "1 = 1", "text_hash"),
    ("work_finding", "due_at", "opened_at", "1 = 1", "due_at"),
    ("work_finding", "closed_at", "NULL, closed_person = NULL", "closed_at IS NOT NULL",
     "closed_at"),
    ("work_finding", "evidence_hash", f"'{'0' * 64}'", "closed_at IS NOT NULL", "evidence_hash"),
    ("work_finding", "answer", "'x', evidence_hash = 'x', answered_at = opened_at",
     "answered_at IS NULL", "answered_at|evidence_hash"),
    ("paper", "hash", f"'{'0' * 64}'", "1 = 1", "hash"),
    ("licence", "grade", "'特级'", "1 = 1", "statement_hash"),
    ("licence", "withdrawn_at", "declared_at", "1 = 1", "withdrawn_at"),
    ("company_relation", "other", "'x'", "withdrawn_at IS NULL", "statement_hash"),
    ("company_relation", "withdrawn_at", "NULL", "withdrawn_at IS NOT NULL", "withdrawn_at"),
    ("debarment", "until_day", "'2026-02-01'", "1 = 1", "until_day"),
    ("debarment", "reason", "'无'", "1 = 1", "text_hash"),
    ("debarment", "approved_at", "NULL", "1 = 1", "approved_at"),
    ("agency_authority", "valid_until", "recorded_at", "1 = 1", "valid_until"),
    ("agency_authority", "revoked_at", "recorded_at", "1 = 1", "revoked_at"),
    ("procurement_plan", "title", "'别的'", "1 = 1", "plan_hash"),
    ("registration", "approval_body", "'他局'", "1 = 1", "row_hash"),
    ("requirement", "body", "'{}'", "1 = 1", "body_hash"),
]
"""Table, what is set, in which row, and what must be said of that row."""

GONE = ("service_offer", "service_nonce", "service_rating", "service_objection",
        "service_succession", "agency_sanction", "village_work", "payment_ledger", "payment_line",
        "work_finding", "paper", "licence", "company_relation", "debarment", "agency_authority",
        "procurement_plan", "service_draw", "agency", "service", "registration", "requirement")
FORGED = ("agency_sanction", "licence", "company_relation", "debarment", "paper",
          "agency_authority", "procurement_plan", "payment_line")
KEYS = {"service_succession": "service_id", "registration": "tender_id", "requirement": "lot_id"}


def test_nothing_is_found_where_nothing_was_done(insider):
    assert insider.found() == []


OWN = (*MARKET, *WATCHED, *STATEMENTS)


@pytest.fixture
def found(insider):
    """What the parts of fsck say that judge these rows; the record is read once."""
    with Session(bind=insider.connection) as session:
        said = list(entries(session))

    def look() -> list[str]:
        with Session(bind=insider.connection) as session:
            return [*rules_of(session, said, OWN), *market(session, said), *watched(session, said),
                    *folded(session, STATED, said)]
    return look


def test_every_changed_row_is_named(insider, found):
    for table, column, value, where, said in UPDATES:
        key = KEYS.get(table, "id")
        row = insider.one(table, key, where)
        assert row is not None, (table, where)
        savepoint = insider.connection.begin_nested()
        insider.sql(f"UPDATE {table} SET {column} = {value} WHERE {key} = :row", row=row)
        _named(found(), table, row, said)
        savepoint.rollback()


def test_every_row_taken_out_is_named(insider, found):
    for table in GONE:
        key = KEYS.get(table, "id")
        savepoint = insider.connection.begin_nested()
        insider.sql(f"DELETE FROM {table} WHERE {key} = :row", row=insider.one(table, key))
        _named(found(), table, "", "gone|not those|not the lines|no .* speaks")
        savepoint.rollback()


def test_every_row_put_in_is_named(insider, found):
    for table in FORGED:
        names = [one["name"] for one in inspect(insider.connection).get_columns(table)]
        taken = {name: name for name in names} | {"id": ":forged"} \
            | ({"number": "number + 900"} if table == "payment_line" else {})
        forged, row = new_id(), insider.one(table)
        savepoint = insider.connection.begin_nested()
        insider.sql(f"INSERT INTO {table} ({', '.join(taken)}) SELECT {', '.join(taken.values())} "
                    f"FROM {table} WHERE id = :row", forged=forged, row=row)
        _named(found(), table, "" if table == "payment_line" else forged,
               "no .* speaks|not the lines")
        savepoint.rollback()


def _named(found: list[str], table: str, row: str, said: str) -> None:
    whole = table in ("payment_line", "village_work")  # of a list or workbook as a whole
    assert any(re.search(said, one) and one.startswith(table.partition("_line")[0][:7])
               and (not row or whole or row in one) for one in found), (table, row, said, found)
