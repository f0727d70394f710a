"""The pages of framework agreements: for everybody, for who states one, supplies, or buys."""

from __future__ import annotations

from flask import g, request

from people.inside import ask, listed, look, told
from people.language import t
from people.pagebook import Pages, done, draw, on_desk, room
from tender.notices import KINDS as NOTICES
from tender.notices import WORDS as TRADE

from . import rules

pages = Pages("evaluation", "frameworks")

STATES = {"drafted": ("草稿", "Draft"), "given-up": ("已放弃", "Given up"),
          "running": ("有效", "Running"), "ended": ("已结束", "Ended"),
          "asked": ("轮候待答复", "A turn is asked"), "declined": ("待认定拒绝理由", "Declined, to be judged"),
          "offers": ("报价中", "Taking offers"), "revealing": ("揭示中", "Revealing"),
          "deciding": ("待结算", "To be settled"), "result": ("结果公示", "Result in public"),
          "objected": ("异议待答复", "Objected to"), "signing": ("待签约", "Signing"),
          "contracted": ("已签约", "Contracted"), "failed": ("失败", "Failed"),
          "waiting": ("待审核", "Waiting"), "overdue": ("逾期未审", "Overdue"),
          "admitted": ("已入围", "Admitted"), "refused": ("未入围", "Refused"),
          "withdrawn": ("已撤回", "Withdrawn"), "left": ("已退出", "Left"),
          "struck": ("已取消资格", "Struck off")}
FAILURES = {"nobody": ("轮候供应商均未承接", "nobody took the turn"),
            "offers": ("无有效报价", "no valid offer"),
            "objection": ("异议成立，结果无效", "an objection was upheld"),
            "unsigned": ("未签订合同", "no contract was signed")}
ANSWERS = {"taken": ("接受", "taken"), "declined": ("拒绝", "declined"),
           "silent": ("逾期未答复", "no answer in time")}

done("framework-stated", "草稿已建立，请本单位另一人核对发布。",
     "The draft is made; another person of the unit reads and publishes it.")
done("framework-published", "已发布，供应商可以随时申请加入。",
     "Published: suppliers may apply at any time.")
done("framework-applied", "申请已收到，审核期限见下。", "Your application is in; see below by when it is decided.")
done("framework-decided", "已办理。", "Done.")
done("offer-sealed", "封存的报价已收到。截止后请回到此页揭示。",
     "Your sealed offer is in. Come back to this page after the close to reveal it.")
done("offer-revealed", "报价已揭示。", "Your offer is revealed.")
done("calloff-stated", "已发起采购。", "The purchase is made.")


def word(value: str) -> str:
    """A word of frameworks in the language of the page."""
    for known in (rules.WORDS, STATES, TRADE):
        if value in known:
            return t(*known[value])
    return value


def _draw(template: str, **values: object):
    """`failed` and `answered` are apart from `word`: their words are states' as well."""
    return draw(f"evaluation/{template}.html", word=word, now=ask("/time")["now"],
                failed=lambda value: t(*FAILURES[value]),
                answered=lambda value: t(*ANSWERS[value]), **values)


def _words(values) -> list[tuple[str, str]]:
    return [(value, word(value)) for value in values]


@pages.open("/frameworks")
def frameworks():
    """Framework agreements, the newest first."""
    cursor = request.args.get("after", "")[:200]
    found = ask("/frameworks", **({"cursor": cursor} if cursor else {}))
    return _draw("frameworks", found=found["items"], more=found["next"])


@pages.open("/frameworks/<framework_id>")
def framework(framework_id):
    """One framework: its terms, who stands in it, what was bought."""
    return _draw("framework", one=ask(f"/frameworks/{framework_id}"),
                 notice=lambda kind: t(NOTICES[kind].zh, NOTICES[kind].en))


@pages.open("/calloffs/<calloff_id>")
def calloff(calloff_id):
    """One purchase under a framework."""
    return _draw("calloff", one=ask(f"/calloffs/{calloff_id}"))


def _is(role: str) -> bool:
    return any(one.startswith(role) for one in g.viewer["roles"])


@pages.desk("/desk/frameworks", asks="GET /frameworks/own")
def own_frameworks():
    """Frameworks of one's own unit, what it bought, where it applied."""
    return _draw("framework_own", own=ask("/frameworks/own")["items"],
                 bought=ask("/calloffs/own")["items"], buyer=_is("buyer"),
                 applied=ask("/framework-applications/mine")["items"],
                 waiting=ask("/frameworks/waiting"))


@pages.desk("/desk/frameworks/new", asks="GET /frameworks/own")
def new_framework():
    """State the terms of a framework."""
    return _draw("framework_new", categories=_words(rules.CATEGORIES),
                 prices=_words(rules.PRICES), methods=_words(rules.METHODS))


@pages.desk("/desk/frameworks/<framework_id>", asks="GET /frameworks/<framework_id>")
def one_framework(framework_id):
    """One framework for who states, supplies or buys: what each may do here."""
    one = ask(f"/frameworks/{framework_id}")
    work = told(f"/frameworks/{framework_id}/work")
    mine = [row for row in ask("/framework-applications/mine")["items"]
            if row["framework_id"] == framework_id]
    objections = look(f"/frameworks/{framework_id}/objections").body["items"] if work else []
    return _draw("framework_desk", one=one, work=work, buyer=_is("buyer"),
                 supplier=g.viewer["party"]["kind"] == "tenderer", mine=mine,
                 applications=listed(f"/frameworks/{framework_id}/applications") if work else [],
                 objections=objections, grounds=_words(rules.GROUNDS),
                 methods=_words(one["methods"]), papers=_papers())


@pages.desk("/desk/calloffs/<calloff_id>", asks="GET /calloffs/<calloff_id>")
def one_calloff(calloff_id):
    """One purchase for who made it and for who may supply it."""
    one = ask(f"/calloffs/{calloff_id}")
    own = one["user"]["uscc"] == g.viewer["party"]["uscc"]
    seat = next((row for row in ask("/framework-applications/mine")["items"]
                 if row["framework_id"] == one["framework_id"] and row["state"] == "admitted"),
                None)
    return _draw("calloff_desk", one=one, own=own, seat=seat,
                 party=g.viewer["party"], offer=told(f"/calloffs/{calloff_id}/offers/mine"),
                 objections=look(f"/calloffs/{calloff_id}/objections").body["items"] if own
                 else [], papers=_papers())


def _papers() -> list[tuple[str, str]]:
    return [(one["hash"], f"{one['name']}　{one['hash'][:12]}…") for one in listed("/papers")]


room({"buyer_other", "tenderer_outside"}, "/desk/frameworks", "框架协议", "Frameworks", place=1)


@on_desk(26, "evaluation/framework_waiting.html")
def waiting_part(viewer: dict) -> dict | None:
    """What of frameworks waits for one's own unit."""
    found = told("/frameworks/waiting")
    return found if found and any(found.values()) else None


__all__ = ["pages"]
