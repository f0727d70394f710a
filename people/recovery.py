"""Recovery codes: what stands in for a second factor that is lost, each of them once.

A code has 80 random bits, so that its keyed digest is all that is kept and guessing it is hopeless;
it is in base32, in groups of four, and read however it was copied.
"""

from __future__ import annotations

import base64
import secrets

from .digests import keyed

CODES = 10
"""How many are made at once."""

_MISTAKEN = str.maketrans({"0": "O", "1": "L", "8": "B"})
"""Signs that base32 lacks, as the letters they are taken for."""


def new_codes() -> list[str]:
    """Ten fresh codes as they are shown: `k3vd-7q2x-…`, 80 random bits each."""
    return ["-".join(text[at:at + 4] for at in range(0, 16, 4)) for text in (
        base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(CODES))]


def digest(account_id: str, code: str) -> str:
    """What is kept of a code: a digest keyed by the installation's secret, bound to the account."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum()).translate(_MISTAKEN)
    return keyed("recovery", account_id.encode(), plain.encode("utf-8", "replace"))
