"""Objections to direct awards: by other companies, in time, nameless, answered before the contract."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest

from kernel.canonical import time_text
from kernel.db import db
from people.model import Party
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from portal.tick import tick
from tender import acts
from tender.clock import due
from tender.timetable import publicity_ends
from tests.worlds.tender import EVIDENCE, PDF

from ..portal import ocds
from .test_direct import approve, place, refused, stated  # noqa: F401

SAID = {"argument": "该事项与上月发包的屋面工程实为同一项目。", "remedy": "撤销直接发包，公开招标"}
ANSWER = {"outcome": "rejected", "text": "两项工程批文、地点均不同。"}


@pytest.fixture
def award(place):  # noqa: F811
    made, digest = stated(place)
    approve(place, made, digest)
    return made


def contract(world, award_id: str, **over):
    return acts.contract_award(world.clerk, award_id, **{
        "amount_fen": 7_900_000, "signed_at": world.now, "document_hash": "c" * 64} | over)


def damages(world) -> list[str]:
    db.session.rollback()
    return [one for one in rows(world.session, list(entries(world.session))) if "direct" in one]


def test_other_companies_object_in_time_and_the_contract_waits(place, award):  # noqa: F811
    world, public = place, place.client()
    until = publicity_ends(world.now, 3)
    assert public.get(f"/direct-awards/{award}").json["objections_until"] \
        == time_text(until)
    first, second, third = (world.account("tenderer", world.party("tenderer")) for _ in range(3))
    drafted, _ = stated(world, title="尚未公布")
    path = f"/direct-awards/{award}/objections"
    assert refused(acts.object_to_award, first, drafted, **SAID) == "object.not-found"
    assert refused(acts.object_to_award, world.chief, award, **SAID) == "access.denied"
    assert refused(contract, world, award) == "direct.contract"
    assert refused(acts.object_to_award, first, award, **SAID, evidence=["9" * 64]) \
        == "paper.missing"
    world.keeps_paper(first)
    sent = world.client(first).post(path, json=SAID | {"evidence": [EVIDENCE]})
    assert sent.status_code == 201 and first.party_id not in sent.get_data(as_text=True)
    assert refused(acts.object_to_award, first, award, **SAID) == "direct.objected"
    world.advance(to=until - timedelta(seconds=30))
    acts.object_to_award(second, award, **SAID)
    world.advance(to=until)
    assert refused(acts.object_to_award, third, award, **SAID) == "direct.not-objectable"
    # Nobody but who must answer reads one, and nobody at all who raised it.
    assert public.get(f"/direct-awards/{award}").json["objections"] == []
    assert world.client(first).get(path).status_code == 404
    assert world.client(world.supervisor).get(path).status_code in (403, 404)
    inside = world.client(world.clerk).get(path).json["items"]
    assert [one["argument"] for one in inside] == [SAID["argument"]] * 2
    assert not {first.party_id, second.party_id} & set(json.dumps(inside).split('"'))
    paper = f"/direct-objections/{sent.json['id']}/evidence/{EVIDENCE}"
    assert world.client(world.clerk).get(paper).data == PDF
    assert world.client(second).get(paper).status_code in (403, 404)
    # The contract waits for every answer; each is given once, before everybody.
    assert refused(contract, world, award) == "direct.waits"
    world.advance(hours=2)
    for one in inside:
        assert refused(acts.answer_award_objection, world.account("buyer"), one["id"], **ANSWER) \
            == "object.not-found"
        acts.answer_award_objection(world.chief, one["id"], **ANSWER)
        assert refused(acts.answer_award_objection, world.chief, one["id"], **ANSWER) \
            == "direct.answered"
    shown = public.get(f"/direct-awards/{award}").json["objections"]
    assert [one["answer"] for one in shown] == [ANSWER["text"]] * 2
    assert not any({"argument", "remedy", "evidence"} & set(one) for one in shown)
    assert refused(contract, world, award, signed_at=world.now - timedelta(hours=1)) \
        == "direct.contract", "nobody signs before the last answer"
    # Thirty days from then, not from the day it was published (T13).
    world.advance(days=29)
    contract(world, award)
    page = unescape(world.app.test_client().get(f"/direct-awards/{award}").get_data(as_text=True))
    assert ANSWER["text"] in page and SAID["argument"] not in page
    assert {row.disclose for row in world.written("direct_award.objected")} == {"never"}
    told = [one["type"] for one in public.get(f"/changes?tender_id={award}").json["items"]]
    assert told == ["direct_award.approved", "direct_award.objection_answered",
                    "direct_award.objection_answered", "direct_award.contracted"]
    assert damages(world) == []
    world.raw("UPDATE direct_objection SET argument = '别的'")
    assert [one for one in damages(world) if "objection_hash" in one]


def test_an_upheld_objection_ends_the_award(place, award):  # noqa: F811
    world = place
    rival = world.account("tenderer", world.party("tenderer"))
    made = acts.object_to_award(rival, award, **SAID)
    other = acts.object_to_award(world.account("tenderer", world.party("tenderer")), award, **SAID)
    acts.answer_award_objection(world.chief, made.id, outcome="upheld", text="属实，结果无效。")
    assert refused(acts.answer_award_objection, world.chief, other.id, **ANSWER) \
        == "direct.answered"
    world.advance(days=5)
    assert refused(contract, world, award) == "direct.state"
    assert refused(acts.object_to_award, world.account("tenderer", world.party("tenderer")), award,
                   **SAID) == "direct.not-objectable"
    tick()
    world.tick()
    (found,) = world.client().get("/search?q=防水修缮&kind=direct_award").json["items"]
    assert found["phase"] == "FAILED"
    sent = json.loads(world.client().get(f"/direct-awards/{award}/ocds").data,
                      parse_float=Decimal)
    assert [one["tag"] for one in sent["releases"]] == [["award"], ["awardCancellation"]]
    ocds.check(sent)
    # What fell is not summed with what is awarded instead.
    again, digest = stated(world, estimate_fen=9_000_000, decision_day="2026-03-01")
    approve(world, again, digest)
    assert damages(world) == []
    world.raw("UPDATE direct_award SET failed_at = NULL WHERE id = :id", id=award)
    assert [one for one in damages(world) if "failed_at" in one]


def test_an_answer_that_does_not_come_is_written_down_once(place, award):  # noqa: F811
    world = place
    made = acts.object_to_award(world.account("tenderer", world.party("tenderer")), award, **SAID)
    assert not list(due(world.session, made.answer_by - timedelta(seconds=1)))
    world.advance(to=made.answer_by)
    tick()
    tick()
    assert len(world.written("direct_award.objection_overdue")) == 1
    assert refused(contract, world, award) == "direct.waits"
    acts.answer_award_objection(world.chief, made.id, **ANSWER)
    (shown,) = world.client().get(f"/direct-awards/{award}").json["objections"]
    assert shown["overdue"] is True
    assert damages(world) == []


def test_the_contractor_does_not_object_and_older_awards_stay_as_they_were(place):  # noqa: F811
    world = place
    own = world.account("tenderer", world.party("tenderer"))
    unit = world.session.get(Party, own.party_id)
    made, digest = stated(world, contractor=unit.name, contractor_uscc=unit.uscc)
    approve(world, made, digest)
    assert refused(acts.object_to_award, own, made, **SAID) == "direct.own"
    world.raw("UPDATE direct_award SET objections_until = NULL")
    assert refused(acts.object_to_award, world.account("tenderer", world.party("tenderer")), made,
                   **SAID) == "direct.not-objectable"
    contract(world, made)
