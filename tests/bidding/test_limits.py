"""Limits are said beforehand, and met before anything is read or written (Q48, Q49, F09)."""

import errno
import itertools
import json
import os
import socket
import time
from urllib.parse import urlsplit

import pytest

from audit.act import wiring
from bidding import acts, rules
from kernel.refusal import Refused
from tender.model import Notice
from tests.served import served


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def test_the_notice_and_the_lot_say_the_limits(world, lot):
    said = world.client(None).get(f"/lots/{lot.id}").get_json()["limits"]
    assert said.items() >= rules.limits().items()
    content = world.session.query(Notice.content).filter_by(tender_id=lot.tender_id).scalar()
    assert json.loads(content)["more"]["bid_limits"] == rules.limits()


def test_a_company_has_a_quota_of_bytes_in_each_lot(world, monkeypatch):
    one, two = world.lots(world.published_tender(lots=2))
    company = world.company()
    sealed = world.seal(one, company)
    size = sum(part["size"] for part in sealed.declaration["parts"])
    monkeypatch.setattr(rules, "COMPANY_LIMIT", 2 * size + 1)
    for lot in (one, one, two):
        world.declare(lot, company, world.seal(lot, company))
    with pytest.raises(Refused) as caught:
        world.declare(one, company, sealed)
    assert caught.value.word.code == "bid.too-much" and caught.value.word.status == 413
    assert caught.value.facts["limit"] == 2 * size + 1 and caught.value.facts["promise"]
    world.declare(one, other := world.company(), world.seal(one, other))


def test_a_nearly_full_disk_takes_no_new_bid_and_finishes_the_old(world, lot, monkeypatch):
    company = world.company()
    begun, later = world.seal(lot, company), world.seal(lot, company)
    world.declare(lot, company, begun)
    monkeypatch.setattr(type(wiring().store), "used", lambda self: 0.9)
    monkeypatch.setitem(wiring().settings, "store_full", 90)
    answer = world.client(company.actor).post(f"/lots/{lot.id}/bids", json={
        "declaration": json.dumps(later.declaration, ensure_ascii=False, sort_keys=True,
                                  separators=(",", ":")),
        "wraps": later.wraps, **company.sign(later.declaration)})
    assert answer.status_code == 507 and answer.get_json()["code"] == "upload.full"
    assert int(answer.headers["Retry-After"]) > 0
    assert world.send(company, begun).receipt


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_block_that_cannot_be_stored_is_said_and_leaves_nothing(world, lot, monkeypatch, code):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    part, _number, data = world.blocks(sealed)[0]
    bid, root = sealed.declaration["bid"], wiring().store.root
    with monkeypatch.context() as patch:
        def fail(_handle):
            raise OSError(code, os.strerror(code))
        patch.setattr(os, "fsync", fail)
        answer = world.wire(company).patch(bid, part, 0, data)
        assert answer.status_code == 507 and answer.headers["Retry-After"]
        assert acts.offset_of(bid, 1, part)[0] == 0 and not list((root / "tmp").iterdir())
    assert world.send(company, sealed).receipt


PATHS = ("/api/v1/bids/{bid}/versions/1/parts/form/upload", "/api/v1/lots/{bid}/bids", "/")


@pytest.mark.parametrize("within", [60, pytest.param(0.1, marks=pytest.mark.bench)])
def test_ten_gibibytes_are_refused_from_the_header(world, within):
    """413 (411 where no length is said), with nothing of the body read: it never comes. Where
    time is measured, in less than 100 ms."""
    company = world.company()
    lot = world.lots(world.published_tender())[0]
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    token = world.session_token(company.actor)
    with served(world) as address:
        host = urlsplit(address).netloc
        ask(host, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        for path, (length, wanted) in itertools.product(PATHS, (
                (f"Content-Length: {10 << 30}", (b"413", b"405")),
                ("Transfer-Encoding: chunked", (b"411", b"405")))):
            method = "PATCH" if "upload" in path else "POST"
            head = (f"{method} {path.format(bid=sealed.declaration['bid'])} HTTP/1.1\r\n"
                    f"Host: {host}\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
                    "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n")
            best = 100.0
            for _ in range(1 if within > 1 else 5):
                began = time.monotonic()
                answer = ask(host, head + length + "\r\n\r\n")
                best = min(best, time.monotonic() - began)
                assert answer.split(b" ")[1] in wanted, answer[:200]
            assert best < within, best


def ask(host: str, request: str) -> bytes:
    """The first bytes of the answer to a request whose body never comes."""
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=300) as connection:
        connection.sendall(request.encode())
        return connection.recv(4096)


def test_what_was_sent_in_vain_has_a_limit_of_its_own(world, lot, monkeypatch):
    """No quota counts bytes that came to nothing, and they lie on the disk for a day."""
    monkeypatch.setattr(rules, "WASTE_LIMIT", 0)
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    bid = sealed.declaration["bid"]
    whole = sealed.files["technical"].read_bytes()
    size = sum(part["size"] for part in sealed.declaration["parts"])
    sent = codes = 0
    while (answer := world.wire(company).patch(
            bid, "technical", 0, whole[:-1] + bytes([sent % 251 ^ whole[-1] ^ 1]))
           ).get_json()["code"] == "bid.ciphertext-differs":
        sent, codes = sent + len(whole), codes + 1
        assert sent <= 2 * size + len(whole), "nobody stops it"
    assert answer.status_code == 409 and answer.get_json()["code"] == "bid.too-much-wasted"
    assert codes >= 1 and sent > size
    again = world.seal(lot, company)
    world.declare(lot, company, again)
    assert world.send(company, again).receipt, "a new version is another matter"
