"""The dates of a tender on one line, and who may do what next: printed from what is enforced."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import render_template_string

from people import permissions
from portal import steps
from portal.public import LotView, TenderView
from portal.timeline import LAWS, WORDS, timeline
from tender.lifecycle import OUTCOMES, PHASES, Facts, Phase, phase
from tender.notices import failed, row, section
from tender.profile import shipped_for
from tender.schedule import schedule

DEADLINE = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
START = DEADLINE - timedelta(days=15)


def view(now, *lots):
    """A tender of lots, each given by its outcomes."""
    views = []
    for number, (outcomes, more) in enumerate(lots, 1):
        lot = SimpleNamespace(number=number, deadline=DEADLINE, decrypt_minutes=30,
                              validity_days=60, validity_until=None, method="tender",
                              profile=dict(shipped_for("below", now.date())))
        facts = Facts(DEADLINE, more, outcomes)
        views.append(LotView(lot, facts, phase(facts, now)))
    return TenderView(None, None, views, [], Phase.BIDDING, now)


def names(points):
    return [(point.name, point.past, point.lots) for point in points]


def test_before_the_deadline_only_what_is_certain_is_ahead():
    now = START + timedelta(days=1)
    points = timeline(view(now, ({"published": START}, None)))
    assert names(points) == [
        ("published", True, [1]), ("clarification", False, [1]), ("question", False, [1]),
        ("objection", False, [1]), ("deadline", False, [1]), ("validity", False, [1])]
    assert points[4].at == DEADLINE and points[5].day and all(one.certain for one in points)
    # 60 days after 20 March, that day not counted, is 19 May.
    assert points[5].at.astimezone(rules_zone()).date().isoformat() == "2026-05-19"


def rules_zone():
    """Beijing."""
    from tender.timetable import BEIJING

    return BEIJING


def test_what_counts_in_a_year_without_arranged_holidays_is_said_with_that_doubt():
    later = DEADLINE.replace(year=2027)
    one = view(later - timedelta(days=15), ({"published": later - timedelta(days=16)}, None))
    lot = one.lots[0]
    lot.lot.deadline, lot.facts = later, replace(lot.facts, deadline=later)
    lot.phase = phase(lot.facts, one.now)
    found = {point.name: point for point in timeline(one)}
    said = {entry.name: entry for entry in schedule(lot.lot, lot.lot.profile, lot.facts)}
    for name in ("clarification", "question", "objection"):
        assert (found[name].at, found[name].law) == (said[name].at, said[name].law)
        assert not found[name].certain and WORDS[name] == (said[name].zh, said[name].en)


def test_the_very_millisecond_of_the_deadline_is_past():
    for offset, past in ((-1, False), (0, True)):
        now = DEADLINE + timedelta(milliseconds=offset)
        points = timeline(view(now, ({"published": START}, None)))
        assert {point.name: point.past for point in points}["deadline"] is past


def test_shared_dates_stand_once_and_the_order_is_that_of_time():
    now = DEADLINE + timedelta(days=20)
    closed = DEADLINE + timedelta(seconds=1)
    one = {"published": START, "closed": closed, "authorised": DEADLINE + timedelta(minutes=5),
           "opened": DEADLINE + timedelta(minutes=20),
           "panel_drawn": DEADLINE + timedelta(hours=3),
           "report_concluded": DEADLINE + timedelta(days=1),
           "candidates_published": DEADLINE + timedelta(days=2),
           "committee_formed": DEADLINE + timedelta(days=3),
           "awarded": DEADLINE + timedelta(days=7)}
    two = {"published": START, "closed": closed, "failed": closed}
    points = timeline(view(now, (one, DEADLINE + timedelta(days=5)), (two, None)))
    found = names(points)
    assert found[:2] == [("published", True, [1, 2]), ("deadline", True, [1, 2])]
    assert ("failed", True, [2]) in found and ("closed", True, [1, 2]) in found
    assert [point.at for point in points] == sorted(point.at for point in points)
    assert ("decrypt", True, [1]) in found and ("publicity", True, [1]) in found
    assert [name for name, past, _ in found if not past] == ["contract_due", "validity"]
    assert len(found) == len({(name, tuple(lots)) for name, _, lots in found})


def test_a_signed_or_ended_lot_waits_for_nothing():
    now = DEADLINE + timedelta(days=20)
    for last in ("failed", "terminated"):
        points = timeline(view(now, ({"published": START, last: DEADLINE}, None)))
        assert all(point.past for point in points)


def test_a_lot_that_failed_says_its_own_cause():
    one = view(DEADLINE + timedelta(days=1), ({"published": START, "failed": DEADLINE}, None))
    one.lots[0].lot.id = "a"
    body = {"sections": failed("投标人不足三个。", "Fewer than three tenderers.")}
    one.notices = [SimpleNamespace(notice=SimpleNamespace(kind="failure", lot_id="a"), body=body)]
    (said,) = (point for point in timeline(one) if point.name == "failed")
    assert (said.zh, said.en) == ("流标：投标人不足三个", "Failed: Fewer than three tenderers")


def test_every_date_has_words_in_both_languages_and_an_article():
    assert set(OUTCOMES) <= set(WORDS) and set(WORDS) <= set(LAWS)
    for zh, en in WORDS.values():
        assert zh and en and zh.isascii() is False and en.isascii()


@pytest.mark.parametrize("now_in", PHASES, ids=lambda one: one.name)
def test_next_steps_are_the_permission_table_s(now_in):
    said = {(step.who_en, what) for step in steps.next_steps(now_in)
            for _, what in step.what}
    for role, (_, who) in steps.ROLES.items():
        for action, (_, what) in steps.ACTIONS.items():
            may = permissions.decide(action, {role}, now_in.name) is permissions.Answer.ALLOWED
            assert ((who, what) in said) == may


def test_where_no_guarantee_is_asked_nobody_is_told_to_lodge_one():
    lodge = steps.ACTIONS["guarantee.submit"]
    for asked in (True, False):
        found = steps.next_steps(Phase.BIDDING, guarantee=asked)
        assert any(lodge in one.what for one in found) is asked


@pytest.mark.parametrize("amount", [0, 100])
def test_a_notice_of_a_lot_without_guarantee_says_none_and_no_kinds(app, amount):
    part = section("标段 1", "Lot 1", [
        row("guarantee_fen", "投标保证金", "Bid guarantee", amount, "money"),
        row("guarantee_bank-guarantee", "可接受的保证金形式", "Kind that is taken",
            "bank-guarantee", "word")])
    body = {"title": "", "code": "", "ocid": "", "buyer": {"name": "", "uscc": ""}, "number": 1,
            "version": 1, "published_at": START, "law": "", "sections": [part]}
    with app.test_request_context("/en/tenders"):
        page = render_template_string(
            '{% from "portal/_notice.html" import said with context %}{{ said(body) }}', body=body)
    none = "不收取" in page or "<dd>none" in page
    kinds = "bank guarantee" in page.lower() or "银行保函" in page
    assert (none, kinds, "¥0.00" in page) == (not amount, bool(amount), False)


def test_whatever_moves_a_tender_on_is_named():
    moving = {name for name, action in permissions.ACTIONS.items()
              if action.piece == "spine" and not action.nobody
              and action.group in ("opening", "evaluation", "award", "qa")
              and not name.endswith((".view", ".view_live", ".view_published", ".save_own"))}
    assert moving <= set(steps.ACTIONS)
