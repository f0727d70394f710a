"""What holds for every route there is, whoever wrote it."""

import pytest
from marshmallow import RAISE, Schema, fields

from people.edge import PREFIX, ROUTES
from people.permissions import ACTIONS, present_actions
from portal import factory

assert factory.BOOKS, "the routes are declared as the books are imported"

SECRET = {"password_hash", "totp_secret", "token_hash", "id_digest", "activation_hash", "secret",
          "private_key", "password"}
MAY_SHOW_A_SECRET = {"/api/v1/factors", "/api/v1/activation", "/api/v1/factor-recovery",
                     "/api/v1/webhooks",
                     "/api/v1/webhooks/<webhook_id>/rotation"}
"""Each shows a secret once, in the answer that makes it."""


def named(route):
    return f"{route.method} {route.rule}"


def instance(schema):
    return schema() if isinstance(schema, type) else schema


def nested(schema, path=""):
    """The schema and all schemas inside it, with where they lie."""
    schema = instance(schema)
    yield path, schema
    for name, field in schema.fields.items():
        while isinstance(field, fields.List):
            field = field.inner
        if isinstance(field, fields.Nested):
            yield from nested(field.schema, f"{path}.{name}")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=named)
def test_q17_no_body_takes_a_field_that_is_not_declared(route):
    for path, schema in nested(route.body):
        assert schema.unknown == RAISE, f"{named(route)}{path} takes unknown fields"
        for name, field in schema.fields.items():
            assert type(field) is not fields.Float and type(field) is not fields.Decimal, \
                f"{named(route)}{path}.{name} reads floats"
            assert type(field) not in (fields.DateTime, fields.NaiveDateTime), \
                f"{named(route)}{path}.{name} reads times without an offset"
            assert type(field) is not fields.Raw, f"{named(route)}{path}.{name} reads anything"


@pytest.mark.parametrize("route", [route for route in ROUTES if route.returns], ids=named)
def test_q18_no_answer_shows_a_stored_secret(route):
    for path, schema in nested(route.returns):
        assert isinstance(schema, Schema)
        shown = set(schema.fields) & SECRET
        assert not shown or route.rule in MAY_SHOW_A_SECRET, f"{named(route)}{path}: {shown}"


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_every_route_says_who_may_and_what_it_does(route):
    assert route.rule.startswith(PREFIX + "/") and route.summary
    if route.action is not None:
        assert route.action in present_actions() and not ACTIONS[route.action].nobody
    else:
        assert route.audience in ("self", "open")
    if route.audience == "open":
        assert route.method in ("GET", "OPTIONS"), "nothing is changed by nobody in particular"
    if route.method == "POST" and route.status == 201:
        assert route.keyed or route.secret or route.repeatable, "a creating call has an Idempotency-Key"


def test_only_coming_in_is_open_to_who_is_not_signed_in():
    assert {route.rule.removeprefix(PREFIX) for route in ROUTES
            if route.audience == "self" and not route.signed_in} == {
        "/session", "/activation", "/activation/completion", "/factor-recovery",
        "/factor-recovery/completion",
        "/unsubscribe/<search_id>/<token>"}


def test_no_two_routes_share_an_address():
    seen = [named(route) for route in ROUTES]
    assert len(seen) == len(set(seen))


def test_q01_every_other_route_wants_somebody_signed_in(world):
    public = {name for name in present_actions()
              if any("anonymous" in roles and phases for roles, phases in ACTIONS[name].rows)}
    client = world.client()
    for route in ROUTES:
        if route.audience == "open" or route.action in public or not route.signed_in:
            continue
        path = route.rule
        while "<" in path:
            head, _, tail = path.partition("<")
            kind, _, rest = tail.partition(">")
            value = "0" * 32 if kind.endswith("_id") or ":" not in kind and "id" in kind else "1"
            path = head + value + rest
        answer = client.open(path, method=route.method, json={} if route.body else None)
        assert answer.status_code >= 400, named(route)
        assert answer.status_code < 500, (named(route), answer.json)
