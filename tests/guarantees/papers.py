"""Instruments for tests, and the keys that sign them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from guarantees.instrument import BANK_GUARANTEE, CASH_DEPOSIT, Instrument, account_digest
from kernel.canonical import b64

GUARANTOR = "91330000MA27U0AB1X"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = b64(KEY.public_key().public_bytes_raw())

GUARANTEE = Instrument(
    kind=BANK_GUARANTEE, guarantor=GUARANTOR, instrument_no="BG-1", applicant="A" * 18,
    beneficiary="B" * 18, tender="1" * 32, lot="2" * 32, amount_fen=7_600_000,
    issued_at=datetime(2026, 12, 1, 9, tzinfo=UTC), valid_until=date(2027, 3, 1),
    independent=True, payer_account_digest=None, received_on=None)

DEPOSIT = replace(
    GUARANTEE, kind=CASH_DEPOSIT, instrument_no="CD-1", valid_until=None, independent=False,
    payer_account_digest=account_digest(bytes(32), "A", "6222"), received_on=date(2026, 12, 20))
