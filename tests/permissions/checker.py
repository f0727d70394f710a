"""Tries cells of the permission table over HTTP and says which went otherwise than it says."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field

from marshmallow import Schema, fields

from people.edge import Route

from .bench import Answer, Bench
from .course import Course
from .probes import (
    CONDITIONS,
    LAGGING,
    NOBODY,
    OWN_BY_ADDRESS,
    PROBES,
    ROUTED,
    UNBORN,
    WITHOUT_LOT,
    Request,
    name_of,
    request,
)
from .shares import Cell, ripe_in
from .table import PHASES, ROLES, TABLE

PROBLEM_KEYS = {"type", "title", "status", "code", "law", "facts", "detail", "do"}
REFUSED = {401: {"session.needed"}, 403: {"access.denied", "guarantee.not-yours"},
           404: {"object.not-found"}}
IN_PHASE = {"phase.wrong": {"phase", "action"}, "bid.late": {"received_at", "deadline", "promise"}}
"""Refusals of the phase with the facts they may say; a late bid hears its times and gets its
promise."""


SELDOM = {"GET /lots/<lot_id>", "GET /lots/<lot_id>/course"}
"""Denied in few cells, and in none when it is their turn: so they are tried in all of those."""


@dataclass
class Outcome:
    """What a checker has tried and found."""

    tried: Counter = field(default_factory=Counter)
    """By (action, role, phase)."""
    refused: Counter = field(default_factory=Counter)
    """What the table denies, by route."""
    had_their_way: Counter = field(default_factory=Counter)
    """Genuine 2xx, by action."""
    routes: Counter = field(default_factory=Counter)
    """Genuine 2xx, by route."""
    faults: list[str] = field(default_factory=list)


class Checker:
    """Tries every cell of one phase on one course."""

    def __init__(self, course: Course):
        self.course = course
        self.bench: Bench = course.bench
        self.outcome = Outcome()

    def send(self, wanted: Request) -> Answer:
        """Send one request to the bench."""
        return self.bench.send(wanted.method, wanted.path, wanted.body, wanted.headers)

    def call(self, wanted: Request) -> Answer:
        """Hand one request to the application without a socket."""
        return self.bench.call(wanted.method, wanted.path, wanted.body, wanted.headers)

    def station_for(self, route: Route, phase: str, allowed: bool) -> str:
        """Where the route is tried in a phase: where it is ripe, else at the main station. Whom
        the table denies stands where every role is held."""
        ripe = [name for name in PROBES[name_of(route)].ripe
                if self.course.stations[name].phase == phase]
        if ripe and (allowed or self.course.stations[ripe[0]].full):
            return ripe[0]
        return phase

    # --- one phase ----------------------------------------------------------------------------
    def phase(self, phase: str, roles: tuple[str, ...] = ROLES,
              routes: list[Route] | None = None, share: dict[Cell, int] | None = None) -> None:
        """Try every route with every role in a phase, and the obvious paths of nobody; with a
        `share` only its cells, and what is ripe in this phase."""
        quiet: dict[str, dict[str, list[Route]]] = {}
        loud: list[tuple[str, Route, str]] = []
        by_action: dict[str, list[Route]] = {}
        for route in ROUTED if routes is None else routes:
            by_action.setdefault(route.action, []).append(route)
        for (action, found), role in itertools.product(by_action.items(), roles):
            allowed = TABLE.allows(action, role, phase)
            turn = PHASES.index(phase) + ROLES.index(role) if share is None \
                else share.get((action, role, phase))
            if not allowed:  # one of an action's routes, another one in the next phase
                found = [route for place, route in enumerate(found) if turn is not None and (
                    place == turn % len(found) or share is None and name_of(route) in SELDOM)]
            elif turn is None:
                found = [route for route in found if ripe_in(route, phase)]
            for route in found:
                station = self.station_for(route, phase, allowed)
                if allowed and route.method not in ("GET", "HEAD"):
                    loud.append((station, route, role))
                else:
                    quiet.setdefault(station, {}).setdefault(role, []).append(route)
        for name, by_role in quiet.items():
            station = self.course.stand_at(name)
            before = self.bench.fingerprint()
            for role, wanted in by_role.items():
                before = self._unchanging(station, role, wanted, before)
                if name == phase and routes is None:
                    before = self._nobody(station, role, before, share)
        for name, route, role in sorted(loud, key=lambda one: one[0]):
            self._changing(self.course.stand_at(name), role, route)

    def _unchanging(self, station, role: str, routes: list[Route],
                    before: dict[str, str]) -> dict[str, str]:
        """Denials and readings: none may change anything of what was `before`, by the batch and,
        if the batch did, one by one. The fingerprint that the next ones find."""
        for route in routes:
            self._cell(station, role, route, self.call)
        if self.bench.fingerprint() == before:
            return before
        for route in routes:
            self.course.stand_at(station.name)
            before = self.bench.fingerprint()
            self.call(request(route, station, role))
            self._blame(before, f"{name_of(route)} by {role} at {station.name}")
        self.course.stand_at(station.name)
        return self.bench.fingerprint()

    def _blame(self, before: dict[str, str], what: str) -> dict[str, str]:
        after = self.bench.fingerprint()
        changed = sorted(name for name in after if after[name] != before.get(name))
        if changed:
            self.outcome.faults.append(f"{what} changed {', '.join(changed)}")
        return after

    def _cell(self, station, role: str, route: Route, way) -> Answer:
        answer = way(request(route, station, role))
        self.outcome.tried[route.action, role, station.phase] += 1
        problem = judge(route, role, station, answer)
        self.outcome.refused[name_of(route)] += not TABLE.allows(route.action, role, station.phase)
        if problem:
            self.outcome.faults.append(
                f"{name_of(route)} ({route.action}) by {role} at {station.name}: {problem}")
        elif answer.ok:
            self.outcome.had_their_way[route.action] += 1
            self.outcome.routes[name_of(route)] += 1
        return answer

    def _changing(self, station, role: str, route: Route) -> None:
        before = self.bench.kept_fingerprint(station.kept)
        answer = self._cell(station, role, route, self.send)
        leaves_trace = PROBES[name_of(route)].changes
        if answer.ok and leaves_trace != self.bench.differs(before):
            self.outcome.faults.append(
                f"{name_of(route)} by {role} at {station.name} "
                + ("said it did something and changed nothing" if leaves_trace else "changed"))

    def _nobody(self, station, role: str, before: dict[str, str],
                share: dict[Cell, int] | None) -> dict[str, str]:
        """What nobody may do has no address. The fingerprint that the next ones find."""
        for action, paths in NOBODY.items():
            if share is not None and (action, role, station.phase) not in share:
                continue
            path = paths[(PHASES.index(station.phase) + ROLES.index(role)) % len(paths)]
            self.outcome.tried[action, role, station.phase] += 1
            answer = self.call(_guess(path, station, role))
            if answer.status not in (404, 405) or answer.media != "application/problem+json":
                self.outcome.faults.append(
                    f"{path} ({action}) by {role} at {station.name}: {answer.status}")
        return self._blame(before, f"what nobody may do, by {role} at {station.name},")


def _guess(path: str, station, role: str) -> Request:
    method, _, rule = path.partition(" ")
    made = Route(method, f"/api/v1{rule}", lambda: None, audience="open")
    return _without_probe(made, station, role)


def _without_probe(route: Route, station, role: str) -> Request:
    value = {} if route.method in ("POST", "PUT", "PATCH") else None
    PROBES.setdefault(name_of(route), GUESS)
    try:
        return request(route, station, role, value=value)
    finally:
        if PROBES[name_of(route)] is GUESS:
            del PROBES[name_of(route)]


GUESS = type(next(iter(PROBES.values())))()


# --- judging one answer ---------------------------------------------------------------------------
def judge(route: Route, role: str, station, answer: Answer) -> str:
    """What is wrong with an answer to a cell; nothing if nothing is."""
    allowed = TABLE.allows(route.action, role, station.phase)
    name = name_of(route)
    if name in WITHOUT_LOT:
        return _listed(station, answer, name in LAGGING)
    if name in OWN_BY_ADDRESS and role == "tenderer_rival" and answer.ok:
        foreign = {station.guarantee["own"], station.guarantee["outside"], station.released}
        return "another's" if any(one.encode() in answer.body for one in foreign) else ""
    if name in OWN_BY_ADDRESS and role == "tenderer_rival" and answer.code in CONDITIONS.get(
            name, ()) and TABLE.allows(route.action, "tenderer_own", station.phase):
        return ""
    if not allowed:
        return refused_well(route, role, answer)
    if answer.ok:
        return strange_keys(route, answer)
    if answer.status == 404 and UNBORN.get(name) == station.phase:
        return ""
    if answer.status in (409, 422) and answer.code in CONDITIONS.get(name, ()):
        return ""
    return f"allowed by the table, answered {answer.status} {answer.code} {answer.body[:300]!r}"


def _listed(station, answer: Answer, lags: bool) -> str:
    if not answer.ok:
        return f"the public list answered {answer.status} {answer.code}"
    shown, public = station.tender.encode() in answer.body, station.phase != "DRAFT"
    if shown > public or shown < public and not lags:
        return "the public list shows what is not published, or hides what is"
    return ""


def refused_well(route: Route, role: str, answer: Answer) -> str:
    """Whether a denial is one: its status, its shape, and nothing of the business in it."""
    said = f"denied by the table, answered {answer.status} {answer.code}"
    if answer.ok:
        return said
    if route.method == "HEAD":  # a refusal too is without a body
        return "" if answer.status in REFUSED or answer.status == 409 else said
    body = answer.json
    if answer.media != "application/problem+json" or not isinstance(body, dict):
        return f"{said}: no problem document"
    if set(body) != PROBLEM_KEYS:
        return f"{said}: members {sorted(set(body) ^ PROBLEM_KEYS)}"
    facts = set(body["facts"])
    if answer.status == 409 and answer.code in IN_PHASE:
        # To the lot itself a rival is a tenderer like the other, until it is told whose it names.
        near = "tenderer_own" if role == "tenderer_rival" else role
        if not TABLE.ever(route.action, near):
            return f"{said}, though no phase would allow it"
        return "" if facts <= IN_PHASE[answer.code] else f"{said}: facts {sorted(facts)}"
    if answer.code not in REFUSED.get(answer.status, ()):
        return said
    if answer.status == 401 and role != "anonymous":
        return said
    return "" if facts <= {"action"} else f"{said}: facts {sorted(facts)}"


def strange_keys(route: Route, answer: Answer) -> str:
    """Keys of an answer that its schema does not name (Q18)."""
    if route.returns is None or answer.media != "application/json":
        return ""
    schema = route.returns() if isinstance(route.returns, type) else route.returns
    value = answer.json
    if route.many:
        if set(value) != {"items", "next"}:
            return f"keys {sorted(value)} of a list"
        value = value["items"]
    strange = sorted(_strange(schema, value))
    return f"keys that its schema does not name: {', '.join(strange)}" if strange else ""


def _strange(schema: Schema, value: object) -> set[str]:
    if isinstance(value, list):
        return {key for item in value for key in _strange(schema, item)}
    if not isinstance(value, dict):
        return set()
    known = {one.data_key or name: one for name, one in schema.dump_fields.items()}
    found = set(value) - set(known)
    for name in set(value) & set(known):
        inner = known[name]
        inner = inner.inner if isinstance(inner, fields.List) else inner
        if isinstance(inner, fields.Nested):
            found |= _strange(inner.schema, value[name])
    return found
