"""Pages of village works: entered by their unit, looked at by the supervisor of the place."""

from __future__ import annotations

from flask import g, request

from people.inside import ask, listed, look
from people.language import t
from people.pagebook import Pages, done, draw

from .workwords import FOUND, HITS, KINDS, STATES

pages = Pages("supervision", "village")

MOST = 100
"""Rows on one page."""

done("work-entered", "已登记，所有人可以查看。", "Entered: everybody can read it.")
done("works-imported", "整份登记表已导入。", "The whole workbook is entered.")
done("work-changed", "已更新。", "Changed.")
done("finding-answered", "整改情况已提交，等待监督机构核对。", "Answered; the supervisor looks at it.")
done("finding-opened", "问题已立项，限期整改。", "The finding is open, with its day.")
done("ledger-imported", "清单已导入；没有对应的付款列在下面。",
     "The list is imported; what nothing explains stands below.")


def _options(words: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(key, t(*said)) for key, said in words.items()]


@pages.desk("/desk/works", asks="GET /work-findings")
def own_works():
    """The works of one's own unit: enter, change, answer what was found."""
    party = g.viewer["party"]
    found = ask("/works", party_id=party["id"], limit=MOST,
                cursor=request.args.get("cursor", ""))
    findings = [one for one in listed("/work-findings", limit=MOST)
                if one["party_id"] == party["id"]]
    return draw("supervision/own_works.html", works=found["items"], more=found["next"],
                findings=findings, states=STATES, state_options=_options(STATES), kinds=KINDS,
                found=FOUND, now=ask("/time")["now"],
                buyer=any(role.startswith("buyer") for role in g.viewer["roles"]),
                papers=[(one["hash"], one["name"]) for one in listed("/papers")])


@pages.desk("/desk/supervision/works", asks="GET /work-findings")
def watched_works():
    """The works of one's place, what was paid past the platform, and findings to open."""
    region = request.args.get("region", "") or g.viewer["party"]["region"][:6]
    hits = look("/payment-hits", region=region)
    works = look("/works", region=region, limit=MOST, cursor=request.args.get("cursor", ""))
    return draw("supervision/watched_works.html", region=region, kinds=KINDS, states=STATES,
                kind_options=_options(KINDS), why=HITS, now=ask("/time")["now"],
                works=works.body["items"] if works.ok else [],
                more=works.body["next"] if works.ok else None,
                may=hits.ok, hits=hits.body["items"] if hits.ok else [])
