"""In a lot nobody is two things (Q20: 招标投标法 37, 实施条例 46), whatever account is used.

Each package says who holds which role in a lot by adding a function to `holders`; the check
asks them all, with the person's row locked, so that two assignments at once see each other.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from .model import Person
from .refusals import LOT_ROLES_CONFLICT

ROLES = ("tenderer", "buyer", "opener", "expert", "awarder", "supervisor")

holders: list[Callable[[Session, str], dict[str, set[str]]]] = []
"""Functions `(session, lot_id) -> {role: {person_id, …}}`, one a package."""


def held_in_lot(session: Session, lot_id: str) -> dict[str, set[str]]:
    """Who is what in the lot, as all packages together say it."""
    found: dict[str, set[str]] = {}
    for function in holders:
        for role, persons in function(session, lot_id).items():
            found.setdefault(role, set()).update(persons)
    return found


def no_two_roles(session: Session, lot_id: str, person_id: str, role: str) -> None:
    """Refuse (role.conflict-in-lot) to make a person `role` in a lot where they are another thing.

    Call inside the act that assigns, after locking the lot.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    for other, persons in sorted(held_in_lot(session, lot_id).items()):
        if other != role and person_id in persons:
            raise LOT_ROLES_CONFLICT(wanted=role, held=other)
