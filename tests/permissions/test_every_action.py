"""Every action × role × phase of the permission table, over HTTP (Q15-Q18).

Every action that has a route × 19 roles × 14 phases on SQLite; on PostgreSQL a share in which every
two of them meet (`shares.py` says why that is enough). What the table denies gets a
refusal that says nothing and changes nothing; what it allows has its way, where the conditions
beside the table are met. Denials, readings and pages skip the socket (`called.py`), allowed changes
and swaps do not. The last tests plant faults, so that this one is known to see them.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from people import permissions
from people.permissions import Answer
from portal import authority

from .checker import Checker
from .paged import disagreements
from .probes import PROBES, ROUTED, name_of
from .shares import misjudged, spread
from .strange import Attack, drawn
from .swaps import extra_fields, foreign_ids
from .table import PHASES, ROLES, TABLE
from .tongue import untranslated


@pytest.fixture(scope="class")
def outcomes():
    """What each phase's test has tried, for the count at the end."""
    return {}


def routes(*names: str) -> list:
    """Routes by the names that probes give them."""
    return [route for route in ROUTED if name_of(route) in names]


class EveryCell:
    """One course on one database; each test puts its own state back."""

    database = ""
    share: dict | None = None
    """The cells that are sent; None: all."""

    @pytest.mark.parametrize("phase", PHASES)
    def test_phase(self, course, outcomes, phase):
        """All actions by all 19 roles in one phase, or this database's share of them."""
        checker = Checker(course)
        checker.phase(phase, share=self.share)
        outcomes[phase] = checker.outcome
        assert not checker.outcome.faults, "\n".join(checker.outcome.faults)

    @pytest.mark.parametrize("phase", PHASES)
    def test_the_platform_s_own_list_of_what_is_allowed_is_the_table_s(self, course, phase):
        """Every action for every role, as this database knows roles and phase."""
        found = misjudged(course, phase)
        assert not found, "\n".join(found)

    def test_every_cell_was_tried_and_every_action_had_its_way(self, outcomes):
        """The count over all phases; each routed action has had a genuine success."""
        if set(outcomes) != set(PHASES):
            pytest.skip("counted only where every phase was tried")
        tried = {cell for outcome in outcomes.values() for cell in outcome.tried}
        if self.share is None:
            assert tried == set(itertools.product(TABLE.actions, ROLES, PHASES))
            assert len(tried) == len(TABLE.actions) * 19 * 14
        for first, second in ((0, 1), (0, 2), (1, 2)):  # every two of action, role and phase
            assert {(cell[first], cell[second]) for cell in tried} == set(itertools.product(*(
                (TABLE.actions, ROLES, PHASES)[place] for place in (first, second))))
        for allowed in (True, False):  # and each action and role in what they may and may not
            assert {cell[:2] for cell in tried if TABLE.allows(*cell) is allowed} == {
                cell[:2] for cell in itertools.product(TABLE.actions, ROLES, PHASES)
                if TABLE.allows(*cell) is allowed}
        refused = {name for outcome in outcomes.values() for name in +outcome.refused}
        assert refused == {name_of(route) for route in ROUTED if not all(itertools.starmap(
            TABLE.allows, itertools.product([route.action], ROLES, PHASES)))}
        succeeded = {name for outcome in outcomes.values() for name in outcome.routes}
        assert succeeded == {name_of(route) for route in ROUTED}
        requests = sum(outcome.tried.total() for outcome in outcomes.values())
        print(f"{self.database}: {len(tried)} cells by {requests} requests")

    def test_another_ones_id_is_refused_wherever_it_is_put(self, course):
        """Q16: another unit's, another company's and nobody's ids, in addresses and bodies."""
        checker = Checker(course)
        tried = foreign_ids(checker)
        assert not checker.outcome.faults, "\n".join(checker.outcome.faults)
        assert tried > 400

    def test_a_field_that_nobody_may_send_is_refused_and_not_stored(self, course):
        """Q17: at the top of every body and in the objects it holds."""
        checker = Checker(course)
        tried = extra_fields(checker)
        assert not checker.outcome.faults, "\n".join(checker.outcome.faults)
        assert tried > 250

    def test_a_page_is_reached_by_whom_its_reading_is(self, course):
        """The pages by the same table: the same person, the same status."""
        tried, found = disagreements(course, by_turns=self.share is not None)
        assert not found, "\n".join(found)
        assert tried > 19 * 4 * 3

    def test_strange_requests_are_answered_as_documented(self, course):
        """Q61 in short: each operation once, at stations by turns (`test_strange.py` at length)."""
        attack = Attack(course, drawn(course.bench.app, 1, 7), len(self.database), look=0.3)
        attack.by_turns(("DRAFT", "BIDDING", "OPENING", "EVALUATED"))
        assert not attack.found.wrong, "\n".join(attack.found.wrong)
        assert attack.found.tried == len(attack.cases) > 250

    # --- this test can fail -------------------------------------------------------------------
    def test_a_planted_reading_is_seen(self, course, monkeypatch):
        _plant(monkeypatch, ("bid.count", "supervisor_in", "BIDDING"), Answer.ALLOWED)
        (fault,) = _faults(course, "BIDDING", ("supervisor_in", "supervisor_out"),
                           "GET /lots/<lot_id>/bids/count")
        assert "bids/count (bid.count) by supervisor_in at BIDDING: denied" in fault
        assert "200" in fault

    def test_a_planted_change_is_seen(self, course, monkeypatch):
        _plant(monkeypatch, ("question.answer", "buyer_other", "BIDDING"), Answer.ALLOWED)
        said, changed = _faults(course, "BIDDING", ("buyer_other",),
                                "POST /questions/<question_id>/answer")
        assert "by buyer_other at BIDDING: denied by the table, answered 201" in said
        assert "changed" in changed and "pending_entry, question" in changed

    def test_a_planted_denial_is_seen(self, course, monkeypatch):
        _plant(monkeypatch, ("question.ask", "tenderer_own", "BIDDING"), Answer.WRONG_PHASE)
        (fault,) = _faults(course, "BIDDING", ("tenderer_own", "tenderer_outside"),
                           "POST /lots/<lot_id>/questions")
        assert "by tenderer_own" in fault and "answered 409 phase.wrong" in fault

    def test_a_refusal_that_tells_is_seen(self, course, monkeypatch):
        plain = authority.DENIED
        monkeypatch.setattr(authority, "DENIED", lambda **facts: plain(bids=4, **facts))
        (fault,) = _faults(course, "BIDDING", ("expert_leader",), "GET /lots/<lot_id>/guarantees")
        assert "facts ['action', 'bids']" in fault

    def test_a_role_too_many_is_seen(self, course, monkeypatch):
        roles_of = authority.roles_of
        monkeypatch.setattr(authority, "roles_of", lambda session, actor, *more, **places: (
            roles_of(session, actor, *more, **places)
            | ({"supervisor_in"} if actor == course.holders["tenderer_outside"] else set())))
        found = misjudged(course, "BIDDING")
        assert found and all(one.startswith("tenderer_outside in BIDDING: ") for one in found)

    def test_an_act_that_does_nothing_is_seen(self, course, monkeypatch):
        name = "POST /lots/<lot_id>/receipt-checks"
        monkeypatch.setitem(PROBES, name, replace(PROBES[name], changes=True))
        (fault,) = _faults(course, "BIDDING", ("anonymous",), name)
        assert "changed nothing" in fault


def _plant(monkeypatch, cell: tuple[str, str, str], answer: Answer) -> None:
    """Make the product decide one cell otherwise."""
    decide = permissions.decide

    def wrong(action, roles, phase):
        return answer if (action, phase) == (cell[0], cell[2]) and cell[1] in set(roles) \
            else decide(action, roles, phase)

    monkeypatch.setattr(permissions, "decide", wrong)
    # Nothing that was decided otherwise is kept for the tests after this one.
    monkeypatch.setattr(authority, "_allowed", authority._allowed.__wrapped__)


def _faults(course, phase: str, roles: tuple[str, ...], name: str) -> list[str]:
    checker = Checker(course)
    checker.phase(phase, roles, routes(name))
    return checker.outcome.faults


class TestOnSqlite(EveryCell):
    """The embedded database."""

    database = "sqlite"

    def test_no_page_speaks_the_other_language(self, course):
        """What was drawn, in both languages; once, because a database has no words of its own."""
        read, found = untranslated(course)
        assert not found, "\n".join(found)
        assert read > 200


class TestOnPostgres(EveryCell):
    """PostgreSQL."""

    database = "postgres"
    share = spread(TABLE.actions)
