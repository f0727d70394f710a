"""The guarantor as its own process: it carries an order out once, whatever is cut or killed."""

from __future__ import annotations

import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import pytest

from guarantees import gateway
from guarantees.instrument import (
    Order,
    confirmation_signed,
    instrument_signed,
    read_confirmation,
    read_instrument,
)

from .bank import Bank, Line
from .papers import GUARANTOR

WISH = {"applicant": "A" * 18, "beneficiary": "B" * 18, "tender": "1" * 32, "lot": "2" * 32,
        "amount_fen": 7_600_000}
CASH = WISH | {"account_name": "甲公司", "account_number": "6222021208001234567",
              "received_on": "2026-12-20"}
GUARANTEE = WISH | {"valid_until": "2027-03-01"}


@pytest.fixture
def bank(tmp_path):
    bank = Bank(tmp_path / "bank", GUARANTOR)
    yield bank
    bank.close()


def order_for(bank: Bank, number: int = 0, **wish) -> Order:
    """An order for a deposit that the bank has just taken."""
    paper = bank.issue("cash-deposit", **(CASH | wish))
    read = read_instrument(paper["instrument"].encode())
    return Order(f"{number:032x}", "g" * 32, GUARANTOR, read.instrument_no, "lost",
                 read.amount_fen, 380, read.payer_digest, date(2027, 1, 25))


def send(bank: Bank, order: Order, url: str | None = None) -> tuple[str, str]:
    return gateway.execute(url or bank.url, bank.secret, order.release, order.as_bytes().decode())


def test_what_it_issues_is_signed_and_booked(bank):
    for kind, wish in (("bank-guarantee", GUARANTEE), ("cash-deposit", CASH)):
        paper = bank.issue(kind, **wish)
        read = read_instrument(paper["instrument"].encode())
        assert read.kind == kind and read.amount_fen == 7_600_000
        assert instrument_signed(bank.public_key, GUARANTOR, paper["instrument"].encode(),
                                 paper["signature"])
        assert bank.ledger()[read.instrument_no]["paid_fen"] is None
    assert CASH["account_number"] not in paper["instrument"]


def test_a_release_is_carried_out_once_and_answered_alike(bank):
    order = order_for(bank)
    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(lambda _: send(bank, order), range(20)))
    assert len(answers) == 1
    statement, signature = answers.pop()
    assert read_confirmation(statement.encode()).order == order
    assert confirmation_signed(bank.public_key, GUARANTOR, statement.encode(), signature)
    assert bank.ledger()[order.instrument_no]["paid_fen"] == 7_600_380


def test_two_keys_for_one_instrument_release_it_once(bank):
    order = order_for(bank)
    rivals = [replace(order, release=f"{n:032x}") for n in range(20)]

    def fire(rival):
        try:
            return send(bank, rival)
        except gateway.Unheard as error:
            return str(error)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(fire, rivals))
    assert sum(isinstance(answer, tuple) for answer in answers) == 1
    assert answers.count("status 409") == 19
    assert bank.ledger()[order.instrument_no]["paid_fen"] == 7_600_380


@pytest.mark.parametrize("change, status", [
    ({"payee_digest": "cd" * 32}, 422), ({"principal_fen": 7_600_001}, 422),
    ({"instrument_no": "none"}, 404), ({"guarantor": "9" * 18}, 404), ({"release": "f" * 32}, 422),
])
def test_an_order_that_is_not_the_instruments_is_declined(bank, change, status):
    order = order_for(bank)
    wrong = replace(order, **change)
    got, _ = bank.ask("POST", "/releases", wrong.as_bytes(), token=bank.secret,
                      headers={"Idempotency-Key": order.release})
    assert got == status
    assert bank.ledger()[order.instrument_no]["paid_fen"] is None


def test_a_key_is_bound_to_its_order(bank):
    order = order_for(bank)
    send(bank, order)
    with pytest.raises(gateway.Unheard, match="409"):
        send(bank, replace(order, interest_fen=381))


def test_a_guarantee_pays_no_interest(bank):
    paper = bank.issue("bank-guarantee", **GUARANTEE)
    read = read_instrument(paper["instrument"].encode())
    order = Order("a" * 32, "g" * 32, GUARANTOR, read.instrument_no, "lost", read.amount_fen, 1,
                  read.payer_digest, date(2027, 1, 25))
    with pytest.raises(gateway.Unheard, match="422"):
        send(bank, order)
    send(bank, replace(order, interest_fen=0))


def test_a_cut_answer_is_asked_for_again(bank):
    line = Line(bank.url)
    try:
        order = order_for(bank)
        line.faults = ["drop", "cut", "garble"]
        for _ in range(3):
            with pytest.raises(gateway.Unheard):
                send(bank, order, line.url)
        assert bank.ledger()[order.instrument_no]["paid_fen"] == 7_600_380
        assert send(bank, order, line.url) == send(bank, order)
    finally:
        line.close()


def test_a_killed_guarantor_still_knows_what_it_did(bank):
    orders = [order_for(bank, n) for n in range(3)]
    first = send(bank, orders[0])
    bank.kill()
    with pytest.raises(gateway.Unheard):
        send(bank, orders[1])
    bank.restart()
    assert send(bank, orders[0]) == first
    send(bank, orders[1])
    paid = {number: line["paid_fen"] for number, line in bank.ledger().items()}
    assert [paid[order.instrument_no] for order in orders] == [7_600_380, 7_600_380, None]


@pytest.mark.parametrize("method, path", [
    ("POST", "/releases"), ("GET", "/ledger"), ("POST", "/guarantees"), ("POST", "/deposits")])
def test_each_request_needs_its_own_bearer(bank, method, path):
    counter = (bank.folder / "counter.token").read_text("ascii")
    wrong = counter if path in ("/releases", "/ledger") else bank.secret
    for token in ("", "x", wrong, "é"):
        headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        status, _ = bank.ask(method, path, {} if method == "POST" else None, headers=headers)
        assert status == 401


def test_bad_requests_are_refused_and_book_nothing(bank):
    for body in ({}, [], GUARANTEE | {"amount_fen": -5}, GUARANTEE | {"amount_fen": "5"},
                 GUARANTEE | {"valid_until": "soon"}, GUARANTEE | {"applicant": "甲"},
                 GUARANTEE | {"applicant": None}):
        assert bank.ask("POST", "/guarantees", body)[0] == 422
    assert bank.ask("POST", "/guarantees", b"{\"a\":NaN}")[0] == 422
    assert bank.ask("GET", "/elsewhere")[0] == 404
    assert bank.ask("POST", "/elsewhere", {})[0] == 404
    with socket.create_connection(("127.0.0.1", urlsplit(bank.url).port)) as raw:
        raw.sendall(b"POST /guarantees HTTP/1.1\r\nContent-Length: 10737418240\r\n\r\n")
        assert b" 413 " in raw.recv(4096)
    assert bank.ledger() == {}


def test_a_number_is_issued_once(bank):
    bank.issue("bank-guarantee", **GUARANTEE, instrument_no="ONE")
    status, _ = bank.ask("POST", "/guarantees", GUARANTEE | {"instrument_no": "ONE"})
    assert status == 409


def test_its_secrets_are_its_own(bank):
    for name in ("signing.key", "counter.token", "platform.token"):
        assert stat.S_IMODE((bank.folder / name).stat().st_mode) == 0o600
    card = json.loads((bank.folder / "guarantor.json").read_text("utf-8"))
    assert card == bank.card and set(card) == {"uscc", "public_key", "url"}


def test_the_gateway_follows_nobody_and_reads_no_more_than_it_asked_for(tmp_path):
    answers = {
        "moved": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "long": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * (1 << 20),
        "list": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        "text": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
        "empty": b"",
        "noise": b"\x00\x01\x02\r\n\r\n",
    }
    for answer in answers.values():
        with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
            done = pool.submit(_say, server, answer)
            with pytest.raises(gateway.Unheard):
                gateway.execute(f"http://127.0.0.1:{server.getsockname()[1]}", "s", "k", "{}")
            done.result(10)


def _say(server: socket.socket, answer: bytes) -> None:
    client, _ = server.accept()
    with client:
        client.recv(65536)
        try:
            client.sendall(answer)
        except OSError:
            pass


def test_credentials_lie_in_files_of_ones_own(tmp_path):
    gateway.keep_credential(tmp_path, "bank", "s3cret")
    path = gateway.credential_path(tmp_path, "bank")
    assert gateway.credential(tmp_path, "bank") == "s3cret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with pytest.raises(gateway.Unheard):
        gateway.credential(tmp_path, "none")
    for ref in ("../x", "", "a/b", "a\n"):
        with pytest.raises(ValueError):
            gateway.credential(tmp_path, ref)
