"""The routes of the sealed bid over HTTP: who sees what, and that a rival's bid shows nowhere."""

import pytest

from audit import note, tlogproof
from audit.act import wiring
from bidding import promise, suites
from kernel.canonical import unb64

SUITE = suites.get(suites.DEFAULT)


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def receipts(world, company, lot):
    bid = company.bids[lot.id].declaration["bid"]
    return world.client(company.actor).get(f"/bids/{bid}/receipts").get_json()


def test_a_receipt_is_checked_by_anybody_and_proven_by_the_record(world, lot):
    company = world.sealed_bid(lot)
    world.tick(record=True)
    found = receipts(world, company, lot)["versions"][0]
    says = promise.read(found["receipt"], note.Verifier.parse(
        wiring().settings["platform_vkey"]))
    leaf = unb64(found["leaf"])
    proven = tlogproof.verify(found["proof"], leaf, note.Verifier.parse(
        wiring().settings["log_vkey"]))
    assert proven.record["type"] == "bid.submitted"
    assert proven.record["facts"]["declaration"] == says["declaration"]
    for who in (None, world.clerk, company.actor):
        answer = world.client(who).post(f"/lots/{lot.id}/receipt-checks", json={
            "promise": found["receipt"], "proof": found["proof"], "leaf": found["leaf"]})
        assert answer.status_code == 200
        assert answer.get_json()["signed"] and answer.get_json()["included"] is True
    other = found["receipt"].replace(says["declaration"], "0" * 64)
    forged = world.client().post(f"/lots/{lot.id}/receipt-checks", json={"promise": other})
    assert forged.get_json()["signed"] is False and forged.get_json()["says"] is None
    wrong = world.client().post(f"/lots/{lot.id}/receipt-checks", json={
        "promise": found["receipt"], "proof": "c2sp.org/tlog-proof@v1\n", "leaf": found["leaf"]})
    assert wrong.get_json()["included"] is False


def test_the_closing_path_comes_with_the_receipts(world, lot):
    from bidding import closing

    companies = [world.sealed_bid(lot) for _ in range(3)]
    assert receipts(world, companies[0], lot)["closing"] is None
    world.past_deadline(lot)
    for company in companies:
        found = receipts(world, company, lot)
        assert closing.verify(found["closing"]["root"], found["bid"],
                              found["versions"][0]["declaration_hash"],
                              closing.Place.from_json(found["closing"]["place"]))


def test_counts_and_names_are_public_once_opened_and_not_before(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    paths = [f"/lots/{lot.id}/bids/count", f"/lots/{lot.id}/tenderers",
             f"/lots/{lot.id}/opening-record"]
    for move in (lambda: None, lambda: world.past_deadline(lot)):
        move()
        for who in (None, world.clerk, world.officials[0], companies[0].actor, world.supervisor):
            assert all(world.client(who).get(path).status_code != 200 for path in paths)
    world.authorise(lot)
    assert world.client(world.clerk).get(paths[0]).get_json() == {"count": 3}
    assert world.client().get(paths[0]).status_code != 200
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    assert world.client().get(paths[0]).get_json() == {"count": 3}
    named = world.client().get(paths[1]).get_json()["items"]
    assert {one["uscc"] for one in named} == {company.uscc for company in companies}
    assert world.client().get(paths[2]).status_code == 200


def test_a_rivals_bid_changes_nothing_that_others_see(world, lot):
    mine = world.sealed_bid(lot)
    bid = mine.bids[lot.id].declaration["bid"]
    watchers = [None, world.clerk, world.chief, world.officials[0], world.supervisor, mine.actor,
                world.company().actor]
    paths = ["/tenders", f"/tenders/{lot.tender_id}", f"/lots/{lot.id}", f"/bids/{bid}",
             f"/lots/{lot.id}/questions", f"/lots/{lot.id}/bids/count",
             f"/lots/{lot.id}/tenderers", f"/lots/{lot.id}/opening-record",
             f"/lots/{lot.id}/opening", f"/lots/{lot.id}/opened-bids", f"/bids/{bid}/receipts"]
    world.freeze()

    def seen():
        answers = [world.client(who).get(path) for who in watchers for path in paths]
        return [(one.status_code, one.data.replace(one.headers.get("X-Request-Id", "-").encode(),
                                                   b"")) for one in answers]

    before = seen()
    rival = world.sealed_bid(lot)
    assert seen() == before
    second = world.replacement(lot, rival)
    world.redeclare(rival, second)
    world.send(rival, second)
    rival.bids[lot.id] = second
    assert seen() == before
    world.withdraw(lot, rival)
    assert seen() == before


def test_a_key_waits_for_the_supervisor_of_the_region(world):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    official = world.officials[0]
    buyer = world.client(world.clerk)
    assert buyer.post(f"/lots/{lot.id}/officials",
                      json={"account_id": official.account_id}).status_code == 201

    key = world.client(official).post(f"/lots/{lot.id}/holder-keys", json={
        "recipient": SUITE.recipient_of(SUITE.generate())}).get_json()
    assert key["certified_at"] is None
    path = f"/holder-keys/{key['id']}/certification"
    elsewhere = world.account("supervisor", region="4401")
    for who in (official, world.clerk, elsewhere, None):
        assert world.client(who).post(path).status_code in (401, 403, 404)
    listed = world.client(world.supervisor).get(f"/lots/{lot.id}/holder-keys").get_json()
    assert [one["id"] for one in listed["items"]] == [key["id"]]
    assert world.client(world.supervisor).post(path).get_json()["certified_at"]
    assert world.client(world.supervisor).post("/holder-keys/" + "0" * 32
                                               + "/certification").status_code == 404
    assert world.client(world.officials[1]).post(
        f"/lots/{lot.id}/holder-keys", json={"recipient": "age1x"}).status_code in (403, 404)


def test_the_same_key_gives_the_same_answer_to_a_declaration(world, lot):
    from kernel.canonical import jcs

    company = world.company()
    sealed = world.seal(lot, company)
    wire = world.client(company.actor)
    body = {"declaration": jcs(sealed.declaration).decode(), "wraps": sealed.wraps,
            **company.sign(sealed.declaration)}
    first = wire.post(f"/lots/{lot.id}/bids", json=body, key="k" * 20)
    again = wire.post(f"/lots/{lot.id}/bids", json=body, key="k" * 20)
    assert first.status_code == again.status_code == 201 and first.data == again.data
    other = wire.post(f"/lots/{lot.id}/bids", json={**body, "wraps": []}, key="k" * 20)
    assert other.status_code == 409
    assert len(world.entries("bid.declared")) == 1


def test_the_opened_parts_are_read_by_role_and_phase(world):
    lot = world.opened_lot(bids=3)
    bid = world.companies[0].bids[lot.id].declaration["bid"]
    one = f"/lots/{lot.id}/opened-bids/{bid}/technical/施工组织设计.pdf"
    assert world.client(world.supervisor).get(one).status_code == 200
    for who in (world.clerk, world.officials[0], world.companies[1].actor, None):
        assert world.client(who).get(one).status_code in (401, 403, 404, 409)
    listed = world.client(world.supervisor).get(f"/lots/{lot.id}/opened-bids").get_json()
    assert len(listed["items"]) == 3 and "seed" not in str(listed)
    wire = world.client(world.companies[0].actor)
    assert wire.get(f"/bids/{bid}/content").get_json()["price_fen"]
    assert wire.get(f"/bids/{bid}/content/technical/nothing").status_code == 404
    assert wire.get(f"/bids/{bid}/content/other/form.json").status_code == 404
    other = world.companies[1].bids[lot.id].declaration["bid"]
    assert wire.get(f"/bids/{other}/content").status_code in (403, 404)
    assert wire.get(f"/lots/{'0' * 32}/opened-bids/{bid}/form/form.json").status_code in (403, 404)
