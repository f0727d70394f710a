"""The page of an award that may fall, for the buyer, the winner and who follows."""

from __future__ import annotations

from people.inside import ask, listed, told
from people.language import t
from people.pagebook import Pages, done, draw, on_desk

from . import rules

pages = Pages("evaluation", "awards")

done("award-proposed", "已提出；中标人可以说明，之后由本单位另一人决定。",
     "Proposed. The winner may speak; then another person of this unit decides.")
done("award-word", "说明已收到。", "Your word is in.")
done("award-cancelled", "中标已取消，后续已公布。", "The award is cancelled; what follows is published.")
done("award-kept", "提议已放弃，中标有效。", "The proposal is dropped; the award stands.")


@pages.desk("/desk/lots/<lot_id>/award", asks="GET /lots/<lot_id>/award")
def award(lot_id):
    """How the award of a lot stands: propose to cancel it, speak to it, decide, follow."""
    found = ask(f"/lots/{lot_id}/award")
    return draw("evaluation/award.html", now=ask("/time")["now"], lot=ask(f"/lots/{lot_id}"),
                found=found,
                papers=[(one["hash"], f"{one['name']}　{one['hash'][:12]}…")
                        for one in listed("/papers")],
                waiting=any(one["decided_at"] is None for one in found["defaults"]),
                grounds=[(name, t(one.zh, one.en)) for name, one in rules.GROUNDS.items()])


@on_desk(18, "evaluation/on-desk-award.html")
def waiting_part(viewer: dict) -> dict | None:
    """Proposals to cancel an award that wait for one's word, or for one's unit's decision."""
    if viewer["party"]["kind"] not in ("tenderer", "buyer"):
        return None
    found = told("/awards/waiting")
    return {"awards": found["items"]} if found and found["items"] else None


__all__ = ["pages"]
