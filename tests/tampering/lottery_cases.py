"""Forgeries of a lottery, as data (see award_cases): the pool, the screen, the draw, its order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from evaluation import announced, draw
from kernel.canonical import parse_time, unhex
from portal.verify import ranked

from .forger import Forger

SEEN: dict[str, tuple[Callable[[Forger], object], str]] = {}
"""Name → forgery, and the words that must be said of it."""
PANEL: dict[str, tuple[Callable[[Forger], object], str]] = {}


def case(words: str, table: dict | None = None):
    """Put a forgery into a table."""
    def put(forge):
        (SEEN if table is None else table)[forge.__name__] = (forge, words)
        return forge
    return put


def lottery(f: Forger) -> dict:
    return f.file("draws/lot1-lottery-1")["announcement"]


def report(f: Forger) -> dict:
    return f.reports["lot1-report.json"]


def follow(f: Forger) -> None:
    """Candidates, award, contract and all notices as the order now is."""
    order = f.one("lottery.drawn")["facts"]["order"]
    page = f.file("results/")
    lines = {one["bid_id"]: one for one in page["candidates"]}
    page["candidates"] = [lines[bid] | {"rank": place} for place, bid in enumerate(order, 1)]
    f.one("candidates.published")["facts"]["candidates"] = [
        {"bid": one["bid_id"], "uscc": one["uscc"], "price_fen": one["price_fen"],
         "rank": one["rank"]} for one in page["candidates"]]
    f.one("report.concluded")["facts"]["candidates"] = len(report(f)["candidates"])
    award(f, page["candidates"][0])


def award(f: Forger, first: dict) -> None:
    """Another winner, and all that follows from it."""
    page, entry = f.file("results/"), f.one("award.confirmed")["facts"]
    notice, contract = page["award"], page["contract"]
    notice["winner"] = {name: value for name, value in first.items()
                        if name not in ("lapsed_at", "given_up_at")}
    entry |= {"bid": first["bid_id"], "price_fen": first["price_fen"]}
    contract["amount_fen"] = first["price_fen"]
    f.one("contract.registered")["facts"]["amount_fen"] = first["price_fen"]
    count = len(page["candidates"])
    told = f.file("published/candidates-")
    rest = [one for one in told["sections"] if not one["title"]["en"].startswith("Candidate ")]
    told["sections"] = announced.candidate_sections(page["candidates"]) + rest
    f.row("candidates-", "evaluation", f"评标委员会按公告规定的办法评审，推荐 {count} 名中标候选人。")
    names = {one["bid_id"]: one["name"] for one in page["candidates"]}
    f.file("published/result-")["sections"] = announced.result(
        notice | {"hash": page["award_hash"]}, names)
    f.file("published/contract-")["sections"] = announced.contract(
        first["name"], first["uscc"], first["price_fen"], parse_time(contract["signed_at"]),
        contract["document_hash"], date.fromisoformat(notice["contract_due"]), None)


def ticket(f: Forger, bid: str) -> str:
    salt = unhex(f.one("lottery.drawn")["facts"]["salt"], 32)
    return draw.ticket(lottery(f)["draw"], salt, bid)


@case("the draw was not among those who passed", PANEL)
def one_who_passed_is_left_out(f):
    """In the announced list of tickets it stands as one that failed; the draw is held again."""
    gone = ticket(f, report(f)["passed"][0])
    next(one for one in lottery(f)["pool"] if one["ticket"] == gone)["excluded"] = \
        "failed_the_screen"
    f.one("lottery.announced")["facts"]["eligible"] -= 1
    f.row("candidates-", "passed", len(report(f)["passed"]) - 1)
    f.then.append(follow)


@case("says how many passed")
def one_who_passed_is_left_out_of_the_tickets_alone(f):
    gone = ticket(f, report(f)["passed"][0])
    next(one for one in lottery(f)["pool"] if one["ticket"] == gone)["excluded"] = \
        "failed_the_screen"
    f.then.append(follow)


@case("the draw was not among those who passed", PANEL)
def one_who_failed_is_let_in(f):
    """Drawn before the last place, it shows besides: the recorded order leaves it out."""
    failed = next(one["bid"] for one in report(f)["bids"]
                  if one["bid"] not in report(f)["passed"])
    mine = ticket(f, failed)
    next(one for one in lottery(f)["pool"] if one["ticket"] == mine)["excluded"] = None
    f.row("candidates-", "passed", len(report(f)["passed"]) + 1)
    f.one("lottery.announced")["facts"]["eligible"] += 1

    def done(forger):
        facts = forger.one("lottery.drawn")["facts"]
        facts["order"] = [bid for bid in facts["order"] if bid != failed]
        follow(forger)
    f.then.append(done)


@case("is not of the bids that were opened")
def a_ticket_of_nobody(f):
    pool = lottery(f)["pool"]
    pool.append({"ticket": "0" * 63 + "1", "excluded": None})
    pool.sort(key=lambda one: one["ticket"])


@case("upon another report")
def a_draw_upon_another_report(f):
    lottery(f)["report_hash"] = "0" * 64


@case("order of")
def another_order(f):
    def done(forger):
        facts = forger.one("lottery.drawn")["facts"]
        facts["order"] = facts["order"][1:] + facts["order"][:1]
        follow(forger)
    f.then.append(done)


@case("first in the order")
def the_second_gets_the_award(f):
    f.then.append(lambda forger: award(forger, forger.file("results/")["candidates"][1]))


@case("published terms", PANEL)
def another_band(f):
    """Wide enough that what lay outside lies inside."""
    content = report(f)
    content["price_method"]["low_rate"] = "0.1"
    made = ranked.built(content, content.get("lapsed", []))
    content.clear()
    content.update(made)


@case("other scores", PANEL)
def a_finding_turned_round(f):
    """Most experts find that a bid fails what they found it to meet."""
    content = report(f)
    bid = content["passed"][0]
    for sheet in content["sheets"]:
        sheet["findings"][bid] = {"meets": False, "fails": [content["criteria"]["asked"][0]["code"]],
                                  "reason": "资质证书已过期"}
    made = ranked.built(content, content.get("lapsed", []))
    content.clear()
    content.update(made)

