"""What waits for a unit, its tenders, its templates, and how a new draft begins."""

from __future__ import annotations

from flask import g, request

from people.inside import ask, listed
from people.language import t
from people.pagebook import draw, on_desk, room

from ..profile import REGIMES
from ..regime import CARRIED, CATEGORIES
from .book import pages, words

TASKS = {
    "draft": (("继续编制草稿", "Go on with the draft"), "/desk/tenders/{tender}"),
    "submitted": (("等待另一人审核", "Waits for another person"), "/desk/tenders/{tender}/approval"),
    "approve": (("请审核并发布公告", "Read and approve the notice"), "/desk/tenders/{tender}/approval"),
    "amendment": (("继续补充公告", "Go on with the amendment"), "/desk/tenders/{tender}/amendments"),
    "amendment-submitted": (("补充公告等待另一人审核", "The amendment waits for another person"),
                            "/desk/tenders/{tender}/amendments"),
    "amendment-approve": (("请审核补充公告", "Read and approve the amendment"),
                          "/desk/tenders/{tender}/amendments"),
    "advance-submitted": (("预公告等待另一人审核", "The advance notice waits for another person"),
                          "/desk/tenders/{tender}/advance"),
    "advance-approve": (("请审核预公告", "Read and approve the advance notice"),
                        "/desk/tenders/{tender}/advance"),
    "direct": (("继续办理直接发包", "Go on with the direct award"), "/desk/direct-awards/{about}"),
    "direct-approve": (("请审核直接发包", "Read and approve the direct award"),
                       "/desk/direct-awards/{about}"),
    "questions": (("答复提问", "Answer questions"), "/desk/tenders/{tender}/questions"),
    "objection": (("答复异议", "Answer an objection"), "/desk/tenders/{tender}/objections"),
    "draw": (("公布抽取评标委员会", "Announce the draw of the panel"), "/desk/tenders/{tender}"),
    "lottery": (("公布在合格者中的抽取", "Announce the draw among those who passed"),
                "/desk/tenders/{tender}"),
    "candidates": (("公示中标候选人", "Publish the candidates"), "/desk/tenders/{tender}"),
    "committee": (("组建定标委员会", "Form the award committee"), "/desk/tenders/{tender}"),
    "award": (("定标并发出中标通知", "Confirm the award"), "/desk/tenders/{tender}"),
    "contract": (("登记合同", "Register the contract"), "/desk/tenders/{tender}"),
}
"""Kind of what waits → what to do, and where."""

QUIET = ("submitted", "amendment-submitted", "advance-submitted")
"""What waits for somebody else."""


def tasks() -> list[dict]:
    """What waits for the viewer's unit, what is due first before the rest; objections among it."""
    found = list(ask("/tenders/waiting")["items"])
    found += [{"kind": "objection", "tender_id": one["tender_id"], "title": one["title"],
               "lot_title": one["lot_title"], "due": one["answer_by"], "late": one["overdue"]}
              for one in ask("/objections/waiting")["items"]]
    for one in found:
        said, place = TASKS[one["kind"]]
        one |= {"what": t(*said), "href": place.format(tender=one["tender_id"], about=one.get("about")),
                "quiet": one["kind"] in QUIET}
    return sorted(found, key=lambda one: (one["quiet"], one["due"] is None, one["due"] or ""))


room({"buyer_other"}, "/desk/tenders", "招标", "Tenders")


@on_desk(20, "tender/part.html")
def part(viewer: dict) -> dict | None:
    """What waits for a buyer's person."""
    return {"tasks": tasks()} if "buyer_other" in viewer["roles"] else None


@pages.desk("/desk/tenders", asks="GET /tenders/waiting")
def own_tenders():
    """What waits, and all tenders of one's own unit."""
    found = ask("/tenders", mine="true", after=request.args.get("after", ""))
    own = g.viewer["party"]["id"]
    wrong = [one for one in listed("/work-findings") if one["party_id"] == own
             and one["state"] == "open"]
    return draw("tender/own.html", tasks=tasks(), wrong=wrong, tenders=found["items"], more=found.get("next"),
                now=ask("/time")["now"])


@pages.desk("/desk/tenders/new", asks="GET /templates")
def new_tender():
    """Begin a draft: from a template, or with a first lot."""
    kept = ask("/templates")["items"]
    wished = request.args.get("template", "")
    chosen = next((one for one in kept if one["id"] == wished), None)
    return draw("tender/new.html", kept=_last_versions(kept), chosen=chosen,
                regimes=words(*(one for one in REGIMES if one != "intermediary")),
                categories=words(*CATEGORIES), methods=words(*sorted(CARRIED, reverse=True)))


@pages.desk("/desk/templates", asks="GET /templates")
def templates():
    """What one's unit keeps to begin from, every version."""
    return draw("tender/templates.html", kept=ask("/templates")["items"])


def _last_versions(kept: list[dict]) -> list[dict]:
    last: dict[str, dict] = {}
    for one in kept:
        if one["family"] not in last or last[one["family"]]["version"] < one["version"]:
            last[one["family"]] = one
    return list(last.values())
