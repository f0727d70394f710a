"""Amendments of a published tender: begun with a reason, changed part by part, two persons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from people.inside import ask, look, told
from people.language import t
from people.pagebook import done, draw

from .. import fairness
from .book import WORK, asked_of, pages

done("begun", "补充公告的草稿已建立。逐项改动，随时保存；改完后核对差别，再提交。",
     "The draft is made. Change what must change, each part saved by itself; then look at the "
     "difference and submit it.")


@dataclass(frozen=True)
class Part:
    """A page of an amendment under way; a finding belongs to the part that names its field."""

    name: str
    zh: str
    en: str
    fields: tuple[str, ...] = ()


PARTS = (
    Part("", "差别与提交", "Difference and submission"),
    Part("terms", "时间和条件", "Dates and terms",
         ("deadline", "price_ceiling_fen", "period_days_max", "quality", "description", "title")),
    Part("scores", "评分", "Scores", ("criteria", "price_method")),
    Part("files", "清单和文件", "Bill and files", ("items", "documents")),
    Part("checks", "审查", "Reviews", ("review", "fairness")),
)
"""What is not named by any part is mended at the first that can be."""


def part_of(field: str) -> str:
    """The name of the part on which a finding on `field` (a lot before it or not) is mended."""
    head = field.rpartition("].")[2].partition(".")[0]
    return next((one.name for one in PARTS if head in one.fields), "terms")


def amending(tender_id: str) -> dict[str, object]:
    """What the pages of an amendment know: the live draft as it reads now, and those before it."""
    values = asked_of(tender_id)
    mine = any("amendment.publish" in lot["allowed_actions"] for lot in values["tender"]["lots"])
    drafts = ask(f"/tenders/{tender_id}/amendments")["items"] if mine else []
    live = next((one for one in drafts if one["ended_at"] is None), None)
    path = f"/tenders/{tender_id}/amendments"
    own = live and any(one["about"] == live["id"] and one["kind"] == "amendment-submitted"
                       for one in ask("/tenders/waiting")["items"])
    return values | {
        "drafts": drafts, "live": live, "mine": mine, "own_submission": own, "path": path,
        "then": live and ask(f"{path}/{live['id']}/reading"), "parts": PARTS,
        "part_of": part_of, "own_path": live and f"{path}/{live['id']}"}


@pages.desk("/desk/tenders/<tender_id>/amendments", asks=WORK)
def amendments(tender_id):
    """Amendments: what the one under way changes and lacks, its second person, those before it."""
    return draw("tender/amendments.html", at="", **amending(tender_id))


def _part(part: Part, more: Callable[[dict], dict]) -> None:
    def view(tender_id):
        values = amending(tender_id)
        if values["live"] is None:
            return draw("tender/amendments.html", at="", **values)
        open_lots = [one for one in values["then"]["lots"] if one["open"]]
        number = request.args.get("lot", "")
        lot = next((one for one in open_lots if str(one["number"]) == number),
                   open_lots[0] if open_lots else None)
        return draw(f"tender/amend_{part.name}.html", at=part.name, open_lots=open_lots, lot=lot,
                    **values | more(values))

    view.__name__, view.__doc__ = f"amend_{part.name}", f"The part “{part.en}” of an amendment."
    pages.desk(f"/desk/tenders/<tender_id>/amendments/{part.name}", asks=WORK)(view)


def _files(values: dict) -> dict:
    taken = {one["replaces"] for one in values["then"]["files"]}
    return {"replaceable": [(one["id"], one["name"]) for one in values["tender"]["documents"]
                            if one["replaced_by"] is None and one["id"] not in taken],
            "names": {one["id"]: one["name"] for one in values["tender"]["documents"]}}


def _checks(values: dict) -> dict:
    recorded = told(f"{values['own_path']}/fairness-review")
    before = look(f"/tenders/{values['tender']['id']}/fairness-review")
    return {"review": told(f"{values['own_path']}/review"), "fair": recorded,
            "before": before.body if before.ok else None, "standards": fairness.STANDARDS,
            "conclusions": fairness.CONCLUSIONS,
            "conclusion_options": [(key, t(*said)) for key, said in fairness.CONCLUSIONS.items()]}


for _one, _more in zip(PARTS[1:], (lambda _: {}, lambda _: {}, _files, _checks), strict=True):
    _part(_one, _more)
