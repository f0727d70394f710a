"""The pages of the opening: the hall, for everybody and for who is in it, and the officials' own.

The hall of everybody shows what the permission table gives to everybody; before the opening record
is out that is the close and the phase (Q24). Who bids, opens, buys or watches follows the course
on the desk.
"""

from __future__ import annotations

from datetime import datetime

from flask import g

from people.inside import ask, listed, told
from people.pagebook import Pages, built, done, draw, holds_until, on_desk, room
from people.standing import ASKED

pages = Pages("bidding", "hall")

done("opening-authorised", "开标已授权，解密时间开始。", "The opening is authorised; the window runs.")
done("key-registered", "公钥已登记，请告知监督机构认证，并演练一次。",
     "The key is registered; have it certified, and rehearse.")
done("key-rehearsed", "演练通过：这把密钥开标时打得开。", "Rehearsed: this key will open.")
done("share-given", "解密份额已提交。", "Your share is given.")
done("record-signed", "开标记录已签署。", "The opening record is signed.")
done("opening-objected", "异议已提出并记入附录。", "The objection is made and minuted.")
done("opening-answered", "异议已答复并记入附录。", "The objection is answered and minuted.")
done("statement-made", "说明已提交。", "Your statement is in.")
done("fault-decided", "已作出决定。", "It is decided.")
done("deadline-proposed", "建议已提交，等待监督机构决定。",
     "The proposal is in; the supervisor decides about it.")
done("deadline-decided", "已决定。", "It is decided.")

WAITING = ("BIDDING", "CLOSED", "SUSPENDED")
"""Phases in which the hall has nothing to show of any bid."""

MOST = 200
"""Rows of a list on one page; the interface gives no more at once."""


@pages.open("/lots/<lot_id>/hall", action="notice.view", kept=ASKED)
def hall(lot_id):
    """The opening of a lot, the same for everybody."""
    values = _course(lot_id)
    _holds(values)
    return draw("bidding/hall.html", **values)


def _holds(values: dict) -> None:
    """Until the deadline, and from the close until the record is out, time and the record of acts
    alone change the page. Between deadline and close an objection may that nobody knows of; and
    what is objected at the opening and answered may wait under cover."""
    phase, closing = values["lot"]["phase"], values["closing"]
    if phase == "BIDDING":
        holds_until(_at(values["lot"]["deadline"]))
    elif phase not in ("CLOSED", "OPENING") or not (closing and closing["closed_at"]):
        holds_until(None)


@pages.desk("/desk/lots/<lot_id>/hall", asks="GET /lots/<lot_id>")
def own_hall(lot_id):
    """The opening for who is in it: its course, one's own bid, objections, what is to be decided."""
    values = _course(lot_id)
    row = _own(lot_id)
    may = values["lot"].get("allowed_actions") or []
    values |= {
        "row": row, "may": may, "sealer": built("sealer.js"),
        "boardless": bool(row and row["stages"] and not values["record"]),
        "fault": told(f"/bids/{row['bid']}/fault") if row and row["unopened"] else None,
        "unopened": listed(f"/lots/{lot_id}/opening/unopened", limit=MOST)
        if "opening.fault_decide" in may else [],
        "objections": [one for one in listed(f"/lots/{lot_id}/objections", limit=MOST)
                       if one["stage"] == "opening"],
        "proposal": told(f"/lots/{lot_id}/deadline-proposals/last")
        if "deadline.restore_approve" in may else None}
    return draw("bidding/hall_own.html", **values)


@pages.desk("/desk/openings", asks="GET /openings")
def openings():
    """Which openings are mine, and what each waits for."""
    now = ask("/time")["now"]
    return draw("bidding/hall_openings.html", now=now, rows=_steps(ask("/openings")["items"], now))


@pages.desk("/desk/lots/<lot_id>/opening", asks="GET /lots/<lot_id>/officials/me")
def opening(lot_id):
    """An official's work on one lot: key, rehearsal, authorisation, share, record."""
    own = ask(f"/lots/{lot_id}/officials/me")
    now = ask("/time")["now"]
    record = told(f"/lots/{lot_id}/opening-record")
    return draw("bidding/hall_official.html", now=now, own=own, record=record,
                next_step=step(own, now), holder=built("holder.js"),
                closing=told(f"/lots/{lot_id}/closing"),
                course=told(f"/lots/{lot_id}/opening"))


room({"opener_unassigned"}, "/desk/openings", "开标", "Openings")


@on_desk(30, "bidding/hall_desk.html")
def waiting(viewer: dict) -> dict | None:
    """The openings in which this person has something to do."""
    if "opener_unassigned" not in viewer["roles"]:
        return None
    now = ask("/time")["now"]
    rows = [one for one in _steps(ask("/openings")["items"], now) if one["step"]["mine"]]
    return {"openings": rows, "now": now} if rows else None


def step(own: dict, now: str) -> dict:
    """What an opening waits for, as its official sees it: {name, zh, en, mine, due}."""
    key, phase = own["key"], own["phase"]
    name, mine, due = "over", False, None
    if phase == "DRAFT" and own["policy"] != "classic":
        if key is None:
            name, mine = "key", True
        elif key["rehearsed_at"] is None:
            name, mine = "rehearse", True
        else:
            name = "ready" if key["certified_at"] else "certify"
    elif phase == "DRAFT":
        name = "ready"
    elif phase in ("BIDDING", "SUSPENDED"):
        name, due = "wait", own["deadline"]
    elif phase == "CLOSED":
        name, mine, due = "authorise", own["kind"] == "official", own["opening_at"]
    else:
        name, mine, due = _running(own, now)
    zh, en = WORDS[name]
    return {"name": name, "zh": zh, "en": en, "mine": mine, "due": due}


def _running(own: dict, now: str) -> tuple[str, bool, str | None]:
    for one in reversed(own["stages"]):
        if one["opened_at"] is None:
            open_still = _at(one["ends_at"]) > _at(now) and one["complete_at"] is None
            share = open_still and one["given_at"] is None and own["policy"] != "classic"
            return ("share" if share else "decrypting"), share, one["ends_at"]
    if own["stages"] and own["signed_at"] is None and own["phase"] == "OPENED":
        return "sign", own["kind"] == "official", None
    return "over", False, None


WORDS = {
    "key": ("制作并登记开标密钥", "Make and register your opening key"),
    "rehearse": ("用密钥演练一次", "Rehearse with your key"),
    "certify": ("等待监督机构认证密钥", "The supervisor must certify your key"),
    "ready": ("准备完毕，等待公告发布", "Ready; waits for the publication"),
    "wait": ("等待投标截止", "Waits for the deadline"),
    "authorise": ("授权开标", "Authorise the opening"),
    "share": ("提交解密份额", "Give your share"),
    "decrypting": ("等待其余份额，随后解密", "Waits for the other shares, then decrypts"),
    "sign": ("签署开标记录", "Sign the opening record"),
    "over": ("开标已完成", "The opening is done"),
}


def _steps(rows: list[dict], now: str) -> list[dict]:
    return [one | {"step": step(one, now)} for one in rows]


def _course(lot_id: str) -> dict:
    """What of an opening may be shown to who asks, and nothing of it before it may."""
    lot = ask(f"/lots/{lot_id}")
    record = told(f"/lots/{lot_id}/opening-record")
    return {"now": ask("/time")["now"], "lot": lot,
            "tender": ask(f"/tenders/{lot['tender_id']}"),
            "closing": told(f"/lots/{lot_id}/closing"),
            "course": told(f"/lots/{lot_id}/opening"), "record": record,
            "annex": told(f"/lots/{lot_id}/opening-record/annex") if record else None,
            "waiting": lot["phase"] in WAITING}


def _own(lot_id: str) -> dict | None:
    """The viewer's own bid in the opening; None for who has none there."""
    party = g.viewer["party"]
    if party["kind"] != "tenderer":
        return None
    found = told(f"/lots/{lot_id}/tenderers/{party['id']}/bid")
    return told(f"/bids/{found['bid']}/opening") if found and found.get("bid") else None



def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)

