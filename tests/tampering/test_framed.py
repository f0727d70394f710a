"""Rows of framework agreements changed behind the platform's back: fsck names them."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation import selection
from evaluation.frameworks import calling, ending, joining, offers
from kernel.db import db
from portal.fsck.entries import entries
from portal.fsck.framed import RULES, framed
from portal.fsck.rows import rows
from portal.tick import tick
from tests.evaluation.test_frameworks import WHY, Frame

UPDATES = [
    ("framework", "price_fen", "price_fen + 1", "1 = 1", "its terms"),
    ("framework", "valid_until", "drafted_at", "1 = 1", "valid_until|another hour"),
    ("framework", "places", "places + 1", "1 = 1", "order of turns"),
    ("framework", "profile", "'{}'", "1 = 1", "profile_hash"),
    ("framework_application", "price_fen", "1", "1 = 1", "application_hash"),
    ("framework_application", "place", "99", "ended_at IS NULL", "place"),
    ("framework_application", "reason", "'x'", "reason IS NOT NULL", "reason_hash"),
    ("framework_application", "ended_at", "NULL, ended_how = NULL", "ended_how = 'struck'",
     "ended_at|ended_how"),
    ("framework_strike", "ground", "'breach'", "1 = 1", "ground"),
    ("calloff", "price_fen", "1", "contracted_at IS NOT NULL", "price_fen"),
    ("calloff", "title", "'x'", "1 = 1", "content_hash"),
    ("calloff", "failed_at", "NULL", "failure = 'objection'", "failed_at"),
    ("calloff_turn", "judged_at", "asked_at", "good IS NOT NULL", "judged_at"),
    ("calloff_turn", "answer", "'taken'", "answer = 'declined'", "answer"),
    ("calloff_offer", "price_fen", "price_fen - 1", "price_fen > 1", "price_fen|sealed"),
    ("calloff_offer", "commitment", f"'{'c' * 64}'", "1 = 1", "commitment"),
    ("framework_objection", "argument", "'x'", "1 = 1", "objection_hash"),
    ("framework_objection", "outcome", "'rejected'", "outcome = 'upheld'", "outcome"),
]
GONE = ("calloff_turn", "calloff_offer", "framework_objection", "framework_strike")


@pytest.fixture
def database():
    return "sqlite"


def played(world) -> None:
    """A framework with all that can come about in it."""
    frame = Frame(world)
    (one, own), (two, _), (three, third) = frame.suppliers
    stranger = frame.company()
    refused = frame.apply(stranger)
    joining.refuse(world.clerk, refused.id, against=[0], reason="营业执照已注销")
    row = ending.object_to_refusal(stranger, refused.id, argument="并未注销", remedy="重审")
    world.advance(minutes=1)
    ending.answer_refusal_objection(world.clerk, row.id, outcome="upheld", text="经核对未注销。")
    world.advance(minutes=1)
    turned = frame.call()
    calling.decline_turn(one, turned.id, reason="人手不足无法安排")
    world.advance(minutes=1)
    calling.judge_decline(frame.user, turned.id, good=True)
    calling.take_turn(two, turned.id)
    world.advance(minutes=1)
    fallen = frame.call("direct", application_id=own, reason=WHY)
    against = ending.object_to_result(three, fallen.id, argument="资质已过期", remedy="撤销")
    ending.answer_result_objection(frame.user, against.id, outcome="upheld", text="属实，作废。")
    mini = frame.call("mini", offers_until=world.now + timedelta(hours=30))
    salt = secrets.token_hex(32)
    offers.offer(two, mini.id, sealed=selection.commitment(
        mini.id, two.party_id, 250_000, "b" * 64, salt))
    world.advance(hours=30)
    offers.reveal(two, mini.id, price_fen=250_000, proposal_hash="b" * 64, salt=salt)
    world.advance(hours=25)
    tick()
    world.advance(days=12)
    ending.contract(frame.user, mini.id, amount_fen=250_000, document_hash="c" * 64)
    frame.call()  # asked of who is struck off next
    world.advance(minutes=1)
    strike = joining.propose_strike(world.clerk, third, ground="collusion", reason="串通报价")
    joining.approve_strike(world.fresh(world.chief), strike.id)
    world.advance(days=9)
    tick()
    db.session.rollback()


def test_every_changed_and_removed_row_is_named(world):
    played(world)
    said = list(entries(db.session))
    db.session.rollback()

    def found(connection) -> list[str]:
        with Session(bind=connection) as session:
            return [*rows(session, said, RULES), *framed(session, said)]

    with world._raw.connect() as connection:
        assert found(connection) == []
        connection.rollback()
        wrongs = [(table, f"UPDATE {table} SET {column} = {value} WHERE id = :row", where, told)
                  for table, column, value, where, told in UPDATES]
        wrongs += [(table, f"DELETE FROM {table} WHERE id = :row", "1 = 1",
                    "gone|not those|order of turns") for table in GONE]
        for table, statement, where, told in wrongs:
            row = connection.execute(text(f"SELECT id FROM {table} WHERE {where}")).scalars().first()
            assert row is not None, (table, where)
            connection.execute(text(statement), {"row": row})
            named = found(connection)
            assert any(re.search(told, one) for one in named), (statement, named)
            connection.rollback()
