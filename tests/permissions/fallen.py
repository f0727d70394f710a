"""An award that is to be cancelled, in the course: proposed by another person of the buyer, given up by
its winner."""

from __future__ import annotations

from evaluation.defaulting import acts as defaulting
from evaluation.defaulting.model import AwardDefault
from evaluation.defaulting.rules import statement_hash
from evaluation.model import Award, Candidate
from kernel.db import new_id

WHY = "中标人逾期不签订合同，经催告仍不签订。"


def play(course) -> None:
    """From AWARDED aside and back again."""
    world, now = course.world, course.now
    row = defaulting.propose_default(world.fresh(world.chief), now.lot, ground="refused",
                                     account=WHY, plan="retender")
    now.award_default, now.statement_hash = row.id, statement_hash(row)
    course.keep("AWARDED:heard")
    defaulting.give_word(world.fresh(course.own.actor), now.lot, kind="declines", text="放弃中标。")
    course.keep("AWARDED:declined")
    course.stand_at("AWARDED")


def proposal(_station, _role) -> dict:
    """The body of a proposal."""
    return {"ground": "refused", "account": WHY, "plan": "retender"}


def foreign(rows, world, lot_id: str, party_id: str, account_id: str) -> str:
    """Another unit's proposal, as no act made it; its id."""
    bid, award, made, now = new_id(), new_id(), new_id(), world.now
    rows(world, Candidate, {"id": new_id(), "lot_id": lot_id, "bid_id": bid, "party_id": party_id,
                            "price_fen": 1})
    rows(world, Award, {"id": award, "lot_id": lot_id, "bid_id": bid, "party_id": party_id,
                        "price_fen": 1, "notice": "{}", "notice_hash": "0" * 64,
                        "decided_at": now})
    rows(world, AwardDefault, {
        "id": made, "lot_id": lot_id, "award_id": award, "bid_id": bid, "party_id": party_id,
        "ground": "refused", "account": WHY, "evidence": [], "document_no": "", "clause": "",
        "plan": "retender", "heard_until": now, "proposed_at": now, "proposed_by": account_id,
        "proposed_person": "0" * 32})
    return made
