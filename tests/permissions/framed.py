"""Framework agreements in the course: a draft, one that runs, suppliers and purchases in every state.

Most are laid by hand: their times must hold at every station of a course of months.
"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from evaluation import selection
from evaluation.frameworks import reading, stating
from evaluation.frameworks.model import (
    Calloff,
    CalloffOffer,
    CalloffTurn,
    Framework,
    FrameworkApplication,
    FrameworkObjection,
    FrameworkStrike,
)
from kernel.db import db, new_id
from people.model import Party
from tender.profile import shipped_for
from tests.worlds.tender import EVIDENCE

from .market import FAR, NAMES, OFFER
from .market import _lay as lay

STATED = {"kind": "open", "title": "办公设备维修", "category": "services",
          "requirement": "两小时内响应", "conditions": ["营业执照"], "price_kind": "highest",
          "price_fen": 3_000_000, "unit": "次", "users": [],
          "methods": ["direct", "rotation", "mini"], "methods_reason": "零星维修须均衡派单。",
          "leaving": "提前五日书面告知"}
PAPERS = [{"condition": 0, "name": "营业执照", "number": "1", "evidence_hash": EVIDENCE,
           "valid_until": "2090-01-01"}]


def terms(at) -> dict:
    """A framework as a buyer sends it."""
    return STATED | {"until_day": (at + timedelta(days=500)).date().isoformat()}


def call(s, method: str = "direct") -> dict:
    """A purchase as a buyer sends it."""
    return {"title": "复印机维修", "quantity": 1, "method": method,
            "application_id": s.seated["own"], "reason": "距离最近，用户评价最好，价格最低。"}


def begin(world, now: SimpleNamespace, holders: dict) -> None:
    """A framework in each state, the three tenderers seated in one, purchases in every state."""
    draft = stating.state_framework(world.chief, **terms(world.now))
    now.framework_hash = reading.content_hash(db.session, draft)
    own = holders["buyer_own"].party_id
    users = [db.session.get(Party, holders[name].party_id).uscc
             for name in ("buyer_own", "buyer_other")]
    db.session.rollback()
    now.frameworks = {"drafted": draft.id} | {
        name: _framework(world, own, users) for name in ("running", "open")}
    running = now.frameworks["running"]
    now.seated = {name: _application(world, running, holders[f"tenderer_{name}"].party_id, place)
                  for place, name in enumerate(NAMES, 1)}
    leaving = _framework(world, own, users)  # nothing is due in it, so that one may leave
    now.leaving = {name: _application(world, leaving, holders[f"tenderer_{name}"].party_id, place)
                   for place, name in enumerate(NAMES, 1)}
    now.waiting_application = _application(world, running, world.party("tenderer").id)
    # Who left would stand in the way of a new refusal's objection: these are of another framework.
    refused = _framework(world, own, users)
    now.refused_applications = {
        name: _application(world, refused, holders[f"tenderer_{name}"].party_id, refused=True)
        for name in NAMES}
    struck = _application(world, running, world.party("tenderer").id, 9)
    now.strike = new_id()
    lay(world, FrameworkStrike, id=now.strike, application_id=struck, ground="breach",
        reason="拒不返修", proposed_at=world.now, proposed_person=world.chief.person_id)
    now.calloffs = {name: _calloff(world, now, holders, name) for name in (
        "declined", "offers", "revealing", "standing", "signing", "disputed",
        *(f"asked-{one}" for one in NAMES))}
    now.framework_objections = {
        name: _objection(world, running, holders["tenderer_rival"].party_id, **about)
        for name, about in (
            ("refusal", {"application_id": _application(
                world, refused, world.party("tenderer").id, refused=True)}),
            ("result", {"calloff_id": now.calloffs["disputed"]}))}


def _framework(world, buyer_id: str, users: list[str], **over) -> str:
    own = new_id()
    lay(world, Framework, id=own, ocid=own, code=own, buyer_id=buyer_id, region="330703",
        **STATED | {"users": users}, until_day="2090-01-01", valid_until=world.now + FAR,
        drafted_at=world.now, drafted_person=world.chief.person_id, published_at=world.now,
        approved_person=own, content_hash="0" * 64,
        profile=dict(shipped_for("govproc", world.now.date())), places=99, **over)
    return own


def _application(world, framework_id: str, party_id: str, place: int | None = None, *,
                 refused: bool = False) -> str:
    own, at = new_id(), world.now
    lay(world, FrameworkApplication, id=own, framework_id=framework_id, party_id=party_id,
        papers=PAPERS, price_fen=2_900_000, terms_hash="0" * 64, applied_at=at,
        decide_by=at + FAR, decided_at=at if place or refused else None,
        admitted_at=at if place else None, place=place,
        **({"against": [0], "reason": "执照过期", "objections_until": at + FAR, "ended_at": at,
            "ended_how": "refused"} if refused else {}))
    return own


def _calloff(world, now: SimpleNamespace, holders: dict, name: str) -> str:
    own, at = new_id(), world.now
    mini, done = name in ("offers", "revealing"), name in ("standing", "signing", "disputed")
    # The result stands for one whom nobody of the three is.
    winner = _application(world, now.frameworks["running"], world.party("tenderer").id,
                          100 + len(name) * 7 + ord(name[-1])) if done else None
    lay(world, Calloff, id=own, code=own, framework_id=now.frameworks["running"],
        user_id=holders["buyer_own"].party_id, title=f"维修{own}", requirement="",
        category="services", quantity=1, most_fen=3_000_000,
        method="mini" if mini else "direct" if done else "rotation", reason="", stated_at=at,
        stated_person=world.chief.person_id,
        offers_until=(at + FAR if name == "offers" else at - timedelta(hours=1)) if mini else None,
        reveal_until=at + 2 * FAR if mini else None, closed_at=at if name == "revealing" else None,
        decided_at=at if done else None, winner_id=winner,
        price_fen=OFFER["price_fen"] if done else None,
        objections_until=(at if name == "signing" else at + FAR) if done else None)
    if name == "revealing":
        for one in NAMES:
            party = holders[f"tenderer_{one}"].party_id
            lay(world, CalloffOffer, id=new_id(), calloff_id=own, party_id=party,
                application_id=now.seated[one], offered_at=at,
                commitment=selection.commitment(own, party, *OFFER.values()))
    if name == "declined" or name.startswith("asked-"):
        whom = name.removeprefix("asked-") if name != "declined" else "own"
        lay(world, CalloffTurn, id=new_id(), calloff_id=own,
            framework_id=now.frameworks["running"], application_id=now.seated[whom],
            place=200 + (NAMES.index(whom) if name != "declined" else 9), asked_at=at,
            answer_by=at + FAR, **({"answer": "declined", "answered_at": at, "reason": "人手不足"}
                                   if name == "declined" else {}))
    return own


def _objection(world, framework_id: str, party_id: str, **about: str) -> str:
    own = new_id()
    lay(world, FrameworkObjection, id=own, framework_id=framework_id, party_id=party_id,
        argument="资质不符", remedy="重审", evidence=[EVIDENCE], filed_at=world.now,
        answer_by=world.now + FAR, **about)
    return own


def foreign_rows(world, party_id: str) -> dict[str, str]:
    """Another unit's draft, an application to it and a purchase, in another region, by place."""
    own, called = _framework(world, party_id, []), new_id()
    applied = _application(world, own, party_id, 1)
    lay(world, Calloff, id=called, code=called, framework_id=own, user_id=party_id, title="维修",
        requirement="", category="services", quantity=1, most_fen=1, method="direct", reason="",
        stated_at=world.now, stated_person=party_id)
    strike = new_id()
    lay(world, FrameworkStrike, id=strike, application_id=applied, ground="breach", reason="拒修",
        proposed_at=world.now, proposed_person=party_id)
    return {"framework_id": own, "application_id": applied, "calloff_id": called,
            "strike_id": strike}
