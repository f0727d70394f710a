"""Virus scanning against a clamd on loopback that speaks the real protocol, and without one."""

import contextlib
import socket
import struct
import threading

import pytest

from audit.act import wiring
from kernel.canonical import sha256, time_text
from people import kept
from people.edge import ROUTES
from portal.config import BadSetting, Settings
from portal.scanning import clamd, clock
from portal.scanning import kept as gate
from tender import acts as tenders
from tender import shown
from tender.model import FileScan
from tests.reader import Reader
from tests.tender.test_direct import STATED
from tests.tender.test_notices import later

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" b"ANTIVIRUS-TEST-FILE!$H+H*"
FATAL = b"a file on which the scanner dies"
LIMIT = 1 << 20


class Clamd:
    """clamd as it answers INSTREAM and VERSION; `looked`: how many files came whole."""

    def __init__(self):
        self.looked, self.silent = 0, False
        self.line = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp:127.0.0.1:{self.line.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                line, _ = self.line.accept()
                threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line):
        with line, contextlib.suppress(OSError), line.makefile("rb") as said:
            order = b"".join(iter(lambda: said.read(1), b"\0"))
            if self.silent:
                return
            if order == b"zVERSION":
                line.sendall(b"ClamAV 1.4.3/27800/Mon Mar  2 08:00:00 2026\0")
                return
            assert order == b"zINSTREAM", order
            whole = b""
            while size := struct.unpack(">I", said.read(4))[0]:
                whole += said.read(size)
                if len(whole) > LIMIT:
                    line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            if FATAL in whole:
                return
            self.looked += 1
            line.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in whole
                         else b"stream: OK\0")

    def close(self):
        self.line.close()


@pytest.fixture
def daemon(world, monkeypatch):
    """An installation whose scanner is there."""
    made = Clamd()
    monkeypatch.setitem(wiring().settings, "scanner", clamd.scanner_of(made.address))
    monkeypatch.setattr(clock, "_again_at", [0.0])
    yield made
    made.close()


def test_the_protocol(daemon):
    scanner = clamd.scanner_of(daemon.address)
    assert scanner.version().startswith("ClamAV 1.4.3/27800")
    assert scanner.scan([b"", b"a" * 700_000]) == clamd.Verdict("clean")
    assert scanner.scan([EICAR[:30], EICAR[30:]]) == clamd.Verdict("found", "Win.Test.EICAR_HDB-1")
    large = scanner.scan(b"a" * 100_000 for _ in range(400))
    assert large.state == "not_scanned" and "size limit" in large.said
    daemon.silent = True
    with pytest.raises(clamd.Away):
        scanner.scan([b"a"])
    daemon.close()
    with pytest.raises(clamd.Away):
        clamd.scanner_of("unix:/nowhere/clamd.ctl").scan([b"a"])
    for other in ("tcp:192.0.2.1:3310", "tcp:scanner.example:3310", "clamd", "tcp:127.0.0.1"):
        with pytest.raises(BadSetting, match="YANGGUANG_CLAMD"):
            Settings(clamd=other).check()


def test_a_draft_s_documents_are_scanned_and_an_infected_one_is_not_published(world, daemon):
    tender = world.draft_tender()
    clerk = world.client(world.clerk)
    path = f"/tenders/{tender.id}"
    answer = clerk.post(f"{path}/documents?name=x.txt&kind=other", data=b"notes " + EICAR,
                        content_type="application/octet-stream")
    assert answer.status_code == 201 and answer.json["scan"]["state"] == "not_scanned", answer.json
    bad = answer.json["id"]
    world.tick()
    said = {one["name"]: one["scan"] for one in clerk.get(path).json["documents"]}
    assert said["x.txt"]["state"] == "found" and "EICAR" in said["x.txt"]["said"]
    assert {one["state"] for name, one in said.items() if name != "x.txt"} == {"clean"}
    looked = daemon.looked
    world.tick()
    assert daemon.looked == looked, "each file once"
    download = clerk.get(f"{path}/documents/{bad}/content")
    assert download.headers["Yangguang-Scan"] == 'found; "Win.Test.EICAR_HDB-1"'
    refused = clerk.post(f"{path}/notice", json={})
    assert "document.infected" in refused.get_data(as_text=True), refused.json
    page = Reader(world.app, world.session_token(world.clerk)).get(f"/desk{path}/documents")
    assert "病毒扫描发现：Win.Test.EICAR_HDB-1" in page.text and "病毒扫描：未发现" in page.text
    tenders.remove_document(world.clerk, tender.id, bad)
    assert "document.infected" not in clerk.post(f"{path}/notice", json={}).get_data(as_text=True)


def test_whatever_takes_bytes_is_scanned_or_keeps_none():
    taking = {f"{route.method} {route.rule.removeprefix('/api/v1')}" for route in ROUTES
              if route.stream or route.raw}
    assert taking == gate.KEPT.keys() | gate.SEALED | gate.UNKEPT.keys(), "past the scanner"


def test_minutes_of_a_direct_award_are_scanned_and_hold_it_back(world, daemon):
    world.buyer_unit()
    clerk = world.client(world.clerk)
    award = f"/direct-awards/{tenders.state_direct_award(world.clerk, **STATED).id}"
    sent = clerk.post(f"{award}/minutes?name=纪要.txt", data=b"notes " + EICAR,
                      content_type="application/octet-stream")
    assert sent.status_code == 201, sent.json
    world.tick()
    told = clerk.get(f"{award}/minutes")
    assert told.headers["Yangguang-Scan"].startswith("found; ")
    assert "document.infected" in {one["code"] for one in clerk.get(f"{award}/work").json["findings"]}
    evidence = world.session.query(FileScan).count()
    company = world.account("tenderer")
    lot = world.lots(world.published_tender())[0]
    taken = world.client(company).post(f"/lots/{lot.id}/complaint-evidence?name=x.txt",
                                      data=b"more " + EICAR,
                                      content_type="application/octet-stream")
    assert taken.status_code == 201, taken.json
    world.tick()
    assert world.session.query(FileScan).filter_by(state="found").count() == 2
    assert world.session.query(FileScan).count() > evidence


def test_an_amendment_is_judged_like_the_notice_and_again_when_it_is_approved(world, daemon):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    clerk, path = world.client(world.clerk), f"/tenders/{tender.id}/amendments"
    moved = time_text(later(world, lot))
    own = f"{path}/" + clerk.post(path, json={
        "why": "补充图纸，并相应延长投标截止时间。", "lots": [{"id": lot.id, "deadline": moved}]}).json["id"]
    added = clerk.post(f"{own}/documents?name=x.txt&kind=drawings", data=b"notes " + EICAR,
                       content_type="application/octet-stream")
    assert added.status_code == 201, added.json
    sent = clerk.post(f"{own}/submission", json={})
    assert sent.status_code == 201, "nobody has looked at it yet, and nothing waits for that"
    world.tick()
    approved = world.client(world.fresh(world.chief)).post(
        f"{own}/approval", json={"content_hash": sent.json["content_hash"]})
    for refused in (approved, clerk.post(f"{own}/submission", json={})):
        assert refused.status_code == 422, refused.json
        assert "document.infected" in refused.get_data(as_text=True), refused.json
    shown = clerk.get(f"{own}/reading").json
    assert [one["code"] for one in shown["findings"]] == ["document.infected"]
    assert clerk.delete(f"{own}/documents/{shown['files'][0]['id']}").status_code == 200
    assert clerk.post(f"{own}/submission", json={}).status_code == 201


def test_an_opened_bid_is_scanned_after_the_opening_and_never_changed(world, daemon):
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot, files=EICAR)] + [world.sealed_bid(lot) for _ in range(2)]
    world.tick()
    stored = daemon.looked
    assert world.session.query(FileScan).filter_by(kind="opened").count() == 0
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    daemon.silent = True
    world.tick()
    company = companies[0]
    bid, who = company.bids[lot.id].declaration["bid"], world.client(company.actor)
    told = who.get(f"/bids/{bid}/content").json["parts"]
    files = {one["name"]: one["scan"]["state"] for part in told for one in part["files"]}
    assert set(files.values()) == {"not_scanned"}, "a scanner that is away holds nothing up"
    address = next(f"/bids/{bid}/content/{part['part']}/{one['name']}" for part in told
                   for one in part["files"] if part["part"] == "technical")
    assert who.get(address).headers["Yangguang-Scan"] == "not-scanned"
    daemon.silent = False
    clock._again_at[0] = 0.0
    world.tick()
    assert daemon.looked == stored + 9, "three files of three bids"
    answer = who.get(address)
    assert answer.headers["Yangguang-Scan"].startswith("found; ")
    assert answer.get_data() == EICAR, "as it was sealed"
    states = [one["scan"]["state"] for part in who.get(f"/bids/{bid}/content").json["parts"]
              for one in part["files"]]
    assert sorted(states) == ["clean", "clean", "found"]
    record = world.client().get(f"/lots/{lot.id}/opening-record").json["record"]
    assert {one["verdict"] for one in record["bids"]} == {"opened"}


def test_without_a_scanner_nothing_is_asked_and_it_is_said(world):
    tender = world.published_tender()
    world.tick()
    assert wiring().settings["scanner"] is None and world.session.query(FileScan).count() == 0
    page = Reader(world.app).get(f"/tenders/{tender.id}")
    assert "未做病毒扫描" in page.text
    document = world.client().get(f"/tenders/{tender.id}").json["documents"][0]
    assert document["scan"] == {"state": "not_scanned", "said": "", "engine": "", "scanned_at": None}


def test_a_file_on_which_the_scanner_dies_keeps_none_from_being_scanned(world, daemon, monkeypatch):
    tender = world.draft_tender()
    for name, content in (("x", FATAL), ("y", b"y"), ("z", EICAR), ("gone", b"gone")):
        path = f"/tenders/{tender.id}/documents?name={name}.txt&kind=other"
        assert world.client(world.clerk).post(
            path, data=content, content_type="application/octet-stream").status_code == 201
    store, broken = wiring().store.open, sha256(b"gone").hex()

    def opened(digest):
        if digest == broken:
            raise OSError("input/output error")
        return store(digest)

    monkeypatch.setattr(wiring().store, "open", opened)
    for _ in range(clock.TRIES):
        clock._again_at[0] = 0.0
        clock.look()
    said = {one["name"]: one["scan"] for one in
            world.client(world.clerk).get(f"/tenders/{tender.id}").json["documents"]}
    assert [said[f"{name}.txt"]["state"] for name in "xyz"] == ["not_scanned", "clean", "found"]
    assert "no answer" in said["x.txt"]["said"] and "read" in said["gone.txt"]["said"]
    assert clock.look() == 0 and not clock._unanswered


def test_what_is_kept_for_everybody_says_what_the_scanner_said_since(world, daemon):
    """No act tells of a scan: an answer and a page that were kept must be made anew all the same."""
    tender = world.published_tender()
    place, page = f"/tenders/{tender.id}", Reader(world.app)
    world.freeze()

    def states() -> set[str]:
        return {one["scan"]["state"] for one in world.client().get(place).json["documents"]}

    assert states() == {"not_scanned"} and "未做病毒扫描" in page.get(place).text
    assert clock.look() > 0
    assert states() == {"clean"} and kept.watch().look(shown.TENDER, {"tender_id": tender.id})
    assert "未做病毒扫描" not in page.get(place).text and "病毒扫描：未发现" in page.text
