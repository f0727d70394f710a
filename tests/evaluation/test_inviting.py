"""Those invited in government procurement: a longer list, two persons, a draw anybody repeats."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from audit.model import Disclosure
from evaluation import draw, replay
from evaluation.inviting import acts as inviting
from evaluation.inviting import reading
from evaluation.inviting.model import InvitationWatcher
from kernel.canonical import jcs, parse
from kernel.refusal import Refused
from people.uscc import completed
from portal import evidence
from portal.fsck.entries import entries
from portal.fsck.folds import folded
from portal.fsck.invitations import FOLDS, invitations
from portal.fsck.rows import rows
from portal.verify import command
from tender import acts, invited, longlist, profile
from tests.reader import Reader
from tests.tender.test_invitation import GROUNDS, THREE
from tests.tender.test_pages import named
from tests.worlds.tender import EVIDENCE

DAY = date(2026, 3, 2)
SIX = [(completed("91330703", f"MA3K00{n:02d}"), f"某水下工程{n}号有限公司") for n in range(6)]
BASIS = "某局推荐函〔2026〕3号"


def codes(found) -> set[str]:
    return {one["code"] for one in found}


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


# --- the rules ------------------------------------------------------------------------------------
GOVPROC = profile.shipped_for("govproc", DAY)


@pytest.mark.parametrize(("source", "wanted", "count", "found"), [
    ("recommended", 3, 6, set()), ("recommended", 3, 5, {"lot.candidates-few"}),
    ("library", 3, 6, set()), ("library", 4, 7, {"lot.candidates-few"}),
    ("prequalified", 3, 3, set()), ("prequalified", 4, 3, {"lot.candidates-few"}),
    ("prequalified", 2, 6, {"lot.candidates-wanted"}),
])
def test_how_long_a_list_must_be(source, wanted, count, found):
    names = [(f"{n:018d}", f"第{n}公司") for n in range(count)]
    assert codes(longlist.findings(GOVPROC, source, wanted, names, [], [])) == found


def test_a_place_may_ask_for_more_and_never_for_less():
    def asking(**numbers):
        return GOVPROC | {"numbers": GOVPROC["numbers"] | {
            f"invite.{name}": GOVPROC["numbers"][f"invite.{name}"] | {"value": value}
            for name, value in numbers.items()}}
    assert codes(longlist.findings(asking(pool_factor=3), "library", 3, SIX, [], [])) \
        == {"lot.candidates-few"}
    assert longlist.factor(asking(pool_factor=1)) == 2
    assert longlist.persons(asking(watchers=3)) == 3 and longlist.persons(asking(watchers=1)) == 2
    assert longlist.factor(profile.shipped_for("below", DAY)) == 2


def test_neither_the_buyer_nor_who_is_barred_stands_on_the_list():
    assert codes(longlist.findings(GOVPROC, "library", 3, SIX, [SIX[0][0]], [SIX[1][0]])) \
        == {"lot.invitee-own", "lot.invitee-debarred"}


@pytest.mark.parametrize(("category", "estimate", "needed"), [
    ("goods", 200_000_000, True), ("services", 199_999_999, False), ("works", 300_000_000, False)])
def test_from_what_amount_an_authority_approves_it(category, estimate, needed):
    assert longlist.approval_needed("govproc", GOVPROC, category, estimate) is needed
    assert longlist.approval_needed("statutory", GOVPROC, category, estimate)
    assert not longlist.approval_needed("below", GOVPROC, category, estimate)


@given(st.permutations(SIX), st.sampled_from(sorted(longlist.SOURCES)), st.integers(1, 6))
def test_the_hash_binds_source_number_and_every_name(order, source, wanted):
    said = longlist.commitment("a" * 32, "0" * 64, source, wanted, order)
    assert said == longlist.commitment("a" * 32, "0" * 64, source, wanted, SIX)
    others = {longlist.commitment("a" * 32, "0" * 64, source, wanted + 1, SIX),
              longlist.commitment("a" * 32, "0" * 64, source, wanted, order[1:]),
              longlist.commitment("a" * 32, "1" * 64, source, wanted, SIX)}
    assert said not in others and len(others) == 3


# --- the course -----------------------------------------------------------------------------------
def listed(companies) -> list[dict]:
    return [{"uscc": uscc, "name": name} for uscc, name in companies]


def drafted(world, candidates=SIX, wanted=3, **over):
    """A draft of government procurement by invitation, its longer list saved."""
    tender = world.draft_tender(**{
        "regime": "govproc", "category": "goods", "method": "invite", "grounds": GROUNDS,
        "estimate_fen": 150_000_000, "price_ceiling_fen": 149_000_000,
        "guarantee": {"amount_fen": 2_000_000}, "deadline": deadline(world)} | over)
    world.before_publishing(tender)
    world.keeps_paper(world.clerk)
    lot = world.lots(tender)[0]
    save(world, lot, candidates, wanted)
    return tender, lot


def deadline(world):
    """Thirty days on, a working day."""
    return world.now + timedelta(days=30 if (world.now + timedelta(days=30)).weekday() < 5 else 32)


def save(world, lot, candidates=SIX, wanted=3, source="recommended", **over):
    return acts.set_long_list(world.clerk, lot.id, **{
        "source": source, "basis": BASIS, "paper_hash": EVIDENCE, "wanted": wanted,
        "candidates": listed(candidates)} | over)


def announced(world, lot, **over):
    made = inviting.announce_invitation(world.clerk, lot.id, **over)
    return made.id, reading.page(world.session, made)["announcement_hash"]


def drawn(world, lot, **over):
    """A draw that was announced, watched and held."""
    own, digest = announced(world, lot, **over)
    inviting.watch_invitation(world.fresh(world.chief), lot.id, announcement_hash=digest)
    world.tick(record=True)
    world.tick(record=True)
    world.session.rollback()
    return reading.the_draw(world.session, own)


def submitted(world, tender):
    with pytest.raises(Refused) as caught:
        acts.submit_notice(world.clerk, tender.id)
    return codes(caught.value.facts["findings"])


def test_those_invited_are_drawn_and_anybody_repeats_it(world):
    tender, lot = drafted(world)
    assert submitted(world, tender) == {"lot.invitees", "lot.invitees-undrawn"}
    assert refused(acts.set_invitees, world.clerk, lot.id, invitees=listed(THREE)) \
        == "invitees.drawn"
    made = drawn(world, lot)
    document = json.loads(made.document)
    draw.verify(document)
    chosen = reading.drawn_of(made)
    assert len(chosen) == 3 and {(one["uscc"], one["name"]) for one in chosen} <= set(SIX)
    assert invited.invitees_of(world.session, lot.id) == sorted(
        (one["uscc"], one["name"]) for one in chosen)
    entries = [(row.position, json.loads(row.record)) for row in world.session.scalars(
        select(Disclosure).order_by(Disclosure.position)) if hasattr(row, "record")]
    assert replay.against_record(document, entries) in [
        at for at, one in entries if one["type"] == "invitation.watched" and one["facts"]["closed"]]
    told = "".join(row.record for row in world.session.scalars(select(Disclosure))
                   if '"invitation.' in row.record or '"long_list.set"' in row.record)
    assert told and not [one for pair in SIX for one in pair if one in told]
    assert '"seats"' not in told and document["seed"] not in told
    notice = acts.submit_notice(world.clerk, tender.id)
    said = json.loads(notice.content)["more"]["invitation_draws"][0]
    assert said["commitment"] == made.long_list["commitment"] and len(said["draws"]) == 1
    assert not [one for pair in SIX for one in pair if one in notice.content]
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    for path in (f"/lots/{lot.id}/long-list", f"/lots/{lot.id}/invitation-draws",
                 f"/lots/{lot.id}/invitees"):
        assert world.client().get(path).status_code in (401, 403, 409)
        assert world.client(world.supervisor).get(path).status_code == 409
        assert world.client(world.clerk).get(path).status_code == 200


def opened(world):
    """An opened lot of government procurement: six suppliers, three drawn, all three bid."""
    companies = {one.uscc: one for one in (world.company() for _ in range(6))}
    names = [(uscc, f"备选供应商{n}有限公司") for n, uscc in enumerate(sorted(companies))]
    tender, lot = drafted(world, names)
    chosen = reading.drawn_of(drawn(world, lot))
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    lot = world.lots(tender)[0]
    left_out = next(one for uscc, one in companies.items()
                    if uscc not in {each["uscc"] for each in chosen})
    assert refused(world.declare, lot, left_out, world.seal(lot, left_out)) == "bid.not-invited"
    for number, one in enumerate(chosen):
        world.sealed_bid(lot, companies[one["uscc"]], price_fen=140_000_000 - number)
    world.past_deadline(lot)
    world.authorise(lot)
    for one in chosen:
        world.give_own(lot, companies[one["uscc"]])
    world.tick()
    world.tick(record=True)
    return tender, lot, chosen


def test_with_the_opening_everybody_repeats_who_was_drawn(world, tmp_path):
    tender, lot, chosen = opened(world)
    told = world.client().get(f"/lots/{lot.id}/invitation-draws").json["items"]
    draw.verify(told[-1]["document"])
    assert {one["uscc"] for one in told[-1]["drawn"]} == {one["uscc"] for one in chosen}
    whole = world.client().get(f"/lots/{lot.id}/long-list").json
    assert whole["commitment"] == told[-1]["announcement"]["list"] == longlist.commitment(
        lot.id, whole["salt"], whole["source"], whole["wanted"],
        [(one["uscc"], one["name"]) for one in whole["candidates"]])
    evidence.write(world.session, tender.id, tmp_path / "made", evidence.Wish(), "http://x")
    verified = command.check(tmp_path / "made")
    # The record was brought up to date once, at the end, so the promises' times are rightly blamed.
    assert not [one for one in verified.problems if not one.startswith("receipts/")]
    assert [one for one in verified.checked if "drawn again from the longer" in one.en]
    found = [*invitations(world.session), *rows(world.session, list(entries(world.session))),
             *folded(world.session, FOLDS, list(entries(world.session)))]
    assert not [one for one in found if "invit" in one or "long_list" in one]
    spoil(world, tmp_path / "made", lot)
    world.raw("UPDATE invitation_draw SET void_reason = 'x', voided_at = drawn_at")
    assert list(folded(world.session, FOLDS, list(entries(world.session))))


def spoil(world, made, lot):
    """The stranger's check of the draws names each lie."""
    path = made / "invitations" / "lot1-draws.json"
    true = parse(path.read_bytes())
    last = true["draws"][-1]

    def lied(change) -> str:
        said = json.loads(json.dumps(true))
        change(said["draws"])
        path.write_bytes(jcs(said))
        return str([one for one in command.check(made).problems if "draws" in one])

    stranger = {"uscc": "91330703MA2TERTA3E", "name": "后加的有限公司"}
    assert "another list than was announced" in lied(
        lambda draws: draws[-1]["long_list"]["candidates"].append(stranger))
    assert "are not all the draws" in lied(lambda draws: draws.insert(0, last))
    assert "with their causes" in lied(lambda draws: draws[-1].update(cause="另有原因"))
    assert "do not stand for" in lied(lambda draws: draws[-1].update(salt="0" * 64))
    assert "not the draw" in lied(lambda draws: draws[-1]["document"].update(
        panel=draws[-1]["document"]["order"][-3:]))
    assert "no draw that was held" in lied(lambda draws: draws[-1].update(document=None))
    path.unlink()
    assert "is missing" in str(command.check(made).problems)


def test_one_person_alone_draws_nobody(world):
    _, lot = drafted(world)
    own, digest = announced(world, lot)
    watch = inviting.watch_invitation
    assert refused(watch, world.fresh(world.clerk), lot.id, announcement_hash=digest) \
        == "invitation.stood"
    assert refused(watch, world.fresh(world.chief), lot.id, announcement_hash="0" * 64) \
        == "invitation.changed"
    world.tick(record=True)
    assert reading.state_of(reading.the_draw(world.session, own)) == "ANNOUNCED"
    assert refused(inviting.announce_invitation, world.clerk, lot.id, cause="再来一次") \
        == "invitation.draw-under-way"
    watch(world.fresh(world.chief), lot.id, announcement_hash=digest)
    third = world.account("buyer", party=world.buyer_unit())
    assert refused(watch, world.fresh(third), lot.id, announcement_hash=digest) == "invitation.closed"
    people = {row.person_id for row in world.session.scalars(select(InvitationWatcher))}
    assert people == {world.clerk.person_id, world.chief.person_id}


def test_a_list_that_moves_under_the_draw_voids_it_and_another_needs_a_cause(world):
    tender, lot = drafted(world)
    own, digest = announced(world, lot)
    save(world, lot, [*SIX[1:], ("91330703MA2TERTA3E", "后加的有限公司")])
    inviting.watch_invitation(world.fresh(world.chief), lot.id, announcement_hash=digest)
    world.tick(record=True)
    world.tick(record=True)
    first = reading.the_draw(world.session, own)
    assert first.void_reason == "list_changed" and first.document is None
    assert invited.invitees_of(world.session, lot.id) == []
    assert refused(inviting.announce_invitation, world.clerk, lot.id) == "invitation.draw-cause"
    drawn(world, lot, cause="备选名单有误，更正后重新抽取")
    notice = acts.submit_notice(world.clerk, tender.id)
    said = json.loads(notice.content)["more"]["invitation_draws"][0]["draws"]
    assert [one["void"] for one in said] == ["list_changed", None] and said[1]["cause"]
    acts.set_long_list(world.clerk, lot.id, source="library", basis="省级供应商库",
                       paper_hash=EVIDENCE, wanted=3, candidates=listed(SIX))
    assert submitted(world, tender) == {"lot.invitees-undrawn"}, "the list moved after the draw"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_list_and_a_draw_are_refused_for(world):
    tender, lot = drafted(world, SIX[:5])
    with pytest.raises(Refused) as caught:
        inviting.announce_invitation(world.clerk, lot.id)
    assert codes(caught.value.facts["findings"]) == {"lot.candidates-few"}
    assert refused(save, world, lot, [*SIX, SIX[0]]) == "invitees.twice"
    assert refused(save, world, lot, paper_hash="0" * 64) == "paper.missing"
    save(world, lot)
    acts.edit_tender(world.clerk, tender.id, if_match=world.tender(tender.id).version,
                     description=f"已联系{SIX[4][1]}")
    assert "lot.invitee-named" in submitted(world, tender), "who may be drawn is secret too"
    other = world.draft_tender(method="invite", grounds=GROUNDS)
    assert refused(save, world, world.lots(other)[0]) == "invitees.not-drawn"
    assert refused(inviting.announce_invitation, world.clerk, world.lots(other)[0].id) \
        == "invitation.list"


def test_goods_beyond_the_limit_of_open_tenders_need_an_approval(world):
    tender, lot = drafted(world, estimate_fen=250_000_000, price_ceiling_fen=249_000_000)
    drawn(world, lot)
    assert submitted(world, tender) == {"lot.invite-document"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_persons_draw_by_page(world):
    """A list is saved, announced by one, watched by another; those drawn stand on the page."""
    tender, _ = drafted(world, SIX[:2])
    clerk, chief = (Reader(world.app, world.session_token(one))
                    for one in (world.clerk, world.chief))
    place = f"/desk/tenders/{tender.id}/lots"
    clerk.get(place)
    clerk.send(named(clerk, "draw"))
    assert clerk.status == 422 and "备选供应商应不少于 6 家" in clerk.text
    clerk.get(place)
    clerk.send(named(clerk, "long-list"), source="library", basis="省级供应商库", **{
        f"candidates__{n}__{key}": value for n, (uscc, name) in enumerate(SIX)
        for key, value in (("name", name), ("uscc", uscc))})
    assert "已保存" in clerk.text
    clerk.send(named(clerk, "draw"))
    assert "抽取已公布" in clerk.text, clerk.text[-2000:]
    assert "您已为本次抽取签认" in clerk.text, "why there is no button for who announced it"
    assert not [one for one in clerk.forms() if "invitation-watchers" in one.action]
    chief.get(place)
    chief.send(named(chief, "watch"))
    assert "抽取已封闭" in chief.text and "等待见证" in chief.text
    world.tick(record=True)
    world.tick(record=True)
    chief.get(place)
    drawn_ = [name for _, name in SIX if f"<li>{name} <code>" in chief.text]
    assert len(drawn_) == 3 and "尚未从现有备选名单中抽取" not in chief.text
    chief.get("/en" + place)
    assert "Drawn" in chief.text and "Why it is drawn again" in chief.text
    chief.get(f"/desk/tenders/{tender.id}/invitees")
    assert [name for _, name in SIX if f"<li>{name} <code>" in chief.text] == drawn_
