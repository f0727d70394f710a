"""Bids that could not be opened: named, heard, decided, and worked example OP-1 letter by letter."""

import io
import os
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from audit.act import wiring
from audit.actor import CLOCK
from bidding import acts, blocks, reading
from bidding.acts.faults import REVOKED, WITHDRAWN
from bidding.lifecycle import State
from bidding.model import OpenedPart, PlainFile
from guarantees.model import Release, StandingGuarantee
from kernel.canonical import jcs, sha256, unb64
from kernel.refusal import Refused
from tender import reading as tenders
from tender.model import Lot
from tests.tender.oracles import example

EVIDENCE = "e" * 64


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.word.code


def phase(world, lot) -> str:
    return tenders.phase_of(world.session, lot.id, world.now).name


def bid_of(lot, company) -> str:
    return company.bids[lot.id].declaration["bid"]


def state_of(world, lot, company) -> State:
    last = reading.versions_of(world.session, bid_of(lot, company))[-1]
    return reading.version_state(world.session, last)


def decide(world, lot, company, fault, who=None):
    return acts.decide_fault(world.fresh(who or world.clerk), bid_of(lot, company), fault=fault,
                             grounds="查明原因", evidence_hash=EVIDENCE)


def shut(world, lot, count: int = 1, of: int = 4) -> list:
    """A lot whose window is over and in which the first `count` of `of` bids stayed shut."""
    companies = [world.sealed_bid(lot) for _ in range(of)]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies[count:]:
        world.give_own(lot, company)
    world.advance(minutes=31)
    world.tick()
    return companies


def test_nothing_is_disclosed_while_it_is_open_whose_fault_it_was(world, lot):
    companies = shut(world, lot)
    assert phase(world, lot) == "OPENING"
    assert world.session.query(OpenedPart).count() == 0
    view = reading.opening_view(world.session, lot.id)
    assert [one["bid"] for one in view["unopened"]] == [bid_of(lot, companies[0])]
    assert state_of(world, lot, companies[0]) is State.UNOPENED
    assert world.client().get(f"/lots/{lot.id}/opening-record").status_code == 409
    assert refused(world.give_own, lot, companies[0]) == "opening.window-over"
    assert refused(world.release, lot, world.officials[0]) == "opening.window-over"
    world.tick()
    assert len(world.entries("opening.unopened_named")) == 1, "named once"


def test_the_tenderer_is_heard_first(world, lot):
    companies = shut(world, lot)
    bid = bid_of(lot, companies[0])
    assert refused(decide, world, lot, companies[0], REVOKED) == "opening.not-heard"
    assert refused(acts.make_statement, companies[1].actor, bid, text="冒名") == "object.not-found"
    assert refused(acts.make_statement, world.clerk, bid, text="冒名") == "object.not-found"
    row = acts.make_statement(companies[0].actor, bid, text="平台页面打不开")
    assert row.statement == "平台页面打不开"
    assert refused(acts.make_statement, companies[0].actor, bid, text="又及") \
        == "opening.hearing-over"
    assert refused(decide, world, lot, companies[0], REVOKED, world.supervisor) == "access.denied"
    decide(world, lot, companies[0], WITHDRAWN)
    assert refused(decide, world, lot, companies[0], REVOKED) == "bid.already-done"
    world.tick()
    assert phase(world, lot) == "OPENED"
    entry, = world.entries("opening.fault_decided")
    assert "平台页面打不开" not in entry.record and '"heard":true' in entry.record


def test_after_its_time_to_speak_a_silent_tenderer_is_decided_about_and_may_object(world, lot):
    companies = shut(world, lot)
    bid = bid_of(lot, companies[0])
    world.advance(minutes=30)
    assert refused(acts.make_statement, companies[0].actor, bid, text="迟") \
        == "opening.hearing-over"
    assert refused(acts.object_to_fault, companies[0].actor, bid, text="不服") \
        == "opening.fault-undecided"
    decide(world, lot, companies[0], REVOKED)
    world.tick()
    assert phase(world, lot) == "OPENED"
    assert state_of(world, lot, companies[0]) is State.DEEMED_REVOKED
    acts.object_to_fault(companies[0].actor, bid, text="不服")
    assert refused(acts.object_to_fault, companies[0].actor, bid, text="再不服") \
        == "opening.fault-undecided"
    line = next(one for one in reading.record_view(world.session, lot.id)["record"]["bids"]
                if one["bid"] == bid)
    assert line["fault"]["deemed"] == REVOKED and line["fault"]["evidence"] == EVIDENCE


def test_all_must_be_decided_before_the_others_are_published(world, lot):
    companies = shut(world, lot, count=2, of=5)
    world.advance(minutes=30)
    decide(world, lot, companies[0], REVOKED)
    world.tick()
    assert phase(world, lot) == "OPENING"
    decide(world, lot, companies[1], WITHDRAWN)
    world.tick()
    assert phase(world, lot) == "OPENED"


@pytest.mark.parametrize(("counts", "reached"), [(0, "FAILED"), (1, "OPENED")])
def test_whether_a_withdrawn_bid_counts_to_three_is_the_profiles_to_say(world, lot, counts,
                                                                         reached):
    profile = dict(tenders.lot(world.session, lot.id).profile)
    profile["numbers"] = profile["numbers"] | {"OP31.withdrawn_count": {"value": counts}}
    with world._raw.begin() as connection:
        connection.execute(update(Lot.__table__).where(Lot.id == lot.id).values(profile=profile))
    companies = shut(world, lot, of=3)
    world.advance(minutes=30)
    decide(world, lot, companies[0], WITHDRAWN)
    world.tick()
    assert phase(world, lot) == reached
    if reached == "FAILED":
        assert world.session.query(OpenedPart).count() == 0, "no key of a failed lot is kept"
        assert state_of(world, lot, companies[1]) is State.RETURNED


def test_a_revoked_bid_counts_to_three(world, lot):
    companies = shut(world, lot, of=3)
    world.advance(minutes=30)
    decide(world, lot, companies[0], REVOKED)
    world.tick()
    assert phase(world, lot) == "OPENED"


def test_a_buyer_that_never_decides_does_not_hold_the_others_up_for_ever(world, lot):
    companies = shut(world, lot, count=2, of=5)
    world.advance(minutes=30)
    decide(world, lot, companies[0], REVOKED)
    world.advance(hours=23, minutes=59)
    world.tick()
    assert phase(world, lot) == "OPENING" and not world.entries("opening.fault_omitted")
    assert refused(acts.name_omission, CLOCK, lot.id) == "bid.already-done"
    world.advance(minutes=1)
    world.tick()
    assert phase(world, lot) == "OPENED"
    assert state_of(world, lot, companies[1]) is State.LEFT_UNDECIDED
    left = bid_of(lot, companies[1])
    entry, = world.entries("opening.fault_omitted")
    assert left in entry.record and bid_of(lot, companies[0]) not in entry.record
    assert f'"omitted_by":"{world.clerk.party_id}"' in entry.record and '"hours":24' in entry.record
    record = reading.record_view(world.session, lot.id)["record"]
    line = {one["bid"]: one for one in record["bids"]}[left]
    assert line["verdict"] == "unopened" and line["fault"]["deemed"] == "undecided"
    assert sum(one["verdict"] == "opened" for one in record["bids"]) == 3
    assert refused(decide, world, lot, companies[1], REVOKED) == "phase.wrong", "too late here"
    assert not world.session.scalars(select(Release)).first(), "its security stays where it is"
    world.tick()
    assert len(world.entries("opening.fault_omitted")) == 1, "named once"


# --- the plain file ------------------------------------------------------------------------------
def test_a_plain_file_that_matches_opens_the_bid_and_lies_nowhere_in_the_clear(world, lot):
    marker = os.urandom(64)
    company = world.sealed_bid(lot, files=marker + os.urandom(5 << 20))
    others = [world.sealed_bid(lot) for _ in range(2)]
    world.past_deadline(lot)
    world.authorise(lot)
    for other in others:
        world.give_own(lot, other)
    bid = bid_of(lot, company)
    wire = world.client(company.actor)
    for part in ("form", "technical", "price"):
        answer = wire.put(f"/bids/{bid}/plain-files/{part}", data=world.plain(lot, company, part),
                          content_type="application/octet-stream")
        assert answer.status_code == 201, answer.get_json()
    for file in (world.settings.folder / "objects").rglob("*"):
        assert not file.is_file() or marker not in file.read_bytes()
    world.tick()
    assert phase(world, lot) == "OPENED"
    name = "施工组织设计.pdf"
    size, pieces = reading.read_member(world.session, bid, "technical", name)
    plain = b"".join(pieces)
    assert plain.startswith(marker) and len(plain) == size
    view = reading.record_view(world.session, lot.id)
    line = next(one for one in view["record"]["bids"] if one["bid"] == bid)
    assert line["plain"] == ["form", "price", "technical"] and line["form"]["seed"] is None
    form = next(one for one in view["forms"] if one["bid"] == bid)
    assert form["plain"] and b"price_fen" in unb64(form["plain"])
    known = reading.object_names(world.session)
    assert set(world.session.scalars(select(PlainFile.blocks)).first()) <= known


def test_a_plain_file_that_differs_by_a_bit_is_refused_and_leaves_nothing(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    bid, plain = bid_of(lot, companies[0]), world.plain(lot, companies[0])
    store = wiring().store
    assert refused(give, companies[0], bid, plain) == "object.not-found"
    world.authorise(lot)
    before = set(store.names())
    for place in (0, 600, len(plain) // 2, len(plain) - 1):
        spoiled = bytearray(plain)
        spoiled[place] ^= 1
        assert refused(give, companies[0], bid, bytes(spoiled)) == "opening.plain-differs"
    assert refused(give, companies[0], bid, plain[:-1]) == "opening.plain-differs"
    assert refused(give, companies[0], bid, plain + bytes(1 << 20)) == "bid.too-large"
    assert refused(give, companies[0], bid, world.plain(lot, companies[1])) \
        == "opening.plain-differs"
    assert set(store.names()) == before and world.session.query(PlainFile).count() == 0
    assert refused(give, companies[1], bid, plain) == "object.not-found"
    give(companies[0], bid, plain)
    assert refused(give, companies[0], bid, plain) == "bid.already-done"


def test_a_plain_file_is_taken_inside_the_window_only(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    world.authorise(lot)
    world.advance(minutes=30)
    bid, plain = bid_of(lot, companies[0]), world.plain(lot, companies[0])
    assert refused(give, companies[0], bid, plain) == "opening.window-over"
    world.tick()
    assert refused(give, companies[0], bid, plain) == "opening.window-over"


def give(company, bid, plain):
    return acts.give_plain_file(company.actor, bid, "technical", io.BytesIO(plain))


# --- OP-1 ----------------------------------------------------------------------------------------
def test_op_1_every_letter_has_its_word(world):
    case = example("OP-1")
    expected = case["expected"]
    lot = world.lots(world.published_tender(
        decrypt_minutes=case["inputs"]["decrypt_window_minutes"]))[0]
    minute = lambda hour, least, second=0: lot.deadline + timedelta(
        hours=hour - 9, minutes=least - 30, seconds=second)
    at = lambda *when: world.advance(to=minute(*when))
    named = {letter: world.company() for letter in "ABCDEFG"}
    at(7, 50)
    for company in named.values():
        world.lodged(lot.id, company.actor)
    at(7, 55)
    named["H"] = world.sealed_bid(lot)
    at(8, 0)
    world.sealed_bid(lot, named["B"])
    world.sealed_bid(lot, named["G"])
    at(8, 30)
    world.sealed_bid(lot, named["C"])
    at(9, 0)
    world.withdraw(lot, named["G"])
    unsealed = b"%PDF-1.7" + os.urandom(3000)
    words = {"E": send_unsealed(world, lot, named["E"], unsealed)}
    at(9, 10)
    world.sealed_bid(lot, named["A"])
    at(9, 29, 50)
    half = named["D"].bids[lot.id] = world.seal(lot, named["D"])
    world.declare(lot, named["D"], half)
    world.send(named["D"], half, upto=-1)
    at(9, 30, 2)
    part, number, data = world.blocks(half)[-1]
    assert refused(world.upload_block, named["D"].actor, bid_of(lot, named["D"]), 1, part, number,
                   data) in ("bid.late", "phase.wrong")
    at(9, 31)
    late = world.seal(lot, named["F"])
    words["F"] = world.client(named["F"].actor).post(f"/lots/{lot.id}/bids", json={
        "declaration": jcs(late.declaration).decode(), "wraps": late.wraps,
        **named["F"].sign(late.declaration)}).get_json()["code"]
    world.tick()
    world.authorise(lot)
    at(9, 35)
    world.give_own(lot, named["H"])
    at(9, 41)
    world.give_own(lot, named["A"])
    at(10, 2)
    world.tick()
    acts.make_statement(named["C"].actor, bid_of(lot, named["C"]), text="解密服务报错，附截图")
    decide(world, lot, named["C"], WITHDRAWN)
    at(10, 33)
    decide(world, lot, named["B"], REVOKED)
    world.tick()
    assert phase(world, lot) == "OPENED", "A, B and H count to three, C does not"
    state = {letter: state_of(world, lot, named[letter]) for letter in "ABCDGH"}
    said = {"A": "OPENED", "H": "OPENED", "B": "DEEMED_REVOKED", "C": "DEEMED_WITHDRAWN",
            "D": "DEEMED_WITHDRAWN", "G": "WITHDRAWN"}
    for letter, word in said.items():
        assert expected[letter].startswith(word)
    assert state["A"] is state["H"] is State.OPENED
    assert state["B"] is State.DEEMED_REVOKED and "视为撤销" in state["B"].zh
    assert state["C"] is State.UNDECRYPTED_WITHDRAWN and "视为撤回" in state["C"].zh
    assert state["D"] is State.DEEMED_WITHDRAWN and "未传输完成" in state["D"].zh
    assert state["G"] is State.WITHDRAWN
    assert expected["E"].startswith("REJECTED_UNENCRYPTED") and words["E"] == "bid.not-sealed"
    assert expected["F"] == "REJECTED_LATE" and words["F"] == "bid.late"
    securities(world, lot, named)


def securities(world, lot, named) -> None:
    """B's security may be kept; those of C, D and G go back within five days."""
    standing = set(world.session.scalars(select(StandingGuarantee.party_id)))
    assert named["B"].party_id in standing and named["A"].party_id in standing
    for letter in "CDG":
        assert named[letter].party_id not in standing, letter
    for release in world.session.scalars(select(Release)):
        assert release.cause == "withdrawn"
        assert (release.due_day - (release.cause_at + timedelta(hours=8)).date()).days == 5


def send_unsealed(world, lot, company, data: bytes) -> str:
    """Declare a file that is no age file and send it: the word of the refusal."""
    sealed = world.seal(lot, company)
    part = sealed.declaration["parts"][0]
    part["size"], part["ciphertext_hash"] = len(data), blocks.hash_bytes(data)
    world.declare(lot, company, sealed)
    before = set(wiring().store.names())
    word = refused(world.upload_block, company.actor, sealed.declaration["bid"], 1, part["part"], 0,
                   data)
    assert set(wiring().store.names()) == before, "nothing of it touched a disk"
    assert sha256(data).hex() not in before
    return word

