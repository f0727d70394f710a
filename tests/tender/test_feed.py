"""The feed of changes: nothing lost, nothing twice, nothing told too early (N5)."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select, text

from audit import act as acting
from audit.act import CATALOGUE, act
from audit.actor import OPERATOR
from audit.guard import UnrecordedChange
from kernel.db import db
from kernel.refusal import Refused
from portal.tick import WORK
from tender import acts, feed
from tender.model import Tender

WRITERS, ACTS = 8, 61
"""As the peer was tried: 8 writers, 488 changes."""

PUBLISHED = ["notice.published", "notice.approved"]
"""What the publication of a tender tells."""


@act("feed.tried", law="—", by=("operator",))
def tried(ctx, tender_id: str, subject: str, pause: float = 0.0, locked: bool = False):
    """A public act that takes its time between its entry and its COMMIT."""
    if locked:
        ctx.session.execute(select(Tender.id).where(Tender.id == tender_id).with_for_update())
    ctx.record(subject, tender_id=tender_id)
    time.sleep(pause)


@act("feed.tried_veiled", law="—", by=("operator",), veiled=True)
def tried_veiled(ctx, tender_id: str):
    """A public act that could tell of a bid."""
    ctx.record("x", tender_id=tender_id)


@act("feed.tried_closed", law="—", by=("operator",), disclose="opened")
def tried_closed(ctx, tender_id: str):
    """An act that is public with the opening only."""
    ctx.record("x", tender_id=tender_id)


for name in ("feed.tried", "feed.tried_veiled", "feed.tried_closed"):
    del CATALOGUE[name]  # the catalogue printed into the documents is the product's


def told(tender=None, cursor=None, limit=1000):
    db.session.rollback()
    rows, _ = feed.changes_after(db.session(), cursor, limit, tender and tender.id)
    return [row.type for row in rows]


def test_it_tells_of_a_tender_from_its_publication_on(world):
    draft = world.draft_tender()
    assert told(draft) == []
    tender = world.published_tender()
    assert told(tender) == PUBLISHED
    lot = world.lots(tender)[0]
    question = acts.ask_question(world.company().actor, lot.id, text="有无图纸？")
    tried_veiled(OPERATOR, tender.id)
    tried_closed(OPERATOR, tender.id)
    assert told(tender) == PUBLISHED
    acts.answer_question(world.clerk, lot.id, question.id, text="见附件。")
    assert told(tender) == [*PUBLISHED, "question.answered"]
    rows, _ = feed.changes_after(db.session(), None, 1)
    assert {row.entry_id for row in rows} <= {one.id for one in world.entries()}


def test_what_the_catalogue_hides_is_never_told():
    kinds = [kind for kind in CATALOGUE.values() if not kind.name.startswith("feed.")]
    told = {kind.name for kind in kinds if feed.tells(kind)}
    assert {"notice.approved", "lot.opened", "award.confirmed", "contract.registered"} <= told
    assert not [kind.name for kind in kinds
                if feed.tells(kind) and (kind.veiled or kind.disclose != "public")]
    assert not [name for name in told if name.startswith(("bid.", "guarantee.lodged", "signing_"))]


def test_what_did_not_happen_is_not_told(world, monkeypatch):
    tender = world.published_tender()

    @event.listens_for(db.session(), "before_commit", once=True)
    def _die(_session):
        raise RuntimeError("killed before COMMIT")

    with pytest.raises(RuntimeError, match="killed"):
        tried(OPERATOR, tender.id, "a")
    assert told(tender) == PUBLISHED
    monkeypatch.setattr(acting.wiring(), "announce", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tried(OPERATOR, tender.id, "b")
    assert world.entries("feed.tried") == []


def test_a_placing_that_dies_is_done_by_the_next(world, monkeypatch):
    tender = world.published_tender()
    for number in range(3):
        tried(OPERATOR, tender.id, str(number))

    @event.listens_for(db.engine, "commit", once=True)
    def _die(_connection):
        raise RuntimeError("killed in the placing")

    with pytest.raises(RuntimeError, match="killed"):
        feed.place()
    assert world.raw("SELECT count(*) FROM change")[0][0] == 0
    assert feed.place in WORK
    world.tick()
    assert world.raw("SELECT count(*) FROM pending_change")[0][0] == 0
    assert told(tender) == [*PUBLISHED, *["feed.tried"] * 3]


def test_pages_join_without_a_gap_and_never_change(world):
    tender = world.published_tender()
    client = world.client()
    for number in range(7):
        tried(OPERATOR, tender.id, str(number))
    first = client.get("/changes?limit=3")
    assert first.status_code == 200 and first.json["more"] is True
    ids, cursor, tag = [], "", first.headers["ETag"]
    while True:
        page = client.get(f"/changes?limit=3&after={cursor}").json
        ids += [one["id"] for one in page["items"]]
        assert page["items"] == [] or page["next"] == page["items"][-1]["cursor"]
        if not page["more"]:
            break
        cursor = page["next"]
    assert len(ids) == len(set(ids)) == 7 + len(PUBLISHED)
    assert client.get(f"/changes?after={page['next']}").json == {
        "items": [], "more": False, "next": page["next"]}
    assert client.get("/changes?limit=3").data == first.data
    again = client.get("/changes?limit=3", headers={"If-None-Match": tag})
    assert again.status_code == 304 and not again.data
    assert client.get(f"/changes?tender_id={'0' * 32}").json["items"] == []


def test_what_is_no_cursor_and_no_question_is_refused(world):
    world.published_tender()
    client = world.client()
    some = "a" * 32
    for cursor in ("x", "!", "00", "1", "-1", "1-", "1-é", f"0-{some}", f"1-{some.upper()}",
                   f"{10**18}-{some}", f"1-{some}a", f"1-{some}\n"):
        answer = client.get("/changes", query_string={"after": cursor})
        assert answer.status_code == 400, answer.data
    for query in ("limit=0", "limit=1001", "limit=-1", "limit=1e3", "limit=", "tender_id=1",
                  "since=1", "after=" + "A" * 201):
        assert client.get(f"/changes?{query}").status_code == 422, query


def test_a_cursor_of_a_lost_future_is_refused(world):
    """After a restore the places are given anew: a reader is told, and does not go on silently."""
    tender = world.published_tender()
    for number in range(3):
        tried(OPERATOR, tender.id, str(number))
    _, cursor = feed.changes_after(db.session(), None, 100)
    trigger = "DROP TRIGGER change_append_only ON change" if world.postgres else \
        "DROP TRIGGER change_no_delete"
    world.raw(trigger)
    world.raw("DELETE FROM change WHERE position > 2")  # an old dump is restored
    with pytest.raises(Refused) as gone:
        feed.changes_after(world.session, cursor, 100)
    assert gone.value.word.code == "feed.cursor-lost"
    for number in range(3):
        tried(OPERATOR, tender.id, str(number))
    assert world.client().get(f"/changes?after={cursor}").status_code == 410


def test_nobody_rewrites_the_feed(world):
    world.published_tender()
    told()
    with pytest.raises(Exception, match="append-only"):
        world.raw("UPDATE change SET type = 'x'")


def test_the_feed_is_no_way_around_the_guard(world):
    """Feed tables are free of entries, tables of business in the same transaction are not."""
    world.published_tender()
    told()
    with pytest.raises(UnrecordedChange), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM pending_change"))
        connection.execute(text("UPDATE tender SET title = 'x'"))


# many at once


def late_and_early(world, tender):
    """Two acts whose rows are drawn in one order and committed in the other (PostgreSQL)."""
    drawn, go = threading.Event(), threading.Event()

    def slow():
        with world.app.app_context():
            def wait(_session):
                drawn.set()
                go.wait(300)
            event.listen(db.session(), "before_commit", wait, once=True)
            tried(OPERATOR, tender.id, "drawn first")
            db.session.remove()

    thread = threading.Thread(target=slow)
    thread.start()
    assert drawn.wait(300)
    tried(OPERATOR, tender.id, "committed first")
    return go, thread


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_what_is_drawn_first_and_committed_last_is_not_lost(world):
    tender = world.published_tender()
    told()
    last = world.raw("SELECT max(position) FROM change")[0][0]
    go, thread = late_and_early(world, tender)
    drawn = world.raw("SELECT turn FROM pending_change")
    rows, cursor = feed.changes_after(world.session, None, 100)
    assert len(rows) == last + 1
    go.set()
    thread.join()
    # A reader that kept the highest number drawn would never ask for this one again:
    (late,) = world.raw("SELECT turn FROM pending_change")
    assert late < drawn[0]
    more, _ = feed.changes_after(world.session, cursor, 100)
    assert [row.position for row in more] == [last + 2]


def many(world, tenders, seconds=600.0):
    """8 writers and a reader beside them; what the reader saw, in its order."""
    stop, seen = threading.Event(), []

    def read():
        with world.app.app_context():
            cursor, until = None, time.monotonic() + seconds
            while time.monotonic() < until:
                last = stop.is_set()
                rows, cursor = feed.changes_after(db.session(), cursor, 50)
                seen.extend((row.position, row.entry_id, row.tender_id) for row in rows)
                if last and not rows:
                    break
            db.session.remove()

    def write(number):
        with world.app.app_context():
            rng = random.Random(number)
            try:
                for turn in range(ACTS):
                    own = tenders[turn % len(tenders)]
                    tried(OPERATOR, own.id, f"{number}.{turn}", rng.random() * 0.004,
                          locked=turn % 2 == 0)
            finally:
                db.session.remove()

    db.session.remove()
    reader = threading.Thread(target=read)
    reader.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(write, range(WRITERS)))
    finally:
        stop.set()
        reader.join()
    return seen


def lost_and_repeated(world, seen) -> tuple[int, int]:
    """How many of the acts the reader never saw, and how many twice."""
    made = {one.id for one in world.entries("feed.tried")}
    found = [entry for _, entry, _ in seen if entry in made]
    assert len(made) == WRITERS * ACTS
    return len(made - set(found)), len(found) - len(set(found))


def test_eight_writers_and_no_change_is_lost_or_repeated(world):
    tenders = [world.published_tender() for _ in range(2)]
    seen = many(world, tenders)
    assert lost_and_repeated(world, seen) == (0, 0)
    places = [position for position, _, _ in seen]
    assert places == list(range(1, len(places) + 1))
    # Of acts that waited for one another the later one has the later place.
    order = {entry: position for position, entry, _ in seen}
    own: dict[str, list[int]] = {}
    for entry in world.entries("feed.tried"):
        writer, turn = entry.record.partition('"subject":"')[2].partition('"')[0].split(".")
        own.setdefault(writer, []).append((int(turn), order[entry.id]))
    for found in own.values():
        assert [place for _, place in sorted(found)] == sorted(place for _, place in found)
