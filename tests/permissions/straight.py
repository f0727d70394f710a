"""Direct awards in the course: a draft with its minutes, one that is published, a foreign one."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from audit.act import wiring
from kernel.db import new_id
from people.uscc import completed
from tender import acts
from tender.model import DirectAward, DirectObjection
from tender.timetable import beijing_day
from tests.worlds.tender import EVIDENCE, PDF

STATED = {"title": "屋面修缮", "description": "", "category": "works", "regime": "village",
          "estimate_fen": 5_000_000, "price_fen": 4_900_000, "approval_no": "", "funding": "",
          "contractor": "某防水有限公司", "contractor_uscc": completed("91330703", "MA4D0002"),
          "period_days": 20, "reason": "金额低于限额，经集体研究直接发包。",
          "decision_no": "纪要1号", "decision_day": "2026-01-05"}
FAR = timedelta(days=2000)
LIMIT = {"value": 900_000_000, "unit": "fen", "source": "某县办法", "mark": "found",
         "breach": "block"}


def begin(world, now: SimpleNamespace, holders: dict) -> None:
    """A place that allows direct awards, and one in each state that an address asks for."""
    proposed = acts.propose_profile(
        world.account("supervisor", region="330703"), base="village-2026-2", region="330703",
        valid_from=beijing_day(world.now), title={"zh": "某县", "en": "A county"},
        why="本县办法规定了直接发包限额。", changes={"direct.limit_fen": LIMIT})
    acts.approve_profile(world.fresh(world.account("supervisor", region="330703")), proposed.id,
                         body_hash=proposed.body_hash)
    made = {name: _stated(world, title) for name, title in (
        ("drafted", "屋面修缮"), ("published", "村道路灯"), ("standing", "河道护栏"),
        ("disputed", "公厕改造"))}
    made["own"] = acts.state_direct_award(
        holders["buyer_own"], **STATED | {"title": "村口凉亭"}).id
    for name in ("published", "standing", "disputed"):
        acts.approve_award(world.fresh(holders["buyer_own"]), made[name],
                           content_hash=_hash(world, made[name]))
    # Their times must hold at every station of a course of months.
    rows = DirectAward.__table__
    now.award_disputed = new_id()
    with world._raw.begin() as connection:
        connection.execute(rows.update().where(rows.c.id == made["published"]).values(
            objections_until=None))
        connection.execute(rows.update().where(rows.c.id == made["standing"]).values(
            objections_until=world.now + FAR))
        connection.execute(DirectObjection.__table__.insert().values(
            id=now.award_disputed, award_id=made["disputed"], argument="另有同一项目",
            party_id=holders["tenderer_rival"].party_id, remedy="撤销", evidence=[EVIDENCE],
            filed_at=world.now, answer_by=world.now + FAR))
    now.direct, now.direct_hash = made, _hash(world, made["drafted"])
    now.direct_own_hash = _hash(world, made["own"])
    now.direct_own_version = int(now.direct_own_hash[:12], 16)


def _stated(world, title: str) -> str:
    row = acts.state_direct_award(world.chief, **STATED | {"title": title})
    acts.add_minutes(world.chief, row.id, name="纪要.pdf", media_type="application/pdf",
                     size=len(PDF), digest=wiring().store.put(PDF))
    return row.id


def _hash(world, award_id: str) -> str:
    return world.client(world.chief).get(f"/direct-awards/{award_id}").json["content_hash"]


def foreign_rows(world, party_id: str) -> dict[str, str]:
    """Another unit's draft in another region; its id by place."""
    own = new_id()
    with world._raw.begin() as connection:
        connection.execute(DirectAward.__table__.insert().values(
            id=own, ocid=own, code=own, buyer_id=party_id, region="110101", **STATED,
            drafted_at=world.now, drafted_by=party_id, drafted_person=party_id))
    return {"award_id": own}
