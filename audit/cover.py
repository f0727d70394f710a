"""Cover: how many leaves come out when, so that the tree's growth tells nothing of bids.

A tree that grew by one for each bid would tell how many bid (sealed-bid B). So while any lot
is sealed, entries that could tell of a bid (`@act(…, veiled=True)`) come out in *beats*: a
constant number of leaves at fixed times, the lots taking turns, the shortfall filled with
cover. All other entries come out beside them at once. Pure: what waits, which lots are sealed
and the time go in; which entries come out and how many cover leaves go with them comes out.

A closing takes what waits of its lot, filled to a multiple of 256, in a tick of its own; so
does, by itself, an authorisation. A lot that failed or was ended unopened keeps no beat going,
but what comes out for it is still filled up, until its covered time is over.

A promise is kept whatever waits: an entry whose promised time is near comes out although the
beat is full; then the beat is a larger multiple, which tells that thousands waited, not whose.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CLASS = "cover"
"""How a cover leaf is disclosed, and the type it bears beside real entries."""

CLOSING = 256
"""A closing's tick is a multiple of so many leaves."""

PROMISED = timedelta(hours=6)
"""How long after its act an entry may wait at most; promises name this time (A3.5)."""


@dataclass(frozen=True)
class Pace:
    """So many veiled leaves every `every`; a beat falls on whole multiples of it since 1970."""

    leaves: int
    every: timedelta

    def beat(self, moment: datetime) -> int:
        """The number of the beat that `moment` lies in."""
        return int((moment - _EPOCH) / self.every)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CALM, RUSH = Pace(16, timedelta(seconds=60)), Pace(32, timedelta(seconds=10))
LAST = timedelta(hours=1)
"""Within so much of any open lot's deadline the pace is RUSH, else CALM."""

Sealed = Mapping[str, datetime | None]
"""The sealed lots: id → deadline; None for a lot that ended unopened and is still covered."""


@dataclass(frozen=True)
class Waiting:
    """One waiting entry, as far as its turn depends on it. `alone`: `closing`,
    `authorisation`, or empty."""

    id: str
    lot_id: str | None
    at: datetime
    veiled: bool = True
    alone: str = ""


@dataclass(frozen=True)
class Plan:
    """What comes out now beside the entries that nothing holds back."""

    take: tuple[str, ...] = ()
    cover: int = 0
    beat: bool = False
    """Whether this tick is a beat; then its time is kept."""
    alone: bool = False
    """Whether nothing else may come out in this tick."""


def pace(sealed: Sealed, now: datetime) -> Pace | None:
    """How fast veiled entries come out at `now`; None when no lot keeps a beat going."""
    deadlines = [deadline for deadline in sealed.values() if deadline is not None]
    if not deadlines:
        return None
    rush = any(deadline - LAST <= now < deadline for deadline in deadlines)
    return RUSH if rush else CALM


def plan(waiting: Iterable[Waiting], sealed: Sealed, now: datetime,
         last_beat: datetime | None) -> Plan:
    """Which of `waiting` come out at `now`, and how many cover leaves with them.

    `waiting` holds the veiled entries and those that need a tick of their own. Calling late
    skips beats and makes up for none.
    """
    waiting = sorted(waiting, key=lambda one: (one.at, one.id))
    first = next((one for one in waiting if one.alone), None)
    if first is not None:
        return _alone(first, waiting)
    if not sealed:
        return Plan(tuple(one.id for one in waiting))
    secret, free = [], ()
    for one in waiting:
        if one.veiled and (one.lot_id is None or one.lot_id in sealed):
            secret.append(one)
        else:
            free += (one.id,)
    going = pace(sealed, now)
    if going is None:
        taken = tuple(one.id for one in secret)
        return Plan(free + taken, _filled(len(taken), CALM.leaves) if taken else 0)
    if last_beat is not None and going.beat(now) <= going.beat(last_beat):
        return Plan(free)
    taken = _turns(secret, now, going)
    missing = _filled(len(taken), going.leaves) if taken else going.leaves
    return Plan(free + taken, missing, beat=True)


def _alone(first: Waiting, waiting: list[Waiting]) -> Plan:
    if first.alone != "closing":
        return Plan((first.id,), alone=True)
    taken = (first.id, *(one.id for one in waiting
                         if one.veiled and not one.alone and one.lot_id == first.lot_id))
    return Plan(taken, _filled(len(taken), CLOSING), alone=True)


def _filled(count: int, step: int) -> int:
    """How many are missing to the next multiple of `step`."""
    return -count % step


def _turns(secret: list[Waiting], now: datetime, going: Pace) -> tuple[str, ...]:
    """The entries of one beat: the lots take turns, each lot's oldest first.

    `secret` is in the order of its acts, so what is due is at its head.
    """
    due = [one.id for one in secret if one.at + PROMISED <= now + 2 * going.every]
    queues: dict[str | None, deque[str]] = defaultdict(deque)
    for one in secret[len(due):]:
        queues[one.lot_id].append(one.id)
    lots, taken = deque(queues), due
    while lots and len(taken) < going.leaves:
        lot = lots.popleft()
        taken.append(queues[lot].popleft())
        if queues[lot]:
            lots.append(lot)
    return tuple(taken)
