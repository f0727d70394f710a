"""A direct award as open data: one release for the result, one for the contract."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND
from people.model import Party
from supervision.complaints import reading as cases
from supervision.complaints.rules import FALLS
from tender import directs
from tender.model import DirectAward

from . import complaints, terms
from .terms import USCC_SCHEME, organization, reference, stamp, value


def package(session: Session, award_id: str, *, base: str, publisher: str) -> dict[str, object]:
    """The release package of a published direct award. Raises NOT_FOUND for a draft."""
    found = releases_of(session, award_id)
    return {"uri": f"{base}/api/v1/direct-awards/{award_id}/ocds", "version": terms.VERSION,
            "extensions": [*terms.EXTENSIONS, *(base + one for one in terms.OWN_EXTENSIONS)],
            "publishedDate": found[-1]["date"],
            "publisher": {"name": publisher}, "license": None, "publicationPolicy": None,
            "releases": found}


def releases_of(session: Session, award_id: str) -> list[dict[str, object]]:
    """The releases of a published direct award, the oldest first. Raises NOT_FOUND."""
    row = session.get(DirectAward, award_id)
    if row is None or row.published_at is None:
        raise NOT_FOUND()
    found = _releases(row, session.get_one(Party, row.buyer_id), directs.answered(session, row.id),
                      cases.decided_of(session, row.id))
    return sorted(found, key=lambda one: one["date"])


def _releases(row: DirectAward, buyer: Party, answered: list[dict[str, object]],
              decided: list[dict[str, object]]):
    supplier = {"id": f"{USCC_SCHEME}-{row.contractor_uscc}", "name": row.contractor}
    heading = {"ocid": row.ocid, "language": terms.LANGUAGE, "initiationType": "tender",
               "buyer": reference(buyer)}
    yield heading | {
        "id": f"{row.id}-published", "date": stamp(row.published_at), "tag": ["award"],
        "parties": [organization(buyer, ["buyer", "procuringEntity"]),
                    {**supplier, "identifier": {"scheme": USCC_SCHEME, "id": row.contractor_uscc,
                                                "legalName": row.contractor},
                     "roles": ["supplier"]}],
        "tender": {"id": row.id, "title": row.title, "description": row.description,
                   "status": "complete", "procuringEntity": reference(buyer),
                   "value": value(row.estimate_fen), "procurementMethod": "direct",
                   "procurementMethodDetails": "直接发包（集体决策）",
                   "procurementMethodRationale": row.reason,
                   "mainProcurementCategory": row.category},
        "awards": [{"id": row.id, "title": row.title, "status": "active",
                    "date": stamp(row.published_at), "value": value(row.price_fen),
                    "suppliers": [supplier]}]}
    for one in sorted(answered, key=lambda one: (one["answered_at"], one["id"])):
        yield heading | _answered(row, one)
    for since, name, said in complaints.told(decided):
        falls = any(one["basis"] == FALLS and name == f"{one['id']}-decided" for one in decided)
        yield heading | {
            "id": name, "date": stamp(since),
            "tag": ["awardCancellation" if falls else "tenderUpdate"],
            "tender": {"id": row.id, "decidedComplaints": [said]}} | (
            {"awards": [{"id": row.id, "status": "cancelled"}]} if falls else {})
    if row.contracted_at is not None:
        yield heading | {
            "id": f"{row.id}-contracted", "date": stamp(row.contracted_at), "tag": ["contract"],
            "contracts": [{"id": f"{row.id}-contract", "awardID": row.id, "title": row.title,
                           "status": "active", "value": value(row.amount_fen),
                           "dateSigned": stamp(row.signed_at)}]}


def _answered(row: DirectAward, one: dict[str, object]) -> dict[str, object]:
    """An answered objection; where it was upheld the award is cancelled with it."""
    said = {"id": one["id"], "stage": "candidates", "status": "answered",
            "outcome": one["outcome"], "response": one["answer"],
            "dateAnswered": stamp(one["answered_at"]), "answeredLate": one["overdue"]}
    upheld = one["outcome"] == "upheld"
    release = {"id": f"{one['id']}-answered", "date": stamp(one["answered_at"]),
               "tag": ["awardCancellation" if upheld else "tenderUpdate"],
               "tender": {"id": row.id, "objections": [said]}}
    return release | ({"awards": [{"id": row.id, "status": "cancelled"}]} if upheld else {})
