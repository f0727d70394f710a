"""The tables of the watch."""

from .objections import (
    Evidence,
    Objection,
    ObjectionAnswer,
    ObjectionEvidence,
    ObjectionOverdue,
)
from .works import FINDING_KINDS, STATES, Ledger, Payment, Work, WorkFinding

__all__ = ["FINDING_KINDS", "STATES", "Evidence", "Ledger", "Objection", "ObjectionAnswer",
           "ObjectionEvidence", "ObjectionOverdue", "Payment", "Work", "WorkFinding"]
