"""A published tender from the buyer's side: questions, objections, what ends it."""

from __future__ import annotations

from people.inside import ask, listed, told
from people.pagebook import draw

from ..notices import KINDS
from .book import WORK, asked_of, pages
from .draft import drafted


@pages.desk("/desk/tenders/<tender_id>", asks=WORK)
def tender(tender_id):
    """One tender of one's own: the steps of a draft, or how each lot stands and what is next."""
    values = asked_of(tender_id)
    if values["work"]["draft"]:
        return draw("tender/draft.html", **drafted(tender_id, ""))
    courses = {lot["id"]: ask(f"/lots/{lot['id']}/course") for lot in values["tender"]["lots"]}
    return draw("tender/running.html", courses=courses,
                notices=listed(f"/tenders/{tender_id}/notices"),
                kind_words={kind.name: (kind.zh, kind.en) for kind in KINDS.values()}, **values)


@pages.desk("/desk/tenders/<tender_id>/questions", asks=WORK)
def questions(tender_id):
    """The questions of every lot, the open ones first; nobody learns who asked."""
    return draw("tender/questions.html", **_by_lot(tender_id, "questions", "answered_at"))


@pages.desk("/desk/tenders/<tender_id>/objections", asks=WORK)
def objections(tender_id):
    """The objections to every lot, by the time left to answer them."""
    return draw("tender/objections.html", **_by_lot(tender_id, "objections", "answered_at"))


def _by_lot(tender_id: str, what: str, answered: str) -> dict[str, object]:
    values = asked_of(tender_id)
    found = {}
    for lot in values["tender"]["lots"]:
        found[lot["id"]] = sorted(listed(f"/lots/{lot['id']}/{what}"),
                                  key=lambda one: (one[answered] is not None,
                                                   one.get("answer_by") or "", one["id"]))
    return values | {"items": found, "open": sum(
        one[answered] is None for own in found.values() for one in own)}


@pages.desk("/desk/tenders/<tender_id>/advance", asks=WORK)
def advance(tender_id):
    """The advance notice of a draft: submitted by one person, published by another."""
    return draw("tender/advance.html", last=told(f"/tenders/{tender_id}/pre-notice"),
                **asked_of(tender_id))


@pages.desk("/desk/tenders/<tender_id>/course", asks=WORK)
def course(tender_id):
    """What moves, halts, ends or repeats each lot, with what follows from it."""
    values = asked_of(tender_id)
    return draw("tender/course.html", courses={
        lot["id"]: told(f"/lots/{lot['id']}/course") for lot in values["tender"]["lots"]},
        **values)


@pages.desk("/desk/tenders/<tender_id>/invitees", asks=WORK)
def invitees(tender_id):
    """Who is invited to each lot by invitation: secret until the opening."""
    values = asked_of(tender_id)
    found = {lot["id"]: told(f"/lots/{lot['id']}/invitees")
             for lot in values["tender"]["lots"]
             if lot["method"] == "invite" and "invitation.view" in lot["allowed_actions"]}
    draws = {lot: listed(f"/lots/{lot}/invitation-draws") for lot in found}
    return draw("tender/invitees.html", lists=found, draws_of=draws, **values)
