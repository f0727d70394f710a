"""The tables of the watch."""

from .works import FINDING_KINDS, STATES, Ledger, Payment, Work, WorkFinding

__all__ = ["FINDING_KINDS", "STATES", "Ledger", "Payment", "Work", "WorkFinding"]
