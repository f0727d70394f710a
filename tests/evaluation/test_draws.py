"""The draw as acts: who is excluded, who may contribute, what voids it, who follows whom."""

import json
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from audit.actor import CLOCK
from evaluation import acts, draw, reading
from evaluation.model import DrawPlace
from kernel.canonical import b64
from kernel.refusal import Refused
from people.model import Party
from tender.lifecycle import Phase
from tender.reading import phase_of


def refused(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def test_exclusions_stand_in_the_announcement_without_a_name(world):
    lot = world.opened_by_fiat()
    bid = reading.report_bids(world.session, lot)[0]
    buyer = world.buyer_unit()
    owned = world.account("expert", employer=bid.uscc)
    employed = world.account("expert", employer=buyer.uscc)
    clerk = world.account("expert", id_number=world.number_of(world.clerk))
    staff = world.account("tenderer", party=bid.party_id)
    second = world.same_person(world.account("expert"), staff)
    twice = world.account("expert")
    again = world.account("expert", id_number=world.number_of(twice))
    world.experts(6)
    found = acts.announce_draw(world.clerk, lot.id)
    places = {place.account_id: place for place in world.session.scalars(
        select(DrawPlace).where(DrawPlace.draw_id == found.id))}
    reasons = {actor.account_id: places[actor.account_id].excluded
               for actor in (owned, employed, clerk, second)}
    assert list(reasons.values()) == ["employed_by_tenderer", "employed_by_buyer",
                                      "person_of_a_party", "person_of_a_party"]
    assert sorted(str(places[actor.account_id].excluded) for actor in (twice, again)) == [
        "None", "same_person_again"]
    text = found.announcement
    for place in places.values():
        for secret in (place.grant_id, place.account_id, place.person_id):
            assert secret not in text
        assert place.ticket == draw.ticket(found.id, bytes.fromhex(found.salt), place.grant_id)
    entry = json.loads(world.written("draw.announced")[0].record)["facts"]
    assert entry["list_hash"] == draw.list_hash(json.loads(text)["pool"])
    assert entry["eligible"] == 7 and found.salt not in text


def test_a_supervisor_in_charge_cannot_be_drawn_where_he_supervises(world):
    lot = world.opened_by_fiat()
    supervisor = world.account("supervisor", region="330703")
    also = world.same_person(world.account("expert"), supervisor)
    world.experts(5)
    found = acts.announce_draw(world.clerk, lot.id)
    place = world.session.scalars(select(DrawPlace).where(
        DrawPlace.draw_id == found.id, DrawPlace.account_id == also.account_id)).one()
    assert place.excluded is not None


def test_only_the_specialty_is_in_the_pool(world):
    lot = world.opened_by_fiat(panel={"size": 5, "substitutes": 2, "candidates": 3,
                                      "specialty": "桥梁工程", "commit_minutes": 30,
                                      "reveal_minutes": 30})
    world.experts(9)
    assert refused(acts.announce_draw, world.clerk, lot.id) == "draw.pool-too-small"
    world.experts(5, specialty="桥梁工程")
    found = acts.announce_draw(world.clerk, lot.id)
    assert len(json.loads(found.announcement)["pool"]) == 5


def test_a_revoked_grant_is_not_in_the_pool_and_one_revoked_later_is_passed_over(world):
    lot = world.opened_by_fiat()
    experts = world.experts(7)
    world.revoke(experts[0], "expert")
    found = acts.announce_draw(world.clerk, lot.id)
    assert len(json.loads(found.announcement)["pool"]) == 6
    world.revoke(experts[1], "expert")
    world.advance(to=found.commit_by)
    world.draw_round()
    world.advance(to=found.reveal_by)
    world.draw_round()
    panel = world.panel(lot)
    assert len(panel) == 5 and experts[1].account_id not in {one.account_id for one in panel}
    place = world.session.scalars(select(DrawPlace).where(
        DrawPlace.account_id == experts[1].account_id)).one()
    document = json.loads(reading.held_draw(world.session, lot.id).document)
    draw.verify(document)
    assert document["order"].index(place.ticket) + 1 == place.rank
    if place.rank <= 5:
        assert place.passed_over == "grant_ended"


def test_a_draw_is_void_when_too_few_may_still_sit(world):
    lot = world.opened_by_fiat()
    experts = world.experts(5)
    found = acts.announce_draw(world.clerk, lot.id)
    world.revoke(experts[3], "expert")
    world.advance(to=found.commit_by)
    world.draw_round()
    world.advance(to=found.reveal_by)
    world.draw_round()
    assert reading.the_draw(world.session, found.id).void_reason == "too_few_may_sit"
    assert phase_of(world.session, lot.id, world.now) is Phase.OPENED
    world.experts(3)
    assert refused(acts.announce_draw, world.clerk, lot.id) == "draw.cause-needed"
    acts.announce_draw(world.clerk, lot.id, cause="一名专家授权被撤销")
    assert refused(acts.announce_draw, world.clerk, lot.id, cause="x") == "draw.exists"


def test_contributions_by_a_tenderer_the_buyer_and_the_supervisor(world):
    lot = world.opened_by_fiat()
    world.experts(6)
    bid = reading.report_bids(world.session, lot)[0]
    supervisor = world.account("supervisor", region="330703")
    found = acts.announce_draw(world.clerk, lot.id)
    nonces = {actor: secrets.token_bytes(32) for actor in (world.clerk, supervisor)}
    for actor, nonce in nonces.items():
        acts.commit_nonce(actor, found.id, commitment=draw.commitment(nonce))
    assert refused(acts.commit_nonce, world.chief, found.id,
                   commitment="0" * 64) == "draw.already-committed"
    assert refused(acts.reveal_nonce, world.clerk, found.id,
                   nonce=b64(nonces[world.clerk])) == "draw.reveal-not-open"
    world.advance(to=found.commit_by)
    assert refused(acts.commit_nonce, supervisor, found.id,
                   commitment="1" * 64) == "draw.commit-closed"
    world.draw_round()
    for wrong in (b64(bytes(32)), b64(b"short"), "", "not base64!", None):
        assert refused(acts.reveal_nonce, world.clerk, found.id,
                       nonce=wrong) == "draw.nonce-differs"
    acts.reveal_nonce(world.clerk, found.id, nonce=b64(nonces[world.clerk]))
    assert refused(acts.reveal_nonce, world.clerk, found.id,
                   nonce=b64(nonces[world.clerk])) == "draw.already-revealed"
    assert refused(acts.draw_panel, CLOCK, found.id) == "draw.waits"
    world.advance(to=found.reveal_by)
    assert refused(acts.reveal_nonce, supervisor, found.id,
                   nonce=b64(nonces[supervisor])) == "draw.reveal-not-open"
    world.draw_round()
    document = json.loads(reading.held_draw(world.session, lot.id).document)
    draw.verify(document)
    revealed = {row["contributor"]: row["nonce"] is not None
                for row in document["contributions"]}
    assert revealed == {"platform": True, world.clerk.party_id: True, supervisor.party_id: False}
    closed = json.loads(world.written("draw.closed")[0].record)["facts"]
    assert closed == {"left_out": [supervisor.party_id], "void": None}
    assert bid.party_id not in revealed


def test_strangers_and_experts_do_not_contribute(world):
    lot = world.opened_by_fiat()
    experts = world.experts(6)
    found = acts.announce_draw(world.clerk, lot.id)
    other = world.account("buyer")
    for actor in (experts[0], other):
        assert refused(acts.commit_nonce, actor, found.id,
                       commitment="0" * 64) == "access.denied"
    assert refused(acts.close_draw, world.clerk, found.id) == "access.denied"
    assert refused(acts.draw_panel, world.clerk, found.id) == "access.denied"


def test_the_platform_that_does_not_reveal_voids_its_draw(world):
    lot = world.opened_by_fiat()
    world.experts(6)
    found = acts.announce_draw(world.clerk, lot.id)
    world.advance(to=found.reveal_by + timedelta(milliseconds=1))
    world.draw_round()
    row = reading.the_draw(world.session, found.id)
    assert row.void_reason == "platform_did_not_reveal" and row.document is None
    assert reading.seats(world.session, lot.id) == []
    assert refused(acts.announce_draw, world.clerk, lot.id, cause="  ") == "draw.cause-needed"
    second = acts.announce_draw(world.clerk, lot.id, cause="平台未按时揭示")
    assert json.loads(second.announcement)["cause"] == "平台未按时揭示"
    old, new = json.loads(row.announcement)["pool"], json.loads(second.announcement)["pool"]
    assert not {one["ticket"] for one in old} & {one["ticket"] for one in new}, \
        "tickets of two draws must not be matched to each other"


def test_nothing_is_drawn_before_a_checkpoint_after_the_deadline(world):
    lot = world.opened_by_fiat()
    world.experts(6)
    found = acts.announce_draw(world.clerk, lot.id)
    world.advance(to=found.commit_by)
    world.draw_round()
    world.advance(to=found.reveal_by)
    acts.close_draw(CLOCK, found.id)
    assert refused(acts.draw_panel, CLOCK, found.id) == "draw.waits"
    assert refused(acts.close_draw, CLOCK, found.id) == "draw.reveal-not-open"
    assert phase_of(world.session, lot.id, world.now) is Phase.OPENED
    world.draw_round()
    assert refused(acts.draw_panel, CLOCK, found.id) == "draw.waits", "not twice"


def test_the_platforms_nonce_lies_sealed_until_it_is_revealed(world):
    lot = world.opened_by_fiat()
    world.experts(6)
    found = acts.announce_draw(world.clerk, lot.id)
    world.advance(to=found.commit_by)
    world.draw_round()
    part = reading.contributions(world.session, found.id)[0]
    assert part.nonce is not None and b64(part.nonce) not in found.sealed_nonce
    for entry in world.written("draw.announced"):
        assert b64(part.nonce) not in entry.record and part.nonce.hex() not in entry.record


def test_the_buyer_announces_and_only_in_its_phase(world):
    lot = world.opened_by_fiat()
    world.experts(6)
    supervisor = world.account("supervisor", region="330703")
    assert refused(acts.announce_draw, supervisor, lot.id) == "access.denied"
    assert refused(acts.announce_draw, world.account("buyer"), lot.id) == "access.denied"
    world.drawn_panel(lot)
    assert refused(acts.announce_draw, world.clerk, lot.id) == "phase.wrong"


def test_who_declares_a_conflict_is_followed_by_the_next_drawn(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot, experts=8)
    order = [place.account_id for place in reading.place_order(
        world.session, reading.held_draw(world.session, lot.id).id)]
    assert [one.account_id for one in panel] == order[:5]
    acts.declare(panel[0], lot.id, accept=False, reason="亲属在投标单位任职")
    present = world.panel(lot)
    assert [one.account_id for one in present] == order[1:6], "the second drawn leads now"
    assert refused(acts.declare, panel[0], lot.id, accept=True) == "access.denied"
    facts = json.loads(world.written("expert.declared")[0].record)["facts"]
    assert facts == {"seat": 1, "accepted": False, "rank": 1, "followed_by_rank": 6}
    assert "亲属" not in world.written("expert.declared")[0].record
    seat = reading.seat_of(world.session, lot.id, order[5])
    assert seat.number == 1 and seat.accepted_at is None
    assert world.session.scalars(select(Party.id)).first()
