"""Before publication: who holds the keys, whose word certifies them, and that they work (Q27-Q29)."""

import secrets

import pytest
from sqlalchemy.exc import IntegrityError

from audit.act import wiring
from bidding import acts, declaration, policy, reading, rehearsal, suites
from kernel.canonical import b64, unb64
from kernel.refusal import Refused
from people.model import Party
from tender import acts as tendering
from tender.reading import live_notice
from tests.people import ca
from tests.people.ca import Authority
from tests.world import ORIGIN


def refused(act, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return caught.value.word.code


def stranger(lot):
    suite = suites.get(lot.suite)
    return suite.identity(suite.generate())


def publish(world, tender):
    try:
        tendering.submit_notice(world.clerk, tender.id)
    except Refused as already:
        assert already.word.code == "notice.submitted"
    return tendering.approve_notice(
        world.fresh(world.chief), tender.id,
        content_hash=live_notice(world.session, tender.id).content_hash)


def drafted(world, **over):
    tender = world.draft_tender(**over)
    return tender, world.lots(tender)[0]


def assign(world, lot, actor, kind="official"):
    return acts.assign_official(world.clerk, lot.id, account_id=actor.account_id, kind=kind)


@pytest.mark.parametrize("terms", [
    {"policy": "embedded"}, {"policy": "default", "clocks": 2}, {"policy": "strict"},
    {"policy": "classic"},
    {"policy": "tree", "tree": {"all": [{"clock": 1}, {"k": 2, "of": [
        {"official": 1}, {"official": 2}, {"official": 3}]}]}}], ids=lambda one: one["policy"])
def test_every_policy_is_published_with_its_holders(world, terms):
    tender, lot = drafted(world, access=terms)
    world.before_publishing(tender)
    publish(world, tender)
    lot = world.lots(tender)[0]
    assert lot.policy_hash == policy.policy_hash(lot.policy)
    held = {leaf["holder"] for leaf in policy.holders(lot.policy).values()}
    everyone = reading.officials_of(world.session, lot.id)
    assert len(everyone) == lot.access["officials"] + lot.access["clocks"]
    assert held == (set() if terms["policy"] == "classic" else {one.id for one in everyone})
    entry = world.records("notice.approved")[-1]["facts"]["lots"][0]
    assert (entry["policy_hash"], entry["suite"]) == (lot.policy_hash, lot.suite)
    assert entry["deadline"].endswith("Z")


def test_nothing_is_published_before_every_holder_has_rehearsed(world):
    tender, lot = drafted(world, access={"policy": "default"})
    world.appoint_officials(lot.id)
    loser = world.officials[4]
    key = reading.keys_of(world.session, lot.id)
    assert all(one["rehearsed_at"] and one["certified_at"] for one in key)
    own = next(one["id"] for one in key if one["official_id"] == next(
        seat.id for seat in reading.officials_of(world.session, lot.id)
        if seat.account_id == loser.account_id))
    fresh = stranger(lot).recipient
    assert refused(acts.register_key, loser, lot.id, recipient=fresh) == "holder-key.registered"
    assert refused(acts.register_key, world.officials[3], lot.id, recipient=fresh,
                   replaces=own) == "object.not-found"
    new = world.holder_key(lot.id, loser, replaces=own)
    assert refused(publish, world, tender) == "holder-key.missing"
    acts.certify_key(world.supervisor, lot.id, new)
    assert refused(publish, world, tender) == "holder-key.unrehearsed"
    world.begin_rehearsal(lot.id, loser)
    assert refused(publish, world, tender) == "holder-key.unrehearsed"
    world.rehearse(lot.id, loser)
    publish(world, tender)
    assert refused(world.begin_rehearsal, lot.id, loser) == "phase.wrong"


def test_a_clock_holder_rehearses_like_everybody(world):
    tender, lot = drafted(world, access={"policy": "default", "clocks": 2})
    world.appoint_officials(lot.id)
    second = world.clocks[1]
    seat = next(one for one in reading.officials_of(world.session, lot.id)
                if one.account_id == second.account_id)
    acts.dismiss_official(world.clerk, lot.id, seat.id)
    assert refused(publish, world, tender) == "holder-key.missing"
    assign(world, lot, second, "clock")
    acts.certify_key(world.supervisor, lot.id, world.holder_key(lot.id, second))
    assert refused(publish, world, tender) == "holder-key.unrehearsed"
    world.rehearse(lot.id, second)
    publish(world, tender)


def test_a_rehearsal_begun_before_publication_is_not_answered_after_it(world):
    tender, lot = drafted(world)
    world.before_publishing(tender)
    answer = world.begin_rehearsal(lot.id, world.officials[0])
    publish(world, tender)
    assert refused(acts.answer_rehearsal, world.officials[0], lot.id, **answer) == "phase.wrong"


def test_a_rehearsal_is_ones_own_and_right(world):
    _tender, lot = drafted(world)
    for official in world.officials:
        assign(world, lot, official)
    one, two = world.officials[:2]
    assert refused(acts.begin_rehearsal, one, lot.id, nonce="0" * 64) == "object.not-found"
    world.holder_key(lot.id, one)
    world.holder_key(lot.id, two)
    answer = world.begin_rehearsal(lot.id, one)
    assert refused(acts.answer_rehearsal, two, lot.id, **answer) == "object.not-found"
    for wrong in (b64(bytes(33)), "?", ""):
        assert refused(acts.answer_rehearsal, one, lot.id, nonce=answer["nonce"],
                       share=wrong) == "rehearsal.wrong"
    assert refused(acts.begin_rehearsal, one, lot.id, nonce=answer["nonce"]) == "rehearsal.nonce"
    acts.answer_rehearsal(one, lot.id, **answer)
    for _ in range(19):
        acts.begin_rehearsal(one, lot.id, nonce=secrets.token_hex(32))
    assert refused(acts.begin_rehearsal, one, lot.id, nonce="0" * 64) == "rehearsal.many"


def test_a_client_answers_nothing_but_its_own_rehearsal(world):
    """Else it were an oracle: whoever asks would have any share opened."""
    lot = world.lots(world.published_tender())[0]
    world.sealed_bid(lot)
    official = world.officials[0]
    identity = world.identity(lot.id, official)
    stolen = world.raw("SELECT wrap FROM bid_share WHERE wrap IS NOT NULL AND holder = "
                       "(SELECT id FROM official WHERE account_id = :a)",
                       a=official.account_id)[0][0]
    with pytest.raises(rehearsal.NotMine):
        rehearsal.answer(bytes(stolen), identity, ORIGIN, lot.id, "0" * 64)
    nonce = "a" * 64
    wrapped, share = rehearsal.wrap(identity.recipient, ORIGIN, lot.tender_id, lot.id, nonce)
    assert rehearsal.answer(wrapped, identity, ORIGIN, lot.id, nonce) == share
    for other in ({"nonce": "b" * 64}, {"lot": "0" * 32}, {"log_origin": "x"},
                  {"identity": stranger(lot)}):
        given = {"identity": identity, "log_origin": ORIGIN, "lot": lot.id, "nonce": nonce}
        with pytest.raises(rehearsal.NotMine):
            rehearsal.answer(wrapped, **(given | other))
    assert unb64(b64(share)) == share and len(share) == 33


def test_one_unit_never_seats_as_many_as_can_open(world):
    _tender, lot = drafted(world, access={"policy": "strict"})  # 3 of 5: two of a unit at most
    unit = world.party("other")
    own = [world.account("opener", party=unit) for _ in range(3)]
    assign(world, lot, own[0])
    second = assign(world, lot, own[1])
    assert refused(assign, world, lot, own[2]) == "official.unit-full"
    row = dict(world.raw("SELECT * FROM official WHERE id = :id", id=second.id)[0]._mapping)
    columns = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    clash = {"id": "f" * 32, "person_id": own[2].person_id, "seat": 3}
    for forged in ({**row, **clash}, {**row, **clash, "unit_seat": 3}):
        with pytest.raises(IntegrityError):  # the database itself, past every act
            world.raw(f"INSERT INTO official ({columns}) VALUES ({marks})", **forged)
    acts.dismiss_official(world.clerk, lot.id, second.id)
    assert assign(world, lot, own[2]).unit_seat == 2
    others = [world.account("opener") for _ in range(4)]
    for other in others[:3]:
        assign(world, lot, other)
    assert refused(assign, world, lot, others[3]) == "official.seats-full"


def test_terms_made_stricter_are_judged_again_at_publication(world):
    tender, lot = drafted(world, access={"policy": "strict", "officials": 5, "needed": 3})
    unit = world.party("other")
    pair = [world.account("opener", party=unit) for _ in range(2)]
    world.appoint_officials(lot.id, pair + [world.account("opener") for _ in range(3)])
    tendering.edit_tender(world.clerk, tender.id, if_match=tender.version, lots=[
        {"id": lot.id, "access": {"policy": "strict", "officials": 5, "needed": 2}}])
    assert refused(publish, world, tender) == "official.unit-full"
    seats = reading.officials_of(world.session, lot.id)
    acts.dismiss_official(world.clerk, lot.id, seats[1].id)
    spare = world.account("opener")
    assign(world, lot, spare)
    acts.certify_key(world.supervisor, lot.id, world.holder_key(lot.id, spare))
    world.rehearse(lot.id, spare)
    publish(world, tender)
    limits = world.raw("SELECT DISTINCT unit_limit FROM official WHERE lot_id = :lot", lot=lot.id)
    assert [tuple(row) for row in limits] == [(1,)]


def test_only_the_supervisor_of_the_region_has_clocks(world):
    _tender, lot = drafted(world, access={"policy": "default"})
    world.supervisor  # noqa: B018  (made before its unit is asked for)
    assert refused(assign, world, lot, world.account("opener"), "clock") == "official.not-clock"
    elsewhere = world.party("supervisor", region="440100")
    assert refused(assign, world, lot, world.account("opener", party=elsewhere), "clock") \
        == "official.not-clock"
    world._enough(lot.access)
    assert assign(world, lot, world.clocks[0], "clock").kind == "clock"
    assert refused(assign, world, lot, world.account(
        "opener", party=world.session.get_one(type(elsewhere), world.supervisor.party_id)),
        "clock") == "official.seats-full"


def test_a_dismissed_officials_key_is_forgotten(world):
    tender, lot = drafted(world)
    world.appoint_officials(lot.id)
    gone = reading.officials_of(world.session, lot.id)[0].id
    wire = world.client(world.clerk)
    listed = wire.get(f"/lots/{lot.id}/officials").get_json()["items"]
    assert [one["id"] for one in listed] == [
        one.id for one in reading.officials_of(world.session, lot.id)]
    assert wire.delete(f"/lots/{lot.id}/officials/{gone}").status_code == 204
    assert wire.delete(f"/lots/{lot.id}/officials/{gone}").status_code == 404
    for table in ("holder_key", "rehearsal"):
        assert world.raw(f"SELECT count(*) FROM {table} WHERE lot_id = :l", l=lot.id)[0][0] == 2
    assert refused(publish, world, tender) == "holder-key.missing"
    assert len(world.records("opener.dismissed")) == 1


def test_an_authority_certifies_a_key_and_no_key_itself(world, tmp_path):
    """By the supervisor or a believed authority's certificate of the holder's own unit (A2)."""
    authority = Authority("Root", now=world.now)
    ca.install(tmp_path / "ca", authority)
    wiring().settings["ca"] = str(tmp_path / "ca")
    tender, lot = drafted(world)
    for official in world.officials:
        assign(world, lot, official)
    one, two, three = world.officials
    unit = lambda actor: world.session.get_one(Party, actor.party_id).uscc

    def register(actor, signer, **over):
        recipient = stranger(lot).recipient
        said = rehearsal.statement(ORIGIN, lot.id, recipient) | over
        return acts.register_key(actor, lot.id, recipient=recipient, certificate=signer.chain,
                                 signature=declaration.sign(said, signer)[1])

    self_made = Authority("Myself", now=world.now)
    for signer, over, word in (
            (self_made.signer(unit(one)), {}, "bid.certificate"),
            (authority.signer(unit(two)), {}, "bid.certificate"),
            (authority.signer(unit(one)), {"lot": "0" * 32}, "bid.signature"),
            (authority.signer(unit(one)), {"recipient": "age1x"}, "bid.signature"),
            (authority.signer(unit(one)), {"type": "bid"}, "bid.signature")):
        assert refused(register, one, signer, **over).startswith(word.split(".", maxsplit=1)[0])
    assert reading.keys_of(world.session, lot.id) == []
    key = register(one, authority.signer(unit(one)))
    assert key.certified_at is not None and key.certified_by is None
    assert world.client(world.supervisor).post(
        f"/holder-keys/{key.id}/certification").status_code == 409
    for other in (two, three):
        world.holder_key(lot.id, other)
    assert refused(publish, world, tender) == "holder-key.missing"
