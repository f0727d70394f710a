"""What becomes of a finding on village works: states that follow from its facts and the time."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class FindingState(enum.Enum):
    """Where a finding stands. Being overdue is no state: it is said beside it."""

    OPEN = "open"
    """The responsible unit must mend it and give evidence before its day is over."""
    ANSWERED = "answered"
    """The unit gave evidence; a supervisor looks at it."""
    CLOSING = "closing"
    """One supervisor found the evidence good; another person must agree."""
    CLOSED = "closed"
    """Two persons closed it on evidence (销号)."""


@dataclass(frozen=True)
class FindingFacts:
    """When each thing happened; None: it has not."""

    due_at: datetime
    answered_at: datetime | None
    proposed_at: datetime | None
    closed_at: datetime | None


def finding_state(facts: FindingFacts) -> FindingState:
    """The state that the facts say."""
    if facts.closed_at is not None:
        return FindingState.CLOSED
    if facts.proposed_at is not None:
        return FindingState.CLOSING
    return FindingState.OPEN if facts.answered_at is None else FindingState.ANSWERED


def overdue(facts: FindingFacts, now: datetime) -> bool:
    """Whether the unit let its day pass: it answered after it, or has not answered and it is over."""
    return (facts.answered_at or now) >= facts.due_at
