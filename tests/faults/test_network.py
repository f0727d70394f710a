"""Cuts of the network in each direction, and bytes that straddle the deadline (F28, F14, F10)."""

import socket
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from audit import note
from audit.act import wiring
from bidding.client import send_piece
from bidding.manifest import PARTS
from bidding.wire import Problem, Wire, call
from tests.served import free_port, served

from .oracle import Ledger, judge
from .swarm import LOST


class Proxy:
    """Between client and server: cuts the connection after so many bytes up, or down."""

    def __init__(self, address: str):
        parts = urlsplit(address)
        self.target = (parts.hostname, parts.port)
        self.up: int | None = None
        """Bytes towards the server after which all is cut; None: never."""
        self.down: int | None = None
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", free_port()))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            left = {"up": self.up, "down": self.down}
            for source, sink, way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self._carry, args=(source, sink, way, left),
                                 daemon=True).start()

    def _carry(self, source, sink, way: str, left: dict) -> None:
        try:
            while data := source.recv(65536):
                if left[way] is not None:
                    if len(data) >= left[way]:
                        sink.sendall(data[:left[way]])
                        self.cuts += 1
                        break
                    left[way] -= len(data)
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        """Take no more connections."""
        self.listener.close()


def send_all(wire, sealed) -> str | None:
    """Send what is missing; the receipt, if an answer carried it."""
    declared = sealed.declaration
    view = call(wire, "GET", f"/bids/{declared['bid']}", tries=1)["versions"][-1]
    if view["receipt"]:
        return view["receipt"]
    offsets = {part["part"]: part["offset"] for part in view["parts"]}
    receipt = None
    for part in PARTS:
        data = sealed.files[part].read_bytes()
        if offsets[part] < len(data):
            answer = send_piece(wire, declared, part, offsets[part], data[offsets[part]:], tries=1)
            receipt = answer.get("receipt") or receipt
    return receipt


def send_rest(wire, sealed) -> str | None:
    """Send what is missing, again where the request that was cut last was still being taken."""
    for _ in range(20):
        try:
            if receipt := send_all(wire, sealed):
                return receipt
        except Problem as problem:
            if problem.code != "upload.offset" and problem.status != 503:
                raise
        except LOST:
            # Refused before its body was read: the answer may be lost with the connection.
            wire.close()
        time.sleep(0.1)
    return send_all(wire, sealed)


def cut_at(world, steps: int, rounds: int) -> None:
    lot = world.lots(world.published_tender())[0]
    ledger = Ledger()
    ready = []
    for _ in range(rounds):
        company = world.company()
        sealed = world.seal(lot, company, files=bytes(6 << 20))
        world.declare(lot, company, sealed)
        ready.append((world.session_token(company.actor), sealed))
    with served(world) as address:
        proxy = Proxy(address)
        for token, sealed in ready:
            key = (sealed.declaration["bid"], 1)
            size = sum(part["size"] for part in sealed.declaration["parts"])
            for step in range(steps):
                # each tenth of the upload on its way up; then within and before the answer
                for proxy.up, proxy.down in ((size * step // steps + 1500, None),
                                             (None, 1 + 200 * step)):
                    before = proxy.cuts
                    wire = Wire(proxy.address, token, timeout=20)
                    try:
                        receipt = send_all(wire, sealed)
                        if receipt:
                            ledger.ack(key, receipt)
                    except LOST:
                        ledger.doubt(key)
                    except Problem as problem:
                        assert problem.status in (400, 409, 503), problem
                    wire.close()
                    ledger.injected += proxy.cuts - before
            proxy.up = proxy.down = None
            ledger.ack(key, send_rest(Wire(address, token), sealed))
        proxy.close()
    verdict = judge(world.session, wiring().store, ledger,
                    note.Verifier.parse(wiring().settings["platform_vkey"]))
    assert len(world.entries("bid.submitted")) == rounds
    print("F28: ", end="")
    verdict.require(rounds * steps // 2)


def test_f28_cut_at_some_tenths(world):
    cut_at(world, 5, 2)


@pytest.mark.faults
def test_f28_cut_two_hundred_times(world):
    cut_at(world, 10, 40)


VECTORS = ((-1.5, -1.0, True), (-0.5, 0.5, False), (-0.02, 0.02, False), (0.01, 0.02, False))
"""First byte, last byte (seconds from the deadline), whether it is in time (assurance F14)."""


@pytest.mark.parametrize(("first", "last", "taken"), VECTORS)
def test_f14_what_is_complete_before_the_deadline_counts_and_nothing_else(world, first, last,
                                                                          taken):
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    part, _, data = world.blocks(sealed)[-1]
    token, ledger = None, Ledger()
    key = (sealed.declaration["bid"], 1)
    with served(world) as address:
        parts = urlsplit(address)
        world.set_time(lot.deadline - timedelta(seconds=60))
        token = world.session_token(company.actor)
        call(Wire(address, token), "GET", f"/bids/{key[0]}")  # each worker has run once
        wait = 4.0
        world.set_time(lot.deadline - timedelta(seconds=wait))
        deadline = time.monotonic() + wait
        with socket.create_connection((parts.hostname, parts.port), timeout=120) as line:
            head = (f"PATCH /api/v1/bids/{key[0]}/versions/1/parts/{part}/upload HTTP/1.1\r\n"
                    f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
                    f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nConnection: close\r\n"
                    "Content-Type: application/offset+octet-stream\r\n"
                    f"Content-Length: {len(data)}\r\n\r\n").encode()
            time.sleep(max(0, deadline + first - time.monotonic()))
            line.sendall(head + data[:-1])
            time.sleep(max(0, deadline + last - time.monotonic()))
            line.sendall(data[-1:])
            sent = time.monotonic() - deadline
            answer = b""
            while piece := line.recv(65536):
                answer += piece
    ledger.injected = 1
    status = int(answer.split(b" ")[1])
    if sent >= 0:
        ledger.late.add(key)
    if status == 200:
        ledger.ack(key, call_json(answer)["receipt"])
    else:
        problem = call_json(answer)
        assert problem["code"] == "bid.late", problem
        assert problem["facts"]["deadline"] <= problem["facts"]["received_at"]
        assert problem["facts"]["promise"]
        ledger.refuse(key, problem["code"])
    if not taken:
        assert status == 409
    verdict = judge(world.session, wiring().store, ledger)
    print(f"F14 ({first:+}, {last:+}) s: last byte {sent:+.3f} s, {status}; ", end="")
    verdict.require(1)


def call_json(answer: bytes) -> dict:
    """The JSON body of a raw answer."""
    import json

    return json.loads(answer.partition(b"\r\n\r\n")[2])


WAYS = {"store, failed and not done": ("fsync", False), "store, done and said failed": ("fsync", True)}


@pytest.mark.parametrize(("step", "done"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("code", [5, 28])
def test_f10_a_store_that_fails_either_way_is_asked_again(world, monkeypatch, step, done, code):
    import os

    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    part, _, data = world.blocks(sealed)[-1]
    ledger, key = Ledger(), (sealed.declaration["bid"], 1)
    true = getattr(os, step)
    for place in (1, 2):  # the file's, then the folder's
        count = [0]

        def fail(*args, count=count, place=place):
            count[0] += 1
            if count[0] != place:
                return true(*args)
            if done:
                true(*args)
            raise OSError(code, os.strerror(code))

        with monkeypatch.context() as patch:
            patch.setattr(os, step, fail)
            answer = world.wire(company).patch(key[0], part, 0, data)
        ledger.injected += 1
        assert answer.status_code == 507 and not answer.get_json().get("receipt")
        assert judge(world.session, wiring().store, ledger).clean
    ledger.ack(key, world.send(company, sealed).receipt)
    judge(world.session, wiring().store, ledger).require(2)


@pytest.mark.parametrize("done", [False, True], ids=["failed and not done", "done and said failed"])
def test_f10_a_commit_that_fails_either_way_gives_one_receipt(world, monkeypatch, done):
    from sqlalchemy.orm import Session

    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    part, _, data = world.blocks(sealed)[-1]
    ledger, key = Ledger(injected=1), (sealed.declaration["bid"], 1)
    true, count = Session.commit, [0]

    def fail(self):
        count[0] += 1
        if count[0] != 2:  # the first ends the look whether it would be the last block
            return true(self)
        if done:
            true(self)
        raise ConnectionError("the answer to COMMIT was lost")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "commit", fail)
        answer = world.wire(company).patch(key[0], part, 0, data)
    assert count[0] >= 2 and answer.status_code == 500
    ledger.doubt(key)
    assert judge(world.session, wiring().store, ledger).clean
    receipts = {world.send(company, sealed).receipt for _ in range(3)}
    assert len(receipts) == 1 and None not in receipts
    ledger.ack(key, receipts.pop())
    assert len(world.entries("bid.submitted")) == 1
    judge(world.session, wiring().store, ledger).require(1)
