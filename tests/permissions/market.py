"""The intermediary supermarket in the course: a service and a draw in each state an address asks.

Most are laid by hand: their times must hold at every station of a course of months.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from types import SimpleNamespace

from evaluation import selection
from evaluation.services import directory, requests
from evaluation.services.model import (
    Agency,
    AgencySanction,
    Service,
    ServiceDraw,
    ServiceNonce,
    ServiceObjection,
    ServiceOffer,
)
from kernel.canonical import b64, time_text
from kernel.db import Base, new_id
from people import digests
from tender import acts as tendering
from tender.profile import shipped_for
from tender.timetable import beijing_day
from tests.worlds.tender import EVIDENCE

NAMES = ("own", "rival", "outside")
KIND = "造价咨询"
ENTRY = {"region": "330703", "kinds": [KIND], "qualifications": [{
    "name": "营业执照", "number": "1", "evidence_hash": EVIDENCE, "valid_until": "2090-01-01"}]}
OFFER = {"price_fen": 2_000_000, "proposal_hash": "b" * 64, "salt": "5" * 64}
ASKED = {"kind": KIND, "title": "结算审核", "requirement": "出具审核报告", "budget_fen": 3_000_000,
         "method": "quote", "screen": "", "policy_document": "", "reason": ""}
FAR = timedelta(days=2000)


def request(at: datetime) -> dict:
    """A request for a service as a buyer sends it."""
    return ASKED | {"offers_until": time_text(at + timedelta(days=40))}


def sanction(at: datetime) -> dict:
    """What a supervisor proposes against an agency."""
    return {"kind": "suspended", "document_no": "区监〔2026〕3号", "reason": "出具虚假报告",
            "until": beijing_day(at + FAR)}


def begin(world, now: SimpleNamespace, holders: dict) -> None:
    """Agencies in the directory, and services in every state."""
    supervisor = holders["supervisor_in"]
    another = world.account("supervisor", region="330703")
    now.entries = {}
    for name in NAMES:
        world.keeps_paper(holders[f"tenderer_{name}"])
        tendering.declare_licence(
            holders[f"tenderer_{name}"], kind="市政公用工程施工总承包", grade="三级", number="D333",
            valid_from=world.now.date(), valid_until=None, evidence_hash=EVIDENCE)
        made = directory.enter_agency(holders[f"tenderer_{name}"], **ENTRY)
        read = {"content_hash": directory.digest(made)}
        directory.propose_agency(supervisor, made.id, **read)
        directory.approve_agency(another, made.id, **read)
        now.entries[name] = made.id
    waiting, proposed = (directory.enter_agency(world.keeps_paper(world.account(
        "tenderer", world.party("tenderer"))), **ENTRY) for _ in range(2))
    now.entry, now.entry_hash = waiting.id, directory.digest(waiting)
    now.entry_proposed, now.entry_read = proposed.id, directory.digest(proposed)
    directory.propose_agency(another, proposed.id, content_hash=now.entry_read)
    asked = requests.request_service(world.chief, offers_until=world.now + FAR, **ASKED)
    now.services = {"requested": asked.id} | {
        name: _service(world, now, holders, name) for name in (
            "open", "revealing", "displayed", "unscreened", "screened", "drawing", "standing",
            "disputed", "decided", "contracted", "finished")}
    now.sanction = directory.propose_sanction(another, waiting.id, **sanction(world.now)).id
    now.disputed = new_id()
    _lay(world, ServiceObjection, id=now.disputed, service_id=now.services["disputed"],
         party_id=holders["tenderer_rival"].party_id, argument="资质不符", remedy="重审",
         evidence=[EVIDENCE],
         filed_at=world.now, answer_by=world.now + FAR)
    now.service_hash = asked.content_hash
    now.draws = {name: _draw(world, now, holders, late) for name, late in (
        ("open", False), ("late", True))}


def _lay(world, table: type[Base], **values) -> None:
    with world._raw.begin() as connection:
        connection.execute(table.__table__.insert().values(**values))


def _service(world, now: SimpleNamespace, holders: dict, name: str) -> str:
    own, at = new_id(), world.now
    over = name not in ("open", "revealing")
    drawn = name in ("unscreened", "screened", "drawing")
    method = "draw" if drawn else "display" if name == "displayed" else "quote"
    done = name in ("standing", "disputed", "decided", "contracted", "finished")
    buyer = holders["buyer_own"]
    _lay(world, Service, id=own, code=own, buyer_id=buyer.party_id, region="330703",
         **ASKED | {"method": method, "screen": "业绩", "policy_document": "文号"},
         offers_until=at + FAR if name == "open" else at - timedelta(hours=2),
         reveal_until=at - timedelta(hours=1) if over else at + 2 * FAR,
         profile=_slow(shipped_for("intermediary", at.date())), requested_at=at,
         requested_person=world.chief.person_id, content_hash="0" * 64, approved_at=at,
         approved_person=buyer.person_id, closed_at=None if name == "open" else at,
         settled_at=at if over else None,
         screened_at=at if name in ("screened", "drawing") else None,
         decided_at=at if done else None, price_fen=2_000_000 if done else None,
         winner_id=holders["tenderer_own"].party_id if done else None,
         objections_until=at + FAR if name == "standing" else None,
         contracted_at=at if name in ("contracted", "finished") else None,
         finished_at=at if name == "finished" else None)
    for one in () if name == "open" else NAMES:
        party = holders[f"tenderer_{one}"].party_id
        said = OFFER | {"revealed_at": at} if over else {}
        _lay(world, ServiceOffer, id=new_id(), service_id=own, party_id=party, offered_at=at,
             commitment=selection.commitment(own, party, **OFFER),
             passed=1 if name in ("screened", "drawing") else None, **said)
    return own


def _slow(profile) -> dict:
    """The profile with a time for the contract that no course outlasts."""
    numbers = dict(profile["numbers"])
    numbers["service.contract_days"] = numbers["service.contract_days"] | {"value": 3650}
    return {**profile, "numbers": numbers}


def _draw(world, now: SimpleNamespace, holders: dict, late: bool) -> str:
    own, at = new_id(), world.now
    service = now.services["drawing"] if late else _service(world, now, holders, "drawing")
    _lay(world, ServiceDraw, id=own, service_id=service, salt="0" * 64, tickets={},
         announcement=json.dumps({"service": service}),
         sealed_nonce=digests.seal(b64(bytes(32))), announced_at=at,
         commit_by=at - timedelta(hours=1) if late else at + FAR, reveal_by=at + 2 * FAR)
    named = ["platform", *(holders[f"tenderer_{one}"].party_id for one in NAMES),
             holders["buyer_own"].party_id]
    for one in named if late else named[:1]:
        _lay(world, ServiceNonce, id=new_id(), draw_id=own, contributor=one,
             commitment=hashlib.sha256(bytes(32)).hexdigest())
    return own


def foreign_rows(world, party_id: str) -> dict[str, str]:
    """Another unit's service and entry in another region; their ids by place."""
    made = {"service_id": new_id(), "agency_id": new_id(), "sanction_id": new_id()}
    at = world.now
    _lay(world, Service, id=made["service_id"], code=made["service_id"], buyer_id=party_id,
         region="110101", offers_until=at + FAR, requested_at=at, requested_person=party_id,
         content_hash="0" * 64, **ASKED)
    holder = world.party("tenderer").id
    _lay(world, Agency, id=made["agency_id"], party_id=holder, region="110101", kinds=[KIND],
         qualifications=ENTRY["qualifications"], entered_at=at)
    _lay(world, AgencySanction, id=made["sanction_id"], agency_id=made["agency_id"],
         proposed_at=at, proposed_person=party_id, kind="suspended", document_no="1", reason="另案",
         until_day=beijing_day(at + FAR).isoformat())
    return made
