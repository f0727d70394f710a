"""The advance notice of a tender as open data: a release tagged `planning`.

Everything in it is read from the notice as it was published. Of the draft behind it nothing is
looked at, so nothing of it can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from kernel.canonical import parse
from people.model import Party
from tender import reading
from tender.model import PublishedNotice, Tender
from tender.timetable import start_of

from . import terms
from .terms import organization, reference, stamp, value

Section = dict[str, object]


def releases(session: Session, tender_id: str, base: str) -> list[Section]:
    """The releases of what was announced of a tender ahead, the oldest first; may be empty."""
    found = reading.advance_notices(session, tender_id)
    if not found:
        return []
    buyer = session.get_one(Party, session.get_one(Tender, tender_id).buyer_id)
    return [_release(one, buyer, "planningUpdate" if number else "planning", base)
            for number, one in enumerate(found)]


def _release(notice: PublishedNotice, buyer: Party, tag: str, base: str) -> Section:
    said = parse(notice.content)
    project, *lots = [{row["name"]: row for row in part["rows"]} for part in said["sections"]]
    return {
        "ocid": said["ocid"], "id": f"{notice.id}-announced", "date": stamp(notice.published_at),
        "tag": [tag], "initiationType": "tender", "language": terms.LANGUAGE,
        "buyer": reference(buyer),
        "parties": [organization(buyer, ["buyer", "procuringEntity"])],
        "planning": _planning(notice, project, base),
        "tender": {"id": said["tender"], "title": project["title"]["value"], "status": "planning",
                   "procuringEntity": reference(buyer),
                   "value": value(sum(lot["estimate_fen"]["value"] for lot in lots)),
                   "description": "；".join(_lots(lots))} | _category(lots)}


def _planning(notice: PublishedNotice, project: dict, base: str) -> Section:
    expected = date.fromisoformat(project["expected"]["value"])
    found: Section = {
        "documents": [{"id": notice.id, "documentType": "plannedProcurementNotice",
                       "title": "招标预公告", "url": f"{base}/api/v1/notices/{notice.id}/pdf",
                       "datePublished": stamp(notice.published_at), "format": "application/pdf",
                       "language": terms.LANGUAGE}],
        "milestones": [{"id": "tender-notice", "title": project["expected"]["label"]["zh"],
                        "type": "preProcurement", "status": "scheduled",
                        "dueDate": stamp(start_of(expected))}]}
    if "text" in project:
        found["rationale"] = project["text"]["value"]
    return found


def _lots(lots: list[dict]) -> Iterator[str]:
    for number, lot in enumerate(lots, 1):
        yield (f"标段 {number}：{lot['title']['text']['zh']}（{lot['category']['text']['zh']}，"
               f"估算价 {lot['estimate_fen']['text']['zh']}）")


def _category(lots: list[dict]) -> Section:
    kinds = {lot["category"]["value"] for lot in lots}
    return {"mainProcurementCategory": kinds.pop()} if len(kinds) == 1 else {}
