"""Candidates in an order, and who of them gave up."""

from __future__ import annotations

from evaluation.model import Candidate, CandidateWithdrawal

from .rules import Rule, rule_of


def _in_order(record: dict) -> bool:
    return any("rank" in one for one in record["facts"]["candidates"])


RULES: tuple[Rule, ...] = (
    rule_of("candidates.published", Candidate, ("lot_id", "bid_id"), ("lot", "item.bid"),
            each="facts.candidates", when=_in_order, same={"rank": "item.rank"},
            owed=lambda _row: False),
    rule_of("candidate.given_up", CandidateWithdrawal, "id",
            same={"lot_id": "lot", "bid_id": "facts.bid", "party_id": "party",
                  "reason": "facts.reason", "given_up_at": "at"}),
)
