"""Cover as values: what comes out when, and that promises are kept."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from audit import cover
from audit.cover import CALM, PROMISED, RUSH, Waiting, plan

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


def waiting(count, lot="a", at=NOW, **more):
    return [Waiting(f"{lot}{number:05d}", lot, at + timedelta(milliseconds=number), **more)
            for number in range(count)]


@given(some.integers(0, 200), some.integers(0, 60))
def test_a_beat_has_the_same_number_of_leaves_whatever_waits(of_a, of_b):
    made = plan(waiting(of_a) + waiting(of_b, "b"), {"a": LATER, "b": LATER}, NOW, None)
    assert (made.beat, len(made.take) + made.cover) == (True, CALM.leaves)
    assert len(made.take) == min(of_a + of_b, CALM.leaves)


def test_the_last_hour_is_faster_for_all_lots():
    sealed = {"a": NOW + timedelta(minutes=59), "b": LATER}
    made = plan(waiting(100, "b"), sealed, NOW, NOW - timedelta(seconds=10))
    assert len(made.take) + made.cover == RUSH.leaves and made.beat
    # At the deadline itself, closed or not, the pace is the calm one again.
    assert cover.pace(sealed, NOW + timedelta(minutes=59)) == CALM
    assert cover.pace({"a": None}, NOW) is None and cover.pace({}, NOW) is None


def test_between_beats_nothing_veiled_comes_out_and_late_ticks_catch_nothing_up():
    sealed = {"a": LATER}
    last = NOW
    for seconds in range(1, 60):
        now = NOW + timedelta(seconds=seconds)
        assert plan(waiting(5), sealed, now, last) == cover.Plan()
    made = plan(waiting(500), sealed, NOW + timedelta(minutes=61), last)
    assert len(made.take) + made.cover == CALM.leaves, "an hour was skipped, not made up for"


def test_beats_keep_their_times_however_late_each_was():
    """A beat falls on whole minutes: how long a tick worked does not move those after it."""
    sealed, beats, last = {"a": LATER}, [], None
    for second in range(0, 600, 7):
        now = NOW + timedelta(seconds=second)
        if plan([], sealed, now, last).beat:
            beats.append(int(second // 60))
            last = now
    assert beats == list(range(10))


def test_lots_take_turns():
    flood = waiting(400, "flood", NOW - timedelta(minutes=5))
    late = waiting(3, "late", NOW) + [Waiting("none", None, NOW)]
    made = plan(flood + late, {"flood": LATER, "late": LATER}, NOW, None)
    assert {one.id for one in late} <= set(made.take)
    of_flood = [one for one in made.take if one.startswith("flood")]
    assert of_flood == sorted(of_flood) and of_flood[0] == flood[0].id, "each lot's oldest first"


def test_an_entry_of_a_lot_that_is_not_sealed_waits_for_nobody():
    made = plan(waiting(3) + waiting(40, "opened"), {"a": LATER}, NOW, NOW)
    assert sorted(made.take) == [f"opened{number:05d}" for number in range(40)]
    assert made.cover == 0 and not made.beat
    assert len(plan(waiting(40), {}, NOW, None).take) == 40, "with no lot sealed ticks follow the work"


def test_a_lot_that_ended_unopened_is_filled_up_and_keeps_no_beat():
    quiet = {"a": None}
    assert plan([], quiet, NOW, None) == cover.Plan()
    for count in (1, 2, 15, 16):
        made = plan(waiting(count), quiet, NOW, NOW)
        assert (len(made.take), len(made.take) + made.cover, made.beat) == (count, 16, False)


@given(some.integers(0, 700), some.integers(0, 40))
def test_a_closing_takes_its_own_lot_s_entries_and_nothing_else(own, others):
    closing = Waiting("closing", "a", NOW, veiled=False, alone="closing")
    made = plan([closing, *waiting(own), *waiting(others, "b")], {"a": NOW, "b": LATER}, NOW, None)
    assert made.alone and not made.beat
    assert set(made.take) == {"closing", *(one.id for one in waiting(own))}
    assert len(made.take) + made.cover == (own // 256 + 1) * 256


def test_an_authorisation_comes_alone():
    one = Waiting("auth", "a", NOW + timedelta(seconds=1), veiled=False, alone="authorisation")
    made = plan([one, *waiting(30)], {"a": LATER}, NOW, None)
    assert made == cover.Plan(("auth",), 0, alone=True)


def test_promises_are_kept_when_more_waits_than_the_beats_bring_out():
    """6 hours of beats are 5,760 leaves; here 9,000 wait. Nothing waits longer than promised,
    every beat is still a multiple of sixteen, and what came last still comes by the closing."""
    queue = {one.id: one for one in waiting(9000)}
    sealed, last, out, sizes = {"a": NOW + timedelta(days=1)}, None, {}, []
    for minute in range(6 * 60 + 5):
        now = NOW + timedelta(minutes=minute)
        made = plan(queue.values(), sealed, now, last)
        sizes.append(len(made.take) + made.cover)
        last = now if made.beat else last
        for one in made.take:
            out[one] = now - queue.pop(one).at
    assert not queue and max(out.values()) <= PROMISED
    assert all(size % CALM.leaves == 0 for size in sizes)
    assert Counter(sizes).most_common(1)[0][0] == CALM.leaves


def test_the_plan_itself_is_a_value():
    one = plan(waiting(20), {"a": LATER}, NOW, None)
    assert plan(reversed(waiting(20)), {"a": LATER}, NOW, None) == one
