"""Readings and routes of the record: proofs that hold, and nothing of a sealed lot."""

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from audit import checkpoint, proofs, reading, tiles, tlogproof
from audit.folder import Folder
from audit.verify import verify
from kernel.canonical import parse, unb64
from kernel.db import new_id
from kernel.refusal import Refused

from .stores import START


@pytest.fixture
def session(log):
    with Session(log.engine) as made:
        yield made


def test_every_entry_can_be_proven(log, session):
    ids = log.add(40)
    log.sequencer.tick()
    ids += log.add(260)
    log.sequencer.tick()
    key, folder = log.keys.log.verifier, Folder(log.folder)
    for entry_id in ids[::17] + ids[-1:]:
        text = reading.tlog_proof(session, entry_id, folder)
        proven = tlogproof.verify(text, reading.leaf_of(session, entry_id), key)
        assert proven.record == parse(reading.disclosure(session, entry_id).record)
        assert proven.head.size == 300


def test_what_is_not_published_is_not_proven(log, session):
    log.sequencer.tick()
    [entry_id] = log.add(1)
    folder = Folder(log.folder)
    with pytest.raises(Refused) as refused:
        reading.tlog_proof(session, entry_id, folder)
    assert refused.value.word.code == "record.not-yet"
    victim = log.another()
    victim._write = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        victim.tick()
    session.rollback()
    with pytest.raises(Refused) as refused:
        reading.tlog_proof(session, entry_id, folder)
    assert refused.value.word.code == "record.not-yet", "committed, but nobody can check it yet"
    log.next_tick()
    session.rollback()
    text = reading.tlog_proof(session, entry_id, folder)
    leaf = reading.leaf_of(session, entry_id)
    assert tlogproof.verify(text, leaf, log.keys.log.verifier).head.size == 1
    with pytest.raises(Refused) as refused:
        reading.tlog_proof(session, new_id(), folder)
    assert refused.value.word.code == "object.not-found"


def test_the_first_checkpoint_that_holds_an_entry(quick):
    ids = []
    for hours in range(3):
        quick.host.at = START + timedelta(hours=hours)
        ids += quick.add(2)
        quick.sequencer.tick()
        quick.sequencer.tick()
    [waiting] = quick.add(1)
    with Session(quick.engine) as session:
        found = [reading.first_checkpoint_holding(session, one) for one in ids]
        assert [one.size for one in found] == [2, 2, 4, 4, 6, 6], "no growth, no new checkpoint"
        assert [one.signed_at.hour for one in found[::2]] == [START.hour + one for one in range(3)]
        assert reading.first_checkpoint_holding(session, waiting) is None
        for one in found:
            assert quick.keys.log.verifier.verify(
                checkpoint.head_of(checkpoint.note.parse(one.note)).text().encode(),
                one.signature)


def test_consistency_between_published_trees(log):
    sizes = []
    for count in (3, 250, 20, 1):
        log.add(count)
        sizes.append(log.sequencer.tick())
    folder = Folder(log.folder)
    for old in sizes:
        for new in sizes:
            if old.size > new.size:
                with pytest.raises(Refused):
                    reading.consistency_proof(old.size, new.size, folder)
                continue
            size, proof, _ = reading.consistency_proof(old.size, new.size, folder)
            proofs.check_consistency(old.size, size, proof, old.root, new.root)
    for old, new in ((0, None), (5, 275), (275, None)):
        with pytest.raises(Refused):
            reading.consistency_proof(old, new, folder)


# Over HTTP, in the whole application.

def test_the_tree_over_http_is_the_folder(world):
    for _ in range(3):
        world.plant_entry()
    world.publish_record()
    client = world.client()
    answer = client.get("/record/checkpoint")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    assert "max-age=2" in answer.headers["Cache-Control"]
    head = checkpoint.read(answer.data, world.log_keys.log.verifier)
    assert client.get("/record/log.vkey").text == f"{world.log_keys.log.verifier}\n"
    # A stranger fetches all and verifies.
    copy = world.settings.folder.parent / "fetched"
    names = [tiles.tile_path(*tile) for tile in tiles.all_tiles(head.size)]
    names += [tiles.tile_path("entries", index, width)
              for level, index, width in tiles.all_tiles(head.size) if level == 0]
    for name in [*names, "checkpoint", "log.vkey"]:
        got = client.get(f"/record/{name}")
        assert got.status_code == 200
        if name in names:
            assert "immutable" in got.headers["Cache-Control"]
            assert got.content_type == "application/octet-stream"
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(got.data)
    assert verify(copy).problems == [] and verify(copy).size == head.size


@pytest.mark.parametrize("name", [
    "tile/0/001", "tile/0/000.p/255", "tile/0/../../keys/log.skey", "tile/0/%2e%2e/checkpoint",
    "tile/0//000", "tile/", "tile/entries", "tile/0/000%00", "tile/keys",
])
def test_no_other_file_is_served(world, name):
    world.plant_entry()
    world.publish_record()
    assert world.client().get(f"/record/{name}").status_code in (301, 308, 404)


def test_consistency_over_http(world):
    world.plant_entry()
    first = world.publish_record()
    for _ in range(5):
        world.plant_entry()
    second = world.publish_record()
    client = world.client()
    answer = client.get(f"/record/consistency?from={first.size}").get_json()
    assert (answer["from"], answer["to"]) == (first.size, second.size)
    proofs.check_consistency(first.size, second.size, [unb64(one) for one in answer["proof"]],
                             first.root, second.root)
    for query, status in (("from=0", 404), (f"from=1&to={second.size + 1}", 404), ("", 422),
                          ("from=-1", 422), ("from=1&from=2", 400), ("from=x", 422),
                          (f"from={second.size}&to=1", 404), ("from=1&other=1", 422),
                          ("from=" + "9" * 40, 422), ("from=١", 422)):
        assert client.get(f"/record/consistency?{query}").status_code == status, query


def test_before_anything_is_published(world):
    answer = world.client().get("/record/checkpoint")
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "record.unpublished"


@pytest.fixture
def lot(world):
    tender = world.published_tender()
    made = world.lots(tender)[0]
    for disclose in ("public", "opened", "awarded", "party", "never"):
        world.plant_entry(made, disclose=disclose, type=f"planted.{disclose}")
    world.plant_entry(disclose="opened", type="planted.elsewhere")
    world.publish_record()
    return made


def planted(world, actor, lot):
    answer = world.client(actor).get(f"/lots/{lot.id}/record?limit=200")
    assert answer.status_code == 200, answer.text
    exported = world.client(actor).get(f"/lots/{lot.id}/record/export")
    assert exported.status_code == 200
    lines = [json.loads(line) for line in exported.data.splitlines()]
    types = set()
    for line in lines[1:]:
        proven = tlogproof.verify(line["proof"], line["leaf"].encode(),
                                  world.log_keys.log.verifier)
        types.add(proven.record["type"])
    items = answer.get_json()["items"]
    assert {item["type"] for item in items} == types
    assert len(lines) - 1 == len(items)
    assert any(kind.startswith(("notice", "tender")) for kind in types)
    return {kind.partition(".")[2] for kind in types if kind.startswith("planted.")}


def test_a_sealed_lot_shows_public_acts_and_no_others(world, lot):
    auditor = world.admin("audit_admin")
    supervisor = world.account("supervisor", region="330703")
    for reader in (auditor, supervisor):
        assert planted(world, reader, lot) == {"public"}
    copy = world.copy_record()
    text = b"".join(path.read_bytes() for path in copy.rglob("*.jsonl"))
    assert b"planted.public" in text
    for hidden in (b"planted.opened", b"planted.party", b"planted.never", b"planted.awarded"):
        assert hidden not in text


def test_an_opened_lot_shows_more_and_an_awarded_one_all(world, lot):
    auditor = world.admin("audit_admin")
    world.force_phase(lot.id, "OPENED")
    assert planted(world, auditor, lot) == {"public", "opened", "party"}
    assert world.verify_record().problems == []
    text = (world.copy_record() / "disclosed/000.jsonl").read_bytes()
    assert b"planted.opened" in text and b"planted.party" not in text
    assert b"planted.elsewhere" not in text
    world.force_phase(lot.id, "AWARDED")
    assert planted(world, auditor, lot) == {"public", "opened", "awarded", "party", "never"}
    text = (world.copy_record() / "disclosed/000.jsonl").read_bytes()
    assert b"planted.awarded" in text and b"planted.never" not in text


def test_strangers_do_not_read_a_lot_s_record(world, lot):
    for actor in (None, world.account("tenderer"), world.account("buyer")):
        for path in ("record", "record/export"):
            answer = world.client(actor).get(f"/lots/{lot.id}/{path}")
            assert answer.status_code in (401, 403, 404)
            assert b"planted" not in answer.data


def test_one_act_one_entry(world, monkeypatch):
    """Q71: as many entries as acts, counted over a run."""
    import audit.act

    acts, run = [], audit.act._run

    def counting(kind, *rest):
        result = run(kind, *rest)
        acts.append(kind.name)
        return result

    monkeypatch.setattr("audit.act._run", counting)
    before = [record["type"] for record in world.records()]
    world.published_tender()
    records = world.records()
    assert len(acts) > 10
    assert sorted(before + acts) == sorted(record["type"] for record in records)
    world.publish_record()
    assert sorted(map(str, world.records())) == sorted(map(str, records))
    assert world.waiting(), "some of them keep for the next beat"
    world.advance(seconds=60)
    world.publish_record()
    assert len(world.leaves()) == len(records) + world.covers() - world.waiting()
    assert world.verify_record().problems == []


def test_what_cannot_be_recorded_does_not_happen(world):
    """Q72: the log shut, every change answers 503 and nothing is changed."""
    tender = world.draft_tender()
    before = (len(world.records()), world.raw("SELECT version, title FROM tender"))
    client = world.client(world.clerk)
    if world.postgres:
        world.raw("REVOKE INSERT ON pending_entry FROM yg_app")
    else:
        world.raw("CREATE TRIGGER shut BEFORE INSERT ON pending_entry "
                  "BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END")
    change = {"title": "改名"}
    headers = {"If-Match": f'"{tender.version}"'}
    answer = client.patch(f"/tenders/{tender.id}", json=change, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "record.unwritable")
    assert (len(world.records()), world.raw("SELECT version, title FROM tender")) == before
    world.raw("GRANT INSERT ON pending_entry TO yg_app" if world.postgres else "DROP TRIGGER shut")
    answer = client.patch(f"/tenders/{tender.id}", json=change, headers=headers)
    assert answer.status_code == 200, answer.text
    assert world.raw("SELECT title FROM tender") == [("改名",)]
