"""Which cells PostgreSQL's half of the matrix sends, and the whole table asked without a request.

SQLite's half sends every cell. What a database adds to a decision is the roles that it knows of
somebody and the phase that it knows of a lot; the decision itself is a pure function of both. So
for every role in every phase PostgreSQL is asked for the whole list of what is allowed, all actions
at once; and of the cells it is sent enough that every two of action, role and phase meet, each with
its denials, and every request that is ripe somewhere is made there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from audit.actor import ANONYMOUS
from people.edge import Route
from portal.authority import allowed_actions

from .course import Course
from .probes import PROBES, name_of
from .table import PHASES, ROLES, TABLE

Cell = tuple[str, str, str]
"""Action, role, phase."""

TOWARDS_A_LOT = {"tenderer_rival": ("tenderer_own",),
                 "expert_leader": ("expert_leader", "expert_assigned")}
"""Whom the table means where the lot alone is asked about: a rival is a tenderer like the other."""


def spread(actions: Iterable[str]) -> dict[Cell, int]:
    """Cells in which each action meets each role, once where it is denied and once where it is
    allowed, each action each phase, and each role each phase; with the number of each among its
    action's, by which the action's routes take turns."""
    chosen: dict[Cell, int] = {}
    for place, action in enumerate(actions):
        met: Counter[str] = Counter()
        for allowed in (False, True):
            for turn, role in enumerate(ROLES):
                phases = [phase for phase in PHASES
                          if TABLE.allows(action, role, phase) is allowed]
                if phases:
                    start = (place + turn) % len(phases)
                    phase = min(phases[start:] + phases[:start], key=met.__getitem__)
                    chosen[action, role, phase] = met.total()
                    met[phase] += 1
        for turn, phase in enumerate(PHASES):
            if not met[phase]:
                chosen[action, ROLES[(place + turn) % len(ROLES)], phase] = met.total()
                met[phase] += 1
    return chosen


def ripe_in(route: Route, phase: str) -> bool:
    """Whether some station of the phase is one at which the route can have its way."""
    return any(name.partition(":")[0] == phase for name in PROBES[name_of(route)].ripe)


def misjudged(course: Course, phase: str) -> list[str]:
    """What the platform allows somebody towards the lot and the table does not, or the other way
    round: every action for every role, as the database stands in this phase."""
    station, found = course.stand_at(phase), []
    world = course.world
    for role in ROLES:
        actor = course.holders[role] or ANONYMOUS
        said = set(allowed_actions(world.session, actor, world.now, lot_id=station.lot))
        meant = {action for action in TABLE.actions for one in TOWARDS_A_LOT.get(role, (role,))
                 if TABLE.allows(action, one, phase)}
        found += [f"{role} in {phase}: {action} is {'' if action in said else 'not '}allowed"
                  for action in sorted(said ^ meant)]
    return found
