"""Allowed requests with one thing exchanged: another's id (Q16), a field nobody may send (Q17).

Each begins as a request that has its way; what is exchanged must turn it into a refusal that
changes nothing.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator

from marshmallow import Schema, fields

from people.edge import Route

from .checker import Checker
from .probes import PROBES, ROUTED, encode, name_of, request
from .table import FAR, PHASES, ROLES, TABLE

FORBIDDEN = ("status", "role", "score", "opened_at", "deadline", "owner_id", "payee")
NOWHERE = "0123456789abcdef" * 2
PLACE = re.compile(r"<(\w+_id)>")
OWN_PLACES = {"bid_id": "bid", "party_id": "party", "guarantee_id": "guarantee"}
OF_ALL_BIDS = "/opened-bids/"
"""Below this address whoever may read at all reads every opened bid of the lot."""

OF_ONES_OWN_ANYWHERE = {"GET /lots/<lot_id>/tenderers/<party_id>/refusals"}
"""One's own company in any published lot: another lot there is no other company's object."""

ANYBODYS = {"POST /role-grants", "POST /accounts"}
"""An administrator may name any account or party; the second person is the check."""


def cells() -> Iterator[tuple[Route, str, str]]:
    """Every route with every role that may use it, in the first phase that allows it."""
    for route in ROUTED:
        for role in ROLES:
            phase = next((one for one in PHASES if TABLE.allows(route.action, role, one)), None)
            if phase is not None:
                yield route, role, phase


def foreign_ids(checker: Checker) -> int:
    """Put foreign ids into every place of every address and body; return how many were tried."""
    by_station: dict[str, list[tuple[Route, str]]] = {}
    for route, role, phase in cells():
        by_station.setdefault(checker.station_for(route, phase, True), []).append((route, role))
    tried = 0
    for name, wanted in by_station.items():
        station = checker.course.stand_at(name)
        before = checker.bench.fingerprint()
        for route, role in wanted:
            for place in PLACE.findall(route.rule):
                for found in _foreign(station, route, role, place):
                    tried += 1
                    _refused(checker, request(route, station, role, ids={place: found}),
                             f"{name_of(route)} by {role} at {name} with a foreign {place}")
            for value in _foreign_bodies(station, route, role):
                tried += 1
                made = request(route, station, role)
                made.body = value
                _refused(checker, made, f"{name_of(route)} by {role} at {name} with foreign ids "
                                        "in its body")
        checker._blame(before, f"a foreign id at {name}")
    return tried


def _refused(checker: Checker, made, what: str) -> None:
    answer = checker.send(made)
    if not 400 <= answer.status < 500 or answer.media != "application/problem+json":
        checker.outcome.faults.append(f"{what}: {answer.status} {answer.body[:200]!r}")


def _foreign(station, route: Route, role: str, place: str) -> list[str]:
    several = len(PLACE.findall(route.rule)) > 1 and name_of(route) not in OF_ONES_OWN_ANYWHERE
    far = TABLE.allows(route.action, FAR.get(role, role), station.phase)
    found = [NOWHERE]
    if place in station.foreign and (several or not far):
        found.append(station.foreign[place])
    if place in OWN_PLACES and OF_ALL_BIDS not in route.rule \
            and not TABLE.allows(route.action, "tenderer_rival", station.phase) \
            and role.startswith("tenderer"):
        found.append(getattr(station, OWN_PLACES[place])["rival"])
    return found


def _foreign_bodies(station, route: Route, role: str) -> Iterator[bytes]:
    made = request(route, station, role)
    if made.method == "GET" or route.raw or route.stream or name_of(route) in ANYBODYS \
            or not PROBES[name_of(route)].changes or made.body is None:
        return
    text = made.body.decode()
    for own in sorted(set(re.findall(r"\b[0-9a-f]{32}\b", text))):
        for other in (station.foreign["bid_id"], NOWHERE):
            yield text.replace(own, other).encode()


# --- fields that nobody may send ------------------------------------------------------------------
def extra_fields(checker: Checker) -> int:
    """Add each forbidden field to each body, at its top and in what it holds; how many tried."""
    tried = 0
    by_station: dict[str, list[tuple[Route, str]]] = {}
    for route, role, phase in {name_of(one[0]): one for one in cells()}.values():
        if route.method not in ("GET", "HEAD"):
            by_station.setdefault(checker.station_for(route, phase, True), []).append((route, role))
    for name, wanted in by_station.items():
        station = checker.course.stand_at(name)
        before = checker.bench.fingerprint()
        for route, role in wanted:
            for word, made in _with_fields(station, route, role):
                tried += 1
                answer = checker.send(made)
                said = (answer.json or {}).get("fields", {})
                if answer.status != 422 or word not in json.dumps(said):
                    checker.outcome.faults.append(
                        f"{name_of(route)} by {role} at {name} with {word}: {answer.status} "
                        f"{answer.body[:200]!r}")
        checker._blame(before, f"an extra field at {name}")
    return tried


def _with_fields(station, route: Route, role: str) -> Iterator:
    for word in FORBIDDEN:
        made = request(route, station, role)
        if route.raw or route.stream:
            if route.query is not None:
                made.path += f"&{word}=x"
                yield word, made
            continue
        schema = route.body() if isinstance(route.body, type) else route.body
        for value in _grown(schema, made.value or {}, word):
            made = request(route, station, role)
            made.body, kind = encode(value)
            made.headers["Content-Type"] = kind
            made.headers.pop("Content-Length", None)
            yield word, made


def _grown(schema: Schema | None, value: dict, word: str) -> Iterator[dict]:
    """`value` with the field `word` added at its top, and in each nested object once."""
    if schema is None or word not in schema.fields:
        yield value | {word: "x"}
    for name, one in (schema.fields if schema else {}).items():
        inner = one.inner if isinstance(one, fields.List) else one
        if not isinstance(inner, fields.Nested) or not value.get(name):
            continue
        held = value[name][0] if isinstance(value[name], list) else value[name]
        for grown in _grown(inner.schema, held, word):
            whole = copy.deepcopy(value)
            if isinstance(value[name], list):
                whole[name][0] = grown
            else:
                whole[name] = grown
            yield whole
