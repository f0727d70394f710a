"""Declaration, sheets and report as acts."""

import dataclasses
import json

import pytest
from sqlalchemy.exc import DBAPIError

from evaluation import acts, reading
from kernel.refusal import Refused
from tender import reading as tenders
from tender.lifecycle import Phase


def refused(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def fresh_lot(world, lot):
    return tenders.lot(world.session, lot.id)


def test_scoring_needs_the_declaration_and_the_seat(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    sheet = world.sheet(lot)
    assert refused(acts.save_sheet, panel[0], lot.id, scores=sheet) == "panel.declare-first"
    outsider = world.account("expert")
    assert refused(acts.declare, outsider, lot.id, accept=True) == "access.denied"
    assert refused(acts.save_sheet, world.clerk, lot.id, scores=sheet) == "access.denied"
    acts.declare(panel[0], lot.id, accept=True)
    assert refused(acts.declare, panel[0], lot.id, accept=True) == "panel.already-declared"
    assert acts.save_sheet(panel[0], lot.id, scores=sheet).version == 1


def test_a_draft_may_have_gaps_and_moves_by_versions(world):
    lot = world.opened_by_fiat()
    expert = world.drawn_panel(lot)[0]
    acts.declare(expert, lot.id, accept=True)
    sheet = world.sheet(lot)
    bid = next(iter(sheet))
    first = acts.save_sheet(expert, lot.id, scores={bid: {"plan": "20"}})
    assert refused(acts.save_sheet, expert, lot.id, scores=sheet, version=0) == "score.stale"
    assert refused(acts.save_sheet, expert, lot.id, scores=sheet, version=2) == "score.stale"
    assert refused(acts.sign_sheet, expert, lot.id,
                   sheet_hash=first.sheet_hash) == "score.incomplete"
    second = acts.save_sheet(expert, lot.id, scores=sheet, version=1)
    assert second.version == 2 and second.sheet_hash != first.sheet_hash
    assert refused(acts.sign_sheet, expert, lot.id,
                   sheet_hash=first.sheet_hash) == "score.changed"
    acts.sign_sheet(expert, lot.id, sheet_hash=second.sheet_hash)
    assert refused(acts.save_sheet, expert, lot.id, scores=sheet, version=2) == "score.signed"
    assert refused(acts.sign_sheet, expert, lot.id,
                   sheet_hash=second.sheet_hash) == "score.signed"


def test_the_record_names_no_expert_to_the_auditor_before_the_award(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    acts.declare(panel[0], lot.id, accept=True)
    acts.save_sheet(panel[0], lot.id, scores=world.sheet(lot))
    world.tick(record=True)
    seen = world.client(world.admin("audit_admin")).get(f"/lots/{lot.id}/record?limit=200")
    assert seen.status_code == 200 and seen.get_json()["items"]
    for expert in panel:
        assert expert.account_id not in seen.get_data(as_text=True)


def test_an_unsaved_sheet_cannot_be_signed(world):
    lot = world.opened_by_fiat()
    expert = world.drawn_panel(lot)[0]
    acts.declare(expert, lot.id, accept=True)
    assert refused(acts.sign_sheet, expert, lot.id, sheet_hash="0" * 64) == "score.incomplete"


def test_scores_out_of_bounds_are_refused_and_nothing_is_stored(world):
    lot = world.opened_by_fiat()
    expert = world.drawn_panel(lot)[0]
    acts.declare(expert, lot.id, accept=True)
    sheet = world.sheet(lot)
    for score in ("25.5", "-1", "NaN", "20.25", "1e1"):
        sheet[next(iter(sheet))]["plan"] = score
        assert refused(acts.save_sheet, expert, lot.id, scores=sheet) == "score.out-of-bounds"
    assert reading.own_sheet(world.session, lot.id, expert.account_id).version == 0


def test_a_rejected_bid_is_not_scored(world):
    lot = world.opened_by_fiat()
    expert = world.drawn_panel(lot)[0]
    acts.declare(expert, lot.id, accept=True)
    over = next(bid for bid in reading.report_bids(world.session, lot)
                if bid.price_fen > lot.price_ceiling_fen)
    assert refused(acts.save_sheet, expert, lot.id,
                   scores={over.bid_id: {"plan": "1"}}) == "score.out-of-bounds"


def test_signing_needs_a_fresh_second_factor(world):
    lot = world.opened_by_fiat()
    expert = world.drawn_panel(lot)[0]
    acts.declare(expert, lot.id, accept=True)
    saved = acts.save_sheet(expert, lot.id, scores=world.sheet(lot))
    for stale in (None, world.now):
        tired = dataclasses.replace(expert, fresh_until=stale)
        world.advance(seconds=1)
        assert refused(acts.sign_sheet, tired, lot.id,
                       sheet_hash=saved.sheet_hash) == "session.step-up"


def test_a_signed_sheet_is_frozen_in_the_database_too(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel[:1])
    for statement in ("UPDATE score_sheet SET content = 'x'", "DELETE FROM score_sheet"):
        with pytest.raises(DBAPIError):
            world.raw(statement)


def test_nobody_sees_another_sheet_before_all_have_signed(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel[:1])
    own = reading.own_sheet(world.session, lot.id, panel[0].account_id)
    assert own.signed_at and own.scores
    other = reading.own_sheet(world.session, lot.id, panel[1].account_id)
    assert other.scores == {} and other.sheet_hash is None
    world.sign_sheets(lot, panel[1:4])
    assert refused(reading.to_sign, world.session, fresh_lot(world, lot)) == "report.sheets-missing"
    assert refused(acts.sign_report, panel[0], lot.id,
                   report_hash="0" * 64) == "report.sheets-missing"
    for entry in world.written("score.signed"):
        assert entry.disclose == "awarded"
        assert not set(json.loads(entry.record)["facts"]) - {"seat", "sheet_hash"}


def test_non_interference_among_experts(world):
    """What one expert sees does not depend on what another has written (I22)."""
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    acts.declare(panel[0], lot.id, accept=True)
    acts.declare(panel[1], lot.id, accept=True)

    def view():
        return (reading.own_sheet(world.session, lot.id, panel[0].account_id),
                reading.result(world.session, lot.id))

    seen = []
    for share in ("0.2", "1.0"):
        version = reading.own_sheet(world.session, lot.id, panel[1].account_id).version
        acts.save_sheet(panel[1], lot.id, scores=world.sheet(lot, share), version=version)
        seen.append(view())
    assert seen[0] == seen[1]


def test_the_work_of_who_leaves_is_void_and_done_again(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel[:2])
    acts.declare(panel[0], lot.id, accept=False, reason="发现利害关系")
    assert reading.missing_sheets(world.session, fresh_lot(world, lot)) == 4
    world.sign_sheets(lot, panel[2:])
    assert refused(reading.to_sign, world.session, fresh_lot(world, lot)) == "report.sheets-missing"
    follower = next(one for one in world.panel(lot)
                    if one.account_id not in {old.account_id for old in panel})
    world.sign_sheets(lot, [follower], world.sheet(lot, "0.5"))
    found = reading.to_sign(world.session, fresh_lot(world, lot))
    assert len(found["report"]["sheets"]) == 5
    assert refused(acts.declare, panel[1], lot.id, accept=False,
                   reason="晚了") == "panel.sheets-complete"


def test_the_report_concludes_with_the_last_signature_and_keeps_dissent(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel)
    right = reading.to_sign(world.session, fresh_lot(world, lot))["report_hash"]
    assert refused(acts.sign_report, panel[0], lot.id, report_hash="0" * 64) == "report.changed"
    for expert in panel[:4]:
        acts.sign_report(expert, lot.id, report_hash=right)
    assert refused(acts.sign_report, panel[0], lot.id, report_hash=right) == "report.signed"
    assert refused(reading.concluded_report, world.session, lot.id) == "report.none"
    acts.sign_report(panel[4], lot.id, report_hash=right, dissent="不同意对乙公司的评价")
    concluded = reading.concluded_report(world.session, lot.id)
    assert concluded["report_hash"] == right
    assert sorted(row["dissent"] is not None for row in concluded["signatures"]) == [
        False] * 4 + [True]
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.EVALUATED
    assert reading.result(world.session, lot.id)["candidates"] == [], "not before publication"


def test_two_valid_bids_need_an_argument_from_everyone(world):
    lot = world.opened_by_fiat({"A": 385120000, "B": 379250050, "G": 399500000})
    panel = world.drawn_panel(lot)
    acts.declare(panel[0], lot.id, accept=True)
    saved = acts.save_sheet(panel[0], lot.id, scores=world.sheet(lot))
    assert refused(acts.sign_sheet, panel[0], lot.id,
                   sheet_hash=saved.sheet_hash) == "score.competition-unargued"


def competition(world, lot, panel, lacking):
    for number, expert in enumerate(panel):
        acts.declare(expert, lot.id, accept=True)
        saved = acts.save_sheet(expert, lot.id, scores=world.sheet(lot), competition={
            "lacking": number < lacking, "argument": "两家报价均低于限价"})
        acts.sign_sheet(expert, lot.id, sheet_hash=saved.sheet_hash)
    right = reading.to_sign(world.session, fresh_lot(world, lot))["report_hash"]
    for expert in panel:
        acts.sign_report(expert, lot.id, report_hash=right)


@pytest.mark.parametrize("lacking,phase,candidates", [
    (2, Phase.EVALUATED, 2), (3, Phase.FAILED, 0)])
def test_a_majority_that_finds_competition_lacking_ends_the_lot(world, lacking, phase, candidates):
    lot = world.opened_by_fiat({"A": 385120000, "B": 379250050, "G": 399500000})
    competition(world, lot, world.drawn_panel(lot), lacking)
    assert tenders.phase_of(world.session, lot.id, world.now) is phase
    assert len(reading.candidates(world.session, lot.id)) == candidates


def test_no_valid_bid_at_all_ends_the_lot(world):
    lot = world.opened_by_fiat({"A": 399000000, "B": 399100000, "C": 399500000})
    competition(world, lot, world.drawn_panel(lot), 0)
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.FAILED


def test_opened_bids_of_a_lot_the_panel_ended_are_not_returned_unopened(world):
    lot = world.opened_lot(bids=3, prices=[399000000, 399100000, 399500000])
    competition(world, lot, world.drawn_panel(lot), 0)
    world.tick()
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.FAILED
    assert world.written("bid.returned") == [] and world.written("lot.failed") == []


def test_a_role_revoked_on_the_way_ends_the_work(world):
    lot = world.opened_by_fiat()
    expert = world.drawn_panel(lot)[0]
    acts.declare(expert, lot.id, accept=True)
    saved = acts.save_sheet(expert, lot.id, scores=world.sheet(lot))
    world.revoke(expert, "expert")
    code = refused(acts.sign_sheet, expert, lot.id, sheet_hash=saved.sheet_hash)
    assert code == "access.denied"
