"""A lot of two envelopes over HTTP: no price before every technical sheet is signed."""

import json
from functools import partial
from io import BytesIO

import pytest
from sqlalchemy import select

from bidding import acts, holding, reading
from bidding.client import send as client
from bidding.model import OpenedBid, OpenedPart, OpeningPart, OpeningShare
from evaluation import acts as judging
from kernel.canonical import b64
from kernel.refusal import Refused
from tender import reading as tenders


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.word.code


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender(two_envelopes=True))[0]


PRICES = [381_111_100, 372_222_200, 393_333_300]


def technical(world, lot):
    """Three bids whose technical parts are opened."""
    world.companies = [world.sealed_bid(lot, price_fen=price) for price in PRICES]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in world.companies:
        world.give_own(lot, company)
    world.tick()
    return world.companies


def test_the_story_of_two_envelopes(world, lot):
    companies = technical(world, lot)
    opening = reading.opening_of(world.session, lot.id)
    assert list(opening.roots) == ["technical"]
    anybody = world.client()
    first = anybody.get(f"/lots/{lot.id}/opening-record").get_json()
    assert first["record"]["parts"] == ["technical"] and first["forms"] == []
    assert all(line["form"] is None for line in first["record"]["bids"])
    assert first["prices"] is None and len(first["record"]["bids"]) == 3
    assert {row.part for row in world.session.query(OpenedPart)} == {"technical"}
    panel = world.drawn_panel(lot)
    assert_no_price_is_known(world, lot, panel[0])
    officials = [world.client(world.fresh(one)) for one in world.officials]
    start = lambda: officials[0].post(f"/lots/{lot.id}/price-opening", json={"reason": "评完"})
    world.sign_sheets(lot, panel[:-1])
    assert start().get_json()["code"] == "opening.sheets-awaited"
    assert_no_price_is_known(world, lot, panel[0])
    world.sign_sheets(lot, panel[-1:])
    report = world.client(panel[0]).get(f"/lots/{lot.id}/evaluation-report/signatures")
    assert report.get_json()["code"] == "report.prices-awaited"
    assert world.client(companies[0].actor).post(
        f"/lots/{lot.id}/price-opening", json={"reason": "我来"}).get_json()["code"] \
        == "opening.not-yours"
    assert start().status_code == 201
    assert start().status_code == 409, "once"
    give_by_the_programs(world, lot, companies)
    assert "381111100" not in world.client().get(f"/lots/{lot.id}/opening-record").get_data(True)
    world.tick()
    second = anybody.get(f"/lots/{lot.id}/opening-record").get_json()["prices"]
    shown = {line["tenderer"]: line["form"]["price_fen"] for line in second["record"]["bids"]}
    assert shown == {one.uscc: price for one, price in zip(companies, PRICES, strict=True)}
    assert second["record"]["parts"] == ["form", "price"] and second["record"]["stage"] == 2
    assert all(form["ciphertext"] for form in second["forms"])
    for expert in panel:
        asked = world.client(world.fresh(expert))
        found = asked.get(f"/lots/{lot.id}/evaluation-report/signatures").get_json()
        answer = asked.post(f"/lots/{lot.id}/evaluation-report/signatures",
                            json={"report_hash": found["report_hash"]})
        assert answer.status_code == 201, answer.get_json()
    assert tenders.phase_of(world.session, lot.id, world.now).name == "EVALUATED"
    outcomes = tenders.lot_facts(world.session, lot.id).outcomes
    assert outcomes["technical_signed"] <= outcomes["prices_opened"] <= outcomes[
        "report_concluded"]
    parts = {row.part: row.stage for row in world.session.query(OpeningPart)}
    assert parts == {"technical": 1, "form": 2, "price": 2}


def assert_no_price_is_known(world, lot, expert) -> None:
    """Neither a row, nor an answer to anybody, holds a price or what opens one."""
    assert not world.session.scalars(select(OpenedBid.price_fen).where(
        OpenedBid.price_fen.is_not(None))).all()
    assert not world.session.scalars(select(OpeningShare.id).where(
        OpeningShare.part != "technical")).all()
    for who in (expert, world.clerk, world.officials[0], world.supervisor, None):
        asked = world.client(who)
        for path in ("opening-record", "opening", "opened-bids", "score-sheets/mine"):
            text = asked.get(f"/lots/{lot.id}/{path}").get_data(as_text=True)
            assert not any(str(price) in text for price in PRICES), path
        for part in ("form", "price"):
            bid = world.companies[0].bids[lot.id].declaration["bid"]
            name = "form.json" if part == "form" else "清单.xlsx"
            assert asked.get(f"/lots/{lot.id}/opened-bids/{bid}/{part}/{name}").status_code != 200


def give_by_the_programs(world, lot, companies) -> None:
    """Two officials through their program, one company through its own, give for the second."""
    world.publish_record()
    for official in world.officials[:2]:
        holder = world.holder(lot, official, world.settings.folder.parent)
        assert set(holder.facts(lot.id).roots) == {"form", "technical", "price"}
        checked = holder.check(lot.id, holding.PRICES)
        assert {one["part"] for one in checked.shares} == {"form", "price"}
        answer = holder.share(lot.id, place=holding.PRICES)
        assert answer["given"] == 6 and not answer["wrong"]
    one = companies[0].bids[lot.id]
    answer = world.client(companies[0].actor).post(
        f"/bids/{one.declaration['bid']}/price-share",
        json={"shares": {part: b64(one.own[part]) for part in ("form", "price")}})
    assert answer.status_code == 201, answer.get_json()


def test_no_share_of_a_price_is_taken_with_the_technical_ones(world, lot):
    company, *_ = technical_authorised(world, lot)
    sealed = company.bids[lot.id]
    everything = {part: b64(share) for part, share in sealed.own.items()}
    assert refused(acts.give_own_shares, company.actor, sealed.declaration["bid"],
                   shares=everything) == "opening.share-unknown"
    assert refused(acts.give_price_shares, company.actor, sealed.declaration["bid"],
                   shares=everything) == "phase.wrong"
    official = world.fresh(world.officials[0])
    shares = world.official_shares(lot, world.officials[0])
    assert {one["part"] for one in shares} == {"technical"}
    more = [*shares, {**shares[0], "part": "price"}]
    assert refused(acts.release_shares, official, lot.id, shares=more) == "opening.share-unknown"
    assert world.session.query(OpeningShare).count() == 0


def technical_authorised(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    world.authorise(lot)
    return companies


def test_a_bid_rejected_in_the_first_stage_has_its_price_kept_shut(world, lot, monkeypatch):
    from bidding import manifest

    honest = [world.sealed_bid(lot) for _ in range(3)]
    true = manifest.build
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "build", lambda binding, nonce, files: true(
            {**binding, "lot": "a" * 32} if binding["part"] == "technical" else binding, nonce,
            files))
        false = world.sealed_bid(lot)
    world.companies = [*honest, false]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in world.companies:
        world.give_own(lot, company)
    world.tick()
    world.sign_sheets(lot, world.drawn_panel(lot))
    world.prices_opened(lot)
    bid = false.bids[lot.id].declaration["bid"]
    assert not world.session.scalars(select(OpenedPart.id).where(OpenedPart.bid_id == bid)).all()
    assert refused(world.give_prices, lot, false) in ("object.not-found", "opening.window-over")
    assert len(reading.opened_bids(world.session, lot.id)) == 3
    record = reading.record_view(world.session, lot.id)
    assert len(record["record"]["bids"]) == 4 and len(record["prices"]["record"]["bids"]) == 3


def test_a_price_that_stays_shut_is_decided_about_and_the_report_goes_on(world, lot):
    companies, panel = prices_shut(world, lot)
    bid = companies[2].bids[lot.id].declaration["bid"]
    world.tick()
    assert reading.opening_of(world.session, lot.id, 2).opened_at is None
    decide = partial(acts.decide_fault, world.fresh(world.clerk), bid, fault="withdrawn",
                     grounds="平台故障", evidence_hash="e" * 64)
    assert refused(decide) == "opening.not-heard"
    heard = world.client(companies[2].actor).post(f"/bids/{bid}/statement", json={"text": "网络中断"})
    assert heard.status_code == 201
    decide()
    world.tick()
    record = world.client().get(f"/lots/{lot.id}/opening-record").get_json()["prices"]["record"]
    line = next(one for one in record["bids"] if one["bid"] == bid)
    assert line["verdict"] == "unopened" and line["fault"]["deemed"] == "withdrawn"
    assert [one.verdict for one in reading.found_bids(world.session, lot.id)].count("opened") == 2
    for expert in panel:
        found = world.client(expert).get(
            f"/lots/{lot.id}/evaluation-report/signatures").get_json()
        judging.sign_report(world.fresh(expert), lot.id, report_hash=found["report_hash"])
    (shut,) = found["report"]["unopened"]
    assert shut["bid"] == bid


def prices_shut(world, lot):
    """The second window is over, and the third company's price stayed shut."""
    companies = technical(world, lot)
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel)
    acts.authorise_prices(world.fresh(world.officials[0]), lot.id, reason="评完")
    for company in companies[:2]:
        world.give_prices(lot, company)
    world.advance(minutes=31)
    return companies, panel


def test_a_buyer_that_never_decides_about_a_price_holds_nobody_up(world, lot):
    companies, _ = prices_shut(world, lot)
    for _ in range(4):
        world.tick()
        world.advance(hours=25)
    world.tick()
    record = world.client().get(f"/lots/{lot.id}/opening-record").get_json()["prices"]["record"]
    line = next(one for one in record["bids"] if one["fault"])
    assert line["bid"] == companies[2].bids[lot.id].declaration["bid"]
    assert line["fault"]["deemed"] == "undecided"


def test_a_plain_price_is_taken_in_its_own_window_only(world, lot):
    companies = technical(world, lot)
    bid = companies[2].bids[lot.id].declaration["bid"]
    give = {part: partial(acts.give_plain_file, companies[2].actor, bid, part)
            for part in ("form", "price")}
    plain = {part: world.plain(lot, companies[2], part) for part in give}
    assert refused(give["price"], BytesIO(plain["price"])) == "object.not-found"
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel)
    assert refused(give["price"], BytesIO(plain["price"])) == "object.not-found"
    acts.authorise_prices(world.fresh(world.officials[0]), lot.id, reason="评完")
    for company in companies[:2]:
        world.give_prices(lot, company)
    for part, hand in give.items():
        hand(BytesIO(plain[part]))
    world.advance(minutes=31)
    assert refused(give["price"], BytesIO(plain["price"])) in (
        "bid.already-done", "opening.window-over")
    world.tick()
    record = world.client().get(f"/lots/{lot.id}/opening-record").get_json()["prices"]["record"]
    line = next(one for one in record["bids"] if one["bid"] == bid)
    assert line["verdict"] == "opened" and line["plain"] == ["form", "price"]


def test_one_envelope_has_no_second(world):
    lot = world.opened_lot(bids=3)
    world.drawn_panel(lot)
    assert refused(acts.authorise_prices, world.fresh(world.officials[0]), lot.id,
                   reason="x") == "opening.one-envelope"


def test_the_programs_ask_for_what_is_authorised(tmp_path, monkeypatch):
    """`open` and `open-prices` send the shares of the parts whose roots the platform shows."""
    kept = {"declaration": {"bid": "b", "lot": "l", "version": 1},
            "own": {"form": "F", "technical": "T", "price": "P"}}
    monkeypatch.setattr(client, "load", lambda folder: kept)
    said = []

    def call(_wire, method, path, body=None, key=None):
        said.append((method, path, json.dumps(body)))
        return {"roots": {"form": 1, "price": 1} if "price" in path else {"technical": 1}}

    monkeypatch.setattr(client, "call", call)
    client.open_bid(None, tmp_path)
    client.open_bid(None, tmp_path, prices=True)
    assert said[1][1:] == ("/bids/b/opening-share", '{"shares": {"technical": "T"}}')
    assert said[3][1:] == ("/bids/b/price-share", '{"shares": {"form": "F", "price": "P"}}')
