"""No state-changing route exists beside the table's and *self*; the table is the specified one."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import HTTPException

from people import permissions
from people.edge import PREFIX, ROUTES
from people.permissions import Answer, decide, present_actions

from .probes import NOBODY, PROBES, ROUTED, name_of
from .table import MORE, OURS, PHASES, ROLES, SPECIFIED, TABLE, UNBUILT, Table

SAFE = {"GET", "HEAD", "OPTIONS"}

OF_ONES_OWN = {
    "POST /session", "DELETE /session", "POST /session/step-up", "DELETE /sessions/<session_id>",
    "POST /password", "POST /factors", "POST /factors/confirmation", "POST /signing-keys",
    "POST /signing-keys/notices/<notice_id>/acknowledgement",
    "DELETE /signing-keys/<key_id>", "POST /tokens", "DELETE /tokens/<token_id>",
    "POST /activation", "POST /activation/completion", "DELETE /sessions",
    "POST /recovery-codes", "DELETE /factor-resets/<reset_id>",
    "POST /factor-recovery", "POST /factor-recovery/completion",
    "DELETE /devices/<device_id>",
    "POST /webhooks", "POST /webhooks/<webhook_id>/rotation",
    "POST /webhooks/<webhook_id>/replay", "DELETE /webhooks/<webhook_id>",
    "PUT /mail-address", "POST /mail-address/confirmation", "DELETE /mail-address",
    "POST /saved-searches", "DELETE /saved-searches/<search_id>",
    "POST /unsubscribe/<search_id>/<token>",
}
"""Audience *self*: in and out, factors, password, own sessions, tokens, signing keys, webhooks, mail and saved searches."""

OF_ONES_COMPANY = {
    "POST /colleagues/<account_id>/vouching", "POST /colleagues/<account_id>/factor-reset",
    "POST /factor-resets/<reset_id>/seconding", "POST /company/licences", "POST /company/relations",
    "DELETE /company/statements/<statement_id>", "POST /papers",
}
"""A tenderer's people stand for one another, so that no administrator can make himself one of
them; the one change of audience *self* that touches another account, of one's own company. And
what a company states of itself, by its own people."""

OF_ONES_BID = {"POST /bids/<bid_id>/statement", "POST /bids/<bid_id>/fault-objection"}
"""What a tenderer says of its own bid that could not be opened: it is heard, whatever its role
came to be; the act refuses everybody else (办法 31)."""

OF_ONES_READING = {"POST /readings/<reading_id>/opinion"}
"""The opinion of a unit that the buyer asked to read a draft: the act refuses everybody else."""

OF_ONES_PAPERS = {"POST /lots/<lot_id>/bill/check"}
"""Looks at what is sent and answers; it changes nothing and keeps nothing."""


FORMS = {"/sign-in", "/sign-out", "/activate", "/recover/factor", "/act/<path:path>", "/read/<path:path>"}
"""Where forms are sent. They hold no authority: each asks the edge as the person signed in."""


def test_the_table_is_the_specified_one():
    if not SPECIFIED.exists():
        pytest.skip("the specification's table lies outside the repository")
    assert OURS.read_bytes() == SPECIFIED.read_bytes()
    assert Table(SPECIFIED).allowed < TABLE.allowed == Table(SPECIFIED, MORE).allowed


def test_the_product_reads_the_table_as_it_is_read_here():
    assert list(present_actions()) == TABLE.actions
    assert UNBUILT == permissions.UNBUILT
    specified = Table(OURS)
    assert (len(specified.actions) + len(UNBUILT), len(ROLES), len(PHASES), len(TABLE.nobody)) \
        == (92, 19, 14, 13)
    for action in TABLE.actions:
        for role in ROLES:
            for phase in PHASES:
                answer = decide(action, {role}, phase)
                assert (answer is Answer.ALLOWED) == TABLE.allows(action, role, phase)
                assert (answer is not Answer.DENIED) == TABLE.ever(action, role)


def test_every_address_that_changes_anything_stands_in_the_table_or_is_ones_own(app):
    declared = {(route.method, route.rule): route for route in ROUTES}
    changing = set()
    for rule in app.url_map.iter_rules():
        for method in rule.methods - SAFE:
            if rule.rule in FORMS:
                continue
            route = declared.get((method, rule.rule))
            assert route is not None, f"{method} {rule.rule} is no declared route"
            changing.add(name_of(route))
            if route.action is None:
                assert route.audience == "self", f"{method} {rule.rule}"
                assert name_of(route) in OF_ONES_OWN | OF_ONES_COMPANY | OF_ONES_BID \
                    | OF_ONES_PAPERS | OF_ONES_READING, \
                    f"{method} {rule.rule} is not of one's own"
            else:
                assert route.action in TABLE.actions and route.action not in TABLE.nobody
    assert OF_ONES_OWN <= changing


def test_every_route_is_tried_and_every_action_has_one():
    assert {name_of(route) for route in ROUTED} == set(PROBES)
    assert {route.action for route in ROUTED} == set(TABLE.actions) - set(TABLE.nobody)
    assert set(NOBODY) == set(TABLE.nobody)


def test_what_nobody_may_do_has_no_address(app):
    adapter = app.url_map.bind("localhost")
    for path in (one for paths in NOBODY.values() for one in paths):
        method, _, rule = path.partition(" ")
        address = PREFIX + rule.replace("<", "").replace(">", "")
        with pytest.raises(HTTPException) as refused:
            adapter.match(address, method=method)
        assert refused.value.code in (404, 405), path


def test_nothing_but_the_edge_answers_to_a_change(app):
    """Pages, static files and the record's tiles know no other method than reading, but for the
    few addresses forms are sent to, and those perform operations of the edge."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX):
            assert rule.methods <= SAFE | ({"POST"} if rule.rule in FORMS else set()), rule
    assert all(route.method in ("GET", "OPTIONS") for route in ROUTES if route.audience == "open")
