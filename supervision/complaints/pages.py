"""The pages of complaints: filed and followed by a company, handled by the supervisor, answered by
the buyer. All of them work without scripts."""

from __future__ import annotations

from flask import g, request

from people.inside import ask, listed, told
from people.language import t
from people.pagebook import Pages, done, draw, on_desk, room

from .rules import BASES, FALLS, GROUNDS, OF_COURSES, OF_LOTS, OUTCOMES, STOPS, Subject

pages = Pages("supervision", "complaints")

MOST = 100
"""Cases on one page."""

SUBJECTS = {one.name.lower(): (one.zh, one.en) for one in Subject}
BASES = BASES | {FALLS: ("结果无效", "the result is void")}
WORDS = {"subjects": SUBJECTS, "grounds": GROUNDS, "outcomes": OUTCOMES, "bases": BASES,
         "stops": STOPS}

done("complained", "投诉已提交，不收任何费用。", "Your complaint is filed; there is no fee.")
done("complaint-evidence", "文件已上传，请在下面勾选后提交投诉。",
     "The file is here; tick it below and file the complaint.")
done("case-step", "已办理，并已记入案件。", "Done, and written into the case.")
done("case-decided", "处理决定已作出并公开。", "It is decided, and public.")


def _options(words: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(key, t(*said)) for key, said in words.items()]


def _subjects(which: frozenset[Subject]) -> list[tuple[str, str]]:
    return [(one.name.lower(), t(one.zh, one.en)) for one in Subject if one in which]


@pages.desk("/desk/lots/<lot_id>/complain", asks="GET /lots/<lot_id>/complaints/mine")
def complain(lot_id):
    """Complain to the supervisor of a lot, and what one's own unit has complained of in it."""
    evidence = [one for one in request.args.getlist("evidence")[:20] if one.isalnum()]
    objected = listed(f"/lots/{lot_id}/objections/mine")
    return draw("supervision/complain.html", lot=ask(f"/lots/{lot_id}"), **WORDS,
                cases=ask(f"/lots/{lot_id}/complaints/mine")["items"], evidence=evidence,
                options=_subjects(OF_LOTS), objected=objected,
                again="".join(f"evidence={one}&" for one in evidence), now=ask("/time")["now"])


def _course(kind: str, path: str, key: str) -> None:
    """The page on which a direct award, or a service, is complained of."""
    def complain_of(**ids):
        own = f"/{path}/{ids[key]}"
        about = ask(own)
        keeps = [(one["hash"], one["name"]) for one in listed("/papers")]
        return draw("supervision/complain_course.html", about=about, own=own, papers=keeps,
                    cases=ask(f"{own}/complaints/mine")["items"], **WORDS,
                    options=_subjects(OF_COURSES), now=ask("/time")["now"])

    complain_of.__name__ = f"complain_of_{kind}"
    complain_of.__doc__ = f"Complain to the supervisor of a {kind.replace('_', ' ')}."
    pages.desk(f"/desk/{path}/<{key}>/complain",
               asks=f"GET /{path}/<{key}>/complaints/mine")(complain_of)


_course("direct_award", "direct-awards", "award_id")
_course("service", "services", "service_id")


@pages.desk("/desk/complaints", asks="GET /complaints")
def complaints():
    """The cases one has to do with, what is due first before the rest."""
    found = ask("/complaints", limit=MOST, cursor=request.args.get("cursor", ""))
    return draw("supervision/complaints.html", now=ask("/time")["now"], more=found["next"],
                cases=by_day(found["items"] + (
                    [] if request.args.get("cursor") else ask(
                        "/complaints/courses", limit=MOST)["items"])), **WORDS)


@pages.desk("/desk/complaints/<complaint_id>", asks="GET /complaints/<complaint_id>")
def case(complaint_id):
    """One case: the letter, its clocks, its steps, and what may be done now."""
    found = ask(f"/complaints/{complaint_id}")
    body = found["viewer"] == "body"
    lot = (told(f"/lots/{found['lot_id']}") if body and found["lot_id"] else None) or {}
    units = told(f"/complaints/{complaint_id}/supervisors") if body else None
    papers = [(one["hash"], f"{one['name']}　{one['hash'][:12]}…") for one in listed("/papers")] \
        if found["viewer"] == "buyer" else []
    own = g.viewer["party"]["id"]
    return draw(
        "supervision/case.html", case=found, now=ask("/time")["now"], **WORDS, papers=papers,
        names=body if found["lot_id"] is None else
        "question.view_asker" in lot.get("allowed_actions", ()),
        units=[("", t("（平台以外的部门）", "(outside the platform)"))] + [
            (one["id"], one["name"]) for one in (units or {"items": []})["items"]
            if one["id"] != own],
        ground_options=_options(GROUNDS), outcome_options=_options(OUTCOMES),
        base_options=[("", t("（都不是）", "(none of these)")), *_options({
            name: said for name, said in BASES.items()
            if name != FALLS or found["lot_id"] is None})],
        stop_options=_options(STOPS))


@pages.desk("/desk/complaints/<complaint_id>/course-complainant",
            asks="GET /complaints/<complaint_id>/course-complainant")
def course_complainant(complaint_id):
    """Who complains of a direct award or a service, once the supervisor said why it looks."""
    return draw("supervision/complainant.html",
                who=ask(f"/complaints/{complaint_id}/course-complainant"))


@pages.desk("/desk/complaints/<complaint_id>/complainant",
            asks="GET /complaints/<complaint_id>/complainant")
def complainant(complaint_id):
    """Who complains, for the supervisor after the opening, once it said why it looks."""
    return draw("supervision/complainant.html", who=ask(f"/complaints/{complaint_id}/complainant"))


room({"supervisor_out", "buyer_other", "tenderer_outside"}, "/desk/complaints", "投诉", "Complaints",
     place=2)


@on_desk(22, "supervision/complaints_desk.html")
def waiting(viewer: dict) -> dict | None:
    """The cases in which this person moves next."""
    if not {"supervisor_out", "buyer_other", "tenderer_outside"} & set(viewer["roles"]):
        return None
    cases = [one for path in ("/complaints", "/complaints/courses")
             for one in ask(path, limit=MOST)["items"] if moves(one)]
    cases = by_day(cases)
    return {"cases": cases[:8], **WORDS} if cases else None


def moves(one: dict) -> bool:
    """Whether the viewer of a listed case is the one who moves next in it."""
    if one["viewer"] == "buyer":
        return one["state"] == "ordered" or one["statement_due"] is not None
    return one["moves_next"] == {"body": "supervisor", "own": "complainant"}[one["viewer"]]


def by_day(cases: list[dict]) -> list[dict]:
    """Cases that are not over first, by the day that comes first."""
    return sorted(cases, key=lambda one: (one["over"], next_day(one) or "9", one["id"]))


def next_day(one: dict) -> str | None:
    """The first of the days that a listed case is to keep."""
    return min((one[name] for name in ("acceptance_due", "correction_due", "statement_due",
                                       "decision_due", "order_due") if one[name]), default=None)
