"""The pages of who watches: the supervisor's and the auditor's first pages.

What a sealed lot tells of its bids is what the interface tells: the trail is masked there, and a
reading that is sensitive asks for a reason first.
"""

from __future__ import annotations

from flask import request

from people.inside import ask, listed, look, told
from people.pagebook import Pages, done, draw, on_desk, room

from .complaints.pages import SUBJECTS, by_day
from .trail import chosen, kinds, story

pages = Pages("supervision")

MOST = 200
"""Rows of a list on one page of ours; the interface gives no more at once."""

WHOLE = 5_000
"""Entries that a filter goes through; whoever looks for more takes the export."""

PARTIES = {"buyer": ("招标人", "buyer"), "tenderer": ("投标人", "tenderer"),
           "guarantor": ("保函机构", "guarantor"), "supervisor": ("监督机构", "supervisor"),
           "agency": ("代理机构", "agency"), "other": ("专家或其他人员", "expert or other")}
"""What parties are, by kind."""

SEALED = ("DRAFT", "BIDDING", "CLOSED", "OPENING", "SUSPENDED")
"""Phases in which the page says that the trail is masked. Whether it is, the interface decides."""

done("suspended", "已暂停。", "It is suspended.")
done("resumed", "已恢复；截止时间按暂停的时长顺延。",
     "It goes on; its dates moved by the time it was suspended.")
done("key-certified", "密钥已认证。", "The key is certified.")
done("finding-returned", "已退回。", "It is sent back.")
done("closing-proposed", "已提出销号，等待另一人批准。",
     "Closing is proposed; another person approves.")
done("finding-closed", "已销号。", "It is closed.")


@pages.desk("/desk/supervision", asks="GET /watched-lots")
def supervision():
    """The tenders one watches over: what waits, what is late, findings on village works."""
    found = ask("/watched-lots", limit=MOST, cursor=request.args.get("cursor", ""))
    waiting = ask("/watched-lots", waiting="true", limit=MOST)["items"]
    late = [one for one in found["items"] if one["late"]]
    return draw("supervision/supervision.html", now=ask("/time")["now"], more=found["next"],
                waiting=_by_deadline(waiting), late=_by_deadline(late),
                rows=list(reversed(_by_deadline(found["items"]))), findings=_findings(),
                cases=[one for one in by_day(listed("/complaints", limit=MOST)) if not one["over"]],
                subjects=SUBJECTS)


@pages.desk("/desk/lots/<lot_id>/watch", asks="GET /lots/<lot_id>")
def watch(lot_id):
    """One lot as its supervisor sees it: keys to certify, suspension, objections, decisions."""
    lot = ask(f"/lots/{lot_id}")
    may = lot["allowed_actions"] or []
    keys = told(f"/lots/{lot_id}/holder-keys")
    return draw("supervision/watch.html", now=ask("/time")["now"], lot=lot, may=may,
                tender=ask(f"/tenders/{lot['tender_id']}"),
                course=ask(f"/lots/{lot_id}/course"),
                keys=keys["items"] if keys else None,
                proposal=told(f"/lots/{lot_id}/deadline-proposals/last"),
                closing=told(f"/lots/{lot_id}/closing"),
                objections=listed(f"/lots/{lot_id}/objections", limit=MOST))


@pages.desk("/desk/lots/<lot_id>/trail", asks="GET /lots/<lot_id>/record")
def trail(lot_id):
    """The trail of a lot as a story, as far as its stage lets it be read."""
    wish = {name: request.args.get(name, "").strip()[:64] for name in ("kind", "since", "until")}
    found = ask(f"/lots/{lot_id}/record", limit=MOST, cursor=request.args.get("cursor", ""))
    rows, more = found["items"], found["next"]
    while any(wish.values()) and more and len(rows) < WHOLE:
        found = ask(f"/lots/{lot_id}/record", limit=MOST, cursor=more)
        rows, more = rows + found["items"], found["next"]
    told_all = story(rows)
    lot = told(f"/lots/{lot_id}")  # an auditor may read the trail of a draft, and not the draft
    tender = told(f"/tenders/{lot['tender_id']}") if lot else None
    checkpoint = look("/record/checkpoint")
    return draw("supervision/trail.html", now=ask("/time")["now"], lot_id=lot_id, lot=lot,
                sealed=lot is None or lot["phase"] in SEALED, wish=wish,
                lots=tender["lots"] if tender else [], kinds=kinds(told_all),
                entries=chosen(told_all, **wish), more=more, parties=PARTIES,
                actors={one["account"]: one for one in listed(f"/lots/{lot_id}/record/actors")},
                published=_size(checkpoint.body) if checkpoint.ok else 0)


room({"supervisor_out"}, "/desk/supervision", "监督", "Supervision")


@on_desk(20, "supervision/desk.html")
def waiting(viewer: dict) -> dict | None:
    """What waits in the tenders that one watches over."""
    if not {"supervisor_out", "audit_admin"} & set(viewer["roles"]):
        return None
    rows = ask("/watched-lots", waiting="true", limit=MOST)["items"]
    return {"watched": _by_deadline(rows)[:8], "many": len(rows),
            "late": sum(bool(one["late"]) for one in rows)}


def _by_deadline(rows: list[dict]) -> list[dict]:
    return sorted(rows, key=lambda one: (one["deadline"] or "9", one["lot_id"]))


def _findings() -> list[dict]:
    return [one for one in listed("/work-findings", limit=MOST) if one["state"] != "closed"]


def _size(note: bytes) -> int:
    """How many entries the published checkpoint covers: its second line."""
    return int(note.split(b"\n")[1])
