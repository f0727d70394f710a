"""One value for all dates: page, JSON and calendar file show what is enforced (Q41)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender import fee, ical
from tender.reading import lot_facts
from tender.schedule import schedule


def unfolded(data: bytes) -> list[str]:
    """The content lines of a calendar file, as a reader puts them together again."""
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= ical.LONGEST for line in data.split(b"\r\n"))
    return data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def shown_deadlines(world, tender, lot) -> dict[str, datetime]:
    """The deadline as each kind of answer says it."""
    json = world.client().get(f"/lots/{lot.id}").json
    file = world.client().get(f"/lots/{lot.id}/calendar")
    assert file.mimetype == "text/calendar"
    lines = unfolded(file.data)
    event = lines[lines.index(f"UID:{lot.id}-deadline@yangguang"):]
    start = next(line for line in event if line.startswith("DTSTART:")).partition(":")[2]
    dated = next(one for one in json["dates"] if one["name"] == "deadline")
    page = world.app.test_client().get(f"/tenders/{tender.id}").get_data(as_text=True)
    marks = {datetime.fromisoformat(text) for text in re.findall(r'datetime="([^"]+)"', page)}
    return {"json": datetime.fromisoformat(json["deadline"]),
            "dates": datetime.fromisoformat(dated["at"]),
            "calendar": datetime.strptime(start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
            "page": lot.deadline if lot.deadline in marks else min(marks)}


def test_every_answer_shows_the_enforced_deadline(world):
    tender = world.published_tender(lots=2)
    for lot in world.lots(tender):
        shown = shown_deadlines(world, tender, lot)
        enforced = lot_facts(world.session, lot.id).deadline
        exact = {kind: at for kind, at in shown.items() if kind != "calendar"}
        assert set(exact.values()) == {enforced}
        assert shown["calendar"] == enforced.replace(microsecond=0)


def test_a_draft_has_no_calendar_and_no_dates(world):
    tender = world.draft_tender()
    (lot,) = world.lots(tender)
    own = world.client(world.clerk)
    assert own.get(f"/lots/{lot.id}/calendar").status_code == 404
    assert own.get(f"/lots/{lot.id}").json["dates"] == []


def test_what_is_said_before_the_deadline(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    facts = lot_facts(world.session, lot.id)
    found = {one.rule: one for one in schedule(lot, lot.profile, facts)}
    assert {"T1", "T2", "T3", "T4", "question", "T18", "T19"} == set(found)
    assert found["T3"].at < found["T4"].at < lot.deadline == found["T2"].at
    assert found["T18"].day == found["T19"].day
    assert all(one.certain for one in found.values())


@given(st.text(max_size=200))
def test_a_line_is_folded_between_characters_and_comes_back(text):
    line = "SUMMARY:" + ical.escape(text)
    data = ical.fold(line)
    assert all(len(part) <= ical.LONGEST for part in data[:-2].split(b"\r\n "))
    data.decode("utf-8")
    for part in data[:-2].split(b"\r\n "):
        part.decode("utf-8")
    assert data[:-2].replace(b"\r\n ", b"").decode() == line


def test_commas_and_line_ends_are_escaped():
    assert ical.escape("a,b;c\\d\ne") == "a\\,b\\;c\\\\d\\ne"


# --- fee ------------------------------------------------------------------------------------------
def test_the_tariffs_own_example():
    assert fee.tariff_fen("works", 60_000_000_00) == 225_500_00


@given(st.sampled_from(("works", "goods", "services")), st.integers(0, 10**13))
def test_the_tariff_rises_slowly(category, amount):
    less, more = fee.tariff_fen(category, amount), fee.tariff_fen(category, amount + 10_000)
    assert 0 <= less <= more <= less + 151


def test_nothing_is_charged_and_what_is_saved_is_said(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    said = world.client().get(f"/lots/{lot.id}").json["fee"]
    assert said["charged_fen"] == 0 and said["tariff"]
    assert said["saved_fen"] == 1_000_000 + round(298_000_000 * 0.007)


@pytest.mark.parametrize("deadline", ["2026-03-21T09:00:00+08:00", "2026-04-05T09:00:00+08:00"])
def test_a_deadline_on_a_free_day_is_refused_over_http(world, deadline):
    tender = world.draft_tender()
    (lot,) = world.lots(tender)
    answer = world.client(world.clerk).patch(
        f"/tenders/{tender.id}", json={"lots": [{"id": lot.id, "deadline": deadline}]},
        headers={"If-Match": f'"{tender.version}"'})
    assert answer.status_code == 422 and answer.json["code"] == "lot.deadline-free-day"
    assert world.lots(tender)[0].deadline == lot.deadline
    assert lot.deadline - world.now > timedelta(days=1)
