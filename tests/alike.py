"""What every test's application makes anew and all of them make alike: routes and templates.

An application registers some 470 routes and compiles each template that it draws. Tests make
thousands of applications of the same blueprints, so what one has made is given to the next: the
routes of a blueprint, the tables by which a set of routes is matched, the code of a template. What
is not the same in every respect that counts is made as ever.
"""

from __future__ import annotations

import copy
from typing import ClassVar

from flask import Flask
from flask.sansio.blueprints import Blueprint
from jinja2 import Environment
from werkzeug.routing import Map, Rule

_BY_RULE = "Blueprint.add_url_rule.<locals>.<lambda>"
"""Where Flask makes what registers one route of a blueprint."""


class Routes(Map):
    """A map that is made when it is first looked at, and only if none of the same routes was."""

    made: ClassVar[dict[tuple, tuple]] = {}

    def __init__(self, *given, **more):
        self._given: list[Rule] = []
        super().__init__(*given, **more)

    def add(self, rulefactory) -> None:
        """Add rules; they are bound as soon as somebody looks."""
        self._given += rulefactory.get_rules(self)
        self._remap = True

    def update(self) -> None:
        """Take the tables of the map that was made of the same rules, or make them."""
        if not self._remap:
            return
        with self._remap_lock:
            if not self._remap:
                return
            key = (self.host_matching, self.strict_slashes, self.merge_slashes,
                   *self.converters.items(), *map(_said, self._given))
            if key not in self.made:
                self.made[key] = self._make()
            self._matcher, self._rules_by_endpoint = self.made[key]
            self._remap = False

    def _make(self) -> tuple:
        whole = Map(default_subdomain=self.default_subdomain, strict_slashes=self.strict_slashes,
                    merge_slashes=self.merge_slashes, redirect_defaults=self.redirect_defaults,
                    converters=self.converters, host_matching=self.host_matching)
        for rule in self._given:
            bound = copy.copy(rule)
            bound.arguments = set(rule.arguments)
            whole.add(bound)
        whole.update()
        return whole._matcher, whole._rules_by_endpoint


def _said(rule: Rule) -> tuple:
    """All that a route is made of."""
    said = vars(rule).get("_said")
    if said is None:
        said = rule._said = (
            rule.rule, rule.endpoint, frozenset(rule.methods or ()), rule.methods is None,
            tuple((rule.defaults or {}).items()), rule.subdomain, rule.host, rule.strict_slashes,
            rule.merge_slashes, rule.redirect_to, rule.alias, rule.websocket, rule.build_only,
            getattr(rule, "provide_automatic_options", None))
    return said


def share_routes() -> None:
    """Register the routes of a blueprint once a run, and match by one set of tables."""
    Flask.url_map_class = Routes
    register, known = Blueprint.register, {}

    def again(self, app, options) -> None:
        if options or self.has_static_folder or self._blueprints or self.cli.commands \
                or self.name in app.blueprints or not isinstance(app.url_map, Routes):
            return register(self, app, options)
        key = (self, len(self.deferred_functions), app.config["PROVIDE_AUTOMATIC_OPTIONS"])
        rules, views = app.url_map._given, app.view_functions
        if key not in known:
            before, had = len(rules), set(views)
            register(self, app, options)
            known[key] = rules[before:], {name: views[name] for name in views.keys() - had}
            return None
        app.blueprints[self.name] = self
        state = self.make_setup_state(app, options, True)
        self._merge_blueprint_funcs(app, self.name)
        for deferred in self.deferred_functions:
            if deferred.__qualname__ != _BY_RULE:
                deferred(state)
        more, named = known[key]
        app.url_map.add(_Several(more))
        views.update(named)
        return None

    Blueprint.register = again


class _Several:
    """Rules as werkzeug is given several."""

    def __init__(self, rules: list[Rule]):
        self._rules = rules

    def get_rules(self, _map) -> list[Rule]:
        return self._rules


def share_templates() -> None:
    """Compile each template once a run, not once an application."""
    compiled, known = Environment.compile, {}

    def once(self, source, name=None, filename=None, raw=False, defer_init=False):
        if not isinstance(source, str) or raw or defer_init:
            return compiled(self, source, name, filename, raw, defer_init)
        key = (source, name, filename, type(self), self.trim_blocks, self.lstrip_blocks,
               self.keep_trailing_newline, self.newline_sequence, self.optimized, self.sandboxed,
               *self.extensions, *_items(self.filters), *_items(self.tests),
               *(value for _, value in _items(self.policies)))
        if key not in known:
            known[key] = compiled(self, source, name, filename)
        return known[key]

    Environment.compile = once


def _items(given: dict) -> list[tuple]:
    return sorted(((name, value if value.__hash__ else repr(value))
                   for name, value in given.items()), key=lambda item: item[0])
