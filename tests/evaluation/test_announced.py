"""The candidates' notice says what 招标公告和公示信息发布管理办法 6 asks for, and no rank."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from bidding import sealing
from bidding.manifest import Form
from bidding.reading import forms_of
from evaluation import acts, announced
from evaluation.announced import UNSTATED
from kernel.canonical import parse
from tender.notices import yuan

from ..bidding.test_consortium import signed
from ..bidding.test_formats import CREDENTIALS

BID = {"bid_id": "b", "name": "甲公司", "uscc": "91330703MA2TERTA3E", "price_fen": 385_120_000,
       "period_days": 60, "quality": "合格", "leader": "王某", "certificate": None,
       "qualification": None, "performance": [], "members": []}
REPORT = {"bids": [1, 2, 3, 4],
          "rejected": [{"uscc": "R", "reason": "above_price_ceiling"}],
          "unopened": [{"uscc": "U", "reason": "form: consortium_double"}]}
ENDS = datetime(2026, 3, 23, 16, tzinfo=UTC)


def rows(sections) -> dict[str, dict[str, object]]:
    return {part["title"]["zh"]: {one["name"]: one["value"] for one in part["rows"]}
            for part in sections}


def test_everything_that_the_law_asks_for_is_said():
    joint = {"name": "乙公司", "uscc": "91360732MA38K2P465", "duty": "绿化"}
    said = rows(announced.candidates(
        [BID | CREDENTIALS | {"members": [joint]}, BID], REPORT, "a" * 64, ENDS, None,
        asked={"number": 1, "licences": [{"kind": "市政", "grade": "二级"}], "personnel": [],
               "credit": [], "consortium": True, "members_max": 2},
        buyer="某镇政府", url="https://yg.example"))
    whole, bare = said["中标候选人（不排序）1"], said["中标候选人（不排序）2"]
    assert (whole["certificate"], whole["certificate_number"]) == tuple(
        CREDENTIALS["certificate"].values())
    assert whole["qualification"] == CREDENTIALS["qualification"]
    assert whole["performance_1"] == CREDENTIALS["performance"][0]
    assert whole["member_1"] == "乙公司 91360732MA38K2P465：绿化"
    # What a bid does not state is said to be missing, never left out.
    assert {bare[name] for name in ("certificate", "certificate_number", "qualification")} \
        == {UNSTATED}
    assert said["标段 1 资格要求"]["licence"] == "市政 二级"
    judged = said["评标情况"]
    assert (judged["opened"], judged["valid"]) == (4, 3)
    assert "实施条例 51" in judged["rejected_1"] and "实施条例 37" in judged["unopened_1"]
    how = said["公示与异议"]
    assert "某镇政府" in how["objections"] and "https://yg.example" in how["objections"]
    assert "3 日" in how["reply"] and "10 日" in how["complaint"] and "late_reason" not in how
    assert "score" not in str(said) and "得分" not in str(said)


def test_from_the_sealed_form_to_the_published_notice(world, tmp_path):
    """A real opening: what the sealed form states stands in opening record, result and notice."""
    lot = world.lots(world.published_tender())[0]
    units = [world.company() for _ in range(4)]
    mate = world.company()
    terms = world.terms(lot.id)
    where = {"log_origin": terms.log_origin, "tender": terms.tender, "lot": lot.id}
    seeds = {one.uscc: one.signing.private_bytes_raw() for one in (*units, mate)}
    for place, unit in enumerate(units):
        papers = [tmp_path / f"{place}.pdf", tmp_path / f"{place}.xlsx"]
        for paper in papers:
            paper.write_bytes(os.urandom(500))
        joint = signed(unit.uscc, mate.uscc, where=where, seeds=seeds) if place == 3 else None
        form = Form(390_000_000 - place, 60, "合格", "经理", joint,
                    CREDENTIALS if place == 0 else None)
        sealed = sealing.seal(terms, unit.uscc, form, papers[:1], papers[1:],
                              tmp_path / f"s{place}")
        world.declare(lot, unit, sealed)
        world.send(unit, sealed)
        unit.bids[lot.id] = sealed
    world.past_deadline(lot)
    world.authorise(lot)
    for unit in units:
        world.give_own(lot, unit)
    world.tick()
    forms = forms_of(world.session, lot.id)
    stated = {form["v"] for form in forms.values()}
    # The lot takes no consortia: that bid is rejected, and the notice says why.
    assert stated == {1, 3} and len(forms) == 3
    world.scored(lot)
    acts.publish_candidates(world.clerk, lot.id)
    found = world.client().get(f"/lots/{lot.id}/result").json["candidates"]
    by_uscc = {one["uscc"]: one for one in found}
    assert by_uscc[units[0].uscc]["certificate"] == CREDENTIALS["certificate"]
    assert by_uscc[units[1].uscc]["certificate"] is None
    listed = world.client().get(f"/tenders/{lot.tender_id}/notices").json["items"]
    notice = next(one["id"] for one in listed if one["kind"] == "candidates")
    text = world.client().get(f"/notices/{notice}").get_data(as_text=True)
    body = parse(world.client().get(f"/notices/{notice}").get_data())["content"]
    assert CREDENTIALS["certificate"]["number"] in text and "不接受联合体投标" in text
    said = rows(body["sections"])
    prices = {part["price_fen"] for title, part in said.items() if "候选人" in title}
    assert len(prices) == 3 and all(yuan(price) in text for price in prices)
