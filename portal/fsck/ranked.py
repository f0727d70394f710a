"""Candidates in an order, the draw that made it, and who of them gave up."""

from __future__ import annotations

from evaluation.lottery.model import LotteryDraw, LotteryNonce
from evaluation.model import Candidate, CandidateWithdrawal

from .rules import Rule, rule_of


def _in_order(record: dict) -> bool:
    return any("rank" in one for one in record["facts"]["candidates"])


def _drawn(record: dict) -> bool:
    return "draw_hash" in record["facts"]


def _held(column: str):
    return lambda row: row[column] is not None


RULES: tuple[Rule, ...] = (
    rule_of("lottery.announced", LotteryDraw, "id",
            same={"lot_id": "lot", "announced_at": "at", "commit_by": "facts.commit_by",
                  "reveal_by": "facts.reveal_by"},
            digests={"announcement": "facts.announcement_hash"}),
    rule_of("lottery.closed", LotteryDraw, "id", same={"closed_at": "at"},
            owed=_held("closed_at")),
    rule_of("lottery.drawn", LotteryDraw, "id", digests={"document": "facts.draw_hash"},
            same={"salt": "facts.salt"}, when=_drawn, owed=_held("document")),
    rule_of("lottery.committed", LotteryNonce, ("draw_id", "contributor"),
            ("subject", "facts.contributor"), same={"commitment": "facts.commitment"},
            owed=lambda row: row["contributor"] != "platform"),
    rule_of("lottery.revealed", LotteryNonce, ("draw_id", "contributor"),
            ("subject", "facts.contributor"), same={"nonce": "facts.nonce"},
            owed=_held("nonce")),
    rule_of("candidates.published", Candidate, ("lot_id", "bid_id"), ("lot", "item.bid"),
            each="facts.candidates", when=_in_order, same={"rank": "item.rank"},
            owed=lambda _row: False),
    rule_of("candidate.given_up", CandidateWithdrawal, "id",
            same={"lot_id": "lot", "bid_id": "facts.bid", "party_id": "party",
                  "reason": "facts.reason", "given_up_at": "at"}),
)
