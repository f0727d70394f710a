"""A framework agreement as open data, and each call-off as a process of its own that names it.

The framework's releases: the terms (`techniques` of the OCDS extension), each supplier admitted or
gone, what became of it. Nobody who applied and was not admitted is in them. A call-off: one release
when it is made, one for its result, for an objection that is answered, its failure, its contract;
before the close of a mini-competition there is nothing of any offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.frameworks import reading, rules
from evaluation.frameworks.model import Calloff, Framework, FrameworkApplication
from people.model import Party
from tender import codes

from . import terms
from .merge import compiled
from .terms import organization, reference, stamp, value

Content = dict[str, object]
Event = tuple[datetime, int, str, str, Content, list[tuple[Party, str]]]
"""When, its place among those of one moment, its id, its tag, its content, who takes part."""

REOPENED = {(False, True): "withReopeningCompetition", (True, False): "withoutReopeningCompetition",
            (True, True): "withAndWithoutReopeningCompetition"}
"""(some way without, some way with offers) → the word of the codelist frameworkAgreementMethod."""
FAILED = {"nobody": "轮候供应商均未承接", "offers": "无有效报价", "objection": "异议成立，成交结果无效",
          "unsigned": "未签订合同"}
LEFT = {"left": "供应商退出", "struck": "取消入围资格"}


def package(session: Session, own: str, *, base: str, publisher: str, calloff: bool = False,
            record: bool = False) -> Content:
    """The release package (or record package) of a framework or a call-off. Raises NOT_FOUND."""
    found = calloff_releases(session, own) if calloff else releases_of(session, own)
    path = f"{'calloffs' if calloff else 'frameworks'}/{own}/ocds"
    sent: Content = {"releases": found} if not record else {"records": [{
        "ocid": found[0]["ocid"], "releases": found, "compiledRelease": compiled(found)}]}
    return {"uri": f"{base}/api/v1/{path}{'/record' if record else ''}", "version": terms.VERSION,
            "extensions": [*terms.EXTENSIONS, terms.TECHNIQUES,
                           *(base + one for one in terms.OWN_EXTENSIONS)],
            "publishedDate": found[-1]["date"], "publisher": {"name": publisher}, "license": None,
            "publicationPolicy": None} | sent


def releases_of(session: Session, framework_id: str) -> list[Content]:
    """The releases of a published framework, the oldest first. Raises NOT_FOUND."""
    found = reading.framework(session, framework_id)
    buyer = session.get_one(Party, found.buyer_id)
    return _made(found.ocid, buyer, _events(session, found, buyer))


def calloff_releases(session: Session, calloff_id: str) -> list[Content]:
    """The releases of a call-off, the oldest first. Raises NOT_FOUND."""
    called = reading.calloff(session, calloff_id)
    user = session.get_one(Party, called.user_id)
    return _made(codes.ocid(called.id), user, _call_events(session, called, user))


def _made(ocid: str, buyer: Party, events: Iterator[Event]) -> list[Content]:
    roles: dict[str, list[str]] = {}
    releases = []
    for at, _, name, tag, content, parties in sorted(events, key=lambda event: event[:3]):
        changed: dict[str, Party] = {}
        for party, role in parties:
            known = roles.setdefault(party.id, [])
            if role not in known:
                known.append(role)
                changed[party.id] = party
        release: Content = {"ocid": ocid, "id": name, "date": stamp(at), "tag": [tag],
                            "initiationType": "tender", "language": terms.LANGUAGE,
                            "buyer": reference(buyer)}
        if changed:
            release["parties"] = [organization(one, list(roles[one.id]))
                                  for one in changed.values()]
        releases.append(release | content)
    return releases


def _events(session: Session, found: Framework, buyer: Party) -> Iterator[Event]:
    yield (found.published_at, 0, f"{found.id}-published", "tender", _terms(found, buyer),
           [(buyer, "buyer"), (buyer, "procuringEntity")])
    for one in session.scalars(select(FrameworkApplication).where(
            FrameworkApplication.framework_id == found.id,
            FrameworkApplication.admitted_at.is_not(None))):
        party = session.get_one(Party, one.party_id)
        yield (one.admitted_at, 1, f"{one.id}-admitted", "award", {"awards": [{
            "id": one.id, "title": found.title, "status": "active", "date": stamp(one.admitted_at),
            "suppliers": [reference(party)], "items": [{
                "id": "1", "description": found.title,
                "unit": {"name": found.unit, "value": value(one.price_fen)}}]}]},
               [(party, "supplier")])
        if one.ended_at is not None:
            yield (one.ended_at, 2, f"{one.id}-{one.ended_how}", "awardCancellation",
                   {"awards": [{"id": one.id, "status": "cancelled",
                                "description": LEFT[one.ended_how]}]}, [])
    if found.ended_at is not None:
        yield (found.ended_at, 3, f"{found.id}-ended", "tenderUpdate", {"tender": {
            "id": found.id, "status": "complete"}}, [])


def _terms(found: Framework, buyer: Party) -> Content:
    ways = set(found.methods)
    return {"tender": {
        "id": found.id, "title": found.title, "description": found.requirement,
        "status": "active", "procuringEntity": reference(buyer), "procurementMethod": "open",
        "procurementMethodDetails": "开放式框架协议（财政部令110号）",
        "mainProcurementCategory": found.category,
        "tenderPeriod": {"startDate": stamp(found.published_at),
                         "endDate": stamp(found.valid_until)},
        "contractPeriod": {"startDate": stamp(found.published_at),
                           "endDate": stamp(found.valid_until)},
        "eligibilityCriteria": "\n".join(found.conditions),
        "submissionMethod": ["electronicSubmission"],
        "items": [{"id": "1", "description": found.title,
                   "unit": {"name": found.unit, "value": value(found.price_fen)}}],
        "techniques": {"hasFrameworkAgreement": True, "frameworkAgreement": {
            "method": REOPENED[bool(ways - {"mini"}), "mini" in ways],
            "buyerCategories": "、".join(found.users) or "本地全部采购单位"}}}}


def _call_events(session: Session, called: Calloff, user: Party) -> Iterator[Event]:
    found = session.get_one(Framework, called.framework_id)
    mini = called.method == "mini"
    asked: Content = {
        "id": called.id, "title": called.title, "status": "active",
        "procuringEntity": reference(user), "value": value(called.most_fen),
        "procurementMethod": "selective" if called.method != "direct" else "direct",
        "procurementMethodDetails": f"框架协议：{rules.WORDS[called.method][0]}",
        "mainProcurementCategory": called.category,
        "techniques": {"hasFrameworkAgreement": True}}
    if called.reason.strip():
        asked["procurementMethodRationale"] = called.reason
    if mini:
        asked |= {"awardCriteria": "priceOnly", "tenderPeriod": {
            "startDate": stamp(called.stated_at), "endDate": stamp(called.offers_until)}}
    yield (called.stated_at, 0, f"{called.id}-stated", "tender", {
        "tender": asked, "relatedProcesses": [{
            "id": found.id, "relationship": ["framework"], "scheme": "ocid",
            "identifier": found.ocid}]}, [(user, "buyer"), (user, "procuringEntity")])
    if called.decided_at is not None:
        chosen = session.get_one(FrameworkApplication, called.winner_id)
        party = session.get_one(Party, chosen.party_id)
        yield (called.decided_at, 1, f"{called.id}-decided", "award", {
            "tender": {"id": called.id, "status": "complete"},
            "awards": [{"id": f"{called.id}-award", "title": called.title, "status": "pending",
                        "date": stamp(called.decided_at), "value": value(called.price_fen),
                        "suppliers": [reference(party)]}]}, [(party, "supplier")])
    for one in reading.objections(session, calloff_id=called.id):
        if one.answered_at is not None:
            yield (one.answered_at, 2, f"{one.id}-answered", "tenderUpdate", {"tender": {
                "id": called.id, "objections": [{
                    "id": one.id, "stage": "candidates", "status": "answered",
                    "outcome": one.outcome, "response": one.answer,
                    "dateAnswered": stamp(one.answered_at),
                    "answeredLate": one.overdue_at is not None}]}}, [])
    if called.failed_at is not None:
        fallen = {"awards": [{"id": f"{called.id}-award", "status": "cancelled"}]} \
            if called.decided_at else {}
        yield (called.failed_at, 3, f"{called.id}-failed",
               "awardCancellation" if fallen else "tenderCancellation", {"tender": {
                   "id": called.id, "status": "unsuccessful", "amendments": [{
                       "id": f"{called.id}-failed", "date": stamp(called.failed_at),
                       "rationale": FAILED[called.failure]}]}} | fallen, [])
    if called.contracted_at is not None:
        yield (called.contracted_at, 4, f"{called.id}-contracted", "contract", {
            "awards": [{"id": f"{called.id}-award", "status": "active"}],
            "contracts": [{"id": f"{called.id}-contract", "awardID": f"{called.id}-award",
                           "title": called.title, "status": "active",
                           "value": value(called.price_fen),
                           "dateSigned": stamp(called.contracted_at)}]}, [])
