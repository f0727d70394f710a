"""The page of an extended validity, for who asks and for who is asked."""

from __future__ import annotations

from people.inside import ask, told
from people.pagebook import Pages, done, draw, on_desk

pages = Pages("evaluation")

done("extension-asked", "已向全部投标人发出延长要求；答复结束后公布结果。",
     "All tenderers are asked. What they said is told once the answers are in.")
done("extension-answered", "答复已收到，不可更改。", "Your answer is in; it is not changed any more.")


@pages.desk("/desk/lots/<lot_id>/validity", asks="GET /lots/<lot_id>/validity")
def validity(lot_id):
    """How long the bids of a lot are valid: ask all tenderers to extend it, or answer."""
    lot = ask(f"/lots/{lot_id}")
    return draw("evaluation/validity.html", now=ask("/time")["now"], lot=lot,
                found=ask(f"/lots/{lot_id}/validity"))


@on_desk(19, "evaluation/on-desk.html")
def asked_part(viewer: dict) -> dict | None:
    """Requests to stay bound longer that one's own company has yet to answer."""
    if viewer["party"]["kind"] != "tenderer":
        return None
    found = told("/validity-extensions/waiting")
    return {"asked": found["items"]} if found and found["items"] else None


__all__ = ["pages"]
