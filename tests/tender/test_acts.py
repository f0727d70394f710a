"""The acts of the invitation on both databases: order, two persons, races, silence."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from kernel.canonical import parse
from kernel.db import db
from kernel.refusal import Refused
from tender import acts, reading
from tender.lifecycle import Phase
from tender.model import Item, LotOutcome, Notice, Tender

from ..worlds.tender import lot_fields


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def together(app, *calls) -> list[object]:
    """Run the calls at once, each in its own thread and context; results or refusals."""
    results: list[object] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(place, call):
        with app.app_context():
            gate.wait()
            try:
                results[place] = call()
            except Refused as refusal:
                results[place] = refusal.word.code
            except Exception as error:  # noqa: BLE001  (the test names what it was)
                results[place] = repr(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return results


def test_a_tender_goes_from_draft_to_published(world):
    tender = world.draft_tender(lots=2)
    lots = world.lots(tender)
    assert [reading.phase_of(db.session, lot.id, world.now) for lot in lots] == [Phase.DRAFT] * 2
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.chief, tender.id, content_hash=notice.content_hash)
    for lot in world.lots(tender):
        assert reading.phase_of(db.session, lot.id, world.now) is Phase.BIDDING
        assert lot.profile["id"] == "below-2026-3"
    assert reading.phase_of_tender(db.session, tender.id, world.now) is Phase.BIDDING
    (entry,) = world.entries("notice.approved")
    assert entry.disclose == "public"
    said = parse(entry.record)["facts"]
    assert said["content_hash"] == notice.content_hash and len(said["lots"]) == 2


def test_the_creator_cannot_name_another_owner(world):
    world.buyer_unit()
    other = world.account("buyer")
    tender = acts.create_tender(other, title="x", description="", region="330703", funding="",
                                approval_no="", lots=[lot_fields(world.now)])
    assert tender.buyer_id == other.party_id


def test_only_the_own_unit_edits_and_a_stranger_learns_nothing(world):
    tender = world.draft_tender()
    stranger, company = world.account("buyer"), world.account("tenderer")
    for actor in (stranger, company):
        assert refused(acts.edit_tender, actor, tender.id, if_match=1,
                       title="x") == "object.not-found"
        assert refused(acts.submit_notice, actor, tender.id) == "object.not-found"


def test_an_edit_of_an_older_version_is_refused(world):
    tender = world.draft_tender()
    version = tender.version
    acts.edit_tender(world.clerk, tender.id, if_match=version, title="新名称")
    assert refused(acts.edit_tender, world.chief, tender.id, if_match=version,
                   title="x") == "version.stale"
    assert reading.tender(world.session, tender.id).title == "新名称"


def test_everything_that_is_missing_is_listed_at_once(world):
    tender = world.draft_tender(items=0, document=False, price_ceiling_fen=0, publicity_days=1,
                                criteria={"factors": []})
    with pytest.raises(Refused) as caught:
        acts.submit_notice(world.clerk, tender.id)
    found = {one["code"] for one in caught.value.facts["findings"]}
    assert {"tender.documents", "lot.items", "lot.ceiling", "lot.publicity",
            "lot.criteria-sum"} <= found
    assert world.session.scalars(select(Notice)).first() is None


def test_any_change_after_submission_voids_it(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    lot = world.lots(tender)[0]
    changes = (
        lambda: acts.edit_tender(world.clerk, tender.id, title="改",
                                 if_match=reading.tender(world.session, tender.id).version),
        lambda: world.add_document(tender, b"another text", "附件.txt"),
        lambda: acts.set_items(world.clerk, lot.id, items=[
            {"code": "1", "description": "x", "unit": "m", "quantity": "1"}]),
    )
    for change in changes:
        notice = acts.submit_notice(world.clerk, tender.id)
        change()
        assert refused(acts.approve_notice, world.chief, tender.id,
                       content_hash=notice.content_hash) == "notice.not-submitted"
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.chief, tender.id, content_hash=notice.content_hash)


def test_a_change_past_every_act_is_caught_by_the_hash(world):
    """A hand in the database between submission and approval publishes nothing."""
    tender = world.draft_tender()
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    world.raw("UPDATE lot SET price_ceiling_fen = 1 WHERE tender_id = :id", id=tender.id)
    assert refused(acts.approve_notice, world.chief, tender.id,
                   content_hash=notice.content_hash) == "notice.changed"


def test_a_wrong_file_is_taken_out_of_a_draft_again(world):
    tender = world.draft_tender()
    extra = world.add_document(tender, b"a mistake", "x.txt")
    acts.remove_document(world.clerk, tender.id, extra.id)
    names = [one.name for one in reading.documents_of(world.session, tender.id)]
    assert names == ["招标文件.pdf"]
    assert refused(acts.remove_document, world.clerk, tender.id, extra.id) == "object.not-found"
    assert refused(world.add_document, tender) == "document.repeated"
    world.add_document(tender, b"another", "y.txt")


def test_an_old_draft_stays_editable_but_is_not_submitted(world):
    tender = world.draft_tender()
    (lot,) = world.lots(tender)
    world.advance(days=30)
    acts.edit_tender(world.clerk, tender.id, if_match=tender.version, title="改名")
    assert refused(acts.submit_notice, world.clerk, tender.id) == "notice.incomplete"
    later = lot.deadline + timedelta(days=60)
    acts.edit_tender(world.clerk, tender.id, if_match=tender.version + 1,
                     lots=[{"id": lot.id, "deadline": later}])


def test_the_approver_names_what_was_read(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    acts.submit_notice(world.clerk, tender.id)
    assert refused(acts.approve_notice, world.chief, tender.id,
                   content_hash="0" * 64) == "notice.changed"


def test_nobody_approves_their_own_notice_not_even_with_a_second_account(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    twin = world.account("buyer", party=world.buyer_unit(),
                         id_number=world.number_of(world.clerk))
    assert twin.account_id != world.clerk.account_id
    assert twin.person_id == world.clerk.person_id
    for actor in (world.clerk, twin):
        assert refused(acts.approve_notice, actor, tender.id,
                       content_hash=notice.content_hash) == "notice.same-person"


def test_approval_needs_a_fresh_factor(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    assert refused(acts.approve_notice, world.stale(world.chief), tender.id,
                   content_hash=notice.content_hash) == "session.step-up"


def test_a_notice_that_lay_too_long_is_no_longer_lawful(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    world.advance(days=6)
    with pytest.raises(Refused) as caught:
        acts.approve_notice(world.chief, tender.id, content_hash=notice.content_hash)
    assert [one["code"] for one in caught.value.facts["findings"]] == ["lot.deadline-early"]


def test_the_same_content_is_submitted_once(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    acts.submit_notice(world.clerk, tender.id)
    assert refused(acts.submit_notice, world.chief, tender.id) == "notice.submitted"


def test_nothing_is_edited_after_publication(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    for call in (
        lambda: acts.edit_tender(world.clerk, tender.id, if_match=tender.version, title="x"),
        lambda: acts.edit_tender(world.clerk, tender.id, if_match=tender.version, lots=[
            {"id": lot.id, "deadline": lot.deadline - timedelta(hours=1)}]),
        lambda: world.add_document(tender, b"late text", "late.txt"),
        lambda: acts.set_items(world.clerk, lot.id, items=[]),
        lambda: acts.submit_notice(world.clerk, tender.id),
        lambda: acts.approve_notice(world.chief, tender.id, content_hash="0" * 64),
    ):
        assert refused(call) == "phase.wrong"


def test_two_approvers_at_once_publish_once(world, app):
    tender = world.draft_tender(lots=2)
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    chiefs = [world.chief] + [world.account("buyer", party=world.buyer_unit()) for _ in range(7)]
    results = together(app, *[
        lambda chief=chief: acts.approve_notice(chief, tender.id,
                                                content_hash=notice.content_hash).id
        for chief in chiefs])
    assert results.count(notice.id) == 1, results
    assert set(results) - {notice.id} <= {"phase.wrong"}, results
    outcomes = world.session.scalars(select(LotOutcome)).all()
    assert len(outcomes) == 2 and len(world.entries("notice.approved")) == 1


def test_an_edit_and_an_approval_at_once_never_publish_what_was_not_read(world, app):
    tender = world.draft_tender()
    world.before_publishing(tender)
    for attempt in range(4):
        version = reading.tender(world.session, tender.id).version
        notice = acts.submit_notice(world.clerk, tender.id)
        edited, approved = together(
            app,
            lambda v=version, a=attempt: acts.edit_tender(
                world.clerk, tender.id, if_match=v, title=f"第{a}稿").title,
            lambda h=notice.content_hash: acts.approve_notice(
                world.chief, tender.id, content_hash=h).content_hash)
        title = reading.tender(world.session, tender.id).title
        if approved == notice.content_hash:
            assert edited == "phase.wrong" and title in parse(notice.content)["title"]
            return
        assert approved == "notice.not-submitted" and title == f"第{attempt}稿"


def test_two_submissions_at_once_leave_one(world, app):
    tender = world.draft_tender()
    world.before_publishing(tender)
    results = together(app, *[lambda who=who: acts.submit_notice(who, tender.id).number
                              for who in (world.clerk, world.chief)])
    assert sorted(map(str, results)) == ["1", "notice.submitted"]


def test_an_outcome_is_decided_once_and_in_its_phase(world):
    from audit.act import act
    from audit.actor import OPERATOR

    @act("outcome.tried", law="—", by=("operator",))
    def decide(ctx, lot_id, outcome):
        acts.lock_lot(ctx, lot_id)
        row = acts.decide_outcome(ctx, lot_id, outcome)
        ctx.record(lot_id, {}, lot_id=lot_id)
        return row

    from audit.act import CATALOGUE
    del CATALOGUE["outcome.tried"]
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    assert refused(decide, OPERATOR, lot.id, "published") == "lot.decided"
    assert refused(decide, OPERATOR, lot.id, "awarded") == "phase.wrong"
    assert refused(decide, OPERATOR, lot.id, "closed") == "phase.wrong"
    world.advance(to=lot.deadline)
    decide(OPERATOR, lot.id, "closed")
    assert refused(decide, OPERATOR, lot.id, "closed") == "lot.decided"


def test_lots_together_at_the_statutory_limit_are_refused(world):
    world.buyer_unit()
    lots = [lot_fields(world.now, estimate_fen=200_000_000, guarantee={"amount_fen": 0})
            for _ in range(2)]
    assert refused(acts.create_tender, world.clerk, title="x", description="", region="330703",
                   funding="", approval_no="", lots=lots) == "lot.regime-limit"
    assert world.session.scalars(select(Tender)).first() is None


def test_two_thousand_lines_of_quantities(world):
    tender = world.draft_tender(items=0)
    lot = world.lots(tender)[0]
    lines = [{"code": f"04{n:07d}", "description": f"第 {n} 项", "unit": "m3",
              "quantity": f"{n}.125"} for n in range(2000)]
    acts.set_items(world.clerk, lot.id, items=lines)
    acts.set_items(world.clerk, lot.id, items=lines)
    found = world.session.scalars(select(Item).where(Item.lot_id == lot.id)).all()
    assert len(found) == 2000
    (*_, entry) = world.entries("items.set")
    assert parse(entry.record)["facts"]["items"] == 2000


def test_a_question_and_its_answer(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    company = world.account("tenderer")
    question = acts.ask_question(company, lot.id, text="路面厚度是多少？")
    address = f"/lots/{lot.id}/questions"
    assert world.client().get(address).json["items"] == []
    acts.answer_question(world.clerk, lot.id, question.id, text="二十厘米。")
    (shown,) = world.client().get(address).json["items"]
    assert shown["answer"] == "二十厘米。"
    assert refused(acts.answer_question, world.clerk, lot.id, question.id,
                   text="改") == "question.answered"
    assert refused(acts.ask_question, world.clerk, lot.id, text="?") == "access.denied"
    world.advance(to=lot.deadline)
    assert refused(acts.ask_question, company, lot.id, text="太晚") == "phase.wrong"


def test_the_record_never_tells_the_public_who_asked(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    company = world.account("tenderer")
    question = acts.ask_question(company, lot.id, text="问")
    acts.answer_question(world.clerk, lot.id, question.id, text="答")
    (asked,), (answered,) = world.entries("question.asked"), world.entries("question.answered")
    assert asked.disclose == "never"
    for secret in (company.party_id, company.account_id, company.person_id):
        assert secret not in answered.record


def test_the_forced_phase_exists_in_a_test_database_only(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    world.raw("UPDATE installation SET kind = 'production'")
    assert refused(world.force_phase, lot.id, "CLOSED") == "object.not-found"
    world.raw("UPDATE installation SET kind = 'test'")
    world.force_phase(lot.id, "CLOSED")
    assert reading.phase_of(world.session, lot.id, world.now) is Phase.CLOSED


def test_every_phase_can_be_forced(world):
    tender = world.draft_tender(lots=13, items=0, document=False)
    names = [one.name for one in Phase if one is not Phase.DRAFT]
    for lot, name in zip(world.lots(tender), names, strict=True):
        world.force_phase(lot.id, name)
        assert reading.phase_of(world.session, lot.id, world.now).name == name


def test_officials_changed_after_submission_void_what_was_read(world):
    """The access policy is part of what two persons agree on (content_hooks)."""
    tender = world.draft_tender()
    notice = acts.submit_notice(world.clerk, tender.id)
    world.before_publishing(tender)
    assert refused(acts.approve_notice, world.chief, tender.id,
                   content_hash=notice.content_hash) == "notice.changed"
    again = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.chief, tender.id, content_hash=again.content_hash)
    (lot,) = world.lots(tender)
    (entry,) = world.entries("notice.approved")
    (said,) = parse(entry.record)["facts"]["lots"]
    assert lot.policy_hash and said["policy_hash"] == lot.policy_hash
    assert parse(again.content)["more"]["policies"] == {lot.id: lot.policy_hash}
