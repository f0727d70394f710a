"""One value for all dates: page, JSON and calendar file show what is enforced (Q41)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender import fee, ical, timetable
from tender.lifecycle import Facts
from tender.profile import BadProfile, check, shipped_for
from tender.reading import lot_facts
from tender.schedule import prequalification, schedule


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
    assert {"T1", "T2", "T3", "T4", "question", "T18", "T19", "T20"} == set(found)
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


# --- T20, T21, retention --------------------------------------------------------------------------
DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
BELOW = shipped_for("below", DAY.date())


def with_number(name: str, **entry) -> dict:
    return {**BELOW, "numbers": BELOW["numbers"] | {name: entry}}


def test_evaluation_and_award_fall_within_the_validity_or_before_it_where_a_place_says_so():
    validity = date(2026, 5, 8)
    assert timetable.award_due(BELOW, validity) == validity
    earlier = with_number("T20.before_end", value=3, unit="working_days")
    # 8 May is a Friday; back over 7, 6 May, then the holiday of 1 to 5 May: 30 April.
    assert timetable.award_due(earlier, validity) == date(2026, 4, 30)
    days = with_number("T20.before_end", value=3, unit="calendar_days")
    assert timetable.award_due(days, validity) == date(2026, 5, 5)


@pytest.mark.parametrize("name", ["T20.before_end", "T20.answer_days"])
def test_a_place_may_state_what_nobody_ships(name):
    body = {**BELOW, "id": "below-x", "numbers": BELOW["numbers"] | {name: {
        "value": 30, "unit": "working_days", "source": "某县办法 9", "mark": "found",
        "breach": "block"}}}
    assert check(body)["numbers"][name]["value"] == 30
    body["numbers"][name] |= {"unit": "fen"}
    with pytest.raises(BadProfile):
        check(body)


def test_what_a_lot_leaves_is_kept_for_the_years_of_its_profile():
    lot = SimpleNamespace(deadline=DAY, validity_days=60, validity_until=None, method="open")
    facts = Facts(DAY, None, {"published": DAY, "failed": datetime(2028, 2, 29, 3, tzinfo=UTC)})
    kept = next(one for one in schedule(lot, BELOW, facts) if one.rule == "retention")
    assert kept.day == date(2043, 2, 28), "fifteen years, and 29 February has none in 2043"
    running = Facts(DAY, None, {"published": DAY})
    assert not [one for one in schedule(lot, BELOW, running) if one.rule == "retention"]


def test_the_dates_of_a_prequalification_by_hand():
    found = {one.name: one for one in prequalification(DAY)}
    # Issued Monday 2 March: sold to Saturday 7, rolled to Monday 9; five more days: Saturday 14,
    # rolled to Monday 16 March, until its end.
    assert found["sale"].day == date(2026, 3, 9)
    end = timetable.end_of(date(2026, 3, 16))
    assert found["submission"].at == end
    assert found["clarification"].at == end - timedelta(days=3)
    assert found["objection"].at == end - timedelta(days=2)
    assert {one.rule for one in found.values()} == {"T21"}


@given(st.datetimes(datetime(1992, 1, 2), datetime(2100, 1, 1)), st.integers(0, 60))
def test_a_prequalification_never_ends_before_its_first_lawful_hour(issued, more):
    issued = issued.replace(tzinfo=UTC)
    first = prequalification(issued)[-1].at
    assert first - issued >= timedelta(days=9)
    later = prequalification(issued, first + timedelta(days=more))
    assert later[-1].at == first + timedelta(days=more)
    assert prequalification(issued, first - timedelta(days=more))[-1].at == first
