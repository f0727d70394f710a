"""Licences on the day, debarments, relations; told to nobody before the bids are opened."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.act import wiring
from kernel.refusal import Refused
from tender import acts, companies, standing
from tender.acts import papers
from tender.companies import Barred, Held
from tender.timetable import beijing_day
from tests.reader import Reader
from tests.worlds.tender import EVIDENCE, PDF

ROAD = {"kind": "市政公用工程施工总承包", "grade": "三级"}
DAY = date(2026, 4, 1)


def held(grade="三级", first=DAY - timedelta(9), last=DAY + timedelta(9), kind=ROAD["kind"]) -> Held:
    return Held(kind, grade, "D333", first, last, "a" * 64)


def codes(asked, *own) -> list[str]:
    return [one.code for one in companies.licence_doubts(asked, own, DAY)]


@pytest.mark.parametrize(("own", "found"), [
    ((), ["licence.none"]), ((held(),), []), ((held(last=DAY),), []), ((held(first=DAY),), []),
    ((held(last=DAY - timedelta(1)),), ["licence.expired"]),
    ((held(first=DAY + timedelta(1)),), ["licence.expired"]), ((held(last=None),), []),
    ((held(grade="一级"),), []), ((held(grade="四级"),), ["licence.none"]),
    ((held(grade="甲级", kind="监理"),), ["licence.none"]), ((held(grade="某级"),), ["licence.none"]),
    ((held(last=DAY - timedelta(1)), held(grade="二级")), []),
])
def test_a_licence_counts_on_the_deadlines_day_from_its_first_to_its_last(own, found):
    assert codes([ROAD], *own) == found


@pytest.mark.parametrize(("region", "day", "hit"), [
    ("330703", DAY, True), ("330000", DAY, True), ("", DAY, True), ("340000", DAY, False),
    ("330703", date(2026, 3, 31), True), ("330703", date(2026, 5, 1), True),
    ("330703", date(2026, 3, 30), False), ("330703", date(2026, 5, 2), False),
])
def test_a_debarment_holds_in_its_place_from_its_first_day_to_its_last(region, day, hit):
    barred = [Barred("X", region, date(2026, 3, 31), date(2026, 5, 1), "某局", "1号")]
    assert bool(companies.barred_doubts("X", "330703", barred, day)) is hit
    assert companies.barred_doubts("Y", "330703", barred, day) == []


@settings(deadline=None)
@given(st.sets(st.sampled_from("ABCDE"), min_size=2), st.data())
def test_a_relation_is_a_doubt_about_both_whoever_declared_it(units, data):
    one, two = data.draw(st.permutations(sorted(units)))[:2]
    kind = data.draw(st.sampled_from(companies.RELATIONS[1:]))
    stated = {unit: [] for unit in units} | {one: [(kind, two)]}
    found = companies.related(stated)
    assert {unit for unit, own in found.items() if own} == {one, two}
    assert found[one][0].with_uscc == two and found[two][0].law == "实施条例 34"


def test_the_same_principal_relates_and_an_absent_unit_does_not():
    found = companies.related({"A": [("principal", "d1")], "B": [("principal", "d1")],
                               "C": [("principal", "d2"), ("controls", "Z"), ("manages", "C")]})
    assert [len(found[unit]) for unit in "ABC"] == [1, 1, 0]


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def licence(world, actor, **over):
    return acts.declare_licence(world.keeps_paper(actor), **ROAD | {
        "number": "D333", "valid_from": date(2020, 1, 1), "valid_until": date(2030, 1, 1),
        "evidence_hash": EVIDENCE} | over)


def test_only_a_companys_own_vouched_people_state_anything_of_it(world):
    company = world.account("tenderer")
    row = licence(world, company)
    assert refused(licence, world, world.account("buyer")) == "access.denied"
    other = world.account("tenderer")
    assert refused(acts.withdraw_statement, other, row.id) == "object.not-found"
    acts.withdraw_statement(company, row.id)
    assert refused(acts.withdraw_statement, company, row.id) == "company.withdrawn"
    head = acts.declare_relation(company, kind="principal", other=world.id_number())
    assert len(head.other) == 64 and world.raw(
        "SELECT count(*) FROM company_relation WHERE other LIKE '33%' AND length(other) = 18")[0][0] == 0
    assert all(entry.disclose == "party" for name in ("licence_declared", "relation_declared")
               for entry in world.entries(f"company.{name}"))


def test_a_certificate_is_registered_by_itself_while_it_lasts(world):
    company = world.account("tenderer")
    assert refused(licence, world, company, valid_until=date(2019, 12, 31)) == "licence.period"
    assert refused(licence, world, company, valid_until=date(2026, 3, 1)) == "licence.over"
    page = Reader(world.app, world.session_token(company)).get("/desk/company")
    assert '"/desk/company"' in page.get("/desk").text
    page.get("/desk/company").send(
        "/company/licences", kind="市政公用工程施工总承包", grade="三级", number="D333",
        evidence_hash=EVIDENCE, valid_from="2020-01-01", valid_until=beijing_day(
            world.now).isoformat())
    assert "即将到期" in page.text, "its last day is one of its days"
    world.advance(days=1)
    page = Reader(world.app, world.session_token(company)).get("/desk/company")
    assert "已到期" in page.text
    page.send(next(one for one in page.forms() if "/statements/" in one.action))
    assert "已到期" not in page.text and "还没有登记证书" in page.text
    page.send("/company/relations", kind="controls", other="91330703MA2TERTA3E")
    assert "91330703MA2TERTA3E" in page.text, page.text[-2000:]


@pytest.mark.parametrize(("first", "last", "said"), [
    (date(2026, 3, 3), None, "ahead"), (date(2026, 3, 2), None, "valid"),
    (date(2020, 1, 1), date(2026, 3, 1), "over"), (date(2020, 1, 1), date(2026, 3, 2), "soon"),
    (date(2020, 1, 1), date(2026, 4, 30), "soon"), (date(2020, 1, 1), date(2026, 5, 1), "valid")])
def test_what_a_certificate_is_on_a_day(first, last, said):
    assert companies.validity(first, last, date(2026, 3, 2)) == said


def test_what_is_stated_after_the_deadline_does_not_count(world):
    tender = world.draft_tender()
    (lot,) = world.lots(tender)
    acts.set_requirements(world.clerk, lot.id, licences=[ROAD], personnel=[], credit=[],
                          consortium=False, members_max=2)
    company = world.account("tenderer")
    party = world.session.get(type(world.buyer_unit()), company.party_id)

    def seen():
        return [one.code for one in standing.doubts(world.session, lot, [party])[party.uscc]]

    assert seen() == ["licence.none"]
    row = licence(world, company)
    assert seen() == []
    world.advance(to=lot.deadline + timedelta(minutes=1))
    acts.withdraw_statement(company, row.id)
    assert seen() == [], "it stood at the deadline"
    late = world.account("tenderer")
    licence(world, late)
    party = world.session.get(type(party), late.party_id)
    assert seen() == ["licence.none"]
    assert beijing_day(lot.deadline) > DAY - timedelta(40)


def test_two_supervisors_bar_a_unit_and_everybody_may_read_it(world):
    officer, second, outside = (world.account("supervisor", region=region)
                                for region in ("330703", "330703", "340000"))
    company = world.account("tenderer")
    uscc = world.raw("SELECT uscc FROM party WHERE id = :id", id=company.party_id)[0][0]
    entry = {"uscc": uscc, "name": "某公司", "region": "330703", "authority": "某县住建局",
             "document_no": "建罚〔2026〕3号", "reason": "串通投标", "nationwide": False,
             "from_day": date(2026, 1, 1), "until_day": date(2027, 1, 1)}
    assert refused(acts.propose_debarment, outside, **entry) == "access.denied"
    assert refused(acts.propose_debarment, officer,
                   **entry | {"until_day": date(2025, 1, 1)}) == "debarment.period"
    row = acts.propose_debarment(officer, **entry)
    assert world.client().get("/debarments").json["items"] == []
    assert refused(acts.approve_debarment, world.fresh(officer), row.id) == "debarment.same-person"
    assert refused(acts.approve_debarment, world.fresh(outside), row.id) == "access.denied"
    acts.approve_debarment(world.fresh(second), row.id)
    assert refused(acts.approve_debarment, world.fresh(second), row.id) == "debarment.decided"
    (shown,) = world.client().get("/debarments").json["items"]
    assert shown["document_no"] == entry["document_no"]
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    own = world.client(company).get(f"/lots/{lot.id}/own-standing")
    assert [one["code"] for one in own.json["doubts"]] == ["debarred"], own.json
    assert world.client().get(f"/lots/{lot.id}/own-standing").status_code == 401


def test_a_company_keeps_its_papers_over_http(world):
    company = world.account("tenderer")
    client = world.client(company)
    good = ROAD | {"number": "1", "valid_from": "2020-01-01", "evidence_hash": EVIDENCE}
    assert client.post("/company/licences", json=good).json["code"] == "paper.missing"
    world.keeps_paper(company)
    made = client.post("/company/licences", json=good)
    assert made.status_code == 201, made.json
    for bad in ({"valid_from": "2020-13-01"}, {"evidence_hash": "x"}, {"party_id": "0" * 32}):
        assert client.post("/company/licences", json=good | bad).status_code == 422
    head = client.post("/company/relations", json={"kind": "principal",
                                                   "other": world.id_number()})
    assert head.status_code == 201 and head.json["other"] == ""
    assert client.post("/company/relations", json={"kind": "controls",
                                                   "other": "913307"}).status_code == 422
    assert client.delete(f"/company/statements/{made.json['id']}").status_code in (200, 204)
    own = client.get("/company").json
    assert own["licences"][0]["withdrawn_at"] and len(own["relations"]) == 1
    assert world.client(world.account("tenderer")).get("/company").json["licences"] == []


def test_a_paper_for_which_there_is_no_room_is_not_taken_in(world, monkeypatch):
    company = world.account("tenderer")
    world.keeps_paper(company)
    monkeypatch.setattr(papers, "MOST_FILES", 1)
    before = sorted(wiring().store.names())
    sent = world.client(company).post("/papers?name=b.pdf", data=PDF + b"\n")
    assert sent.json["code"] == "tender.many", sent.json
    monkeypatch.setattr(papers, "MOST_FILES", 9)
    monkeypatch.setattr(papers, "MOST_BYTES", 2 * len(PDF))
    assert world.client(company).post("/papers?name=b.pdf", data=PDF + b"\n").json["code"] \
        == "tender.many"
    assert sorted(wiring().store.names()) == before
