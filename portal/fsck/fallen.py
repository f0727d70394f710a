"""Awards that were cancelled: proposals, what was said, and what followed of each."""

from __future__ import annotations

from types import SimpleNamespace

from evaluation.defaulting.model import AwardDefault, AwardWord
from evaluation.defaulting.rules import statement_hash, word_hash
from evaluation.model import Award
from guarantees.model import Forfeiture
from tender.model import RetenderBar

from .rules import Rule, rule_of


def _outcome(name: str):
    return lambda row: row["outcome"] == name


def _voided(row: dict) -> bool:
    return row["voided_at"] is not None


RULES: tuple[Rule, ...] = (
    rule_of("award.default_proposed", AwardDefault, "id",
            same={"lot_id": "lot", "award_id": "facts.award", "bid_id": "facts.bid",
                  "party_id": "party", "ground": "facts.ground", "plan": "facts.plan",
                  "heard_until": "facts.heard_until", "proposed_at": "at",
                  "proposed_by": "actor.account", "proposed_person": "actor.person",
                  "said": "facts.statement_hash"},
            made={"said": lambda row: statement_hash(SimpleNamespace(**row))}),
    rule_of("award.word_given", AwardWord, "id",
            same={"lot_id": "lot", "award_id": "facts.award", "bid_id": "facts.bid",
                  "party_id": "party", "about": "facts.about", "kind": "facts.kind",
                  "until": "facts.until", "said_at": "at", "said_by": "actor.account",
                  "said": "facts.word_hash"},
            made={"said": lambda row: word_hash(SimpleNamespace(**row))}),
    rule_of("award.default_dropped", AwardDefault, "id",
            same={"decided_at": "at", "decided_by": "actor.account"},
            digests={"reason": "facts.reason_hash"}, owed=_outcome("dropped")),
    rule_of("award.cancelled", AwardDefault, "id",
            same={"decided_at": "at", "decided_by": "actor.account", "ground": "facts.ground",
                  "plan": "facts.plan", "successor_id": "facts.successor"},
            owed=_outcome("cancelled")),
    rule_of("award.cancelled", Award, "id", "facts.award",
            same={"lot_id": "lot", "voided_at": "at", "bid_id": "facts.bid",
                  "party_id": "facts.party", "notice_hash": "facts.notice_hash"}, owed=_voided),
    rule_of("contract.registered", AwardDefault, ("lot_id", "decided_at"), ("lot", "at"),
            owed=_outcome("signed"), binds=lambda _record: False),
    rule_of("guarantee.forfeited", Forfeiture, "guarantee_id",
            same={"amount_fen": "facts.amount_fen", "ground": "facts.ground", "law": "facts.law",
                  "cause": "facts.cause", "forfeited_at": "at"}),
    rule_of("award.cancelled", Forfeiture, ("cause", "guarantee_id"),
            ("subject", "item.guarantee"), each="facts.forfeited",
            same={"amount_fen": "item.amount_fen", "law": "item.law", "forfeited_at": "at"}),
    rule_of("award.cancelled", RetenderBar, ("cause", "party_id"), ("subject", "item"),
            each="facts.barred", same={"lot_id": "lot", "since": "at"}),
)
"""Beside the rules of rules.py."""
