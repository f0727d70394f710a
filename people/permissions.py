"""Who may do what, and when: one table, read once, and one question asked of it.

The table is data (`permissions.csv`, and `permissions-more.csv` with what the specification's
table lacks, each row with its reason). Relationship is part of the role (`tenderer_own`,
`supervisor_in`), the phase is a name that the tender's lifecycle gives. Whatever the table
does not list is denied; an action of nobody has no route at all.
"""

from __future__ import annotations

import csv
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PHASES = (
    "DRAFT", "BIDDING", "CLOSED", "OPENING", "OPENED", "EVALUATING", "EVALUATED", "AWARDING",
    "AWARDED", "CONTRACTED", "ARCHIVED", "SUSPENDED", "TERMINATED", "FAILED",
)

ROLES = (
    "anonymous", "tenderer_own", "tenderer_rival", "tenderer_outside", "buyer_own", "buyer_other",
    "opener_assigned", "opener_unassigned", "expert_assigned", "expert_leader",
    "expert_unassigned", "awarder_assigned", "awarder_unassigned", "supervisor_in",
    "supervisor_out", "guarantor", "sys_admin", "sec_admin", "audit_admin",
)

PUBLISHED = frozenset(PHASES) - {"DRAFT"}

_ROLE_MACROS = {"(everybody)": frozenset(ROLES), "(nobody)": frozenset()}
_PHASE_MACROS = {"(published)": PUBLISHED, "(all)": frozenset(PHASES)}


class Answer(enum.Enum):
    """What the table says to one actor's wish."""

    ALLOWED = "allowed"
    WRONG_PHASE = "wrong phase"
    """One of the roles may do this, but not in this phase."""
    DENIED = "denied"


@dataclass(frozen=True)
class Action:
    """One action: its rows as (roles, phases), and what the table says about it."""

    name: str
    group: str
    meaning: str
    basis: str
    piece: str
    rows: tuple[tuple[frozenset[str], frozenset[str]], ...]

    @property
    def nobody(self) -> bool:
        """Whether no role may do this in any phase."""
        return not any(roles and phases for roles, phases in self.rows)


def load(*paths: Path) -> dict[str, Action]:
    """Read a permission table that stands in one or more files, actions in their order.

    Raises ValueError for a role, phase or macro it does not know, and where two rows of one
    action disagree about what the action is.
    """
    actions: dict[str, Action] = {}
    for row in _rows(paths):
        rule = (_words(row["roles"], ROLES, _ROLE_MACROS),
                _words(row["phases"], PHASES, _PHASE_MACROS))
        said = (row["group"], row["meaning"], row["basis"], row["piece"])
        known = actions.get(row["action"])
        if known is None:
            actions[row["action"]] = Action(row["action"], *said, rows=(rule,))
            continue
        if said != (known.group, known.meaning, known.basis, known.piece):
            raise ValueError(f"two rows of {known.name} disagree")
        actions[known.name] = Action(known.name, *said, rows=(*known.rows, rule))
    return actions


def _rows(paths: Iterable[Path]) -> Iterator[dict[str, str]]:
    for path in paths:
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines, strict=True)


def _words(text: str, known: tuple[str, ...], macros: dict[str, frozenset[str]]) -> frozenset[str]:
    result: set[str] = set()
    for word in text.split():
        if word in macros:
            result |= macros[word]
        elif word in known:
            result.add(word)
        else:
            raise ValueError(f"unknown word {word} in the permission table")
    return frozenset(result)


TABLES = tuple(Path(__file__).with_name(name) for name in (
    "permissions.csv", "permissions-more.csv"))

ACTIONS = load(*TABLES)
"""Every action of the product, by name."""


PIECES = frozenset({"spine", "trust", "invitation", "site"})
"""The pieces of work that are built or begun; the actions of all others do not exist yet."""

AHEAD = frozenset({"complaint.file"})
"""Actions that were built before the rest of their piece; put its piece into PIECES and take them out."""

UNBUILT: frozenset[str] = frozenset()
"""Of a piece that is begun, the actions that have no route yet: they do not exist either. Take
one out with the route that brings it; the list ends empty."""


ADMINISTRATORS = frozenset({"sys_admin", "sec_admin", "audit_admin"})


def of_administrators(action: str) -> bool:
    """Whether the table gives the action to administrators and to nobody else."""
    roles = {role for row, _ in ACTIONS[action].rows for role in row}
    return bool(roles) and roles <= ADMINISTRATORS


def of_an_office(action: str) -> bool:
    """Whether an administrator may do the action by office: not because everybody may."""
    roles = {role for row, _ in ACTIONS[action].rows for role in row}
    return bool(roles & ADMINISTRATORS) and "anonymous" not in roles


def present(action: Action) -> bool:
    """Whether an action exists now."""
    return (action.piece in PIECES or action.name in AHEAD) and action.name not in UNBUILT


def present_actions() -> tuple[str, ...]:
    """The actions that exist now, those of nobody included."""
    return tuple(name for name, action in ACTIONS.items() if present(action))


def decide(action: str, roles: Iterable[str], phase: str | None) -> Answer:
    """May somebody who has `roles` do `action` on a lot in `phase`?

    `phase=None` is a wish about no particular lot (create a project, list what is published):
    allowed where the role has the action in every published phase; whoever lists must then
    leave out what is unpublished. An action that does not exist yet is denied to all.
    Raises KeyError for an action the table does not know.
    """
    known = ACTIONS[action]
    if not present(known):
        return Answer.DENIED
    phases: set[str] = set()
    for row_roles, row_phases in known.rows:
        if not row_roles.isdisjoint(roles):
            phases |= row_phases
    if not phases:
        return Answer.DENIED
    if (phases >= PUBLISHED) if phase is None else (phase in phases):
        return Answer.ALLOWED
    return Answer.WRONG_PHASE
