"""A draft, step by step: each form saves by itself, what is missing stands beside its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import request

from people.inside import ask, told
from people.language import t
from people.pagebook import draw

from .. import fairness, longlist
from ..access import POLICIES
from ..invitation import GROUNDS, NOT_IN
from ..profile import REGIMES
from ..regime import CARRIED, CATEGORIES
from ..schemas import DOCUMENT_KINDS
from .book import WORK, asked_of, kept, pages, whole_minute, words


@dataclass(frozen=True)
class Step:
    """One step of the wizard, with the fields whose findings belong to it."""

    name: str
    zh: str
    en: str
    fields: tuple[str, ...]


STEPS = (
    Step("project", "项目", "Project", ("registration",)),
    Step("lots", "标段", "Lots", (
        "title", "category", "regime", "method", "estimate_fen", "price_ceiling_fen", "lots",
        "period_days_max", "quality", "grounds", "items", "invitees")),
    Step("timetable", "时间安排", "Timetable",
         ("deadline", "decrypt_minutes", "validity_days", "publicity_days")),
    Step("documents", "招标文件", "Documents", ("documents",)),
    Step("criteria", "资格与评标", "Qualification and criteria", ("criteria", "price_method")),
    Step("award", "保证金与定标", "Guarantee and award", ("guarantee", "award_method", "panel")),
    Step("officials", "开标安全", "Opening", ("access", "policy", "two_envelopes")),
    Step("review", "审查", "Review", ("review",)),
    Step("approval", "两人发布", "Approval", ()),
)
"""The steps in their order; what no other step claims belongs to the last."""


def step_of(field: str) -> str:
    """The step whose page mends a finding on `field` (without the lot before it)."""
    head = field.partition(".")[0]
    return next((one.name for one in STEPS if head in one.fields), STEPS[-1].name)


def drafted(tender_id: str, at: str) -> dict[str, object]:
    """What the steps of a draft know; `at` is the one that is open."""
    values = asked_of(tender_id)
    counts: dict[str, int] = {}
    for (_, field), found in values["found"].items():
        counts[step_of(field)] = counts.get(step_of(field), 0) + len(found)
    lots = values["tender"]["lots"]
    number = request.args.get("lot", "1")
    lot = next((one for one in lots if str(one["number"]) == number), lots[0])
    review = told(f"/tenders/{tender_id}/review")
    earliest = values["beside"][lot["id"]]["earliest_deadline"]
    return values | {"steps": STEPS, "at": at, "counts": counts, "lot": lot,
                     "earliest": earliest and whole_minute(earliest),
                     "found_step": step_of, "review": review,
                     "hits_at": _placed(review["hits"] if review else ()),
                     "own": values["beside"][lot["id"]],
                     "numbers": values["beside"][lot["id"]]["profile"]["numbers"]}


def _placed(hits: Iterable[Mapping]) -> dict[tuple[int, str], list[Mapping]]:
    """Hits of the review that nobody answered, by (number of the lot, field) as findings are."""
    made: dict[tuple[int, str], list[Mapping]] = {}
    for hit in hits:
        if hit["answer"] is None:
            field = hit["field"] or ("documents" if hit["document"] and hit["document"]["id"]
                                     else "description")
            made.setdefault((hit["lot"] or 0, field), []).append(hit)
    return made


def _project(tender_id: str, _: dict) -> dict:
    return {"registration": ask(f"/tenders/{tender_id}/registration")}


def _lots(_: str, values: dict) -> dict:
    lot = values["lot"]
    invited = lot["method"] == "invite" and "invitation.view" in values["may"]
    drawn = invited and lot["regime"] in longlist.DRAWN
    named = {one["rule"] for (number, _), found in values["found"].items() for one in found
             if number == lot["number"] and one.get("breach") == "reason"}
    return {"reasons": sorted(named | set(lot["grounds"].get("reasons", ()))),
            "invite_options": [(key, t(zh, en)) for key, (zh, en, _) in GROUNDS.items()
                               if key not in NOT_IN.get(lot["regime"], ())],
            "regimes": words(*(one for one in REGIMES if one != "intermediary")),
            "categories": words(*CATEGORIES), "methods": words(*sorted(CARRIED, reverse=True)),
            "invitees": ask(f"/lots/{lot['id']}/invitees")["invitees"] if invited else [],
            **(_drawing(lot["id"]) if drawn else {})}


def _drawing(lot_id: str) -> dict:
    """The longer list of a lot of government procurement, and its draws."""
    return {"long_list": ask(f"/lots/{lot_id}/long-list"),
            "invitation_draws": ask(f"/lots/{lot_id}/invitation-draws")["items"],
            "papers": kept(),
            "sources": [(key, t(zh, en)) for key, (zh, en, _) in longlist.SOURCES.items()]}


def _documents(_: str, __: dict) -> dict:
    return {"kinds": DOCUMENT_KINDS}


def _criteria(_: str, values: dict) -> dict:
    return {"requirements": ask(f"/lots/{values['lot']['id']}/requirements")}


def _officials(_: str, values: dict) -> dict:
    mine = "opener.assign" in values["may"]
    return {"officials": ask(f"/lots/{values['lot']['id']}/officials")["items"] if mine else None,
            "policies": POLICIES}


def _review(tender_id: str, values: dict) -> dict:
    return {"fair": told(f"/tenders/{tender_id}/fairness-review"),
            "readings": ask(f"/tenders/{tender_id}/readings")["items"]
            if "notice.submit" in values["may"] else [],
            "standards": fairness.STANDARDS, "conclusions": fairness.CONCLUSIONS,
            "conclusion_options": [(key, t(*said)) for key, said in fairness.CONCLUSIONS.items()]}


def _approval(tender_id: str, values: dict) -> dict:
    submitted = values["work"]["submission"] is not None
    return {"notice": ask(f"/tenders/{tender_id}/notice/reading") if submitted else None,
            "unready": [one for one in values["tender"]["lots"] if _lacking(one)]
            if "opener.assign" in values["may"] else []}


def _lacking(lot: Mapping) -> int:
    """How many who are to open a lot have no rehearsed key yet; approving asks for all."""
    ready = sum(one["key"] == "rehearsed" for one in ask(f"/lots/{lot['id']}/officials")["items"])
    return max(0, lot["access"]["officials"] + lot["access"]["clocks"] - ready)


MORE: dict[str, Callable[[str, dict], dict]] = {
    "project": _project, "lots": _lots, "documents": _documents, "criteria": _criteria,
    "officials": _officials, "review": _review, "approval": _approval}
"""What a step asks besides."""


def _page(step: Step) -> Callable:
    def view(tender_id):
        values = drafted(tender_id, step.name)
        if not values["work"]["draft"]:
            return draw("tender/no_draft.html", **values)
        more = MORE.get(step.name)
        return draw(f"tender/step_{step.name}.html",
                    **values | (more(tender_id, values) if more else {}))

    view.__name__ = f"step_{step.name}"
    view.__doc__ = f"The step “{step.en}” of a draft."
    return view


for _step in STEPS:
    pages.desk(f"/desk/tenders/<tender_id>/{_step.name}", asks=WORK)(_page(_step))
