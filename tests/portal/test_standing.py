"""Pages are kept as they were drawn, and none shows what is no longer true.

The clock stands still here unless it is told to move: what changes on a page is told by what was
done, never by time.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from bidding import acts as bidding
from kernel.db import Base, db
from people import kept, pagebook
from portal import show, standing
from supervision.acts import file_objection
from tender import acts

from .test_deadlines import amend, days_later
from .test_pages import HTML, get, lot_of

KEPT = {one.rule: one.kept for one in pagebook.PAGES if one.kept is not None}


@contextmanager
def drawings(monkeypatch):
    """The addresses whose pages are drawn meanwhile."""
    drawn: list[str] = []
    render = pagebook.render_template

    def rendered(name, **values):
        drawn.append(pagebook.request.full_path)
        return render(name, **values)

    with monkeypatch.context() as patch:
        patch.setattr(pagebook, "render_template", rendered)
        yield drawn


@contextmanager
def statements():
    """The statements put meanwhile, but for those of the connection that only looks."""
    put: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        put.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield put
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def unmarked(put: list[str]) -> set[str]:
    """The tables read that are changed past the acts and of which no mark says so."""
    tables = rf"(?:FROM|JOIN|,)\s+({'|'.join(Base.metadata.tables)})\b(?!\.)"
    read = {name for one in put for name in re.findall(tables, one)}
    asked = kept._spelled_out(standing.TENDER, db.engine.dialect.name).replace("\n", "")
    return {name for name in read if "unrecorded" in Base.metadata.tables[name].info
            and f"FROM {name}" not in asked}


def anew(world, path) -> str:
    """The page as it is sent, which must be what would be drawn if nothing were kept."""
    sent, shelf = get(world, path), kept.watch().shelf
    kept.watch().shelf = kept.Shelf()
    assert get(world, path) == sent, path
    kept.watch().shelf = shelf
    return sent


@pytest.fixture
def stood(world, no_officials):
    """A published tender of two lots, in the search and in the record, and time standing still."""
    tender = world.published_tender(lots=2)
    world.tick(record=True)
    world.freeze()
    return tender


def paths(world, tender) -> list[str]:
    return ["/", "/tenders", "/calendar", f"/tenders/{tender.id}",
            f"/lots/{lot_of(world, tender).id}/hall", "/services", "/direct-awards",
            "/works", "/record", "/record/entries", "/record/entries/0", "/record/compare", "/api",
            "/reference/tender", "/en/tenders", "/en/tenders?state=open"]


def test_a_page_is_drawn_once_and_nothing_of_a_reader_is_in_it(world, stood, monkeypatch):
    every = paths(world, stood)
    with drawings(monkeypatch) as drawn, statements() as put:
        first = [get(world, place) for place in every]
        assert len(drawn) == len(every) == len(set(first))
        assert unmarked(put) == {"search_entry", "disclosure"}  # as search_state, log_head say
        put.clear()
        assert [get(world, place) for place in every] == first
        assert len(drawn) == len(every) and [one for one in put if "BEGIN" not in one] == []
        signed_in = world.client(world.clerk)
        for place, page in zip(every, first, strict=True):
            answer = signed_in.get(f"/{place}", headers=HTML | {"Accept-Language": "en"})
            assert answer.get_data(as_text=True) == page and "Set-Cookie" not in answer.headers
        assert len(drawn) == len(every)
        world.freeze(world.now.replace(microsecond=0) + timedelta(seconds=1))
        again = [get(world, place) for place in every]
        still = sum("data-now" not in page for page in first)
        assert still == 2 and len(drawn) == 2 * len(every) - still
        for page in again:
            assert "data-now" not in page or f'data-now="{show.iso(world.now)}"' in page


def test_conditional_requests_heads_and_long_addresses(world, stood, monkeypatch):
    client, place = world.client(), f"//tenders/{stood.id}"
    with drawings(monkeypatch) as drawn:
        whole = client.get(place, headers=HTML)
        tag = whole.headers["ETag"]
        assert whole.headers["Cache-Control"] == "no-cache" and not tag.startswith("W/")
        known = client.get(place, headers=HTML | {"If-None-Match": f'"other", {tag}'})
        assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", tag)
        assert known.headers["Cache-Control"] == "no-cache"
        other = client.get(place, headers=HTML | {"If-None-Match": '"other"'})
        assert (other.status_code, other.data) == (200, whole.data)
        head = client.head(place, headers=HTML)
        assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
        assert head.headers["Content-Length"] == str(len(whole.data))
        assert whole.headers["Content-Security-Policy"] == pagebook.SCRIPTS
        assert client.get(f"//en/tenders/{stood.id}", headers=HTML).headers["ETag"] != tag
        assert len(drawn) == 2
        count = len(drawn)
        for asked in ("/tenders?q=-道路", "/tenders?x=" + "y" * 600, f"/tenders/{'0' * 32}"):
            for _ in range(2):
                client.get(f"/{asked}", headers=HTML)
            count += 2
            assert len(drawn) == count, asked
    assert {"/sign-in", "/components", "/register", "/try", "/health"}.isdisjoint(KEPT)


def test_what_is_done_changes_the_page_at_once_on_every_worker(world, stood, monkeypatch):
    """Ask and answer, extend, amend, suspend, resume, publish: by the next request, also of a
    worker that did none of it."""
    place, ours, another = f"/tenders/{stood.id}", kept.watch(), kept.Watch(db.engine)
    every = (place, "/", "/en/tenders", "/calendar", "/record/entries")

    def became(*words: str, gone: str = "") -> None:
        for watch in (ours, another):
            world.app.extensions["yangguang_kept"] = watch
            page = get(world, place)
            assert all(word in page for word in words) and (not gone or gone not in page)
        for watch in (another, ours):
            world.app.extensions["yangguang_kept"] = watch
            for path in every:
                anew(world, path)

    lot, company = lot_of(world, stood), world.company()
    became(show.beijing(lot.deadline))
    question = acts.ask_question(company.actor, lot.id, text="路面厚多少？")
    assert "路面厚多少" not in anew(world, place), "a question is seen with its answer"
    acts.answer_question(world.clerk, lot.id, question.id, text="二十厘米整。")
    became("路面厚多少？", "二十厘米整。")
    before = show.beijing(lot.deadline)
    acts.move_deadline(world.fresh(world.clerk), lot.id, days_later(lot, 3), why="应投标人请求。")
    became(show.beijing(lot_of(world, stood).deadline), gone=f"<strong>{before}")
    two = lot_of(world, stood, 2)
    amend(world, stood, {"id": two.id, "deadline": days_later(two, 9)})
    became(show.beijing(lot_of(world, stood, 2).deadline))
    acts.suspend_lot(world.fresh(world.supervisor), lot.id, document_no="暂停1号", reason="核查")
    became("已暂停")
    acts.resume_lot(world.fresh(world.supervisor), lot.id, document_no="恢复1号", reason="已查清")
    became("投标中", gone="stage-suspended")
    other = world.published_tender()
    became()
    assert other.id in get(world, "/"), "its notice is out"
    world.tick()  # the index follows, and nothing else
    became()
    assert other.id in get(world, "/tenders") and other.id in get(world, "/calendar")
    another.close()


def test_a_deadline_that_comes_closes_the_page_with_no_act(world, no_officials):
    """To the millisecond, though no second begins there, and before anybody wrote the close."""
    tender = world.published_tender()
    world.tick(record=True)
    moment = lot_of(world, tender).deadline
    every = (f"/tenders/{tender.id}", "/tenders")
    world.freeze(moment - timedelta(milliseconds=1))
    for path in every:
        assert "stage-bidding" in get(world, path)
    assert re.search(r'class="figure">(\d+)<', get(world, "/"))[1] == "1"
    hall = f"/lots/{lot_of(world, tender).id}/hall"
    assert "尚未截止" in get(world, hall)
    world.freeze(moment)
    for path in every:
        page = get(world, path)
        assert "stage-bidding" not in page and "stage-closed" in page
    assert "投标已截止" in get(world, hall)
    assert re.search(r'class="figure">(\d+)<', get(world, "/"))[1] == "0"
    bidding.close_if_due(lot_of(world, tender).id)
    assert "stage-closed" in anew(world, every[0])
    anew(world, hall)
    world.tick(record=True)  # nobody bid, so it failed
    with statements() as put:
        for path in (*every, hall, "/record", "/record/entries"):
            anew(world, path)
    assert unmarked(put) <= {"search_entry", "disclosure"}
    assert "stage-failed" in get(world, every[0]) and "stage-failed" in get(world, every[1])


def test_nothing_that_must_not_be_known_takes_a_page_off_the_shelf(world, monkeypatch):
    """A question, an objection, a bid, its replacement: whoever measures how long a page takes
    learns nothing of them, because the page that was kept still stands."""
    tender = world.published_tender()
    world.tick(record=True)
    lot, company = lot_of(world, tender), world.company()
    world.advance(hours=25)
    world.tick(record=True)
    world.freeze()
    every = paths(world, tender)
    for place in every:
        get(world, place)
    with drawings(monkeypatch) as drawn:
        acts.ask_question(company.actor, lot.id, text="路面厚多少？")
        file_objection(company.actor, lot.id, argument="条件不相适应", remedy="请删除该条件")
        world.sealed_bid(lot, company=company)
        sealed = world.replacement(lot, company)
        world.redeclare(company, sealed)
        world.send(company, sealed)
        for place in every:
            get(world, place)
        assert drawn == []
    for place in every:
        anew(world, place)


def test_what_waits_under_cover_is_not_felt_in_the_count(world):
    if world.postgres:
        world.raw("SET enable_seqscan = off")
    plan = world.raw(f"EXPLAIN {'' if world.postgres else 'QUERY PLAN '}"
                     + kept._spelled_out(standing.PUBLIC, db.engine.dialect.name))
    assert "ix_pending_entry_uncovered" in str(plan)
