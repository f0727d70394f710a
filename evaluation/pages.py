"""Pages of the judgement: a panel's own sheets, the draws with who contributes to them, an order of
candidates with who gives up, and how long bids stay valid."""

from __future__ import annotations

from flask import g

from people.inside import ask, look, told
from people.pagebook import Pages, done, draw, on_desk

pages = Pages("evaluation")

done("extension-asked", "已向全部投标人发出延长要求；答复结束后公布结果。",
     "All tenderers are asked. What they said is told once the answers are in.")
done("extension-answered", "答复已收到，不可更改。", "Your answer is in; it is not changed any more.")
done("seat-declared", "声明已收到。", "Your declaration is in.")
done("sheet-saved", "评分表已保存，还没有签署。", "The sheet is saved; it is not signed yet.")
done("sheet-signed", "评分表已签署，不可更改。", "The sheet is signed and not changed any more.")
done("report-signed", "评标报告已签署。", "The report is signed.")
done("panel-draw-announced", "抽取已公布，参与人现在可以提交承诺。",
     "The draw is announced: who may contribute commits now.")
done("nonce-committed", "承诺已收到。承诺截止后请回到此页公开随机数。",
     "Your commitment is in. Come back to this page to reveal the nonce once commitments are closed.")
done("nonce-revealed", "随机数已公开。", "Your nonce is revealed.")
done("place-given-up", "已放弃中标候选人资格。", "You have given up your place.")


@pages.desk("/desk/lots/<lot_id>/validity", asks="GET /lots/<lot_id>/validity")
def validity(lot_id):
    """How long the bids of a lot are valid: ask all tenderers to extend it, or answer."""
    lot = ask(f"/lots/{lot_id}")
    return draw("evaluation/validity.html", now=ask("/time")["now"], lot=lot,
                found=ask(f"/lots/{lot_id}/validity"))


@pages.desk("/desk/lots/<lot_id>/sheet", asks="GET /lots/<lot_id>/score-sheets/mine")
def sheet(lot_id):
    """An expert's own sheet: accept the seat or leave it, score, sign, sign the report."""
    found = ask(f"/lots/{lot_id}/score-sheets/mine")
    report = look(f"/lots/{lot_id}/evaluation-report/signatures")
    return draw("evaluation/sheet.html", lot=ask(f"/lots/{lot_id}"), sheet=found,
                report=report.body if report.ok else None,
                awaited=None if report.ok else report.body)


@pages.desk("/desk/lots/<lot_id>/draws", asks="GET /lots/<lot_id>/draws")
def panel_draws(lot_id):
    """The draws of the panel: announce one, contribute to it, see who did."""
    return _draws(lot_id, "panel")


@pages.desk("/desk/lots/<lot_id>/lottery", asks="GET /lots/<lot_id>/lotteries")
def lottery(lot_id):
    """The draws among those who passed the screen: who committed, who revealed, the order."""
    return _draws(lot_id, "lottery")


def _draws(lot_id: str, kind: str):
    path = f"/lots/{lot_id}/" + ("draws" if kind == "panel" else "lotteries")
    found = ask(path)["items"]
    return draw("evaluation/draws.html", which=kind, path=path, draws=found,
                lot=ask(f"/lots/{lot_id}"), now=ask("/time")["now"])


@pages.desk("/desk/lots/<lot_id>/result", asks="GET /lots/<lot_id>/result")
def result(lot_id):
    """The candidates of a lot; who is one in an order may give its place up."""
    found = ask(f"/lots/{lot_id}/result")
    own = g.viewer["party"]["uscc"]
    return draw("evaluation/result.html", lot=ask(f"/lots/{lot_id}"), found=found,
                mine=next((one for one in found["candidates"] if one["uscc"] == own), None))


@on_desk(19, "evaluation/on-desk.html")
def asked_part(viewer: dict) -> dict | None:
    """Requests to stay bound longer that one's own company has yet to answer."""
    if viewer["party"]["kind"] != "tenderer":
        return None
    found = told("/validity-extensions/waiting")
    return {"asked": found["items"]} if found and found["items"] else None


@on_desk(20, "evaluation/seats.html")
def seats_part(viewer: dict) -> dict | None:
    """The panels on which one sits."""
    if not any(role.startswith("expert") for role in viewer["roles"]):
        return None
    found = told("/seats")
    return {"seats": found["items"]} if found and found["items"] else None


__all__ = ["pages"]
