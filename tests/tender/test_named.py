"""What an amendment publishes of a lot by invitation names nobody who is invited, however long."""

from __future__ import annotations

from datetime import date

import pytest

from audit.act import wiring
from kernel.refusal import Refused
from supervision import acts as watch
from tender import acts
from tender.amendment import MOST_LINES

from ..worlds.tender import PDF
from .test_acts import refused
from .test_amendments import draft, publish
from .test_invitation import GROUNDS, invite, listed
from .test_notices import later
from .test_registration import FULL


@pytest.mark.parametrize("count", [3, MOST_LINES + 1])
def test_no_line_of_an_amended_bill_names_one_who_is_invited(world, count):
    companies = [world.company() for _ in range(3)]
    tender, lot = invite(world, companies)
    name = listed(companies)[1]["name"]
    items = [{"code": str(at), "description": f"{name}配合" if at == count else "土方",
              "unit": "m3", "quantity": "2.5"} for at in range(1, count + 1)]
    assert refused(publish, world, tender, lots=[
        {"id": lot.id, "items": items, "deadline": later(world, lot)}]) == "invitees.named"


def test_no_file_of_an_amendment_is_called_after_one_who_is_invited(world):
    companies = [world.company() for _ in range(3)]
    tender, lot = invite(world, companies)
    made = draft(world, tender, lots=[{"id": lot.id, "deadline": later(world, lot)}])
    data = PDF + b"\n"
    acts.add_amending_file(
        world.clerk, tender.id, made.id, name=f"{listed(companies)[1]['name']}.pdf",
        kind="biddingDocuments", media_type="application/pdf", size=len(data),
        digest=wiring().store.put(data))
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    assert refused(acts.approve_amendment, world.fresh(world.chief), tender.id, made.id,
                   content_hash=sent.content_hash) == "invitees.named"


def test_an_answer_on_one_lot_names_nobody_invited_to_another(world):
    first, second = ([world.company() for _ in range(3)] for _ in range(2))
    tender = world.draft_tender(2, method="invite", grounds=GROUNDS)
    world.before_publishing(tender)
    one, two = world.lots(tender)
    other = [row | {"name": f"别的{row['name']}"} for row in listed(second)]
    acts.set_invitees(world.clerk, one.id, invitees=listed(first))
    acts.set_invitees(world.clerk, two.id, invitees=other)
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    asked = acts.ask_question(first[0].actor, one.id, text="弃土场在何处？")
    assert refused(acts.answer_question, world.clerk, one.id, asked.id,
                   text=f"由{other[2]['name']}指定。") == "invitees.named"
    objected = watch.file_objection(first[1].actor, one.id, argument="工期过短",
                                    remedy="延长工期")
    assert refused(watch.answer_objection, world.clerk, one.id, objected.id, outcome="rejected",
                   text=f"统一社会信用代码 {second[1].uscc} 的工期相同。") == "invitees.named"
    watch.answer_objection(world.clerk, one.id, objected.id, outcome="rejected", text="工期合理。")
    acts.answer_question(world.clerk, one.id, asked.id, text="由业主指定。")


@pytest.mark.parametrize("where", ["pre_notice", "plan"])
def test_nobody_is_invited_whom_the_advance_notice_or_the_plan_names(world, where):
    companies = [world.company() for _ in range(3)]
    name = listed(companies)[1]["name"]
    tender = world.draft_tender(method="invite", grounds=GROUNDS)
    world.before_publishing(tender)
    (lot,) = world.lots(tender)
    if where == "plan":
        plan = acts.announce_plan(world.clerk, title="水下抢修", description=f"拟与{name}接洽",
                                  region="330703", category="works", estimate_fen=1_000_000,
                                  expected="2026-06")
        acts.set_registration(world.clerk, tender.id, **FULL | {"plan_id": plan.id})
    else:
        sent = acts.submit_pre_notice(world.clerk, tender.id, expected=date(2026, 4, 1),
                                      text=f"现场由{name}看守")
        acts.approve_pre_notice(world.fresh(world.chief), tender.id,
                                content_hash=sent.content_hash)
    acts.set_invitees(world.clerk, lot.id, invitees=listed(companies))
    with pytest.raises(Refused) as caught:
        acts.submit_notice(world.clerk, tender.id)
    assert [one["code"] for one in caught.value.facts["findings"]] == ["lot.invitee-announced"]
    acts.set_invitees(world.clerk, lot.id, invitees=listed(
        [companies[0], world.company(), companies[2]])[:1] + [
            {"uscc": world.company().uscc, "name": f"未曾提及{n}号有限公司"} for n in range(2)])
    acts.submit_notice(world.clerk, tender.id)
