"""The permission table read a second time, by other code than the product's.

A slip in `people/permissions.py` must not excuse itself, so nothing of it is used here: not its
reader, not its names of roles and phases.
"""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

OURS = Path(__file__).parents[2] / "people" / "permissions.csv"
MORE = OURS.with_name("permissions-more.csv")
SPECIFIED = Path(__file__).parents[2].parent / "shared" / "permissions.csv"

PHASES = ("DRAFT", "BIDDING", "CLOSED", "OPENING", "OPENED", "EVALUATING", "EVALUATED",
          "AWARDING", "AWARDED", "CONTRACTED", "ARCHIVED", "SUSPENDED", "TERMINATED", "FAILED")

ROLES = ("anonymous", "tenderer_own", "tenderer_rival", "tenderer_outside", "buyer_own",
         "buyer_other", "opener_assigned", "opener_unassigned", "expert_assigned",
         "expert_leader", "expert_unassigned", "awarder_assigned", "awarder_unassigned",
         "supervisor_in", "supervisor_out", "guarantor", "sys_admin", "sec_admin",
         "audit_admin")

FAR = {"buyer_own": "buyer_other", "supervisor_in": "supervisor_out",
       "opener_assigned": "opener_unassigned", "expert_assigned": "expert_unassigned",
       "expert_leader": "expert_unassigned", "awarder_assigned": "awarder_unassigned",
       "tenderer_own": "tenderer_outside", "tenderer_rival": "tenderer_outside"}
"""What a role is towards a lot of another unit, in another region, without a bid of its own."""


PIECES = {"spine", "trust", "invitation", "site"}
AHEAD = {"complaint.file"}
"""Actions that stand before the rest of their piece."""
UNBUILT: set[str] = set()
"""Actions of a piece that is begun whose routes are still to come. Whoever brings a route takes
its action out here and in people/permissions.py and writes a probe; the list ends empty."""


class Table:
    """The rows of the pieces that are built: which (action, role, phase) they allow."""

    def __init__(self, *paths: Path):
        self.actions: list[str] = []
        self.allowed: set[tuple[str, str, str]] = set()
        for row in itertools.chain.from_iterable(
                csv.DictReader(path.read_text(encoding="utf-8").splitlines())
                for path in paths or (OURS, MORE)):
            built = row["piece"] in PIECES or row["action"] in AHEAD
            if not built or row["action"] in UNBUILT:
                continue
            if row["action"] not in self.actions:
                self.actions.append(row["action"])
            roles = {"(everybody)": ROLES, "(nobody)": ()}.get(row["roles"], row["roles"].split())
            phases = {"(all)": PHASES, "(published)": PHASES[1:]}.get(
                row["phases"], row["phases"].split())
            assert set(roles) <= set(ROLES) and set(phases) <= set(PHASES), row
            self.allowed |= set(itertools.product([row["action"]], roles, phases))

    @property
    def nobody(self) -> list[str]:
        """The actions that no row gives to anybody."""
        some = {action for action, _, _ in self.allowed}
        return [action for action in self.actions if action not in some]

    def allows(self, action: str, role: str, phase: str) -> bool:
        """Whether a row lists this cell; whatever no row lists is denied."""
        return (action, role, phase) in self.allowed

    def ever(self, action: str, role: str) -> bool:
        """Whether the role may do the action in any phase."""
        return any(self.allows(action, role, phase) for phase in PHASES)


TABLE = Table()
