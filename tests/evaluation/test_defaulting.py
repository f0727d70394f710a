"""A winner that does not sign: heard, cancelled by two persons; the next wins or the lot has failed."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta

import pytest

from evaluation import acts, reading
from evaluation.defaulting import acts as defaulting
from evaluation.defaulting import reading as standing
from evaluation.defaulting import rules
from evaluation.rules import digest
from kernel.db import db
from kernel.refusal import Refused
from portal import evidence
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from portal.fsck.times import times
from portal.verify import command, fallen
from portal.verify.entries import Entry
from portal.verify.findings import Findings
from supervision.complaints import filing
from tender import acts as tendering
from tender import reading as tenders
from tender.lifecycle import Phase
from tender.profile import check as check_profile
from tender.profile import shipped_for
from tender.standing import refused_before
from tender.timetable import beijing_day, contract_due, end_of, valid_until
from tests.portal.courses import settle
from tests.portal.ocds import check
from tests.portal.test_ocds import package, record
from tests.reader import Reader
from tests.worlds.tender import EVIDENCE, inquiry_fields

WHY = "中标人书面表示不签订合同。"

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def refused(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def wrong(world) -> list[str]:
    db.session.rollback()
    said = list(entries(db.session))
    return [*rows(db.session, said), *times(db.session, said)]


def awarded(world, bids=4, securities=True, settled=False, **over):
    """An inquiry with securities, awarded to the cheapest: the lot, companies by price, securities."""
    fields = inquiry_fields(**{"guarantee": {"amount_fen": 500_000}} | over)
    lot = world.lots(world.published_tender(**fields))[0]
    companies = [world.sealed_bid(lot, price_fen=25_000_000 + 100_000 * n) for n in range(bids)]
    held = [world.lodged(lot, one.actor) for one in companies] if securities else []
    if settled:
        settle(world)
    world.past_deadline(lot)
    if settled:
        settle(world)
    world.authorise(lot)
    for one in companies:
        world.give_own(lot, one)
    world.tick()
    lot = tenders.lot(world.session, lot.id)
    world.screen(lot)
    acts.publish_candidates(world.clerk, lot.id)
    world.advance(to=tenders.lot(world.session, lot.id).publicity_ends)
    acts.confirm_award(world.fresh(world.chief), lot.id)
    return tenders.lot(world.session, lot.id), companies, held


def proposed(world, lot, ground="refused", plan="next", by=None, **more):
    return defaulting.propose_default(world.fresh(by or world.clerk), lot.id, ground=ground,
                                      account=WHY + WHY, plan=plan, **more)


def word(world, lot, company, kind="declines", **more):
    return defaulting.give_word(world.fresh(company.actor), lot.id, kind=kind, text="本单位说明。",
                                **more)


def cancelled(world, lot, row, by=None):
    return defaulting.cancel_award(
        world.fresh(by or world.chief), lot.id, row.id, reason="经核实，取消中标。",
        statement_hash=rules.statement_hash(row))


def past_due(world, lot):
    due = contract_due(reading.award(world.session, lot.id).decided_at, lot.profile)
    world.advance(to=end_of(due))


def test_the_next_in_the_order_wins_and_the_guarantee_is_kept(world, tmp_path):
    lot, (first, second, third, _), held = awarded(world, settled=True)
    old = reading.award(world.session, lot.id)
    assert refused(word, world, lot, second) == "award-default.no-word"
    row = proposed(world, lot)
    assert refused(proposed, world, lot) == "award-default.under-way"
    assert refused(cancelled, world, lot, row, world.clerk) == "award-default.same-person"
    assert refused(cancelled, world, lot, row) == "award-default.not-heard"
    page = standing.page(world.session, lot, first.party_id, False, False, world.now)
    assert page["may_say"] == ["declines", "contests"] and page["successor"] is None
    assert standing.page(world.session, lot, third.party_id, False, False, world.now)["defaults"] \
        == []
    word(world, lot, first, "contests")
    assert refused(cancelled, world, lot, row) == "award-default.may-sign"
    word(world, lot, first)
    assert refused(defaulting.cancel_award, world.fresh(world.chief), lot.id, row.id,
                   reason="不同", statement_hash="ab" * 32) == "award-default.changed"
    cancelled(world, lot, row)
    new = reading.award(world.session, lot.id)
    assert (new.bid_id, new.party_id) == (reading.candidates(world.session, lot.id)[1].bid_id,
                                          second.party_id)
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.AWARDED
    assert json.loads(new.notice)["reason"] is None  # why the other fell is not why this is late
    kept = world.security(held[0].id)
    assert kept.state.value == "forfeited" and kept.release is None
    assert (kept.forfeiture.amount_fen, kept.forfeiture.law) == (
        500_000, "政府采购非招标采购方式管理办法 20" if lot.regime == "govproc" else "实施条例 74")
    assert world.security(held[1].id).state.value == "standing"
    # The new award has its own time; the one that fell has none.
    facts = tenders.lot_facts(world.session, lot.id)
    assert facts.outcomes["awarded"] == old.decided_at < facts.outcomes["awarded_anew"]
    # And the same once more: the third.
    word(world, lot, second)
    cancelled(world, lot, proposed(world, lot))
    acts.register_contract(world.clerk, lot.id, amount_fen=25_200_000, signed_at=world.now,
                           document_hash="ab" * 32)
    assert [world.security(one.id).state.value for one in held] == [
        "forfeited", "forfeited", "release_due", "release_due"]
    settle(world)
    tender = world.tender(lot.tender_id)
    check(package(world, tender))
    said = record(world, tender)["records"][0]["compiledRelease"]
    assert [one["status"] for one in said["awards"]] == ["cancelled", "cancelled", "active"]
    assert said["contracts"][0]["awardID"] == said["awards"][2]["id"]
    kinds = [row["kind"] for row in world.client(world.clerk).get(
        f"/tenders/{tender.id}/notices").get_json()["items"]]
    assert kinds.count("award_cancelled") == 2 and kinds.count("result") == 3
    assert wrong(world) == []
    evidence.write(db.session(), tender.id, tmp_path / "public",
                   evidence.Wish(sealed=True, panel=tmp_path / "panel"), "http://x")
    found = command.check(tmp_path / "public", panel=command.read_panel(tmp_path / "panel"))
    assert found.problems == []
    assert "2 次取消中标" in "\n".join(map(str, found.checked))


class Log:
    """Entries as the verifier finds them, in an order that says nothing."""

    def __init__(self, *rows):
        self.rows = [Entry(position, {"type": kind, "lot": "l", "subject": subject, "facts": facts})
                     for position, (kind, subject, facts) in enumerate(rows)]

    def of(self, kind, _lot=None, _subject=None):
        return [one for one in self.rows if one.record["type"] == kind]


def test_a_cancelled_award_left_out_or_put_as_standing_is_seen_by_anybody():
    notices = [{"n": number} for number in range(3)]
    hashes = [digest(one) for one in notices]
    made = [("award.confirmed", f"a{n}", {"bid": f"b{n}", "notice_hash": hashes[n]})
            for n in range(3)]
    fell = [("award.cancelled", f"d{n}", {"award": f"a{n}", "bid": f"b{n}",
                                          "successor": f"a{n + 1}"}) for n in range(2)]
    shown = [{"award": notices[n], "award_hash": hashes[n]} for n in range(2)]
    page = {"lot_id": "l", "cancelled": shown, "award": notices[2], "award_hash": hashes[2]}

    def problems(page, *rows):
        findings = Findings()
        fallen.check(findings, "results/lot1.json", page, Log(*rows))
        return len(findings.problems)

    every = [made[2], fell[1], made[0], fell[0], made[1]]
    assert problems(page, *every) == 0
    assert [one.facts["bid"] for one in fallen.chain(Log(*every), "l")] == ["b0", "b1", "b2"]
    assert fallen.before(Log(*every), Log(*every).rows[0]) == {"b0", "b1"}
    for forged in (page | {"cancelled": []}, page | {"cancelled": shown[::-1]},
                   page | {"award": notices[1], "award_hash": hashes[1]},
                   page | {"cancelled": [shown[0] | {"award": {"n": 9}}, shown[1]]}):
        assert problems(forged, *every) > 0
    assert problems(page, *every[:1], *every[2:]) > 0
    failed = page | {"cancelled": [*shown, {"award": notices[2], "award_hash": hashes[2]}],
                     "award": None, "award_hash": None}
    assert problems(failed, *every) > 0
    assert problems(failed, *every, ("award.cancelled", "d2", {
        "award": "a2", "bid": "b2", "successor": None})) == 0


@on_sqlite
def test_the_result_is_read_after_an_award_fell(world):
    lot, (first, second, *_), _ = awarded(world)
    cancelled_hash = reading.award(world.session, lot.id).notice_hash
    row = proposed(world, lot)
    word(world, lot, first)
    cancelled(world, lot, row)
    found = world.client(second.actor).get(f"/lots/{lot.id}/result")
    assert found.status_code == 200, found.text
    (fell,) = found.json["cancelled"]
    assert fell["award_hash"] == cancelled_hash and fell["cancelled_at"].endswith("Z")
    own = Reader(world.app, world.session_token(second.actor)).get(f"/desk/lots/{lot.id}/result")
    assert own.status == 200


@on_sqlite
def test_nobody_follows_and_the_lot_is_put_out_again_without_who_refused(world):
    lot, companies, held = awarded(world, bids=3)
    row = proposed(world, lot, plan="retender")
    past_due(world, lot)
    assert refused(tendering.terminate_lot, world.fresh(world.clerk), lot.id, reason="不签约") \
        == "phase.wrong"
    cancelled(world, lot, row)
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.FAILED
    assert reading.award(world.session, lot.id) is None
    assert [world.security(one.id).state.value for one in held] == [
        "forfeited", "release_due", "release_due"]
    again = tendering.retender(world.fresh(world.clerk), lot.id)
    fresh = world.lots(again)[0]
    bars = [standing_bar(world, fresh, one) for one in companies]
    assert bars == [lot.regime == "govproc", False, False]
    assert wrong(world) == []


def standing_bar(world, lot, company) -> bool:
    return refused_before(world.session, lot.id, company.party_id) is not None


@on_sqlite
def test_a_winner_may_sign_after_all(world):
    lot, _, _ = awarded(world, bids=3)
    row = proposed(world, lot)
    acts.register_contract(world.clerk, lot.id, amount_fen=25_000_000, signed_at=world.now,
                           document_hash="ab" * 32)
    db.session.refresh(row)
    assert row.outcome == "signed" and row.decided_at <= world.now
    assert refused(cancelled, world, lot, row) == "phase.wrong"
    assert wrong(world) == []


@on_sqlite
def test_force_majeure_costs_nothing_and_what_no_ground_shows_is_refused(world):
    lot, companies, held = awarded(world, bids=3)
    assert refused(proposed, world, lot, "force_majeure") == "award-default.evidence"
    world.keeps_paper(world.clerk)
    assert refused(proposed, world, lot, "unlawful", evidence=[EVIDENCE]) \
        == "award-default.document"
    assert refused(proposed, world, lot, "force_majeure", evidence=[EVIDENCE], clause="第五章") \
        == "award-default.clause"
    row = proposed(world, lot, "force_majeure", evidence=[EVIDENCE])
    paper = f"/api/v1/lots/{lot.id}/award/papers/{EVIDENCE}"
    for reader, status in ((world.chief, 200), (companies[0].actor, 200), (world.supervisor, 200),
                           (companies[1].actor, 404),
                           (world.experts(1)[0], 404)):
        assert world.client(reader).get(paper).status_code == status
    dropped = defaulting.drop_default(world.fresh(world.clerk), lot.id, row.id, reason="补充证据")
    assert dropped.outcome == "dropped"
    row = proposed(world, lot, "force_majeure", evidence=[EVIDENCE])
    world.advance(to=row.heard_until - timedelta(minutes=5))
    assert refused(cancelled, world, lot, row) == "award-default.not-heard"
    world.advance(to=row.heard_until)
    cancelled(world, lot, row)
    gone = world.security(held[0].id)
    assert gone.state.value == "release_due" and gone.forfeiture is None
    assert reading.award(world.session, lot.id).party_id == companies[1].party_id
    assert wrong(world) == []


@on_sqlite
def test_a_bid_no_longer_valid_is_awarded_only_with_its_tenderers_word(world):
    lot, (_, second, _), held = awarded(world, bids=3)
    over = tenders.lot(world.session, lot.id)
    world.advance(to=end_of(valid_until(over)))
    row = proposed(world, lot)
    world.advance(to=row.heard_until)
    assert refused(cancelled, world, lot, row) == "award-default.not-bound"
    until = world.now.date() + timedelta(days=90)
    assert refused(word, world, lot, second, "agrees", until=world.now.date()) \
        == "award-default.agree-until"
    assert refused(word, world, lot, second, "agrees", until=until) == "validity.security-short"
    longer = world.ledger.prolong(held[1].instrument_no, until)
    word(world, lot, second, "agrees", until=until,
         securities=[{"instrument": longer.text, "signature": longer.signature}])
    world.advance(to=end_of(until))  # nobody decided while it was bound
    assert refused(cancelled, world, lot, row) == "award-default.not-bound"
    assert refused(word, world, lot, second, "agrees", until=until) == "award-default.no-word"
    defaulting.drop_default(world.fresh(world.clerk), lot.id, row.id, reason="重新提出")
    row = proposed(world, lot)
    until = world.now.date() + timedelta(days=90)
    longer = world.ledger.prolong(held[1].instrument_no, until)
    word(world, lot, second, "agrees", until=until,
         securities=[{"instrument": longer.text, "signature": longer.signature}])
    world.advance(to=row.heard_until)
    cancelled(world, lot, row)
    assert reading.award(world.session, lot.id).party_id == second.party_id
    acts.register_contract(world.clerk, lot.id, amount_fen=25_100_000, signed_at=world.now,
                           document_hash="ab" * 32)
    assert wrong(world) == []


@on_sqlite
def test_the_page_of_an_award_for_buyer_winner_and_the_next(world):
    lot, (first, second, _), _ = awarded(world, bids=3)
    address = f"/desk/lots/{lot.id}/award"
    clerk = Reader(world.app, world.session_token(world.fresh(world.clerk)))
    clerk.get(address)
    form = next(one for one in clerk.forms() if one.action.endswith("/award/defaults"))
    clerk.send(form, ground="refused", account="经两次书面催告，中标人仍不签订合同。", plan="next")
    assert "待决定" in clerk.get(address).text
    winner = Reader(world.app, world.session_token(world.fresh(first.actor)))
    assert "请说明：招标人提出取消贵公司的中标" in winner.get("/desk").text
    winner.get(address)
    assert [one.action.endswith("/award/words") for one in winner.forms()
            if "/award/" in one.action] == [True, True]
    form = next(one for one in winner.forms() if one.action.endswith("/award/words"))
    winner.send(form, text="资金周转困难，放弃中标。")
    chief = Reader(world.app, world.session_token(world.fresh(world.chief)))
    chief.get(address)
    form = next(one for one in chief.forms() if one.action.endswith("/cancellation"))
    chief.send(form, reason="中标人书面放弃，取消中标。")
    said = chief.get("/en" + address).text
    assert "cancelled" in said and "5,000.00" in said and "实施条例 74" in said or lot.regime == "govproc"
    assert second.party_id == reading.award(world.session, lot.id).party_id
    public = Reader(world.app).get(f"/tenders/{lot.tender_id}").text
    assert "已取消的中标" in public


@on_sqlite
def test_where_votes_decided_nobody_is_next_and_the_lot_is_put_out_again(world):
    lot = world.opened_lot(bids=4)
    world.awarded(lot)
    assert refused(proposed, world, lot) == "award-default.no-order"
    row = proposed(world, lot, plan="retender")
    past_due(world, lot)
    cancelled(world, lot, row)
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.FAILED
    assert wrong(world) == []


@on_sqlite
def test_the_days_to_complain_of_an_award_run_from_the_one_that_stands(world):
    lot, (_, _, third), _ = awarded(world, bids=3, securities=False)
    row = proposed(world, lot)
    past_due(world, lot)
    said = {"subject": "award", "facts": "中标人不符合资格条件。", "claims": "请核查。"}
    assert refused(filing.file_complaint, third.actor, lot.id, **said) == "complaint.late"
    cancelled(world, lot, row)
    made = filing.file_complaint(third.actor, lot.id, **said)
    assert made.counted_from == reading.award(world.session, lot.id).decided_at


@on_sqlite
def test_a_winner_kept_from_signing_by_a_suspension_has_its_time_behind_it(world):
    lot, _, held = awarded(world, bids=3)
    watcher = world.fresh(world.supervisor)
    tendering.suspend_lot(watcher, lot.id, document_no="暂1", reason="核查")
    past_due(world, lot)
    tendering.resume_lot(world.fresh(world.supervisor), lot.id, document_no="复1", reason="核查完毕")
    resumed = world.now
    row = proposed(world, lot, plan="retender")
    world.advance(to=row.heard_until)
    assert refused(cancelled, world, lot, row) == "award-default.may-sign"
    world.advance(to=end_of(contract_due(resumed, lot.profile)))
    cancelled(world, lot, row)
    assert world.security(held[0].id).state.value == "forfeited"


@pytest.mark.parametrize("days,until", [(None, "2026-12-10"), (1, "2026-12-08"), (5, "2026-12-14")])
def test_a_place_says_how_long_a_winner_is_heard(days, until):
    """From Monday on, the day of asking not counted; three working days where no profile says it."""
    profile = deepcopy(shipped_for("below", date(2026, 12, 1)))
    if days:
        profile["numbers"]["award.hearing_days"] = {
            "value": days, "unit": "working_days", "source": "某县规定", "mark": "own", "breach": "block"}
    found = rules.heard_until(check_profile(profile), datetime(2026, 12, 7, 1, tzinfo=UTC))
    assert beijing_day(found - timedelta(seconds=1)).isoformat() == until
