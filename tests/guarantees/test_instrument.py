"""A signed instrument has one spelling, and nobody else can have signed it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from guarantees.instrument import (
    LARGEST,
    Order,
    account_digest,
    confirmation_signed,
    instrument_signed,
    read_confirmation,
    read_instrument,
    read_order,
    sign_confirmation,
    sign_instrument,
)
from kernel.canonical import NotCanonical, b64, jcs, parse

from .papers import DEPOSIT, GUARANTEE, GUARANTOR, KEY, PUBLIC

ORDER = Order("r" * 32, "g" * 32, GUARANTOR, "BG-1", "lost", 7_600_000, 380, "ab" * 32,
              date(2027, 1, 25))


@pytest.mark.parametrize("paper", [GUARANTEE, DEPOSIT])
def test_an_instrument_reads_back(paper):
    assert read_instrument(paper.as_bytes()) == paper


def test_order_and_confirmation_read_back():
    assert read_order(ORDER.as_bytes()) == ORDER
    said = ORDER.confirmation("R-1", datetime(2027, 1, 25, 1, tzinfo=UTC))
    assert read_confirmation(said).order == ORDER
    assert read_confirmation(said).reference == "R-1"
    with pytest.raises(NotCanonical):
        read_order(said)


@pytest.mark.parametrize("field, value", [
    ("v", 2), ("v", True), ("type", "insurance"), ("type", ["bank-guarantee"]), ("guarantor", ""),
    ("guarantor", None), ("instrument_no", "a b"), ("instrument_no", "x" * 65),
    ("instrument_no", "a\n"), ("lot", 7), ("amount_fen", 0), ("amount_fen", -1),
    ("amount_fen", "7600000"), ("amount_fen", True), ("currency", "USD"),
    ("issued_at", "2026-12-01T09:00:00.000"), ("issued_at", "2026-12-01T17:00:00.000+08:00"),
    ("issued_at", None), ("valid_until", None), ("valid_until", "2027-02-30"),
    ("valid_until", "2027-3-1"), ("independent", 1), ("independent", None),
    ("payer_account_digest", "ab" * 32), ("received_on", "2026-12-20"),
])
def test_a_field_out_of_form_is_refused(field, value):
    facts = parse(GUARANTEE.as_bytes()) | {field: value}
    with pytest.raises(NotCanonical):
        read_instrument(jcs(facts))


@pytest.mark.parametrize("field, value", [
    ("payer_account_digest", None), ("payer_account_digest", "AB" * 32),
    ("payer_account_digest", "ab"), ("received_on", None), ("received_on", 20261220),
    ("valid_until", "2027-03-01"),
])
def test_cash_says_who_paid_and_when_and_nothing_else(field, value):
    with pytest.raises(NotCanonical):
        read_instrument(jcs(parse(DEPOSIT.as_bytes()) | {field: value}))


def test_fields_are_exactly_those_of_the_format():
    facts = parse(GUARANTEE.as_bytes())
    for name in facts:
        with pytest.raises(NotCanonical):
            read_instrument(jcs({key: value for key, value in facts.items() if key != name}))
    with pytest.raises(NotCanonical):
        read_instrument(jcs(facts | {"note": "x"}))
    for other in (b"[]", b"null", b"", b"{", jcs(facts).replace(b"{", b"{ ", 1),
                  b"x" * (LARGEST + 1), b"\xff\xfe"):
        with pytest.raises(NotCanonical):
            read_instrument(other)


def test_only_the_registered_key_signs():
    data = GUARANTEE.as_bytes()
    good = sign_instrument(KEY, GUARANTOR, data)
    assert instrument_signed(PUBLIC, GUARANTOR, data, good)
    other = Ed25519PrivateKey.generate()
    assert not instrument_signed(PUBLIC, GUARANTOR, data, sign_instrument(other, GUARANTOR, data))
    assert not instrument_signed(PUBLIC, GUARANTOR, data, sign_confirmation(KEY, GUARANTOR, data))
    assert not instrument_signed(PUBLIC, "9" * 18, data, good)
    changed = replace(GUARANTEE, amount_fen=GUARANTEE.amount_fen + 1).as_bytes()
    assert not instrument_signed(PUBLIC, GUARANTOR, changed, good)
    for broken in ("", "AAAA", good[:-4], good + "AA", b64(bytes(64)), good.replace("=", "")):
        assert not instrument_signed(PUBLIC, GUARANTOR, data, broken)
        assert not confirmation_signed(PUBLIC, GUARANTOR, data, broken)
    assert not instrument_signed("AAAA", GUARANTOR, data, good)


@given(st.integers(0, 511), st.integers(0, 7))
def test_no_bit_of_a_signature_may_change(byte, bit):
    data = GUARANTEE.as_bytes()
    signature = bytearray(KEY.sign(b"yangguang/v1/instrument\n" + GUARANTOR.encode() + b"\n" + data))
    assert instrument_signed(PUBLIC, GUARANTOR, data, b64(bytes(signature)))
    signature[byte % 64] ^= 1 << bit
    assert not instrument_signed(PUBLIC, GUARANTOR, data, b64(bytes(signature)))


def test_an_account_cannot_be_guessed_from_its_digest():
    digests = {account_digest(secret, name, number) for secret in (b"a", b"b")
               for name in ("甲", "乙") for number in ("6222", "6223")}
    assert len(digests) == 8


def test_the_payer_is_the_account_or_the_applicant():
    assert DEPOSIT.payer_digest == DEPOSIT.payer_account_digest
    assert GUARANTEE.payer_digest != replace(GUARANTEE, applicant="C" * 18).payer_digest
    assert len(GUARANTEE.payer_digest) == 64


def test_the_example_of_the_format_page_is_good():
    page = (Path(__file__).parents[2] / "docs" / "formats" / "security.md").read_text("utf-8")
    blocks = dict(re.findall(r"```json (\w+)\n(.*)\n```", page))
    first, second = re.findall(r"```signature\n(.*)\n```", page)
    key = re.search(r"```key\n(.*)\n```", page).group(1)
    data = {name: text.encode() for name, text in blocks.items()}
    paper, order = read_instrument(data["instrument"]), read_order(data["order"])
    assert instrument_signed(key, paper.guarantor, data["instrument"], first)
    assert confirmation_signed(key, paper.guarantor, data["confirmation"], second)
    assert read_confirmation(data["confirmation"]).order == order
    assert order.payee_digest == paper.payer_digest and order.principal_fen == paper.amount_fen
