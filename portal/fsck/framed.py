"""Framework agreements: terms, suppliers, strikes, notices, call-offs, turns, offers, objections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.frameworks import reading, rules
from evaluation.frameworks.calling import stated_hash as called_hash
from evaluation.frameworks.joining import stated_hash
from evaluation.frameworks.model import (
    Calloff,
    CalloffOffer,
    CalloffTurn,
    Framework,
    FrameworkApplication,
    FrameworkNotice,
    FrameworkObjection,
    FrameworkStrike,
)
from kernel.canonical import jcs, sha256

from .entries import Entry
from .folds import Fold, Said, by_subject, folded, hashed
from .offers import sealed_offers
from .rules import Rule, rule_of

_FRAMEWORK = Fold(
    Framework, {"framework.stated": by_subject(
        buyer_id="actor.party", drafted_at="at", drafted_person="actor.person")},
    {"framework.given_up": by_subject(given_up_at="at"),
     "framework.published": by_subject(
         published_at="at", approved_person="actor.person", content_hash="facts.content_hash",
         valid_until="facts.valid_until", profile_hash="facts.profile_hash"),
     "framework.stopped": by_subject(ended_at="at", end_hash="facts.reason_hash"),
     "framework.ended": by_subject(ended_at="at")},
    ("given_up_at", "published_at", "approved_person", "content_hash", "ended_at", "end_hash",
     "profile_hash"),
    made={"end_hash": hashed("end_reason"),
          "profile_hash": lambda row: row["profile"] and sha256(jcs(row["profile"])).hex()})


def _seated(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.place"):
        at = entry.said("at")
        said = {"admitted_at": at, "place": entry.said("facts.place"), "ended_at": None,
                "ended_how": None}
        if entry.record["type"] == "framework.admitted":
            said["decided_at"] = at
        yield entry.said("facts.application"), said


def _gone(how: str):
    return lambda entry: [(entry.record["subject"], {
        "ended_at": entry.said("at"), "ended_how": how})]


def _refused(entry: Entry) -> Iterator[Said]:
    at = entry.said("at")
    yield entry.record["subject"], {
        "decided_at": at, "ended_at": at, "ended_how": "refused",
        "against": entry.said("facts.against"), "reason_hash": entry.said("facts.reason_hash"),
        "objections_until": entry.said("facts.objections_until")}


def _moved(entry: Entry) -> Iterator[Said]:
    """Asking puts a supplier at the end; a good reason gives its place back."""
    if entry.said("facts.judged"):
        yield entry.said("facts.judged"), {"place": entry.said("facts.now")}
    if entry.said("facts.supplier"):
        yield entry.said("facts.supplier"), {"place": entry.said("facts.behind")}


_ASKING = ("calloff.stated", "calloff.decline_judged", "calloff.turn_passed")

_APPLICATION = Fold(
    FrameworkApplication, {"framework.applied": by_subject(
        framework_id="facts.framework", party_id="party", applied_at="at",
        application_hash="facts.application_hash", decide_by="facts.decide_by")},
    {"framework.admitted": _seated, "framework.refused": _refused,
     "framework.application_overdue": by_subject(overdue_at="at"),
     "framework.objection_answered": _seated,
     "framework.left": _gone("left"), "framework.withdrawn": _gone("withdrawn"),
     **dict.fromkeys(_ASKING, _moved),
     "framework.struck": lambda entry: [(entry.said("facts.application"), {
         "ended_at": entry.said("at"), "ended_how": "struck"})]},
    ("overdue_at", "decided_at", "admitted_at", "place", "against", "reason_hash",
     "objections_until", "ended_at", "ended_how"),
    made={"application_hash": lambda row: stated_hash(SimpleNamespace(**row)),
          "reason_hash": hashed("reason")})

_STRIKE = Fold(
    FrameworkStrike, {"framework.strike_proposed": by_subject(
        application_id="facts.application", ground="facts.ground", proposed_at="at",
        reason_hash="facts.reason_hash", proposed_person="actor.person")},
    {"framework.struck": by_subject(approved_at="at", approved_person="actor.person")},
    ("approved_at", "approved_person"), made={"reason_hash": hashed("reason")})


def _decided(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.winner"):
        yield entry.record["subject"], {
            "decided_at": entry.said("at"), **{name: entry.said(f"facts.{name}") for name in (
                "price_fen", "objections_until")}, "winner_id": entry.said("facts.winner")}


def _stated(entry: Entry) -> Iterator[Said]:
    yield entry.record["subject"], {
        "stated_at": entry.said("at"), "stated_person": entry.said("actor.person"),
        "framework_id": entry.said("facts.framework"), "user_id": entry.said("facts.user"),
        **{name: entry.said(f"facts.{name}") for name in (
            "code", "method", "quantity", "most_fen", "content_hash", "offers_until",
            "reveal_until")}}
    yield from _decided(entry)


def _failing(why: str, when: str):
    def step(entry: Entry) -> Iterator[Said]:
        if entry.said(when):
            yield entry.said("facts.calloff") or entry.record["subject"], {
                "failed_at": entry.said("at"), "failure": why}
    return step


def _settled(entry: Entry) -> Iterator[Said]:
    yield entry.record["subject"], {"settled_at": entry.said("at")}
    yield from _decided(entry)
    yield from _failing("offers", "facts.failed")(entry)


def _upheld(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.outcome") == "upheld":
        yield entry.said("facts.calloff"), {"failed_at": entry.said("at"), "failure": "objection"}


_CALLOFF = Fold(
    Calloff, {"calloff.stated": _stated},
    {"calloff.turn_taken": _decided,
     "calloff.decline_judged": _failing("nobody", "facts.failed"),
     "calloff.turn_passed": _failing("nobody", "facts.failed"),
     "calloff.offers_closed": by_subject(closed_at="at"), "calloff.settled": _settled,
     "calloff.objection_answered": _upheld,
     "calloff.contracted": by_subject(contracted_at="at", contract_hash="facts.document_hash",
                                      price_fen="facts.amount_fen"),
     "calloff.given_up": _failing("unsigned", "at")},
    ("offers_until", "reveal_until", "closed_at", "settled_at", "decided_at", "winner_id",
     "price_fen", "objections_until", "failed_at", "failure", "contracted_at", "contract_hash"),
    made={"content_hash": lambda row: called_hash(SimpleNamespace(**row))})


def _asks(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.turn"):
        yield entry.said("facts.turn"), {
            "calloff_id": entry.record["subject"], "application_id": entry.said("facts.supplier"),
            "place": entry.said("facts.place"), "asked_at": entry.said("at"),
            "answer_by": entry.said("facts.answer_by")}


def _answers(answer: str):
    return lambda entry: [(entry.said("facts.of"), {
        "answer": answer, "answered_at": entry.said("at"),
        **({"reason_hash": entry.said("facts.reason_hash")} if answer == "declined" else {})})]


def _judged(entry: Entry) -> Iterator[Said]:
    yield entry.said("facts.of"), {"good": int(entry.said("facts.good")),
                                   "judged_at": entry.said("at")}


_TURN = Fold(
    CalloffTurn, dict.fromkeys(_ASKING, _asks),
    {"framework.struck": lambda entry: [(turn, {"answer_by": entry.said("at")})
                                        for turn in entry.said("facts.over")],
     "calloff.turn_taken": _answers("taken"), "calloff.turn_declined": _answers("declined"),
     "calloff.turn_passed": _answers("silent"), "calloff.decline_judged": _judged},
    ("answer", "answered_at", "reason_hash", "good", "judged_at"),
    made={"reason_hash": hashed("reason")})

_OFFER = Fold(
    CalloffOffer, {"calloff.offered": lambda entry: [((entry.record["subject"],
                                                       entry.said("party")), {
        "id": entry.said("facts.offer"), "commitment": entry.said("facts.commitment"),
        "application_id": entry.said("facts.application"), "offered_at": entry.said("at")})]},
    {"calloff.revealed": lambda entry: [((entry.record["subject"], entry.said("facts.party")), {
        "revealed_at": entry.said("at")} | {name: entry.said(f"facts.{name}") for name in (
            "price_fen", "salt", "proposal_hash")})]},
    ("revealed_at", "price_fen", "salt", "proposal_hash"), key=("calloff_id", "party_id"))

_OBJECTION = Fold(
    FrameworkObjection, dict.fromkeys(
        ("framework.refusal_objected", "calloff.objected"), by_subject(
            framework_id="facts.framework", party_id="party", filed_at="at",
            objection_hash="facts.objection_hash", answer_by="facts.answer_by")),
    {**dict.fromkeys(("framework.objection_answered", "calloff.objection_answered"), by_subject(
        outcome="facts.outcome", answer_hash="facts.answer_hash", answered_at="at",
        answered_by="actor.account")),
     "framework.objection_overdue": by_subject(overdue_at="at")},
    ("outcome", "answer_hash", "answered_at", "answered_by", "overdue_at"),
    made={"objection_hash": lambda row: reading.objection_hash(SimpleNamespace(**row)),
          "answer_hash": hashed("answer")})

FOLDS = (_FRAMEWORK, _APPLICATION, _STRIKE, _CALLOFF, _TURN, _OFFER, _OBJECTION)

TOLD = ("framework.published framework.admitted framework.objection_answered framework.struck"
        " calloff.stated calloff.turn_taken calloff.settled")
RULES: tuple[Rule, ...] = (
    rule_of(TOLD, FrameworkNotice, "content_hash", "facts.notice_hash",
            same={"published_at": "at"}, digests={"content": "facts.notice_hash"},
            when=lambda record: record["facts"].get("notice_hash") is not None),
)
"""Beside the rules of rules.py."""


def framed(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """Rows of the framework agreements against the record and against each other."""
    yield from folded(session, FOLDS, entries)
    stated = {entry.record["subject"]: entry.said("facts.content_hash") for entry in entries
              if entry.record["type"] == "framework.stated"}
    for one in session.scalars(select(Framework)):
        said = reading.content_hash(session, one)
        if said != stated.get(one.id) or one.content_hash not in (None, said):
            yield f"framework {one.id}: its terms are not what was stated and published"
        if one.valid_until != rules.valid_until(one.until_day):
            yield f"framework {one.id}: it ends at another hour than its terms say"
    yield from _places(session)
    yield from sealed_offers(session, entries, CalloffOffer, "calloff")


def _places(session: Session) -> Iterator[str]:
    """No place was given out that the framework did not count, and none stands twice."""
    given = dict(session.execute(select(Framework.id, Framework.places)).all())
    most: dict[str, int] = {}
    for own, place in session.execute(select(
            FrameworkApplication.framework_id, FrameworkApplication.place).where(
            FrameworkApplication.place.is_not(None))):
        most[own] = max(most.get(own, 0), place)
    turned: dict[str, int] = {}
    for own in session.scalars(select(CalloffTurn.framework_id)):
        turned[own] = turned.get(own, 0) + 1
    seated: dict[str, int] = {}
    for own in session.scalars(select(FrameworkApplication.framework_id).where(
            FrameworkApplication.admitted_at.is_not(None))):
        seated[own] = seated.get(own, 0) + 1
    for own, places in given.items():
        # Each admission and each turn asked took one place, and nothing else does.
        if places != seated.get(own, 0) + turned.get(own, 0) or most.get(own, 0) > places:
            yield f"framework {own}: its order of turns has another length than was given out"
