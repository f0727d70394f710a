"""The opening under attack: stolen, spoiled and missing things are named, the rest open."""

import os
import weakref

import pytest
from sqlalchemy import select

from audit.act import wiring
from bidding import acts, content, declaration, reading, sealing
from bidding.model import BidBlock, BidPart, OpenedBid, OpenedPart, Opening, OpeningShare
from kernel.canonical import b64, jcs, sha256
from kernel.refusal import Refused
from tender import reading as tender_reading


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value


def verdicts(world, lot):
    return {one.party_id: (one.verdict, one.reason) for one in world.session.query(OpenedBid)
            .filter_by(lot_id=lot.id)}


def phase(world, lot):
    return tender_reading.phase_of(world.session, lot.id, world.now).name


def three(world, lot):
    return [world.sealed_bid(lot) for _ in range(3)]


def steal(world, lot, owner, thief):
    """The thief files the owner's sealed bytes and wraps under its own name."""
    loot = owner.bids[lot.id]
    value = {**loot.declaration, "tenderer": thief.uscc, "bid": os.urandom(16).hex()}
    acts.declare_bid(thief.actor, lot.id, declaration=jcs(value).decode(), wraps=loot.wraps,
                     **thief.sign(value))
    stolen = sealing.Sealed(value, loot.wraps, loot.seeds, loot.own, loot.files)
    thief.bids[lot.id] = stolen
    return stolen


@pytest.mark.parametrize("order", ["owner first", "thief first"])
def test_a_stolen_ciphertext_is_taken_silently_and_rejected_at_the_opening(world, lot, order):
    honest = [world.sealed_bid(lot) for _ in range(2)]
    owner, thief = world.company(), world.company()
    owner.bids[lot.id] = world.seal(lot, owner)
    if order == "owner first":
        world.declare(lot, owner, owner.bids[lot.id])
        first = world.send(owner, owner.bids[lot.id])
        second = world.send(thief, steal(world, lot, owner, thief))
    else:
        first = world.send(thief, steal(world, lot, owner, thief))
        world.declare(lot, owner, owner.bids[lot.id])
        second = world.send(owner, owner.bids[lot.id])
    assert first.state == second.state == "SUBMITTED"
    world.past_deadline(lot)
    world.authorise(lot)
    for company in (*honest, owner, thief):
        world.give_own(lot, company)  # even with the owner's very keys
    world.tick()
    found = verdicts(world, lot)
    assert found[thief.party_id] == ("rejected", "form: other_tenderer")
    assert {found[c.party_id][0] for c in (*honest, owner)} == {"opened"}
    assert world.session.query(OpenedPart).filter_by(
        bid_id=thief.bids[lot.id].declaration["bid"]).count() == 0


def test_an_honest_official_gives_no_share_for_a_stolen_bid(world, lot):
    owner, *_ = three(world, lot)
    thief = world.company()
    world.send(thief, steal(world, lot, owner, thief))
    world.past_deadline(lot)
    world.authorise(lot)
    given = world.official_shares(lot, world.officials[0])
    assert {one["bid"] for one in given} == {one.bid_id for one in reading.standing_bids(
        world.session, lot.id)} - {thief.bids[lot.id].declaration["bid"]}


def test_a_row_moved_to_another_company_fails_loudly_and_alone(world, lot):
    one, two, three_ = three(world, lot)
    other = world.company()
    bid = two.bids[lot.id].declaration["bid"]
    for table in ("standing_bid", "bid_version"):
        world.raw(f"UPDATE {table} SET party_id = :party WHERE bid_id = :bid",
                  party=other.party_id, bid=bid)
    world.raw("UPDATE bid SET party_id = :party WHERE id = :bid", party=other.party_id, bid=bid)
    world.past_deadline(lot)
    world.authorise(lot)
    for official in world.officials[:2]:
        acts.release_shares(world.fresh(official), lot.id,
                            shares=world.official_shares(lot, official))
    world.tick()
    found = verdicts(world, lot)
    assert found[other.party_id] == ("rejected", "form: other_tenderer")
    assert found[one.party_id][0] == found[three_.party_id][0] == "opened"


@pytest.mark.parametrize("what", ["flipped", "cut", "missing"])
def test_a_changed_block_is_found_and_only_its_bid_stays_shut(world, lot, what):
    companies = [*three(world, lot), world.sealed_bid(lot)]
    victim = companies[1]
    data = victim.bids[lot.id].files["technical"].read_bytes()
    path = acts.upload.wiring().store.path(sha256(data).hex())
    if what == "missing":
        path.unlink()
    else:
        changed = bytearray(data)
        changed[len(changed) // 2] ^= 1
        path.write_bytes(changed if what == "flipped" else data[:-100])
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    assert phase(world, lot) == "OPENING" and not verdicts(world, lot)
    assert world.decide_faults(lot, "withdrawn") == 1
    found = verdicts(world, lot)
    assert found[victim.party_id] == ("unopened", "technical: damaged")
    assert sorted(v for v, _ in found.values()) == ["opened", "opened", "opened", "unopened"]
    assert phase(world, lot) == "OPENED"


def test_a_wrong_official_share_is_named_and_the_rest_open(world, lot):
    companies = three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    one, two, third = world.officials
    shares = world.official_shares(lot, one)
    spoiled = shares[4]
    wrong = [{**share, "share": b64(os.urandom(33))} if share is spoiled else share
             for share in shares]
    release = acts.release_shares(world.fresh(one), lot.id, shares=wrong)
    assert release.wrong == [{"bid": spoiled["bid"], "part": spoiled["part"]}]
    world.release(lot, two)
    world.tick()
    assert phase(world, lot) == "OPENING", "one part still lacks a share"
    world.release(lot, third)
    world.tick()
    assert {v for v, _ in verdicts(world, lot).values()} == {"opened"}
    assert len(companies) == 3


def test_blocks_of_one_bid_are_held_at_a_time(world, lot, monkeypatch):
    """A lot may have a thousand bids; each part keeps the last block it has read, up to 4 MiB."""
    three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    for official in world.officials[:2]:
        world.release(lot, official)
    held, most = weakref.WeakSet(), []
    load = content.Ciphertext._load

    def watched(self, number):
        held.add(self)
        most.append(sum(bool(one._block) for one in held))
        return load(self, number)

    monkeypatch.setattr(content.Ciphertext, "_load", watched)
    world.tick()
    assert {v for v, _ in verdicts(world, lot).values()} == {"opened"}
    assert 1 <= max(most) <= 3, "the form, the technical and the price part of one bid"


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_any_two_officials_open_everything(world, lot, missing):
    three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    for number, official in enumerate(world.officials):
        if number != missing:
            world.release(lot, official)
    world.tick()
    assert {v for v, _ in verdicts(world, lot).values()} == {"opened"}


def test_one_official_opens_nothing_and_twice_counts_once(world, lot):
    three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    world.release(lot, world.officials[0])
    assert refused(world.release, lot, world.officials[0]).word.code == "opening.shares-given"
    world.advance(minutes=31)
    world.tick()
    assert world.decide_faults(lot) == 3
    assert {v for v, _ in verdicts(world, lot).values()} == {"unopened"}
    assert world.session.query(OpenedPart).count() == 0


def test_no_share_before_the_authorisation_and_none_after_the_window(world, lot):
    companies = three(world, lot)
    for move in (lambda: None, lambda: world.past_deadline(lot)):
        move()
        assert refused(world.give_own, lot, companies[0]).word.code == "phase.wrong"
        assert refused(acts.release_shares, world.fresh(world.officials[0]), lot.id,
                       shares=[]).word.code == "phase.wrong"
    assert world.session.query(OpeningShare).count() == 0
    world.authorise(lot)
    world.advance(minutes=30)
    assert refused(world.give_own, lot, companies[0]).word.code == "opening.window-over"
    assert refused(world.release, lot, world.officials[1]).word.code == "opening.window-over"


def test_nothing_is_decrypted_before_all_shares_are_in_or_the_window_ends(world, lot):
    companies = three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies[:2]:
        world.give_own(lot, company)
        world.tick()
    assert phase(world, lot) == "OPENING" and not verdicts(world, lot)
    opening = world.session.query(Opening).one()
    assert opening.record is None and opening.complete_at is None
    assert refused(acts.publication.publish_opening, world_clock(), lot.id, [], 0).word.code \
        == "opening.not-due"
    world.give_own(lot, companies[2])
    world.tick()
    assert phase(world, lot) == "OPENED" and len(verdicts(world, lot)) == 3


def world_clock():
    from audit.actor import CLOCK

    return CLOCK


def test_who_does_not_decrypt_is_named_and_the_others_open(world, lot):
    companies = three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies[:2]:
        world.give_own(lot, company)
    world.advance(minutes=31)
    world.tick()
    assert world.decide_faults(lot) == 1
    found = verdicts(world, lot)
    assert found[companies[2].party_id] == ("unopened", "form: shares_missing")
    assert [found[c.party_id][0] for c in companies[:2]] == ["opened", "opened"]
    record = reading.record_view(world.session, lot.id)["record"]
    line = next(one for one in record["bids"] if one["tenderer"] == companies[2].uscc)
    assert line["verdict"] == "unopened" and line["form"] is None


def test_a_wrong_own_share_is_refused_and_may_be_mended(world, lot):
    company, *_ = three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    bid = company.bids[lot.id].declaration["bid"]
    own = {part: b64(share) for part, share in company.bids[lot.id].own.items()}
    give = lambda shares: acts.give_own_shares(company.actor, bid, shares=shares)
    found = refused(give, {**own, "price": b64(bytes(32))})
    assert found.word.code == "opening.share-wrong" and found.facts["parts"] == "price"
    for bad in ({"form": own["form"]}, {**own, "form": "%"}):
        assert refused(give, bad).word.code == "opening.share-unknown"
    give(own)
    assert refused(give, own).word.code in ("opening.shares-given", "state.conflict")


def test_a_share_for_a_bid_outside_the_authorisation_is_refused(world, lot):
    companies = three(world, lot)
    gone = world.sealed_bid(lot)
    world.withdraw(lot, gone)
    world.past_deadline(lot)
    world.authorise(lot)
    shares = world.official_shares(lot, world.officials[0])
    assert gone.bids[lot.id].declaration["bid"] not in {one["bid"] for one in shares}
    alien = {**shares[0], "bid": gone.bids[lot.id].declaration["bid"]}
    for bad in ([alien], [shares[0], shares[0]]):
        assert refused(acts.release_shares, world.fresh(world.officials[0]), lot.id,
                       shares=bad).word.code == "opening.share-unknown"
    assert len(companies) == 3


def test_bad_dealing_is_named_as_the_tenderers(world, lot):
    honest = three(world, lot)
    company = world.company()
    sealed = world.seal(lot, company)
    part = sealed.declaration["parts"][1]
    wrong = os.urandom(32)  # dealt to itself as if it were the key
    part["shares"][0]["share_hash"] = sha256(wrong).hex()
    sealed.own["technical"] = wrong
    world.declare(lot, company, sealed)
    world.send(company, sealed)
    company.bids[lot.id] = sealed
    world.past_deadline(lot)
    world.authorise(lot)
    for one in (*honest, company):
        world.give_own(lot, one)
    world.tick()
    assert world.decide_faults(lot) == 1
    assert verdicts(world, lot)[company.party_id] == ("unopened", "technical: wrong_shares")


def test_a_false_manifest_or_form_is_rejected_and_the_others_open(world, lot, monkeypatch):
    honest = three(world, lot)
    company = world.company()
    with monkeypatch.context() as patch:
        from bidding import manifest

        true = manifest.build
        patch.setattr(manifest, "build", lambda binding, nonce, files: true(
            {**binding, "lot": "a" * 32} if binding["part"] == "price" else binding, nonce, files))
        world.sealed_bid(lot, company)
    other = world.company()
    with monkeypatch.context() as patch:
        from bidding.manifest import Form

        patch.setattr(Form, "to_json", lambda self: b'{"v":1,"price_fen":-5}')
        world.sealed_bid(lot, other)
    world.past_deadline(lot)
    world.authorise(lot)
    for one in (*honest, company, other):
        world.give_own(lot, one)
    world.tick()
    found = verdicts(world, lot)
    assert found[company.party_id] == ("rejected", "price: manifest")
    assert found[other.party_id] == ("rejected", "form: form")
    assert sum(v == "opened" for v, _ in found.values()) == 3


def test_under_three_nothing_may_be_authorised(world, lot):
    for _ in range(2):
        world.sealed_bid(lot)
    world.set_time(lot.deadline)
    assert refused(world.authorise, lot).word.code == "opening.too-few"
    world.tick()
    assert phase(world, lot) == "FAILED"
    assert refused(world.authorise, lot).word.code == "phase.wrong"


def test_the_opening_needs_a_fresh_factor_and_an_official_of_the_lot(world, lot):
    three(world, lot)
    world.past_deadline(lot)
    stale = world.stale(world.officials[0])
    assert refused(acts.authorise_opening, stale, lot.id, reason="x").word.code \
        == "session.step-up"
    assert refused(world.authorise, lot, world.account("opener")).word.code == "access.denied"
    assert refused(world.authorise, lot, world.clerk).word.code == "access.denied"
    world.authorise(lot)
    assert refused(world.authorise, lot, world.officials[1]).word.code == "phase.wrong"


def test_the_replaced_version_is_never_opened(world, lot):
    two = [world.sealed_bid(lot) for _ in range(2)]
    company = world.sealed_bid(lot, price_fen=395_000_000)
    first = company.bids[lot.id]
    second = world.replacement(lot, company, price_fen=370_000_000)
    world.redeclare(company, second)
    world.send(company, second)
    world.past_deadline(lot)
    world.authorise(lot)
    bid = first.declaration["bid"]
    old = {part: b64(share) for part, share in first.own.items()}
    assert refused(acts.give_own_shares, company.actor, bid, shares=old).word.code \
        == "opening.share-wrong"
    company.bids[lot.id] = second
    for one in (*two, company):
        world.give_own(lot, one)
    world.tick()
    opened = {one.party_id: one.price_fen for one in reading.opened_bids(world.session, lot.id)}
    assert opened[company.party_id] == 370_000_000 and len(opened) == 3


def test_the_record_is_signed_by_its_officials_over_its_hash(world):
    lot = world.opened_lot(bids=3)
    view = reading.record_view(world.session, lot.id)
    assert view["record_hash"] == declaration.digest(view["record"])
    official = world.fresh(world.officials[1])
    assert refused(acts.sign_record, official, lot.id, record_hash="a" * 64).word.code \
        == "opening-record.differs"
    acts.sign_record(official, lot.id, record_hash=view["record_hash"])
    assert refused(acts.sign_record, official, lot.id,
                   record_hash=view["record_hash"]).word.code == "opening-record.signed"
    assert [one["official"] for one in reading.record_view(world.session, lot.id)["signatures"]]


def test_before_the_record_nobody_learns_a_name_or_price(world, lot):
    companies = three(world, lot)
    world.past_deadline(lot)
    world.authorise(lot)
    world.give_own(lot, companies[0])
    for who in (world.clerk, world.officials[0], companies[1].actor, None):
        wire = world.client(who)
        assert wire.get(f"/lots/{lot.id}/opening-record").status_code != 200
        assert wire.get(f"/lots/{lot.id}/tenderers").status_code != 200
        assert wire.get(f"/lots/{lot.id}/opened-bids").status_code != 200
    live = world.client(world.clerk).get(f"/lots/{lot.id}/opening").get_json()
    assert live["bids"] == 3 and live["tenderers_given"] == 1
    text = world.client(world.clerk).get(f"/lots/{lot.id}/opening").get_data(as_text=True)
    assert not any(company.uscc in text or company.party_id in text for company in companies)


def test_a_file_that_decays_after_the_opening_is_refused_or_cut_and_never_false(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    company = world.sealed_bid(lot, files=os.urandom(9 << 20))
    for _ in range(2):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    for official in world.officials[:2]:
        world.release(lot, official)
    world.tick()
    sealed = company.bids[lot.id]
    bid, data = sealed.declaration["bid"], sealed.files["technical"].read_bytes()
    store = acts.upload.wiring().store
    name = "施工组织设计.pdf"
    plain = (sealed.files["technical"].parent.parent / name).read_bytes()
    read = lambda: reading.read_member(world.session, bid, "technical", name)
    assert b"".join(read()[1]) == plain
    second = store.path(sha256(data[4 << 20:8 << 20]).hex())
    second.write_bytes(b"x" * (4 << 20))
    got = b""
    with pytest.raises(acts.publication.age.Damaged):
        for piece in read()[1]:
            got += piece
    assert 0 < len(got) < len(plain) and plain.startswith(got)
    store.path(sha256(data[:4 << 20]).hex()).unlink()
    assert refused(read).word.code == "bid.damaged"
    answer = world.client(company.actor).get(f"/bids/{bid}/content/technical/{name}")
    assert answer.status_code == 503 and answer.get_json()["code"] == "bid.damaged"


def test_a_lost_form_file_does_not_hide_the_record_of_the_others(world):
    lot = world.opened_lot(bids=3)
    lost = world.session.scalars(
        select(BidBlock.hash).join(BidPart, BidPart.id == BidBlock.part_id)
        .where(BidPart.part == "form").order_by(BidBlock.hash)).first()
    wiring().store.delete(lost)
    answer = world.client().get(f"/lots/{lot.id}/opening-record")
    assert answer.status_code == 200
    shown = [form["ciphertext"] for form in answer.json["forms"]]
    assert shown.count(None) == 1 and len(shown) == 3
    assert len(answer.json["record"]["bids"]) == 3
