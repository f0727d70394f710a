"""What a unit states besides its tenders: who acts for it, and what it means to put out."""

from __future__ import annotations

from flask import g

from people.inside import ask
from people.language import t
from people.pagebook import done, draw, room

from ..companies import RELATIONS
from ..regime import CATEGORIES
from ..registration import AGENT_ACTIONS
from .book import kept, pages, word, words

ACTIONS = {
    "project.create": ("建立项目", "create projects"), "project.edit": ("编制", "edit drafts"),
    "notice.view": ("查看草稿", "see drafts"), "tenderdoc.download": ("下载文件", "get the documents"),
    "notice.submit": ("提交审核", "submit for approval"),
    "question.answer": ("答复提问", "answer questions"),
    "amendment.publish": ("补充公告", "amendments"), "deadline.extend": ("延长截止时间", "later deadlines"),
    "committee.draw": ("公布抽取", "announce the draw"),
    "invitation.view": ("查看邀请名单", "see who is invited")}
"""What an agency may be let do, in words."""

RELATED = {"principal": ("单位负责人", "heads it"), "controls": ("本单位控股", "controlled by us"),
           "controlled_by": ("控股本单位", "controls us"), "manages": ("本单位管理", "managed by us"),
           "managed_by": ("管理本单位", "manages us")}
"""How another unit is related to one's own, in words (实施条例 34)."""

done("licence-declared", "证书已登记，截止前登记的在评标时可供核对。",
     "The licence is registered; what is registered before a deadline is there to be checked.")
done("relation-declared", "关联关系已登记。", "The relation is registered.")
done("statement-withdrawn", "已撤回；已经核对过的不受影响。",
     "It is taken back; what was judged by it stays.")
done("authorised", "委托已登记，立即生效或自起始日起生效。", "The authority is recorded and counts from its day on.")
done("revoked", "委托已收回，从现在起无效。", "The authority is taken back and counts for nothing from now on.")
done("paper-kept", "文件已存下，各处可以按名称选用。", "The file is kept and can be chosen by its name.")
done("announced", "计划已公布。", "The plan is published.")


@pages.desk("/desk/agencies", asks="GET /agency-authorities")
def agencies():
    """The authorities that one's own unit gave or was given."""
    own = g.viewer["party"]["id"]
    found = ask("/agency-authorities")["items"]
    buyer = any(role.startswith("buyer") for role in g.viewer["roles"])
    tenders = ask("/tenders", mine="true")["items"] if buyer else []
    return draw("tender/agencies.html", buyer=buyer, now=ask("/time")["now"], papers=kept(),
                given=[one for one in found if one["buyer_id"] == own],
                taken=[one for one in found if one["buyer_id"] != own],
                actions={name: t(*ACTIONS[name]) for name in AGENT_ACTIONS},
                tenders=[(one["id"], one["title"]) for one in tenders
                         if one["buyer"]["id"] == own])


@pages.desk("/desk/company", asks="GET /company")
def company():
    """What one's own company states of itself: licences with their validity, relations."""
    found = ask("/company")
    return draw("tender/company.html", company=found, papers=kept(), now=ask("/time")["now"],
                supplier=g.viewer["party"]["kind"] == "tenderer",
                relations={name: t(*RELATED[name]) for name in RELATIONS})


@pages.desk("/desk/papers", asks="GET /papers")
def papers():
    """The files that one's own unit keeps, by hash, to be named elsewhere."""
    return draw("tender/papers.html", papers=ask("/papers")["items"])


@pages.desk("/desk/plans", asks="GET /plans")
def plans():
    """What units mean to put out, and one's own plan to announce."""
    own = g.viewer["party"]["id"]
    found = ask("/plans")["items"]
    return draw("tender/plans.html", plans=[one for one in found if one["buyer_id"] == own],
                buyer=any(role.startswith("buyer") for role in g.viewer["roles"]),
                word=word, categories=words(*CATEGORIES))


room({"tenderer_outside"}, "/desk/company", "资质", "Licences", place=2)
