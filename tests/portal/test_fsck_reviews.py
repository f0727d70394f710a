"""fsck knows reviews, of notices and of amendments, and what people said of them."""

from __future__ import annotations

import json

import pytest

from audit.schema_sql import append_only_tables
from kernel.db import db
from portal.fsck.entries import entries
from portal.fsck.reviewed import RULES
from portal.fsck.rows import rows
from tender import acts, reviewing
from tender.model import NoticeDraft
from tests.tender.review.test_amendments import BRAND, add, read_here
from tests.tender.review.test_reviews import REASON, bad_document, record, review, submit
from tests.tender.test_amendments import draft as drafted

__all__ = ["read_here"]  # a fixture


@pytest.fixture
def told(world):
    """A tender and an amendment, each reviewed, answered and published; a reading by another."""
    tender = world.draft_tender(document=False)
    bad_document(world, tender, BRAND)
    world.before_publishing(tender)
    office = world.party("supervisor")
    reader = world.account("supervisor", party=office, region="330703")
    asked = acts.ask_reading(world.clerk, tender.id, party_id=office.id).id
    hits = review(world, tender).body["hits"]
    acts.answer_hit(world.clerk, tender.id, hit=hits[0]["key"], answer="justified", reason=REASON)
    acts.record_fairness(world.clerk, tender.id, **record(world))
    sent = submit(world, tender).content_hash
    acts.give_opinion(reader, asked, content_hash=sent, verdict="passed", opinion="无意见")
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=sent)
    made = drafted(world, tender, affects_bids=False, description="更正联系电话。").id
    add(world, tender, db.session.get(NoticeDraft, made), "另一份。\n水泵须采用凯泉品牌。")
    prepared = reviewing.prepare_amendment(db.session, world.tender(tender.id),
                                           db.session.get(NoticeDraft, made))
    for hit in acts.review_amendment(world.clerk, tender.id, made, prepared=prepared).body["hits"]:
        acts.answer_amended_hit(world.clerk, tender.id, made, hit=hit["key"], answer="accepted",
                                reason=REASON)
    return tender


def found(world) -> list[str]:
    db.session.rollback()
    return list(rows(db.session, list(entries(db.session)), RULES))


LAST = "(SELECT review_id FROM amendment_review)"
TAMPERED = {
    "review": ("UPDATE review SET body = :v WHERE id NOT IN " + LAST, "body_hash"),
    "review of an amendment": ("UPDATE review SET body = :v WHERE id IN " + LAST, "body_hash"),
    "basis": ("UPDATE review SET basis_hash = :h WHERE id IN " + LAST, "basis_hash"),
    "answer": ("UPDATE review_answer SET answer = 'accepted' WHERE answer = 'justified'", "answer"),
    "reason": ("UPDATE review_answer SET reason = 'x' WHERE review_id IN " + LAST, "reason"),
    "answer gone": ("DELETE FROM review_answer WHERE review_id NOT IN " + LAST, "is gone"),
    "of another draft": ("DELETE FROM amendment_review", "no review.made"),
    "fairness": ("UPDATE fairness_review SET unit = 'x'", "content_hash"),
    "opinion": ("UPDATE reading_opinion SET opinion = 'x'", "opinion"),
    "verdict": ("UPDATE reading_opinion SET verdict = 'objected'", "verdict"),
}


def test_nothing_is_wrong_with_what_the_acts_left_and_every_tampering_is_found(world, told,
                                                                               database):
    assert found(world) == []
    if database == "sqlite":
        for table in append_only_tables():
            for what in ("update", "delete"):
                world.raw(f"DROP TRIGGER IF EXISTS {table.name}_no_{what}")
    else:
        for table in append_only_tables():
            world.raw(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
    for name, (statement, word) in TAMPERED.items():
        before = {table: world.raw(f"SELECT * FROM {table}") for table in (
            "review", "review_answer", "amendment_review", "fairness_review", "reading_opinion")}
        values = {"v": json.dumps({"hits": []}), "h": "0" * 64}
        world.raw(statement, **{key: value for key, value in values.items() if f":{key}" in statement})
        faults = found(world)
        assert faults and any(word in one for one in faults), (name, faults)
        _put_back(world, before)
        assert found(world) == [], name


def _put_back(world, before) -> None:
    for table in ("amendment_review", "review_answer", "reading_opinion", "fairness_review"):
        world.raw(f"DELETE FROM {table}")
    for table, lines in before.items():
        for line in lines:
            values = {key: json.dumps(value) if isinstance(value, (dict, list)) else value
                      for key, value in line._mapping.items()}
            if table == "review":
                world.raw("UPDATE review SET body = :body, basis_hash = :basis_hash WHERE id = :id",
                          **{key: values[key] for key in ("body", "basis_hash", "id")})
            else:
                names = ", ".join(values)
                world.raw(f"INSERT INTO {table} ({names}) VALUES "
                          f"({', '.join(':' + one for one in values)})", **values)
