"""Strange requests: made from the API document, aimed at what exists, and judged.

A request is drawn by schemathesis from the document. Then most of its address is exchanged for
ids that the station has, and often its body for one that would have its way there, with one
value spoiled: else nearly all would end at "not found" and never reach a rule. Each answer is
held against the document, must be no error of ours, and a refusal must have changed nothing.
"""

from __future__ import annotations

import copy
import json
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks
from schemathesis.core import NOT_SET
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import EnvironBuilder

from people.edge import ROUTES, Route

from .course import Course
from .probes import PROBES, encode, name_of, own_ids
from .table import ROLES, TABLE

CHECKS = [checks.not_a_server_error, content_type_conformance, response_schema_conformance,
          status_code_conformance]
"""What is judged of an answer by the document."""

SLOW = 60.0
"""Seconds after which an answer counts as wrong, on however busy a machine."""

NASTY = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, -2**63 - 1, 10**40, 1.5, 1e308, "",
    " ", "0", "-1", "\x00", "a\x00b", "\ud800", "\r\nX-Injected: 1", "\u202e", "\ufeff", "a" * 70_000,
    "𠮷" * 500, "<script>alert(1)</script>", "'; DROP TABLE lot; --", "{{7*7}}", "%s%n", "../../etc",
    "${jndi:ldap://127.0.0.1/a}", "=1+1", "2026-03-09T09:00:00", "2026-03-09T09:00:00+08:00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-00-00", "2026-02-30",
    "9999-12-31", "2026-03-09T09:00:60Z", "12.345", "1e9", "NaN", "-0.00", "0" * 32, "f" * 64,
    [], {}, [[]], [None], {"": ""}, ["0" * 32] * 300, {"a": {"a": {"a": {}}}})
"""What is put in a value's place."""

JUNK = (
    b"", b"{", b"null", b"[]", b'"', b"\xff\xfe", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":1e99999}',
    b"[" * 5000, b'{"a":' * 3000, b"\xef\xbb\xbf{}", b'{"\\ud800":1}', b'{"a":"\\u0000"}',
    b"0" * 20_000, b'{"a":-0}', b"{}\n{}", b"{'a': 1}")
"""Bodies that are no JSON object, or none that should be read."""

TEXTS = tuple(one for one in NASTY if isinstance(one, str) and len(one) < 600)

OFTEN_STORED = {"bid.late"}
"""Refusals that have an entry of their own, by code: the act was to write them down."""

ENDING = {"DELETE /session", "POST /password", "POST /factors", "POST /factors/confirmation",
          "DELETE /sessions/<session_id>", "DELETE /sessions"}
"""Whoever is let into one of these may be somebody else afterwards: the station is put back."""


@dataclass
class Found:
    """What an attack has tried and found."""

    tried: int = 0
    statuses: Counter = field(default_factory=Counter)
    routes: Counter = field(default_factory=Counter)
    """Genuine 2xx, by route."""
    codes: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


_DRAWN: dict[tuple[int, int], dict[str, list]] = {}


def drawn(app, each: int, number: int) -> dict[str, list]:
    """Up to `each` requests of every operation of the document, by the route's name; `number` is
    the seed. Drawn once in a process: the document is the same whichever application says it."""
    if (each, number) in _DRAWN:
        return _DRAWN[each, number]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    by_place = {(route.method, PLACE.sub(r"{\1}", route.rule)): name_of(route) for route in ROUTES}
    found = _DRAWN[each, number] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        found[by_place[operation.method.upper(), operation.path]] = _examples(
            operation.as_strategy(), each, number)
    return found


def _examples(strategy, each: int, number: int) -> list:
    kept = []

    @seed(number)
    @settings(max_examples=each, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(strategy)
    def keep(case):
        kept.append(case)

    keep()
    return kept


PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


class Attack:
    """Sends strange requests at a course; `found` says what came of it."""

    def __init__(self, course: Course, cases: dict[str, list], number: int, look: float = 1.0):
        """`look`: the share of refusals after which the tables are looked at; a look finds what
        any refusal since the last success has left."""
        self.course, self.bench, self.cases = course, course.bench, cases
        self.random, self.look = random.Random(number), look
        self.routes = {name_of(route): route for route in ROUTES}
        self.found = Found()
        self._next: Counter = Counter()

    def station(self, name: str, times: int = 1) -> None:
        """Every operation `times` over at a station, each by somebody."""
        station = self.course.stand_at(name)
        before = self.bench.fingerprint()
        for route_name in sorted(self.cases):
            ripe = name in getattr(PROBES.get(route_name), "ripe", ())
            for _ in range(times * 6 if ripe else times):
                before = self._one(self.routes[route_name], station, before)
        self.course.stand_at(name)

    def by_turns(self, names: tuple[str, ...]) -> None:
        """Every operation once, at one of the stations."""
        share = {name: [] for name in names}
        for place, route_name in enumerate(sorted(self.cases)):
            share[names[place % len(names)]].append(route_name)
        for name, wanted in share.items():
            station = self.course.stand_at(name)
            before = self.bench.fingerprint()
            for route_name in wanted:
                before = self._one(self.routes[route_name], station, before)

    # --- one request --------------------------------------------------------------------------
    def _one(self, route: Route, station, before: dict[str, str]) -> dict[str, str]:
        name = name_of(route)
        drawn_cases = self.cases[name]
        case = drawn_cases[self._next[name] % len(drawn_cases)]
        self._next[name] += 1
        role = self._role(route, station)
        wanted = self._request(route, case, station, role)
        began = time.monotonic()
        answer = self.bench.app.test_client().open(**wanted)
        took = time.monotonic() - began
        self.found.tried += 1
        self.found.statuses[answer.status_code] += 1
        said = f"{route.method} {wanted['path']} by {role} at {station.name}: {answer.status_code}"
        self._judge(case, answer, said, wanted)
        if took > SLOW:
            self.found.wrong.append(f"{said} after {took:.1f} s")
        if answer.status_code < 400:
            self.found.routes[name] += 1
        return self._traces(route, station, answer, before, said, wanted)

    def _judge(self, case, answer, said: str, wanted: dict) -> None:
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as error:
            what = "; ".join(f"{type(one).__name__} {_short(one)}" for one in error.exceptions)
            self.found.wrong.append(f"{said} {what} body {str(wanted['data'])[:200]}")
        if answer.status_code >= 400 and answer.mimetype == "application/problem+json" and answer.data:
            self.found.codes[answer.json["code"]] += 1
            if answer.json["status"] != answer.status_code:
                self.found.wrong.append(f"{said}, its document says {answer.json['status']}")
        if "X-Injected" in answer.headers:
            self.found.wrong.append(f"{said}: a header was injected")

    def _traces(self, route, station, answer, before, said, wanted) -> dict[str, str]:
        """What the tables hold now; a refusal and a reading must have left them as they were."""
        if route.method in ("GET", "HEAD", "OPTIONS") and answer.status_code < 500:
            return before
        if answer.status_code >= 400 and self.random.random() >= self.look:
            return before
        after = self.bench.fingerprint()
        if answer.status_code >= 400 and after != before:
            code = (answer.json or {}).get("code") if answer.data else None
            changed = sorted(table for table in after if after[table] != before.get(table))
            # A file lies in the store before its act may refuse it; nothing names it, gc takes it.
            orphan = changed == ["(objects)"] and (route.stream or self.look < 1)
            if code not in OFTEN_STORED and not orphan:
                self.found.wrong.append(f"{said} {code} changed {', '.join(changed)}: "
                                        f"{str(wanted['data'])[:300]}")
        if answer.status_code < 400 and name_of(route) in ENDING:
            self.course.stand_at(station.name)
            return self.bench.fingerprint()
        return after

    def _role(self, route: Route, station) -> str:
        """Mostly one whom the table lets, for the depth of it."""
        if route.action is not None and self.random.random() < 0.75:
            allowed = [role for role in ROLES if TABLE.allows(route.action, role, station.phase)]
            if allowed:
                return self.random.choice(allowed)
        return self.random.choice(ROLES)

    def _request(self, route: Route, case, station, role: str) -> dict:
        probe = PROBES.get(name_of(route))
        headers = {name: value for name, value in dict(case.headers or {}).items()
                   if _sendable(str(value))}
        if probe is not None and probe.headers and self.random.random() < 0.8:
            headers |= probe.headers(station, role)
        if "Access-Reason" not in headers or self.random.random() < 0.8:
            headers["Access-Reason"] = "routine check"
        if route.method in ("POST", "PUT", "PATCH", "DELETE") and self.random.random() < 0.9:
            headers["Idempotency-Key"] = f"{self.random.getrandbits(128):032x}"
        if self.random.random() < 0.1:
            headers["Range"] = self.random.choice(
                ("bytes=0-0", "bytes=5-2", "bytes=-1", "bytes=0-0,2-3", "bytes=99999999999-", "x=1"))
        if self.random.random() < 0.1:
            headers["If-None-Match"] = self.random.choice(("*", '"1"', 'W/"1"', '"x', "1,2"))
        if station.tokens.get(role):
            headers["Authorization"] = f"Bearer {station.tokens[role]}"
        data, kind = self._body(route, probe, case, station, role)
        if data is not None:
            headers.setdefault("Content-Type", kind)
        return {"method": route.method, "path": self._path(route, probe, case, station, role),
                "query_string": self._query(probe, case), "headers": headers, "data": data}

    def _path(self, route: Route, probe, case, station, role: str) -> str:
        places = own_ids(station, role) | (
            probe.path(station, role) if probe is not None and probe.path else {})
        found = {}
        for place, value in (case.path_parameters or {}).items():
            chance = self.random.random()
            if place in places and chance < 0.85:
                value = places[place]
            elif chance > 0.95:
                value = self.random.choice(TEXTS) or "-"
            found[place] = quote(str(value).encode("utf-8", "surrogatepass"), safe="") or "-"
        return PLACE.sub(lambda match: found[match[1]], route.rule)

    def _query(self, probe, case) -> str:
        pairs = [(name, one) for name, value in (case.query or {}).items()
                 for one in (value if isinstance(value, list) else [value])]
        if probe is not None and probe.query and self.random.random() < 0.7:
            return probe.query.removeprefix("?")
        chance = self.random.random()
        if pairs and chance < 0.3:
            place = self.random.randrange(len(pairs))
            pairs[place] = (pairs[place][0], self.random.choice(TEXTS))
        elif chance > 0.9:
            pairs.append((self.random.choice(("cursor", "limit", "x", "q")),
                          self.random.choice(TEXTS)))
        return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)

    def _body(self, route: Route, probe, case, station, role: str) -> tuple[bytes | None, str]:
        if route.method in ("GET", "HEAD", "OPTIONS"):
            return None, ""
        chance = self.random.random()
        if chance < 0.05:
            return self.random.choice(JUNK), "application/json"
        right = probe.body(station, role) if probe is not None and probe.body else None
        if right is not None and chance < 0.7:
            right = copy.deepcopy(right)
            return self._spoiled(right) if chance > 0.15 else _encoded(right)
        body = case.body
        if body is NOT_SET:
            return None, ""
        if route.body is not None:
            return self._spoiled(copy.deepcopy(body)) if chance > 0.9 else _encoded(body)
        return (body if isinstance(body, bytes) else _encoded(body)[0]), "application/octet-stream"

    def _spoiled(self, value: object) -> tuple[bytes | None, str]:
        """A right body with one thing in it exchanged."""
        if isinstance(value, bytes):
            return self._flipped(value), "application/octet-stream"
        holders = list(_holders(value))
        if not holders:
            return _encoded(self.random.choice(NASTY))
        holder, key = self.random.choice(holders)
        chance = self.random.random()
        if chance < 0.15 and isinstance(holder, dict):
            del holder[key]
        elif chance < 0.25 and isinstance(holder, dict):
            holder[str(self.random.choice(TEXTS))[:40]] = holder[key]
        elif chance < 0.35 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = self.random.choice(NASTY)
        return _encoded(value)

    def _flipped(self, data: bytes) -> bytes:
        chance = self.random.random()
        if chance < 0.2 or not data:
            return data[:self.random.randrange(len(data) + 1)]
        spoiled = bytearray(data)
        for _ in range(self.random.randrange(1, 9)):
            spoiled[self.random.randrange(len(spoiled))] = self.random.randrange(256)
        return bytes(spoiled)


def _short(failure) -> str:
    """What a check says, in one line: the message and the place in the schema."""
    lines = [line.strip() for line in str(getattr(failure, "message", failure)).splitlines()]
    return " ".join(line for line in lines if line and not line.startswith(("{", "}", '"')))[:160]


def _holders(value: object):
    """Every (container, key) within a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) \
        if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _holders(inner)


def _encoded(value: object) -> tuple[bytes | None, str]:
    try:
        return encode(value)
    except (TypeError, ValueError):
        return str(value).encode("utf-8", "surrogatepass"), "application/json"


def _quoted(value: object) -> str:
    text = json.dumps(value) if isinstance(value, (bool, dict)) or value is None else str(value)
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _sendable(value: str) -> bool:
    """Whether a client could send it in a header at all."""
    try:
        EnvironBuilder(headers={"X": value}).get_environ()
    except (UnicodeError, ValueError):
        return False
    return True
