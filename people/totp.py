"""One-time codes by time (RFC 6238): six digits, 30 seconds, SHA-1 as every program knows it."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
WINDOW = 1
"""Steps before and after the present one that still count: clocks differ."""


def new_secret() -> str:
    """A fresh secret: 160 random bits in base32 (RFC 4226 §4 R6)."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The `otpauth://` address that a code program reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Yangguang")


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that `code` belongs to around `now`; None if to none of them.

    Whether the step was used before is the database's to say.
    """
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(present - WINDOW, present + WINDOW + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).at(step * STEP_SECONDS), code):
            found = step
    return found
