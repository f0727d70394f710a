"""Cases for the complaints' routes: one in each state that some step waits for."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import quote

from kernel.db import new_id
from supervision.complaints import course_filing, deciding, filing, handling
from supervision.complaints.model import Complaint
from tender.timetable import beijing_day
from tests.worlds.tender import EVIDENCE, PDF

ORDERS = {"orders": "删除该条件。"}
DECISION = {"outcome": "upheld", "text": "条件不合理。", "law": "招标投标法 18",
            "document_no": "督决〔2026〕1号"}
WORDS = {"text": "请说明。"}


def _complaint(said: str) -> dict:
    return {"subject": "conduct", "facts": f"招标人行为违法（{said}）。", "claims": "请责令改正。"}


def begin(world, lot: str, now: SimpleNamespace, holders: dict, companies: dict) -> None:
    """Cases of one's own that wait for the complainant, and others' that wait for the rest."""
    body, other = holders["supervisor_in"], companies["body"]
    second = world.account("supervisor", body.party_id, region="330703")
    due = beijing_day(world.now) + timedelta(days=20)

    def filed(company, said: str) -> str:
        return filing.file_complaint(company.actor, lot, **_complaint(said)).id

    now.cases = {}
    for name in ("own", "outside"):
        now.cases[name] = {one: filed(companies[name], one) for one in ("filed", "correcting")}
        handling.ask_correction(body, lot, now.cases[name]["correcting"], **WORDS)
    cases = now.cases["body"] = {name: filed(other, name) for name in (
        "filed", "accepted", "paused", "proposed", "ordered", "reported")}
    for name, one in cases.items():
        if name != "filed":
            handling.accept_complaint(world.fresh(second), lot, one, document_no="督受〔2026〕1号")
            handling.ask_statement(second, lot, one, **WORDS)
    handling.pause_complaint(second, lot, cases["paused"], basis="test", **WORDS)
    for name in ("proposed", "ordered", "reported"):
        now.proposal = deciding.propose_decision(
            second, lot, cases[name], **DECISION | (ORDERS | {"order_due": due})).number
    for name in ("ordered", "reported"):
        deciding.approve_decision(world.fresh(body), lot, cases[name], proposal=now.proposal)
    now.course_case = course_filing.file_course_complaint(
        other.actor, "direct_award", now.direct["standing"], **_complaint("发包")).id
    deciding.report_order(holders["buyer_own"], lot, cases["reported"], text="已改正。",
                          evidence_hash=EVIDENCE)


def foreign_rows(world, lot: str, party_id: str) -> dict[str, str]:
    """A complaint in another unit's lot; its id by the name of the place."""
    made = {"complaint_id": new_id()}
    with world._raw.begin() as connection:
        connection.execute(Complaint.__table__.insert().values(
            id=made["complaint_id"], lot_id=lot, party_id=party_id, subject="conduct", facts="？",
            claims="？", content_hash=made["complaint_id"] * 2, hotline_no="", paper_no="",
            counted_from=world.now, last_at=world.now + timedelta(days=1), sealed=False,
            filed_at=world.now))
    return made


def _of(name: str):
    return lambda s, _role: {"complaint_id": s.cases["body"][name]}


def _ones(name: str):
    return lambda s, role: {"complaint_id": s.cases[
        "outside" if role == "tenderer_outside" else "own"][name]}


def probes(probe) -> dict:
    """The probe of each route; `probe` makes one."""
    words = lambda _s, _r: WORDS
    step = {
        "correction": (words, _ones("correcting")), "withdrawal": (words, _ones("filed")),
        "correction-request": (words, _of("filed")),
        "acceptance": (lambda s, r: {"document_no": "督受〔2026〕2号"}, _of("filed")),
        "refusal": (lambda s, r: {"basis": "vague", "document_no": "督〔2026〕9号"} | WORDS,
                    _of("filed")),
        "suspension": (lambda s, r: {"document_no": "督暂〔2026〕5号", "reason": "调查需要"},
                       _of("accepted")),
        "statement-request": (words, _of("accepted")), "statement": (words, _of("accepted")),
        "pause": (lambda s, r: {"basis": "experts"} | WORDS, _of("accepted")),
        "resumption": (words, _of("paused")),
        "transfer": (lambda s, r: {"department": "某市水务局", "document_no": "移〔2026〕1号"} | WORDS,
                     _of("filed")),
        "recusal": (words, _of("accepted")), "disclosure": (words, _of("accepted")),
        "proposal": (lambda s, r: DECISION, _of("accepted")),
        "proposal-return": (words, _of("proposed")),
        "decision": (lambda s, r: {"proposal": s.proposal}, _of("proposed")),
        "report": (lambda s, r: {"evidence_hash": EVIDENCE} | WORDS, _of("ordered")),
        "report-return": (words, _of("reported")),
        "closing": (lambda s, r: {"evidence_hash": EVIDENCE}, _of("reported"))}
    return {
        "POST /lots/<lot_id>/complaint-evidence": probe(
            lambda s, r: PDF.replace(b"obj<<", b"obj<</C(1)"), query="?name=" + quote("证据.pdf")),
        "POST /lots/<lot_id>/complaints": probe(lambda s, r: _complaint("新")),
        "GET /lots/<lot_id>/complaints": probe(),
        "GET /complaints/<complaint_id>/course-complainant": probe(
            path=lambda s, _role: {"complaint_id": s.course_case}),
        "POST /direct-awards/<award_id>/complaints": probe(
            lambda s, r: _complaint("新"), path=lambda s, _role: {"award_id": s.direct["standing"]}),
        "POST /services/<service_id>/complaints": probe(
            lambda s, r: _complaint("新"), path=lambda s, _role: {
                "service_id": s.services["standing"]}),
        "GET /complaints/<complaint_id>/complainant": probe(path=_of("accepted")),
        "GET /complaints/<complaint_id>/supervisors": probe(path=_of("accepted")),
    } | {f"POST /complaints/<complaint_id>/{name}": probe(body, path=path, ripe=RIPE.get(name, ()))
         for name, (body, path) in step.items()}


RIPE = {"suspension": ("BIDDING", "EVALUATED")}
"""Where a step can have its way that most phases refuse."""


CONDITIONS = {
    "POST /complaints/<complaint_id>/suspension": {"complaint.not-suspendable"},
    "POST /complaints/<complaint_id>/disclosure": {"complaint.unopened"},
}
"""Refusals that may stand where the table allows; each has its own test."""
