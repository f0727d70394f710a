"""A service chosen in the intermediary regime as open data: a contracting process of its own.

A release for each thing that was made public, as for tenders (releases.py): the request, what the
revealing found, the result, what became of it. Before the time for offers is over there is nothing
of any offer; of an objection there is its answer and nothing of who raised it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from evaluation.services import reading
from evaluation.services.model import Service, ServiceObjection, ServiceOffer
from people.model import Party
from supervision.complaints import reading as cases
from tender import codes

from . import complaints, terms
from .merge import compiled
from .terms import organization, reference, stamp, value

METHODS = {"quote": "中介超市：网上竞价，有效报价最低者成交", "display": "中介超市：网上展示，择优选取并说明理由",
           "draw": "中介超市：资格审查合格者中公开随机抽取"}
FAILED = {"offers": "有效报价不足", "screen": "无一通过资格审查", "objection": "异议成立，成交结果无效",
          "contract": "未在期限内签订合同", "complaint": "投诉成立，成交结果无效"}

Content = dict[str, object]
Event = tuple[datetime, int, str, str, Content, list[tuple[Party, str]]]
"""When, its place among those of one moment, its id, its tag, its content, who takes part."""


def service_ocid(service_id: str) -> str:
    """The open contracting id of a service."""
    return codes.ocid(service_id)


def release_package(session: Session, service_id: str, *, base: str, publisher: str) -> Content:
    """The release package of a published service. Raises NOT_FOUND for a request."""
    releases = releases_of(session, service_id)
    return {"uri": f"{base}/api/v1/services/{service_id}/ocds",
            **_package(releases, base, publisher), "releases": releases}


def record_package(session: Session, service_id: str, *, base: str, publisher: str) -> Content:
    """The record package of a published service: its releases and what they come to."""
    releases = releases_of(session, service_id)
    return {"uri": f"{base}/api/v1/services/{service_id}/ocds/record",
            **_package(releases, base, publisher),
            "records": [{"ocid": releases[0]["ocid"], "releases": releases,
                         "compiledRelease": compiled(releases)}]}


def _package(releases: list[Content], base: str, publisher: str) -> Content:
    return {"version": terms.VERSION,
            "extensions": [*terms.EXTENSIONS, *(base + one for one in terms.OWN_EXTENSIONS)],
            "publishedDate": releases[-1]["date"], "publisher": {"name": publisher},
            "license": None, "publicationPolicy": None}


def releases_of(session: Session, service_id: str) -> list[Content]:
    """The releases of a published service, the oldest first. Raises NOT_FOUND."""
    found = reading.service(session, service_id)
    buyer = session.get_one(Party, found.buyer_id)
    roles: dict[str, list[str]] = {}
    releases = []
    for at, _, name, tag, content, parties in sorted(
            _events(session, found, buyer), key=lambda event: event[:3]):
        changed: dict[str, Party] = {}
        for party, role in parties:
            known = roles.setdefault(party.id, [])
            if role not in known:
                known.append(role)
                changed[party.id] = party
        release: Content = {
            "ocid": service_ocid(found.id), "id": name, "date": stamp(at), "tag": [tag],
            "initiationType": "tender", "language": terms.LANGUAGE, "buyer": reference(buyer)}
        if changed:
            release["parties"] = [organization(one, list(roles[one.id]))
                                  for one in changed.values()]
        releases.append(release | content)
    return releases


def _events(session: Session, found: Service, buyer: Party) -> Iterator[Event]:
    yield (found.approved_at, 0, f"{found.id}-published", "tender", _request(session, found, buyer),
           [(buyer, "buyer"), (buyer, "procuringEntity")])
    if found.settled_at is not None:
        offers = [one for one in reading.offers(session, found.id) if one.revealed_at is not None]
        parties = {one.party_id: session.get_one(Party, one.party_id) for one in offers}
        yield (found.settled_at, 1, f"{found.id}-settled", "tenderUpdate",
               _settled(found, offers, parties),
               [(party, "tenderer") for party in parties.values()])
    if found.decided_at is not None:
        winner = session.get_one(Party, found.winner_id)
        yield (found.decided_at, 2, f"{found.id}-decided", "award",
               _tender(found, status="complete") | {"awards": [_award(found, winner, "pending")]},
               [(winner, "tenderer"), (winner, "supplier")])
        yield from _after(session, found)
    for since, name, said in complaints.told(cases.decided_of(session, found.id)):
        yield since, 3, name, "tenderUpdate", _tender(found, decidedComplaints=[said]), []
    if found.failed_at is not None:
        fallen = {} if found.decided_at is None else {
            "awards": [{"id": f"{found.id}-award", "status": "cancelled"}]}
        yield (found.failed_at, 4, f"{found.id}-failed",
               "awardCancellation" if fallen else "tenderCancellation",
               _tender(found, status="unsuccessful", amendments=[{
                   "id": f"{found.id}-failed", "date": stamp(found.failed_at),
                   "rationale": FAILED.get(found.failure or "", "流标")}]) | fallen, [])


def _after(session: Session, found: Service) -> Iterator[Event]:
    for one in reading.objections(session, found.id):
        if one.answered_at is not None:
            yield (one.answered_at, 3, f"{one.id}-answered", "tenderUpdate",
                   _tender(found, objections=[_objection(one)]), [])
    if found.contracted_at is not None:
        contract = {"id": f"{found.id}-contract", "awardID": f"{found.id}-award",
                    "title": found.title, "status": "active", "value": value(found.price_fen),
                    "dateSigned": stamp(found.contracted_at)}
        yield (found.contracted_at, 5, f"{found.id}-contracted", "contract",
               {"awards": [{"id": f"{found.id}-award", "status": "active"}],
                "contracts": [contract]}, [])
    if found.finished_at is not None:
        yield (found.finished_at, 6, f"{found.id}-finished", "contractTermination",
               {"contracts": [{"id": f"{found.id}-contract", "awardID": f"{found.id}-award",
                               "status": "terminated",
                               "period": {"endDate": stamp(found.finished_at)}}]}, [])


def _tender(found: Service, **said: object) -> Content:
    return {"tender": {"id": found.id} | said}


def _request(session: Session, found: Service, buyer: Party) -> Content:
    span = {"startDate": stamp(found.approved_at), "endDate": stamp(found.offers_until)}
    said = _tender(
        found, title=found.title, description=found.requirement, status="active",
        procuringEntity=reference(buyer), value=value(found.budget_fen), procurementMethod="open",
        procurementMethodDetails=METHODS[found.method], mainProcurementCategory="services",
        tenderPeriod=span, submissionMethod=["electronicSubmission"],
        submissionMethodDetails="报价先封存摘要，截止后由各机构自行揭示。",
        **({"awardCriteria": "priceOnly"} if found.method == "quote" else {}),
        **({"eligibilityCriteria": found.screen} if found.screen.strip() else {}))
    earlier = reading.succession_of(session, found.id)
    if earlier is not None:
        said["relatedProcesses"] = [{
            "id": earlier.predecessor_id, "relationship": ["unsuccessfulProcess"],
            "scheme": "ocid", "identifier": service_ocid(earlier.predecessor_id)}]
    return said


def _settled(found: Service, offers: list[ServiceOffer], parties: dict[str, Party]) -> Content:
    standing = [one for one in offers if one.price_fen <= found.budget_fen]
    said = _tender(found, numberOfTenderers=len(parties),
                   tenderers=[reference(party) for party in parties.values()])
    if not offers:
        said = _tender(found, numberOfTenderers=0)
    date = stamp(found.settled_at)
    return said | {"bids": {
        "statistics": [{"id": f"{found.id}-{measure}", "measure": measure, "value": count,
                        "date": date}
                       for measure, count in (("bids", len(offers)),
                                              ("validBids", len(standing)))],
        "details": [{"id": one.id, "date": stamp(one.revealed_at), "submissionType": "bid",
                     "status": "valid" if one in standing else "disqualified",
                     "tenderers": [reference(parties[one.party_id])],
                     "value": value(one.price_fen)} for one in offers]}}


def _award(found: Service, winner: Party, status: str) -> Content:
    return {"id": f"{found.id}-award", "title": found.title, "status": status,
            "date": stamp(found.decided_at), "value": value(found.price_fen),
            "suppliers": [reference(winner)]}


def _objection(one: ServiceObjection) -> Content:
    return {"id": one.id, "stage": "candidates", "status": "answered", "outcome": one.outcome,
            "response": one.answer, "dateAnswered": stamp(one.answered_at),
            "answeredLate": one.overdue_at is not None}
