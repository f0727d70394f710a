"""The tenderer's pages: the board of one bid, its receipts, questions, security, searches, help.

Sealing itself is in the reader's browser (portal/static/portal/bid*.js); these pages show what the
interface tells the company of its own bids, and work for that without a script.
"""

from __future__ import annotations

from datetime import timedelta

from flask import request

from audit.act import wiring
from people.inside import ask, listed, told
from people.language import t
from people.pagebook import Pages, done, draw, on_desk, room
from tender.profile import period_words, source

pages = Pages("bidding")

done("asked", "问题已提出。答复对所有人公开，不显示提问单位。",
     "Your question is in. The answer is published to everybody and does not say who asked.")
done("objected", "异议已提出。", "Your objection is in.")
done("evidence-sent", "证据文件已收到，请在下面勾选后提出异议。",
     "The file is here; tick it below and file the objection.")
done("lodged", "保证金（保函）已收到。", "The bid guarantee is in.")
done("search-saved", "已保存。有新的结果会发邮件给您。",
     "Saved. You are written to when it finds something new.")
done("search-ended", "已停止该订阅。", "That search is ended.")

WAITING = ("SENDING", "REFUSED")
"""States in which a bid was begun and does not count."""


@pages.desk("/desk/lots/<lot_id>/bid", asks="GET /lots/<lot_id>/bids/mine")
def bid_board(lot_id):
    """The one state of one's bid in a lot, and the way to it and from it."""
    mine, lot = ask(f"/lots/{lot_id}/bids/mine"), ask(f"/lots/{lot_id}")
    asked = ask(f"/lots/{lot_id}/requirements")
    return draw("bidding/board.html", now=_now(), mine=mine, lot=lot,
                joint=asked if asked["consortium"] else None,
                cooling=wiring().settings["key_cooling"] // timedelta(hours=1))


@pages.desk("/desk/bids", asks="GET /bids")
def own_bids():
    """Every lot in which one's company has something, and how it stands."""
    return draw("bidding/bids.html", now=_now(), bids=ask("/bids")["items"], waiting=WAITING)


@pages.desk("/desk/bids/<bid_id>", asks="GET /bids/<bid_id>/receipts")
def own_bid(bid_id):
    """Receipts, proofs and course of one's own bid, verified in the reader's browser."""
    return draw("bidding/bid.html", now=_now(), **_bid(bid_id))


@pages.desk("/desk/bids/<bid_id>/receipt", asks="GET /bids/<bid_id>/receipts")
def receipt_sheet(bid_id):
    """The receipt on paper: what was received when, and how anybody checks it."""
    return draw("bidding/receipt.html", now=_now(), **_bid(bid_id))


def _bid(bid_id: str) -> dict:
    held = ask(f"/bids/{bid_id}/receipts")
    mine = ask(f"/lots/{held['lot_id']}/bids/mine")
    numbers = {(one["bid"], one["version"]): one for one in mine["versions"]}
    for version in held["versions"]:
        version["own"] = numbers.get((bid_id, version["version"]))
    return {"told": held, "mine": mine, "lot": ask(f"/lots/{held['lot_id']}")}


@pages.desk("/desk/lots/<lot_id>/ask", asks="GET /lots/<lot_id>/objections/mine")
def questions(lot_id):
    """Ask about the documents, or object to them."""
    found = ask(f"/lots/{lot_id}/questions")["items"]
    evidence = [one for one in request.args.getlist("evidence")[:20] if one.isalnum()]
    lot = ask(f"/lots/{lot_id}")
    return draw("bidding/ask.html", now=_now(), lot=lot, questions=found,
                last={one["name"]: one for one in lot["dates"]},
                reply=t(*period_words(lot["profile"], "T5.reply")),
                reply_law=source(lot["profile"], "T5.reply"),
                objections=listed(f"/lots/{lot_id}/objections/mine"), evidence=evidence,
                again="".join(f"evidence={one}&" for one in evidence))


@pages.desk("/desk/lots/<lot_id>/security", asks="GET /lots/<lot_id>/guarantees/mine")
def security(lot_id):
    """The security of one's bid: what the notice asks, what is lodged, when it comes back."""
    found = ask(f"/lots/{lot_id}/guarantees/mine")["items"]
    return draw("bidding/security.html", now=_now(), lot=ask(f"/lots/{lot_id}"), found=found)


@pages.desk("/desk/searches", asks="GET /saved-searches")
def searches():
    """Searches one is told of, and where the letters go."""
    found = ask("/saved-searches")["items"]
    return draw("bidding/searches.html", now=_now(), searches=found,
                address=told("/mail-address"))


@pages.desk("/desk/help")
def help_note():
    """A note for the helpdesk that the reader puts together and keeps; nothing is sent."""
    return draw("bidding/help.html", now=_now(), bids=listed("/bids"))


room({"tenderer_outside"}, "/desk/bids", "投标", "Bids")


@on_desk(20, "bidding/on-desk.html")
def own_part(viewer: dict) -> dict | None:
    """What waits in one's own bids, the nearest deadline first."""
    if viewer["party"]["kind"] != "tenderer":
        return None
    found = told("/bids")
    if found is None:
        return None
    bids = found["items"]
    open_ones = sorted((one for one in bids if one["phase"] in ("BIDDING", "SUSPENDED")),
                       key=lambda one: one["deadline"] or "")
    after = [one for one in bids if one["phase"] in ("CLOSED", "OPENING") and one["counts"]]
    return {"open_bids": open_ones, "opening_bids": after, "total_bids": len(bids),
            "waiting": WAITING}


def _now() -> str:
    return ask("/time")["now"]


__all__ = ["pages"]
