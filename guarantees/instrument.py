"""What a guarantor signs: the instrument that secures a bid, and the receipt of its release.

Both are RFC 8785 objects signed with the guarantor's Ed25519 key over a line of context, so
that a signature under one can never pass for the other:

    yangguang/v1/instrument\\n<guarantor's code>\\n‖JCS
    yangguang/v1/release-confirmation\\n<guarantor's code>\\n‖JCS

Of the account that paid a cash deposit only a keyed digest is named; money goes back to the
same digest and to nowhere else. This module runs on both sides: in the platform and at the
guarantor's.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.canonical import (
    NotCanonical,
    b64,
    jcs,
    parse_canonical,
    parse_time,
    sha256,
    time_text,
    unb64,
    unhex,
)

BANK_GUARANTEE = "bank-guarantee"
CASH_DEPOSIT = "cash-deposit"
KINDS = (BANK_GUARANTEE, CASH_DEPOSIT)
"""The two kinds of the narrow path; insurance, surety and commitment come beside them."""

LARGEST = 8192
"""Bytes; an instrument is a page of facts, not a file."""

_TEXT = re.compile(r"\A[0-9A-Za-z._/\-]{1,64}\Z")
_DAY = re.compile(r"\A\d{4}-\d{2}-\d{2}\Z")
_INSTRUMENT = b"yangguang/v1/instrument\n"
_CONFIRMATION = b"yangguang/v1/release-confirmation\n"


@dataclass(frozen=True)
class Instrument:
    """One signed promise or deposit. Money in fen; the days are calendar days in China.

    `valid_until` is the last day on which a guarantee can be called (None for cash);
    `payer_account_digest` and `received_on` say who paid a deposit and when (None otherwise).
    """

    kind: str
    guarantor: str
    instrument_no: str
    applicant: str
    beneficiary: str
    tender: str
    lot: str
    amount_fen: int
    issued_at: datetime
    valid_until: date | None
    independent: bool
    payer_account_digest: str | None
    received_on: date | None

    @property
    def payer_digest(self) -> str:
        """Whom a release must reach (I15): the paying account, or the applicant itself."""
        return self.payer_account_digest or sha256(b"uscc:", self.applicant.encode()).hex()

    def as_bytes(self) -> bytes:
        """The canonical bytes that are signed and hashed."""
        return jcs({
            "v": 1, "type": self.kind, "guarantor": self.guarantor,
            "instrument_no": self.instrument_no, "applicant": self.applicant,
            "beneficiary": self.beneficiary, "tender": self.tender, "lot": self.lot,
            "amount_fen": self.amount_fen, "currency": "CNY",
            "issued_at": time_text(self.issued_at),
            "valid_until": self.valid_until and self.valid_until.isoformat(),
            "independent": self.independent, "payer_account_digest": self.payer_account_digest,
            "received_on": self.received_on and self.received_on.isoformat()})


@dataclass(frozen=True)
class Order:
    """The platform's order to let one security go. Its `release` id is the idempotency key.

    `interest_fen` is what a deposit earned up to `value_date`, 0 for a guarantee.
    """

    release: str
    guarantee: str
    guarantor: str
    instrument_no: str
    cause: str
    principal_fen: int
    interest_fen: int
    payee_digest: str
    value_date: date

    def as_bytes(self) -> bytes:
        """The canonical bytes that are sent, the same at every attempt."""
        return jcs({"v": 1, "type": "release-order", **self._facts()})

    def _facts(self) -> dict[str, object]:
        return {"release": self.release, "guarantee": self.guarantee, "guarantor": self.guarantor,
                "instrument_no": self.instrument_no, "cause": self.cause,
                "principal_fen": self.principal_fen, "interest_fen": self.interest_fen,
                "payee_digest": self.payee_digest, "value_date": self.value_date.isoformat()}

    def confirmation(self, reference: str, executed_at: datetime) -> bytes:
        """What the guarantor states after carrying this order out, under its own reference."""
        return jcs({"v": 1, "type": "release-confirmation", **self._facts(),
                    "reference": reference, "executed_at": time_text(executed_at)})


@dataclass(frozen=True)
class Confirmation:
    """A guarantor's statement that it carried an order out."""

    order: Order
    reference: str
    executed_at: datetime


def read_instrument(data: bytes) -> Instrument:
    """Read canonical instrument bytes. Raises NotCanonical, which says what is wrong."""
    facts = _object(data, {
        "v", "type", "guarantor", "instrument_no", "applicant", "beneficiary", "tender", "lot",
        "amount_fen", "currency", "issued_at", "valid_until", "independent",
        "payer_account_digest", "received_on"})
    kind = facts["type"]
    if kind not in KINDS:
        raise NotCanonical("type is not a known kind of security")
    if facts["currency"] != "CNY":
        raise NotCanonical("currency is not CNY")
    if not isinstance(facts["independent"], bool):
        raise NotCanonical("independent is neither true nor false")
    cash = kind == CASH_DEPOSIT
    for name, wanted in (("payer_account_digest", cash), ("received_on", cash),
                         ("valid_until", not cash)):
        if (facts[name] is not None) != wanted:
            raise NotCanonical(f"{name} does not fit a {kind}")
    if cash:
        unhex(facts["payer_account_digest"], 32)
    instrument = Instrument(
        kind=kind, **{name: _text(facts, name) for name in (
            "guarantor", "instrument_no", "applicant", "beneficiary", "tender", "lot")},
        amount_fen=_fen(facts, "amount_fen"), issued_at=parse_time(facts["issued_at"]),
        valid_until=None if cash else _day(facts, "valid_until"),
        independent=facts["independent"], payer_account_digest=facts["payer_account_digest"],
        received_on=_day(facts, "received_on") if cash else None)
    if instrument.amount_fen == 0:
        raise NotCanonical("amount_fen is zero")
    if instrument.as_bytes() != data:
        raise NotCanonical("not the one spelling of this instrument")
    return instrument


def read_order(data: bytes) -> Order:
    """Read canonical order bytes. Raises NotCanonical."""
    return _order(_object(data, _ORDER), "release-order")


def read_confirmation(data: bytes) -> Confirmation:
    """Read canonical confirmation bytes. Raises NotCanonical."""
    facts = _object(data, _ORDER | {"reference", "executed_at"})
    return Confirmation(_order(facts, "release-confirmation"), _text(facts, "reference"),
                        parse_time(facts["executed_at"]))


_ORDER = {"v", "type", "release", "guarantee", "guarantor", "instrument_no", "cause",
          "principal_fen", "interest_fen", "payee_digest", "value_date"}


def _order(facts: dict, kind: str) -> Order:
    if facts["type"] != kind:
        raise NotCanonical(f"type is not {kind}")
    unhex(facts["payee_digest"], 32)
    return Order(
        **{name: _text(facts, name) for name in (
            "release", "guarantee", "guarantor", "instrument_no", "cause", "payee_digest")},
        principal_fen=_fen(facts, "principal_fen"), interest_fen=_fen(facts, "interest_fen"),
        value_date=_day(facts, "value_date"))


def sign_instrument(key: Ed25519PrivateKey, uscc: str, data: bytes) -> str:
    """Sign instrument bytes as the guarantor `uscc`; base64 of 64 bytes."""
    return b64(key.sign(_INSTRUMENT + uscc.encode() + b"\n" + data))


def sign_confirmation(key: Ed25519PrivateKey, uscc: str, data: bytes) -> str:
    """Sign confirmation bytes as the guarantor `uscc`; base64 of 64 bytes."""
    return b64(key.sign(_CONFIRMATION + uscc.encode() + b"\n" + data))


def instrument_signed(public_key: str, uscc: str, data: bytes, signature: str) -> bool:
    """Whether the key registered for `uscc` (base64 of 32 bytes) signed these bytes."""
    return _signed(public_key, _INSTRUMENT + uscc.encode() + b"\n" + data, signature)


def confirmation_signed(public_key: str, uscc: str, data: bytes, signature: str) -> bool:
    """Whether the key registered for `uscc` signed this confirmation."""
    return _signed(public_key, _CONFIRMATION + uscc.encode() + b"\n" + data, signature)


def account_digest(secret: bytes, name: str, number: str) -> str:
    """What stands for a payer's account in what leaves the guarantor: HMAC-SHA-256 over the JCS
    of name and number. Keyed, because account numbers are few enough to be guessed."""
    return hmac.new(secret, b"yangguang/v1/account\n" + jcs([name, number]), "sha256").hexdigest()


def _signed(public_key: str, message: bytes, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(unb64(public_key, 32)).verify(
            unb64(signature, 64), message)
    except (NotCanonical, InvalidSignature, ValueError):
        return False
    return True


def _object(data: bytes, names: set[str]) -> dict:
    if len(data) > LARGEST:
        raise NotCanonical(f"longer than {LARGEST} bytes")
    facts = parse_canonical(data)
    if not isinstance(facts, dict) or set(facts) != names:
        raise NotCanonical("the fields are not those of the format")
    if facts["v"] != 1 or isinstance(facts["v"], bool):
        raise NotCanonical("v is not 1")
    return facts


def _text(facts: dict, name: str) -> str:
    value = facts[name]
    if not isinstance(value, str) or not _TEXT.match(value):
        raise NotCanonical(f"{name} is not 1 to 64 plain letters and digits")
    return value


def _fen(facts: dict, name: str) -> int:
    value = facts[name]
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotCanonical(f"{name} is not an amount in fen")
    return value


def _day(facts: dict, name: str) -> date:
    value = facts[name]
    if not isinstance(value, str) or not _DAY.match(value):
        raise NotCanonical(f"{name} is not a day")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise NotCanonical(f"{name} is no such day") from error
