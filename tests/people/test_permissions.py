"""The permission table is the specification's, and everything it does not list is denied."""

import csv
import itertools
from pathlib import Path

import pytest

from people.action_words import WORDS
from people.permissions import (
    ACTIONS,
    AHEAD,
    PHASES,
    PUBLISHED,
    ROLES,
    UNBUILT,
    Answer,
    decide,
    load,
    present_actions,
)

OURS = Path(__file__).parents[2] / "people" / "permissions.csv"
MORE = OURS.with_name("permissions-more.csv")
SHARED = Path(__file__).parents[2].parent / "shared" / "permissions.csv"
NOBODY = {"downloaders.list", "deadline.shorten", "bid.withdraw_other", "opening.undo",
          "score.change_signed", "score.view_others_early", "award.change", "audit.change",
          "bid.ciphertext_bulk",
          "role.grant_self", "clock.change", "private_key.export", "user.impersonate"}


def test_the_table_is_the_specifications():
    if not SHARED.exists():
        pytest.skip("the specification's table lies outside the repository")
    assert OURS.read_bytes() == SHARED.read_bytes()


def test_what_the_specification_lacks_says_why():
    with MORE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows and all(row["why"] and row["roles"] != "(nobody)" for row in rows)
    specified = load(OURS)
    for row in rows:
        known = specified.get(row["action"])
        phases = set(row["phases"].split())
        assert known is None or not any(
            set(row["roles"].split()) <= roles and phases <= allowed for roles, allowed in known.rows)


def test_the_size_of_the_table():
    more = set(ACTIONS) - set(load(OURS))
    assert (len(load(OURS)), len(ROLES), len(PHASES)) == (103, 19, 14)
    assert len(present_actions()) + len(UNBUILT) == 91 + len(AHEAD) + len(more)
    assert {ACTIONS[name].piece for name in UNBUILT} <= {"invitation"}
    assert {name for name in present_actions() if ACTIONS[name].nobody} == NOBODY


def test_every_action_role_and_phase_is_decided_as_a_second_reading_of_the_table_says():
    allowed = set()
    for row in itertools.chain(*(csv.DictReader(path.read_text("utf-8").splitlines())
                                 for path in (OURS, MORE))):
        if row["action"] in UNBUILT or row["action"] not in {"complaint.file"} \
                and row["piece"] not in {"spine", "trust", "invitation", "site"}:
            continue
        roles = ROLES if row["roles"] == "(everybody)" else row["roles"].split()
        phases = {"(all)": PHASES, "(published)": sorted(PUBLISHED)}.get(
            row["phases"], row["phases"].split())
        allowed |= set(itertools.product([row["action"]], roles, phases))
    for action, role, phase in itertools.product(ACTIONS, ROLES, PHASES):
        answer = decide(action, {role}, phase)
        assert (answer is Answer.ALLOWED) == ((action, role, phase) in allowed)
        if answer is Answer.WRONG_PHASE:
            assert any((action, role, other) in allowed for other in PHASES)
        if answer is Answer.DENIED:
            assert not any((action, role, other) in allowed for other in PHASES)


def test_nobody_and_no_role_may_do_nothing():
    for action in ACTIONS:
        assert decide(action, set(), "BIDDING") is Answer.DENIED
    for action in NOBODY:
        assert decide(action, set(ROLES), None) is Answer.DENIED


def test_without_a_lot_only_what_no_phase_forbids():
    assert decide("project.create", {"buyer_other"}, None) is Answer.ALLOWED
    assert decide("notice.view", {"anonymous"}, None) is Answer.ALLOWED
    assert decide("question.ask", {"tenderer_own"}, None) is Answer.WRONG_PHASE


@pytest.mark.parametrize("row", [
    "g,a,m,law,spine,stranger,(all)", "g,a,m,law,spine,buyer_own,NEVER",
    "g,a,m,law,spine,buyer_own,(all)\ng,a,other,law,spine,anonymous,(all)"])
def test_a_table_with_unknown_words_or_quarrels_is_refused(tmp_path, row):
    path = tmp_path / "t.csv"
    path.write_text("group,action,meaning,basis,piece,roles,phases\n" + row + "\n")
    with pytest.raises(ValueError):
        load(path)


def test_every_action_has_words_for_a_page():
    lacking = {name for name in present_actions() if name not in WORDS
               and any(not role.endswith("_admin") for row, _ in ACTIONS[name].rows
                       for role in row)}
    assert lacking == set() and set(WORDS) <= set(ACTIONS)
