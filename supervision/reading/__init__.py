"""What is read of the watch."""

from .works import (
    figures,
    finding_facts,
    finding_view,
    findings,
    hits,
    known_codes,
    ledger,
    work,
)

__all__ = ["figures", "finding_facts", "finding_view", "findings", "hits", "known_codes",
           "ledger", "work"]
