"""Pages against the table: whoever reaches a page is whoever its reading of the interface allows."""

from __future__ import annotations

import re

from people.edge import ROUTES
from people.pagebook import PAGES

from .course import Course
from .probes import name_of, request
from .table import ROLES

PHASES = ("DRAFT", "BIDDING", "OPENED", "AWARDED")
"""A draft that few see, a sealed lot, an opened one, an awarded one."""


def pages_of(route_name: str) -> list:
    """The pages that stand for this route."""
    return [page for page in PAGES if page.asks == route_name]


def disagreements(course: Course, by_turns: bool = False) -> tuple[int, list[str]]:
    """(comparisons made, where page and interface answer the same person otherwise); with
    `by_turns` each page and role in one of the phases, which take turns."""
    routes = [route for route in ROUTES if pages_of(name_of(route))]
    missing = {page.asks for page in PAGES if page.asks} - {name_of(route) for route in routes}
    found, tried = [f"{name} is no route" for name in sorted(missing)], 0
    for turn, phase in enumerate(PHASES):
        station = course.stand_at(phase)
        for place, route in enumerate(routes):
            if route.action is None:
                continue
            for number, role in enumerate(ROLES):
                if by_turns and (place + number) % len(PHASES) != turn:
                    continue
                wanted = request(route, station, role)
                told = course.bench.call(wanted.method, wanted.path, None, wanted.headers)
                for page in pages_of(name_of(route)):
                    path = _address(page.rule, route.rule, wanted.path)
                    shown = course.bench.call("GET", path, None,
                                              wanted.headers | {"Accept": "text/html"})
                    tried += 1
                    if not _agree(told.status, shown.status, role):
                        found.append(f"{page.rule} by {role} at {phase}: {shown.status}, "
                                     f"{page.asks} says {told.status} {told.code}")
    return tried, found


def _agree(told: int, shown: int, role: str) -> bool:
    if role == "anonymous":  # whoever is not signed in is led to the way in
        return shown == 303
    return told == shown


def _address(page: str, rule: str, asked: str) -> str:
    """The page's address with the ids of the address that was asked."""
    pattern = re.sub(r"<(?:\w+:)?(\w+)>", r"(?P<\1>[^/?]+)", rule)
    ids = re.match(pattern, asked).groupdict()
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda name: ids[name[1]], page)
