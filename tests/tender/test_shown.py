"""The answer that is kept for everybody: never stale, nobody else's, and it tells of nothing."""

from __future__ import annotations

import ast
import inspect
import re
from datetime import timedelta

import pytest
from sqlalchemy import event

import tender.acts
from audit.actor import OPERATOR
from kernel.db import Base, db
from people import kept
from tender import acts, shown
from tender.model import Document

from .test_amendments import publish
from .test_halting import held, resume, suspend
from .test_notices import later

UNKEPT = {"installation", "item", "lot_hold"}
"""Read, and not among the rows; why stands in tender/shown.py and in the tests below."""


@pytest.fixture
def put_out(world):
    return world.published_tender(lots=2)


def statements(call):
    found = []

    def note(_c, _cursor, statement, *_):
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return [one for one in found if not one.startswith("BEGIN")]


def told(world, tender):
    """What is answered, which must be what would be answered if nothing were kept."""
    client, path = world.client(), f"/tenders/{tender.id}"
    first = client.get(path)
    kept.watch().shelf._held.clear()
    anew = client.get(path)
    assert (first.status_code, first.data, first.headers.get("ETag")) == (
        anew.status_code, anew.data, anew.headers.get("ETag"))
    return anew.get_json()


def test_a_kept_answer_takes_one_look_and_is_nobody_elses(world, put_out):
    client, path = world.client(), f"/tenders/{put_out.id}"
    made = statements(lambda: client.get(path))
    again = statements(lambda: client.get(path))
    assert len(again) == 0 < len(made) <= 15, made
    _every_table_read_is_among_the_rows(made[1:])
    plain, own = client.get(path).get_json(), world.client(world.clerk).get(path).get_json()
    assert "amendment.publish" in own["allowed_actions"]
    assert "amendment.publish" not in plain["allowed_actions"]
    assert client.get(path).get_json() == plain


def _every_table_read_is_among_the_rows(made):
    tables = "|".join(Base.metadata.tables)
    read = {name for one in made
            for name in re.findall(rf"(?:FROM|JOIN|,)\s+({tables})\b(?!\.)", one)}
    rows = {table.name for table, _ in shown.TENDER.rows}
    assert read - rows == UNKEPT


def test_every_change_is_told_at_once(world, put_out):
    one, _ = world.lots(put_out)
    first = told(world, put_out)
    items = [{"code": "1", "description": "土方", "unit": "m3", "quantity": "2.5"}]
    publish(world, put_out, description="另加说明",
            lots=[{"id": one.id, "deadline": later(world, one), "items": items}])
    second = told(world, put_out)
    assert second["description"] == "另加说明" and second["version"] == first["version"] + 1
    assert second["lots"][0]["items_count"] == 1 != first["lots"][0]["items_count"]
    suspend(world, one)
    assert told(world, put_out)["lots"][0]["phase"] == "SUSPENDED"
    resume(world, one)
    assert told(world, put_out)["lots"][0]["phase"] == "BIDDING"
    acts.terminate_lot(world.fresh(world.chief), one.id, reason="项目取消，资金收回。")
    assert told(world, put_out)["lots"][0]["phase"] == "TERMINATED"


def test_an_objection_shows_neither_in_it_nor_in_the_time_it_takes(world, put_out):
    one, _ = world.lots(put_out)
    world.freeze(one.deadline - timedelta(milliseconds=1))
    client, path = world.client(), f"/tenders/{put_out.id}"
    client.get(path)
    held(OPERATOR, one.id, "f" * 32, world.now + timedelta(days=3))
    assert not statements(lambda: client.get(path)), "made anew: it could be told by time"
    world.advance(to=one.deadline)
    assert told(world, put_out)["lots"][0]["phase"] == "SUSPENDED"
    assert statements(lambda: client.get(path)), "kept, though a hold decides it"


def test_time_alone_changes_it_and_a_file_renamed_past_every_act(world, put_out):
    one, _ = world.lots(put_out)
    world.freeze(one.deadline - timedelta(milliseconds=1))
    assert told(world, put_out)["phase"] == "BIDDING"
    row = world.session.query(Document).filter_by(tender_id=put_out.id).first()
    world.raw("UPDATE document SET name = 'another.pdf' WHERE id = :id", id=row.id)
    assert "another.pdf" in {one["name"] for one in told(world, put_out)["documents"]}
    world.raw("UPDATE party SET name = 'another name' WHERE id = :id", id=put_out.buyer_id)
    assert told(world, put_out)["buyer"]["name"] == "another name"
    world.advance(to=one.deadline)
    assert told(world, put_out)["phase"] == "CLOSED"
    world.tick()
    assert told(world, put_out)["phase"] == "FAILED"


def test_a_draft_is_nobodys_and_is_told_once_it_is_published(world):
    draft = world.draft_tender()
    assert world.client().get(f"/tenders/{draft.id}").status_code == 404
    world.before_publishing(draft)
    notice = acts.submit_notice(world.clerk, draft.id)
    assert world.client().get(f"/tenders/{draft.id}").status_code == 404
    acts.approve_notice(world.fresh(world.chief), draft.id, content_hash=notice.content_hash)
    assert told(world, draft)["phase"] == "BIDDING"


def test_whoever_changes_lines_of_a_bill_counts_an_edit():
    """The lines are counted in the answer and are not among its rows."""
    writers = {}
    for module in vars(tender.acts).values():
        if not inspect.ismodule(module):
            continue
        tree = ast.parse(inspect.getsource(module))
        for node in tree.body:
            text = ast.unparse(node)
            if isinstance(node, ast.FunctionDef) and re.search(r"(insert|delete|update)\(Item\)|\bItem\(", text):
                writers[node.name] = "changed_draft(" in text or "tender.version += 1" in text
    assert {"set_items", "_apply"} <= set(writers)
    assert all(writers.values()), writers
