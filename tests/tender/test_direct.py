"""Direct awards: only where a place allows them, on minutes, by two persons, published."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from audit.act import wiring
from audit.keys import verifier
from kernel.canonical import parse
from kernel.db import db
from kernel.refusal import Refused
from people.uscc import completed
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from portal.litter import named
from tender import acts, notices
from tender.timetable import beijing_day

from ..evaluation.test_races import at_once
from ..permissions.watch import book
from ..portal import ocds
from ..worlds.tender import PDF

LIMIT = {"value": 10_000_000, "unit": "fen", "source": "某县限额以下办法 12", "mark": "found",
         "breach": "block"}
PAID = ["付款单位", "付款单位代码", "收款单位", "收款单位代码", "金额（元）", "日期", "平台编号"]
STATED = {"title": "办公楼屋面防水修缮", "description": "约 300 平方米", "category": "works",
          "regime": "below", "estimate_fen": 8_000_000, "price_fen": 7_900_000,
          "approval_no": "", "funding": "镇财政", "contractor": "某防水工程有限公司",
          "contractor_uscc": completed("91330703", "MA4D0001"), "period_days": 20,
          "reason": "金额低于限额，雨季抢修，经集体研究直接发包。", "decision_no": "镇党委会纪要〔2026〕8号",
          "decision_day": "2026-02-27"}


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


@pytest.fixture
def place(world):
    """A county whose rules allow direct awards below 100,000 yuan."""
    return allowed(world)


def allowed(world):
    """Have the rules of the county allow direct awards below 100,000 yuan."""
    world.buyer_unit()
    proposed = acts.propose_profile(
        world.fresh(world.supervisor), base="below-2026-3", region="330703",
        valid_from=beijing_day(world.now), title={"zh": "某县", "en": "A county"},
        why="本县办法规定了直接发包限额。", changes={"direct.limit_fen": LIMIT})
    acts.approve_profile(world.fresh(world.account("supervisor", region="330703")), proposed.id,
                         body_hash=proposed.body_hash)
    return world


def stated(world, **over):
    """A draft with its minutes; the hash that the second person names."""
    row = acts.state_direct_award(world.clerk, **STATED | over)
    digest = wiring().store.put(PDF)
    acts.add_minutes(world.clerk, row.id, name="纪要.pdf", media_type="application/pdf",
                     size=len(PDF), digest=digest)
    return row.id, world.client(world.clerk).get(f"/direct-awards/{row.id}").json["content_hash"]


def test_a_draft_is_changed_by_who_stated_it_at_the_version_that_was_read(place):
    world, (award, digest) = place, stated(place)
    own, path = world.client(world.clerk), f"/direct-awards/{award}"
    version = own.get(path + "/work").headers["ETag"]
    code = own.get(path).json["code"]

    def change(client, match=version, **over):
        return client.put(path, json=STATED | over, headers={"If-Match": match} if match else {})

    assert change(own, "").status_code == 428
    assert change(world.client(world.chief), price_fen=7_800_000).status_code == 403
    stranger = world.account("buyer", world.party("buyer"))
    assert change(world.client(stranger)).status_code in (403, 404)
    said = change(own, price_fen=7_800_000, funding="")
    assert said.status_code == 200 and said.json["price_fen"] == 7_800_000
    assert said.json["code"] == code and said.json["minutes_hash"], "the minutes stay"
    assert change(own, price_fen=7_700_000).json["code"] == "version.stale"
    assert refused(approve, world, award, digest) == "notice.changed"
    version = own.get(path + "/work").headers["ETag"]
    assert change(own, version, category="goods").json["code"] != code, "a code names its category"
    approve(world, award, own.get(path).json["content_hash"])
    assert change(own, version).json["code"] == "direct.state"
    assert list(rows(db.session, list(entries(db.session)))) == []


def approve(world, award_id, digest):
    return acts.approve_award(world.fresh(world.chief), award_id, content_hash=digest)


def found(world, award_id, digest) -> set[str]:
    with pytest.raises(Refused) as caught:
        approve(world, award_id, digest)
    return {one["code"] for one in caught.value.facts["findings"]}


def test_the_course_from_minutes_to_contract(place):
    world, public = place, place.client()
    award, digest = stated(world)
    assert public.get(f"/direct-awards/{award}").status_code == 404
    assert public.get(f"/direct-awards/{award}/ocds").status_code == 404
    assert public.get("/direct-awards").json["items"] == []
    assert refused(acts.approve_award, world.fresh(world.clerk), award, content_hash=digest) \
        == "notice.same-person"
    assert refused(approve, world, award, "0" * 64) == "notice.changed"
    approve(world, award, digest)
    (listed,) = public.get("/direct-awards").json["items"]
    assert listed["contractor"] == STATED["contractor"] and listed["price_fen"] == 7_900_000
    assert refused(approve, world, award, digest) == "direct.state"
    assert refused(acts.give_up_award, world.clerk, award) == "direct.state"
    contract = {"amount_fen": 7_900_000, "signed_at": world.now, "document_hash": "c" * 64}
    assert refused(acts.contract_award, world.clerk, award, **contract | {"amount_fen": 1}) \
        == "direct.contract"
    world.advance(days=36)
    late = contract | {"signed_at": world.now - timedelta(minutes=1)}
    assert refused(acts.contract_award, world.clerk, award, **late) == "direct.late"
    acts.contract_award(world.clerk, award, **late, late_reason="汛期推迟进场")
    assert refused(acts.contract_award, world.clerk, award, **contract) == "direct.state"
    shown = public.get(f"/direct-awards/{award}").json
    platform = verifier(world.settings.keys, "platform")
    for notice in shown["notices"]:
        assert parse(notice["content"])["direct_award"] == award
        notices.verify(notice["content"].encode(), notice["signature"], platform)
        pdf = public.get(f"/direct-awards/{award}/notices/{notice['kind']}/pdf")
        assert pdf.data.startswith(b"%PDF")
    assert [one["kind"] for one in shown["notices"]] == ["direct_award", "contract"]
    assert STATED["reason"] in shown["notices"][0]["content"]
    sent = json.loads(public.get(f"/direct-awards/{award}/ocds").data, parse_float=Decimal)
    assert [one["tag"] for one in sent["releases"]] == [["award"], ["contract"]]
    assert sent["releases"][0]["tender"]["procurementMethod"] == "direct"
    ocds.check(sent)
    assert not [one for one in rows(world.session, list(entries(world.session)))
                if "direct" in one]
    world.raw("UPDATE direct_award SET price_fen = 7900001")
    assert [one for one in rows(world.session, list(entries(world.session))) if "price_fen" in one]


def test_who_reads_the_minutes(place):
    world = place
    award, digest = stated(world)
    approve(world, award, digest)
    path = f"/direct-awards/{award}/minutes"
    assert world.client(world.clerk).get(path).data == PDF
    assert world.client(world.supervisor).get(path).data == PDF
    assert world.client(world.account("supervisor", region="110101")).get(path).status_code == 404
    assert world.client(world.company().actor).get(path).status_code == 404
    assert world.client().get(path).status_code in (401, 404)
    hashes = named(world.session)
    assert world.client().get(f"/direct-awards/{award}").json["minutes_hash"] in hashes


def test_what_is_not_awarded_directly(place):
    world = place
    buyer = world.buyer_unit()
    for over, code in (
            ({"estimate_fen": 10_000_000}, "direct.large"),
            ({"price_fen": 8_000_001}, "direct.price"),
            ({"regime": "village"}, "direct.not-allowed"),
            ({"contractor_uscc": buyer.uscc}, "direct.own"),
            ({"decision_day": "2026-03-03"}, "direct.decision")):
        assert found(world, *stated(world, **over)) == {code}, code
    row = acts.state_direct_award(world.clerk, **STATED)
    said = world.client(world.clerk).get(f"/direct-awards/{row.id}").json
    assert found(world, row.id, said["content_hash"]) == {"direct.minutes"}
    acts.give_up_award(world.clerk, row.id)
    assert refused(approve, world, row.id, said["content_hash"]) == "direct.state"


def test_nothing_is_awarded_directly_where_the_place_states_no_limit(world):
    world.buyer_unit()
    assert found(world, *stated(world)) == {"direct.not-allowed"}


def test_one_project_is_not_cut_into_direct_awards(place):
    world = place
    approve(world, *stated(world, estimate_fen=6_000_000, price_fen=6_000_000))
    again = stated(world, estimate_fen=6_000_000, price_fen=5_000_000,
                   title="办公楼屋面防水修缮（二期）")
    assert found(world, *again) == {"direct.split"}
    approve(world, *stated(world, estimate_fen=6_000_000, price_fen=5_000_000, title="村道路灯"))


def test_a_payment_on_a_direct_award_is_not_past_the_platform(place):
    world, unit = place, place.buyer_unit()
    award, digest = stated(world)
    row = approve(world, award, digest)
    world.advance(to=row.objections_until)
    acts.contract_award(world.clerk, award, amount_fen=7_900_000, signed_at=world.now,
                        document_hash="c" * 64)
    paid = [[unit.name, unit.uscc, "某公司", payee, 79000, "2026-03-02", code] for payee, code in (
        (STATED["contractor_uscc"], row.code), (completed("91330703", "MA4D0009"), ""))]
    watcher = world.client(world.account("supervisor", region="330703"))
    assert watcher.post("/payment-ledgers?region=330703", data=book(PAID, *paid)).status_code == 201
    assert [one["row"] for one in watcher.get("/payment-hits?region=330703").json["items"]] == [3]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_awards_of_one_project_approved_at_once_are_still_summed(app, place):
    drafts = [stated(place, estimate_fen=6_000_000, price_fen=6_000_000) for _ in range(4)]
    chief = place.fresh(place.chief)
    answers = at_once(app, [lambda one=one: acts.approve_award(chief, one[0], content_hash=one[1])
                            for one in drafts])
    assert answers == {"ok": 1, "422 notice.incomplete": 3}


def test_a_lot_is_no_direct_award(world):
    tender = world.draft_tender(method="direct")
    world.before_publishing(tender)
    with pytest.raises(Refused) as caught:
        acts.submit_notice(world.clerk, tender.id)
    assert {one["code"] for one in caught.value.facts["findings"]} == {"lot.method-direct"}


def test_the_minutes_are_of_who_stated_the_award_and_read_by_another(place):
    world = place
    row = acts.state_direct_award(world.clerk, **STATED)
    paper = {"name": "纪要.pdf", "media_type": "application/pdf", "size": len(PDF),
             "digest": wiring().store.put(PDF)}
    assert refused(acts.add_minutes, world.chief, row.id, **paper) == "access.denied"
    acts.add_minutes(world.clerk, row.id, **paper)
    digest = world.client(world.chief).get(f"/direct-awards/{row.id}").json["content_hash"]
    approve(world, row.id, digest)
