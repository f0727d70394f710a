"""Intermediary services: directory, requests, offers, draws, results and what follows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation import draw
from evaluation.services import reading
from evaluation.services.directory import digest
from evaluation.services.model import (
    Agency,
    AgencySanction,
    Service,
    ServiceDraw,
    ServiceNonce,
    ServiceObjection,
    ServiceOffer,
    ServiceRating,
    ServiceSuccession,
)
from evaluation.services.requests import stated_hash
from kernel.canonical import jcs, sha256, time_text

from .entries import Entry
from .folds import Fold, Said, by_subject, folded, hashed
from .offers import sealed_offers
from .rules import Rule, rule_of

_AGENCY = Fold(
    Agency, {"agency.entered": by_subject(
        party_id="party", region="facts.region", kinds="facts.kinds", version="facts.version",
        content_hash="facts.content_hash", entered_at="at")},
    {"agency.proposed": by_subject(proposed_at="at", proposed_person="actor.person"),
     "agency.approved": by_subject(approved_at="at", approved_person="actor.person"),
     "agency.left": by_subject(left_at="at"),
     "agency.sanctioned": lambda entry: [(entry.said("facts.agency"), dict.fromkeys((
         "proposed_at", "proposed_person", "approved_at", "approved_person")))]
     if entry.said("facts.kind") == "removed" else []},
    ("proposed_at", "proposed_person", "approved_at", "approved_person", "left_at"),
    made={"content_hash": lambda row: digest(SimpleNamespace(**row))})

_SANCTION = Fold(
    AgencySanction, {"agency.sanction_proposed": by_subject(
        agency_id="facts.agency", kind="facts.kind", document_no="facts.document_no",
        until_day="facts.until", reason_hash="facts.reason_hash", proposed_at="at",
        proposed_person="actor.person")},
    {"agency.sanctioned": by_subject(approved_at="at", approved_person="actor.person")},
    ("approved_at", "approved_person"), made={"reason_hash": hashed("reason")})


def _settled(entry: Entry) -> Iterator[Said]:
    at, failed, winner = entry.said("at"), entry.said("facts.failed"), entry.said("facts.winner")
    yield entry.record["subject"], {
        "settled_at": at, "winner_id": winner, "decided_at": winner and at,
        "result_hash": entry.said("facts.result_hash"),
        "failed_at": at if failed else None, "failure": "offers" if failed else None}


def _screened(entry: Entry) -> Iterator[Said]:
    at, none = entry.said("at"), not entry.said("facts.passed")
    yield entry.record["subject"], {"screened_at": at} | (
        {"failed_at": at, "failure": "screen"} if none else {})


def _drawn(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.service"):
        yield entry.said("facts.service"), {
            "decided_at": entry.said("at"), "winner_id": entry.said("facts.winner"),
            "result_hash": entry.said("facts.result_hash")}


def _objection_upheld(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.outcome") == "upheld":
        yield entry.said("facts.service"), {"failed_at": entry.said("at"), "failure": "objection"}


def _complaint_upheld(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.failed"):
        yield entry.said("facts.service"), {"failed_at": entry.said("at"), "failure": "complaint"}


_SERVICE = Fold(
    Service, {"service.requested": by_subject(
        code="facts.code", content_hash="facts.content_hash", buyer_id="actor.party",
        requested_at="at", requested_person="actor.person")},
    {"service.approved": by_subject(
        approved_at="at", approved_person="actor.person", reveal_until="facts.reveal_until",
        method="facts.method", profile_hash="facts.profile_hash"),
     "service.offers_closed": by_subject(closed_at="at"),
     "service.settled": _settled, "service.screened": _screened,
     "service.chosen": by_subject(decided_at="at", winner_id="facts.winner",
                                   result_hash="facts.result_hash"),
     "selection.drawn": _drawn, "service.objection_answered": _objection_upheld,
     "service.complaint_decided": _complaint_upheld,
     "service.contracted": by_subject(contracted_at="at", contract_hash="facts.document_hash",
                                       price_fen="facts.amount_fen",
                                       late_reason="facts.late_reason"),
     "service.lapsed": lambda entry: [(entry.record["subject"], {
         "failed_at": entry.said("at"), "failure": "contract"})],
     "service.finished": by_subject(finished_at="at", finish_hash="facts.document_hash")},
    ("approved_at", "approved_person", "reveal_until", "closed_at", "settled_at", "failed_at",
     "failure", "screened_at", "decided_at", "winner_id", "result_hash", "contracted_at",
     "contract_hash", "late_reason", "finished_at", "finish_hash", "profile_hash"),
    made={"result_hash": hashed("result"),
          "profile_hash": lambda row: row["profile"] and sha256(jcs(row["profile"])).hex()})


def _passed(entry: Entry) -> Iterator[Said]:
    for party in entry.said("facts.passed"):
        yield (entry.record["subject"], party), {"passed": 1, "because_hash": None}
    for party, because in entry.said("facts.failed").items():
        yield (entry.record["subject"], party), {"passed": 0, "because_hash": because}


_OFFER = Fold(
    ServiceOffer, {"offer.made": lambda entry: [((entry.record["subject"], entry.said("party")), {
        "id": entry.said("facts.offer"), "commitment": entry.said("facts.commitment"),
        "offered_at": entry.said("at")})]},
    {"offer.revealed": lambda entry: [((entry.record["subject"], entry.said("facts.party")), {
        "revealed_at": entry.said("at")} | {name: entry.said(f"facts.{name}") for name in (
            "price_fen", "salt", "proposal_hash")})],
     "service.screened": _passed},
    ("revealed_at", "price_fen", "salt", "proposal_hash", "passed", "because_hash"),
    key=("service_id", "party_id"), made={"because_hash": hashed("failed_because")})


def _held(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.void"):
        yield entry.record["subject"], {"voided_at": entry.said("at")}
    elif entry.record["type"] == "selection.drawn":
        yield entry.record["subject"], {"drawn_at": entry.said("at"),
                                        "draw_hash": entry.said("facts.draw_hash")}


def _closed(entry: Entry) -> Iterator[Said]:
    yield entry.record["subject"], {"closed_at": entry.said("at"), "closed_entry": entry.id}
    yield from _held(entry)


_DRAW = Fold(
    ServiceDraw, {"selection.announced": by_subject(
        service_id="facts.service", announcement_hash="facts.announcement_hash",
        announced_at="at")},
    {"selection.closed": _closed, "selection.drawn": _held},
    ("closed_at", "closed_entry", "voided_at", "drawn_at", "draw_hash"),
    made={"announcement_hash": hashed("announcement"), "draw_hash": hashed("document")})

_NONCE = Fold(
    ServiceNonce, {
        "selection.announced": lambda entry: [((entry.record["subject"], draw.PLATFORM), {
            "commitment": entry.said("facts.platform_commitment")})],
        "selection.committed": lambda entry: [((
            entry.record["subject"], entry.said("facts.contributor")), {
                "commitment": entry.said("facts.commitment")})]},
    {"selection.revealed": lambda entry: [((
        entry.record["subject"], entry.said("facts.contributor")), {
            "nonce": entry.said("facts.nonce")})]},
    ("nonce",), key=("draw_id", "contributor"))

_OBJECTION = Fold(
    ServiceObjection, {"service.objected": by_subject(
        service_id="facts.service", party_id="party", objection_hash="facts.objection_hash",
        answer_by="facts.answer_by", filed_at="at")},
    {"service.objection_answered": by_subject(
        outcome="facts.outcome", answer_hash="facts.answer_hash", answered_at="at",
        answered_by="actor.account"),
     "service.objection_overdue": by_subject(overdue_at="at")},
    ("outcome", "answer_hash", "answered_at", "answered_by", "overdue_at"),
    made={"objection_hash": lambda row: reading.objection_hash(SimpleNamespace(**row)),
          "answer_hash": hashed("answer")})

FOLDS = (_AGENCY, _SANCTION, _SERVICE, _OFFER, _DRAW, _NONCE, _OBJECTION)

RULES: tuple[Rule, ...] = (
    rule_of("service.rated buyer.rated", ServiceRating, ("service_id", "rater_id"),
            ("subject", "facts.rater"),
            same={"rated_id": "facts.rated", "stars": "facts.stars", "rated_at": "at"},
            digests={"text": "facts.text_hash"}),
    rule_of("service.requested", ServiceSuccession, ("service_id", "predecessor_id"),
            ("subject", "facts.predecessor"),
            when=lambda record: record["facts"].get("predecessor") is not None),
)
"""Beside the rules of rules.py."""


def market(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """Rows of the intermediary services against the record and against each other."""
    yield from folded(session, FOLDS, entries)
    before = {row.service_id: row for row in session.scalars(select(ServiceSuccession))}
    for one in session.scalars(select(Service)):
        yield from _said_of(one, before)
        yield from _result(one)
    for row in before.values():
        earlier = before.get(row.predecessor_id)
        if row.attempt != (earlier.attempt if earlier else 1) + 1:
            yield f"service_succession {row.service_id}: attempt does not follow from the one before"
    yield from sealed_offers(session, entries, ServiceOffer, "service")
    for held in session.scalars(select(ServiceDraw)):
        yield from _tickets(held)


def _said_of(one: Service, before: Mapping[str, ServiceSuccession]) -> Iterator[str]:
    """What a request says is what its hash was made of; its place follows from its buyer's act."""
    again = before.get(one.id)
    if stated_hash(one, again and again.predecessor_id) != one.content_hash:
        yield f"service {one.id}: is not what was submitted and approved"


def _result(one: Service) -> Iterator[str]:
    """The row's winner, price and time to object are those of the notice that was signed."""
    if one.result is None:
        return
    said = json.loads(one.result.split("\n", 1)[0])
    own = (one.winner_id, one.price_fen, time_text(one.decided_at))
    until = one.objections_until and time_text(one.objections_until)
    if own != (said["winner"], said["price_fen"], said["decided_at"]) \
            or until != said.get("objections_until"):
        yield f"service {one.id}: its result is not what the signed notice says"


def _tickets(held: ServiceDraw) -> Iterator[str]:
    """Each ticket stands for its agency, and all are those announced; so are the times."""
    said = json.loads(held.announcement)
    listed = {one["ticket"] for one in said.get("pool", ())}
    if listed != set(held.tickets) or any(
            draw.ticket(held.id, bytes.fromhex(held.salt), party) != name
            for name, party in held.tickets.items()):
        yield f"service_draw {held.id}: a ticket stands for somebody else"
    if (time_text(held.commit_by), time_text(held.reveal_by)) != (
            said["commit_by"], said["reveal_by"]):
        yield f"service_draw {held.id}: its times are not those that were announced"
