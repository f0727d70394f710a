"""What applications share in tests cannot be told from what each would have made."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template_string
from jinja2 import DictLoader, Environment
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from portal.factory import create_app
from tests.world import WorldClock


def said(app) -> set:
    """Every route of an application, and the view behind it."""
    return {(rule.rule, rule.endpoint, frozenset(rule.methods), app.view_functions[rule.endpoint])
            for rule in app.url_map.iter_rules() if rule.endpoint != "static"}


def test_a_second_application_answers_at_the_same_addresses(app, installation):
    """The first registered its routes as Flask does, or was given those of one that did."""
    second = create_app(installation, WorldClock())
    assert second.url_map is not app.url_map and said(second) == said(app)
    assert len(said(app)) > 400 and set(second.blueprints) == set(app.blueprints)
    assert [*map(len, second.before_request_funcs.values())] \
        == [*map(len, app.before_request_funcs.values())]
    plain = Map()
    for rule in app.url_map.iter_rules():
        plain.add(rule.empty())
    for path in ("/", "/api/v1/lots/0a1b/questions", "/en/record", "/nowhere", "/desk"):
        assert _met(second.url_map, path) == _met(plain, path)


def _met(routes: Map, path: str) -> object:
    adapter = routes.bind("127.0.0.1")
    try:
        return adapter.match(path)
    except HTTPException as refused:
        return type(refused), sorted(adapter.allowed_methods(path))


def pages(name: str, text: str) -> Flask:
    """A small application with one blueprint and a page of its own."""
    app = Flask(name)
    app.register_blueprint(SHARED)
    app.jinja_env.filters["worded"] = lambda value: f"{text} {value}"
    app.add_url_rule(f"/{name}", "page", lambda: render_template_string("{{ 'x' | worded }}"))
    return app


SHARED = Blueprint("shared", __name__)
SHARED.add_url_rule("/shared/<int:number>", "shared", lambda number: f"{number}")
SHARED.record(lambda state: state.app.config.update(TOLD=state.app.name))


def test_what_one_application_has_of_its_own_no_other_has():
    """A route, a filter, what a blueprint does to the application besides its routes."""
    apps = {name: pages(name, text) for name, text in (("one", "a"), ("two", "b"))}
    for name, text in (("one", "a"), ("two", "b"), ("one", "a")):
        client = apps[name].test_client()
        assert client.get("/shared/7").text == "7" and apps[name].config["TOLD"] == name
        assert client.get(f"/{name}").text == f"{text} x"
        assert client.get({"one": "/two", "two": "/one"}[name]).status_code == 404


def test_a_route_that_comes_later_is_met_by_its_application_alone():
    first, second = pages("same", "a"), pages("same", "a")
    assert [*first.url_map.iter_rules()] == [*second.url_map.iter_rules()]
    second.add_url_rule("/later", "later", lambda: "later")
    first.add_url_rule("/later", "later", lambda: "sent", methods=["POST"])
    assert second.test_client().get("/later").text == "later"
    assert first.test_client().get("/later").status_code == 405


def test_a_template_that_was_changed_is_compiled_anew():
    for text in ("one", "two", "one"):
        made = Environment(loader=DictLoader({"page": f"{text} {{{{ a }}}}"}))
        assert made.get_template("page").render(a=1) == f"{text} 1"
        made.filters["worded"] = lambda value, text=text: text + value
        assert made.from_string("{{ 'x' | worded }}").render() == f"{text}x"
    assert Environment(trim_blocks=True).from_string("{% if 1 %}\na{% endif %}").render() == "a"
    assert Environment().from_string("{% if 1 %}\na{% endif %}").render() == "\na"
