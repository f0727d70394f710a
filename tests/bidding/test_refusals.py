"""What is refused, with which word, and that nothing of it stays; on both databases."""

import os
from datetime import timedelta

import pytest

from audit import note
from audit.act import wiring
from bidding import acts, blocks, declaration, promise, reading, rules, suites
from bidding.model import Bid, BidBlock, BidRefusal
from kernel.canonical import jcs, time_text
from kernel.refusal import Refused
from tender import acts as tender_acts
from tender import reading as tender_reading

SUITE = suites.get(suites.DEFAULT)


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value


def says(text):
    return promise.read(text, note.Verifier.parse(wiring().settings["platform_vkey"]))


def phase(world, lot):
    return tender_reading.phase_of(world.session, lot.id, world.now).name


@pytest.mark.parametrize("milliseconds,taken", [(-1000, True), (-1, True), (0, False), (1, False),
                                                (1000, False)])
def test_the_last_block_before_the_deadline_counts_and_at_it_is_late(world, lot, milliseconds,
                                                                      taken):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    moment = world.freeze(lot.deadline + timedelta(milliseconds=milliseconds))
    if taken:
        assert world.send(company, sealed).state == "SUBMITTED"
        assert reading.count_standing(world.session, lot.id) == 1
        return
    found = refused(world.send, company, sealed)
    assert found.word.code == "bid.late"
    assert found.facts["deadline"] == time_text(lot.deadline)
    assert found.facts["received_at"] == time_text(moment)
    said = says(found.facts["promise"])
    assert said["type"] == "bid-refusal" and said["code"] == "bid.late"
    assert said["facts"]["deadline"] == time_text(lot.deadline) and "28" in said["law"]
    assert reading.count_standing(world.session, lot.id) == 0
    assert len(world.entries("lot.closed")) == 1, "the refused act has closed the lot"


def test_a_clock_set_back_reopens_nothing(world, lot):
    early, late = world.company(), world.company()
    sealed = world.seal(lot, early)
    world.declare(lot, early, sealed)
    world.send(early, sealed, -1)
    other = world.seal(lot, late)
    world.set_time(lot.deadline + timedelta(milliseconds=5))
    assert refused(world.declare, lot, late, other).word.code == "bid.late"
    assert len(world.entries("lot.closed")) == 1
    world.set_time(lot.deadline - timedelta(hours=1))
    assert refused(world.send, early, sealed).word.code == "phase.wrong"
    assert refused(world.declare, lot, late, other).word.code == "phase.wrong"
    assert phase(world, lot) == "CLOSED" and not world.entries("bid.submitted")


def test_the_withdrawal_and_replacement_of_a_late_hour_are_refused_and_promised(world, lot):
    company = world.sealed_bid(lot)
    second = world.replacement(lot, company)
    world.set_time(lot.deadline)
    for call in (lambda: world.withdraw(lot, company), lambda: world.redeclare(company, second)):
        found = refused(call)
        assert found.word.code == "bid.late" and says(found.facts["promise"])["bid"] \
            == second.declaration["bid"]
    assert reading.count_standing(world.session, lot.id) == 1


def test_a_plain_file_never_touches_a_disk(world, lot):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    bid, before = sealed.declaration["bid"], set(wiring().store.names())
    size = sealed.declaration["parts"][0]["size"]
    plain = b"%PDF-1.7 " + os.urandom(size - 9)
    found = refused(world.upload_block, company.actor, bid, 1, "form", 0, plain)
    assert found.word.code == "bid.not-sealed" and "26" in found.word.law
    said = says(found.facts["promise"])
    assert (said["code"], said["bid"], said["tenderer"]) == ("bid.not-sealed", bid, company.uscc)
    assert set(wiring().store.names()) == before and not list(
        (wiring().store.root / "tmp").iterdir())
    kept = reading.receipts_view(world.session, reading.bid(world.session, bid))["refusals"]
    assert [one["promise"] for one in kept] == [found.facts["promise"]]
    _part, _number, data = world.blocks(sealed)[1]
    answer = world.wire(company).patch(bid, "technical", 0, b"PK\3\4" + data[4:])
    assert answer.status_code == 422 and answer.get_json()["facts"]["promise"]


def test_blocks_come_whole_and_one_after_the_other(world, lot):
    company = world.company()
    sealed = world.seal(lot, company, files=os.urandom(9 << 20))
    world.declare(lot, company, sealed)
    bid = sealed.declaration["bid"]
    parts = [one for one in world.blocks(sealed) if one[0] == "technical"]
    assert len(parts) == 3
    send = lambda n, data: world.upload_block(company.actor, bid, 1, "technical", n, data)
    found = refused(send, 1, parts[1][2])
    assert found.word.code == "upload.offset" and found.facts == {"offset": 0}
    assert refused(send, 0, parts[0][2][:-1]).word.code == "bid.block-wrong"
    assert send(0, parts[0][2]).offset == blocks.BLOCK
    assert refused(send, 1, parts[1][2][:100]).word.code == "bid.block-wrong"
    assert refused(send, 0, parts[0][2]).facts == {"offset": blocks.BLOCK}
    assert refused(send, 3, b"x").word.code == "upload.offset"
    assert refused(send, 1, parts[1][2] + parts[2][2] + b"x").word.code == "bid.too-large"
    assert send(1, b"").offset == blocks.BLOCK, "nothing sent, nothing moved"
    assert send(1, parts[1][2] + parts[2][2][:5]).offset == 2 * blocks.BLOCK, "to the border"


def test_other_bytes_than_declared_begin_anew(world, lot):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    bid = sealed.declaration["bid"]
    form, (part, number, data), *_ = world.blocks(sealed)
    world.upload_block(company.actor, bid, 1, *form)
    found = refused(world.upload_block, company.actor, bid, 1, part, number,
                    data[:-1] + bytes([data[-1] ^ 1]))
    assert found.word.code == "bid.ciphertext-differs" and found.facts["part"] == "technical"
    assert acts.offset_of(bid, 1, "technical") == (0, len(data))
    assert acts.offset_of(bid, 1, "form")[0] == len(form[2]), "the other part stays"
    assert reading.count_standing(world.session, lot.id) == 0
    assert world.send(company, sealed).state == "SUBMITTED"


def test_other_bytes_in_the_last_block_of_all_begin_anew(world, lot):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    part, number, data = world.blocks(sealed)[-1]
    found = refused(world.upload_block, company.actor, sealed.declaration["bid"], 1, part, number,
                    data[:-1] + bytes([data[-1] ^ 1]))
    assert found.word.code == "bid.ciphertext-differs"
    assert acts.offset_of(sealed.declaration["bid"], 1, part)[0] == 0
    assert reading.count_standing(world.session, lot.id) == 0
    assert world.send(company, sealed).receipt


def _declared(world, lot, company, change=None, wraps=None, sign=None):
    sealed = world.seal(lot, company)
    value = {**sealed.declaration, **(change or {})}
    signed = (sign or company).sign(value)
    return {"declaration": jcs(value).decode(), "wraps": sealed.wraps if wraps is None else wraps,
            **signed}


ENVELOPES = {
    "another tender": ({"tender": "a" * 32}, "bid.declared-elsewhere"),
    "another lot": ({"lot": "a" * 32}, "bid.declared-elsewhere"),
    "another platform": ({"log_origin": "b.example/log"}, "bid.declared-elsewhere"),
    "another company": ({"tenderer": "91360732MA38K2P465"}, "bid.declared-elsewhere"),
    "another suite": ({"suite": "gm-1"}, "bid.wrong-suite"),
    "another policy": ({"policy_hash": "a" * 64}, "bid.wrong-policy"),
    "version 2": ({"version": 2, "previous": "a" * 64}, "bid.declaration-malformed"),
    "version 0": ({"version": 0}, "bid.declaration-malformed"),
    "no parts": ({"parts": []}, "bid.declaration-malformed"),
    "one field more": ({"note": "x"}, "bid.declaration-malformed"),
    "a withdrawal": ({"type": "bid-withdrawal"}, "bid.declaration-malformed"),
    "a bad id": ({"bid": "../../etc"}, "bid.declaration-malformed"),
}


def test_malformed_envelopes_are_refused_with_the_reason(world, lot):
    company = world.company()
    wire = world.client(company.actor)
    for name, (change, code) in ENVELOPES.items():
        answer = wire.post(f"/lots/{lot.id}/bids", json=_declared(world, lot, company, change))
        problem = answer.get_json()
        assert (answer.status_code, problem["code"]) == (422, code), name
        assert says(problem["facts"]["promise"])["code"] == code
    for name, body, code in (
            ("no wraps", _declared(world, lot, company, wraps=[]), "bid.shares-incomplete"),
            ("stranger's key", _declared(world, lot, company, sign=world.company()),
             "bid.key-unknown"),
            ("other bytes signed", {**_declared(world, lot, company),
                                    "declaration": _declared(world, lot, company)["declaration"]},
             "bid.signature-wrong")):
        answer = wire.post(f"/lots/{lot.id}/bids", json=body)
        assert (answer.status_code, answer.get_json()["code"]) == (422, code), name
    assert world.session.query(Bid).count() == 0
    assert world.session.query(BidRefusal).count() == 15


def test_sizes_beyond_the_limits_are_refused_before_any_byte(world, lot):
    company = world.company()
    sealed = world.seal(lot, company)
    for part, size in ((0, rules.FORM_LIMIT + 1), (1, rules.PART_LIMIT + 1)):
        parts = [dict(one) for one in sealed.declaration["parts"]]
        parts[part]["size"] = size
        value = {**sealed.declaration, "parts": parts}
        found = refused(acts.declare_bid, company.actor, lot.id, wraps=sealed.wraps,
                        declaration=jcs(value).decode(), **company.sign(value))
        assert found.word.code == "bid.too-large" and found.word.status == 413
    answer = world.client(company.actor).patch(
        f"/bids/{'a' * 32}/versions/1/parts/form/upload", data=b"x",
        environ_overrides={"CONTENT_LENGTH": str(10 << 30)})
    assert answer.status_code == 413


def test_a_company_has_a_quota_of_declarations(world, lot, monkeypatch):
    monkeypatch.setattr(rules, "DECLARATIONS_LIMIT", 2)
    company = world.company()
    for _ in range(2):
        world.declare(lot, company, world.seal(lot, company))
    assert refused(world.declare, lot, company, world.seal(lot, company)).word.code \
        == "bid.too-many"
    world.declare(lot, other := world.company(), world.seal(lot, other))


def test_only_the_key_of_the_version_replaces_or_withdraws_it(world, lot):
    company = world.sealed_bid(lot)
    first = company.signing
    company.signing = world.signing_key(company.actor)
    second = world.replacement(lot, company)
    assert refused(world.redeclare, company, second).word.code == "bid.other-key"
    assert refused(world.withdraw, lot, company).word.code == "bid.other-key"
    company.signing = first
    world.redeclare(company, second)


def test_a_replacement_names_the_version_that_stands(world, lot):
    company = world.sealed_bid(lot)
    bid = company.bids[lot.id].declaration["bid"]
    for version, previous in ((2, "a" * 64), (3, None)):
        previous = previous or declaration.digest(company.bids[lot.id].declaration)
        sealed = world.seal(lot, company, bid=bid, version=version, previous=previous)
        assert refused(world.redeclare, company, sealed).word.code == "bid.not-the-last"


def test_an_unfinished_replacement_may_be_declared_again(world, lot):
    company = world.sealed_bid(lot)
    lost, second = world.replacement(lot, company), world.replacement(lot, company)
    world.redeclare(company, lost)
    world.send(company, lost, 1)
    world.redeclare(company, second)
    assert world.send(company, second).state == "SUBMITTED"
    states = [one["state"] for one in reading.bid_view(world.session, reading.bid(
        world.session, second.declaration["bid"]))["versions"]]
    assert sorted(states) == ["ABANDONED", "REPLACED", "SUBMITTED"]


def test_one_standing_bid_of_a_company_in_a_lot(world, lot):
    company = world.company()
    one, two = world.seal(lot, company), world.seal(lot, company)
    world.declare(lot, company, one)
    world.declare(lot, company, two)
    world.send(company, one)
    assert refused(world.send, company, two).word.code == "bid.already-standing"
    assert refused(world.declare, lot, company, world.seal(lot, company)).word.code \
        == "access.denied"
    assert reading.count_standing(world.session, lot.id) == 1


def test_a_taken_id_is_refused(world, lot):
    one, two = world.company(), world.company()
    sealed = world.seal(lot, one)
    world.declare(lot, one, sealed)
    theft = world.seal(lot, two, bid=sealed.declaration["bid"])
    assert refused(world.declare, lot, two, theft).word.code == "bid.id-taken"


def test_nobody_reaches_another_companys_bid(world, lot):
    owner, rival, outside = world.sealed_bid(lot), world.sealed_bid(lot), world.company()
    bid = owner.bids[lot.id].declaration["bid"]
    part, number, data = world.blocks(owner.bids[lot.id])[0]
    assert number == 0
    for stranger in (rival, outside):
        wire = world.client(stranger.actor)
        unknown = wire.get(f"/bids/{'0' * 32}").status_code
        assert wire.get(f"/bids/{bid}").status_code == unknown
        assert wire.get(f"/bids/{bid}/receipts").status_code == unknown
        sent = world.wire(stranger)
        assert sent.patch(bid, part, 0, data).status_code == sent.patch(
            "0" * 32, part, 0, data).status_code >= 400
        probes = [wire.get(f"/lots/{lot.id}/tenderers/{party}/bid").status_code
                  for party in (owner.party_id, "0" * 32)]
        assert probes[0] == probes[1] and probes[0] in (403, 404)
    body = {"withdrawal": "{}", "key": "a" * 44, "signature": "a" * 88}
    assert world.client(rival.actor).post(f"/bids/{bid}/withdrawal", json=body).status_code \
        in (403, 404)
    assert world.client(owner.actor).get(
        f"/lots/{lot.id}/tenderers/{owner.party_id}/bid").get_json()["stands"] is True


def test_a_bad_bid_in_one_lot_never_blocks_the_other(world):
    one, two = world.lots(world.published_tender(lots=2))
    company = world.company()
    sealed = world.seal(one, company)
    world.declare(one, company, sealed)
    refused(world.upload_block, company.actor, sealed.declaration["bid"], 1, "form", 0, b"plain")
    world.sealed_bid(two, company)
    assert reading.count_standing(world.session, two.id) == 1


def test_three_officials_of_three_units_with_certified_keys_or_no_notice(world):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    assign = lambda actor: acts.assign_official(
        world.clerk, lot.id, account_id=actor.account_id)
    one = world.account("opener")
    seat = assign(one)
    assert refused(assign, one).word.code == "official.already-assigned"
    assert refused(assign, world.account("opener", party=one.party_id)).word.code \
        == "official.unit-full"
    assert refused(assign, world.account("expert")).word.code == "official.not-opener"
    assign(two := world.account("opener"))
    assign(three := world.account("opener"))
    assert refused(assign, world.account("opener")).word.code == "official.seats-full"
    keys = []
    for official in (one, two, three):
        assert refused(acts.register_key, official, lot.id, recipient="age1x").word.code \
            == "holder-key.malformed"
        keys.append(acts.register_key(official, lot.id,
                                      recipient=SUITE.recipient_of(SUITE.generate())))
    assert refused(acts.register_key, one, lot.id,
                   recipient=SUITE.recipient_of(SUITE.generate())).word.code \
        == "holder-key.registered"
    for key in keys[:2]:
        acts.certify_key(world.supervisor, lot.id, key.id)
    assert refused(acts.certify_key, world.supervisor, lot.id, keys[0].id).word.code \
        == "holder-key.certified"
    notice = tender_acts.submit_notice(world.clerk, tender.id)
    found = refused(tender_acts.approve_notice, world.fresh(world.chief), tender.id,
                    content_hash=notice.content_hash)
    assert found.word.code == "holder-key.missing" and found.facts["certified"] == 2
    assert seat.seat == 1


def test_blocks_that_were_refused_leave_no_row(world, lot):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.set_time(lot.deadline)
    refused(world.send, company, sealed)
    assert world.session.query(BidBlock).count() == 0
