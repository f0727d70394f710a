"""Two doors: the public's, and the administrators' on an address of its own (Q23).

What only administrators may do, by the permission table, and their pages have no address on the
public door; the administrators' door has these, the way in, one's own account, and nothing else.
It is open to the networks alone that the security policy names.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, redirect, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule

from kernel.db import db
from kernel.refusal import NOT_FOUND
from people import security
from people.edge import ROUTES, Route
from people.language import to
from people.permissions import of_administrators, of_an_office
from people.refusals import AWAY
from people.settled import POLICY, settled, within

PUBLIC, ADMINISTRATORS = "public", "administrators"

OFFICES = "/admin"
"""Below it lie the administrators' pages."""

ALSO_THEIRS = ("/desk/account", "/sign-in", "/sign-out", "/activate", "/recover", "/act/", "/read/",
               "/static/", "/health")
"""Where else the administrators' door leads: the way in, their own accounts, how pages look."""

ALSO_ASKED = ("/api/v1/time", "/api/v1/health", "/api/v1/openapi.json")


def install(app: Flask, listener: str) -> None:
    """Let `app` answer behind one of the doors; behind none of them (tests, the command line) it
    answers to everything."""
    app.jinja_env.globals["listener"] = listener
    app.config["YANGGUANG_LISTENER"] = listener
    if not listener:
        return
    routes = {(route.method, route.rule): route for route in ROUTES}
    leads = leads_to_public if listener == PUBLIC else leads_to_administrators

    @app.before_request
    def door() -> Response | None:
        if listener == ADMINISTRATORS:
            refuse_from_away()
            if request.path == "/":
                return redirect(to(OFFICES), 303)
        found = [leads(rule, routes.get((method, rule.rule))) for rule, method in _asked()]
        if found and not any(found):
            raise NOT_FOUND()
        return None


def leads_to_public(rule: Rule, route: Route | None) -> bool:
    """Whether the public door has an address."""
    if route is not None:
        return route.action is None or not of_administrators(route.action)
    return not _below(rule.rule, OFFICES)


def leads_to_administrators(rule: Rule, route: Route | None) -> bool:
    """Whether the administrators' door has an address."""
    if route is None:
        return _below(rule.rule, OFFICES) or rule.rule.startswith(ALSO_THEIRS)
    if route.action is not None:
        return of_an_office(route.action)
    return route.rule in ALSO_ASKED or (
        route.audience == "self" and route.view.__module__.startswith("people."))


def refuse_from_away() -> None:
    """Refuse whoever does not come from a network of the policy."""
    networks = settled(db.session(), POLICY)["admin_networks"]
    db.session.rollback()
    if not within(networks, security.source()):
        raise AWAY()


def _below(rule: str, place: str) -> bool:
    return rule == place or rule.startswith(place + "/")


def _asked() -> list[tuple[Rule, str]]:
    """The rules with which the request's address might be answered, each with its method."""
    method = "GET" if request.method == "HEAD" else request.method
    if request.url_rule is not None:
        return [(request.url_rule, method)]
    if not isinstance(request.routing_exception, MethodNotAllowed):
        return []
    adapter = current_app.url_map.bind_to_environ(request.environ)
    return [(adapter.match(request.path, one, return_rule=True)[0], one)
            for one in request.routing_exception.valid_methods or () if one not in ("OPTIONS", "HEAD")]

