"""The suites a tender may be sealed in: named in its notice, never negotiated, never mixed.

Holders' keys, wrapped shares and the parts' own keys are all of the tender's suite
(sealed-bid A1). A later suite with other primitives is one more line here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from . import bech32
from .recipients import X25519, Hybrid, NotRecipient, kind_of

DEFAULT = "intl-pq-1"
"""The suite of a new tender that names none."""


class UnknownSuite(ValueError):
    """No suite of this name is known."""


@dataclass(frozen=True)
class Suite:
    """How keys of one suite are made, spelled and used. Seeds are 32 bytes."""

    name: str
    kind: type[X25519 | Hybrid]

    @staticmethod
    def generate() -> bytes:
        """A fresh seed."""
        return os.urandom(32)

    def identity(self, seed: bytes) -> X25519 | Hybrid:
        """Who can open with `seed`."""
        return self.kind(seed)

    def recipient_of(self, seed: bytes) -> str:
        """The public recipient of a seed."""
        return self.kind(seed).recipient

    def check_recipient(self, text: object) -> None:
        """Raise NotRecipient unless `text` is the canonical spelling of one of this suite."""
        self.kind.public_of(text)

    def identity_text(self, seed: bytes) -> str:
        """The identity as `age -i` reads it: `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`."""
        return bech32.encode(self.kind.SECRET_PREFIX, seed).upper()

    def seed_of(self, text: str) -> bytes:
        """The seed that an identity's text spells; raises NotRecipient."""
        try:
            seed = bech32.decode(self.kind.SECRET_PREFIX, text)
        except bech32.NotBech32 as error:
            raise NotRecipient(str(error)) from error
        if len(seed) != 32:
            raise NotRecipient("wrong length")
        return seed


SUITES = {suite.name: suite for suite in (
    Suite("intl-pq-1", Hybrid),
    Suite("intl-x25519-1", X25519),
)}
"""Every suite there is."""


def get(name: str) -> Suite:
    """The suite called `name`; raises UnknownSuite."""
    try:
        return SUITES[name]
    except (KeyError, TypeError):
        raise UnknownSuite(f"there is no suite {name!r}") from None


def of_identity(text: str) -> Suite:
    """The suite whose identities are spelled like `text`; raises NotRecipient."""
    for suite in SUITES.values():
        if text.upper().startswith(suite.kind.SECRET_PREFIX.upper() + "1"):
            return suite
    raise NotRecipient("not an identity of a known suite")


def of_recipient(text: object) -> Suite:
    """The suite whose recipients are spelled like `text`; that it is sound is not looked at."""
    kind = kind_of(text) if isinstance(text, str) else X25519
    return next(suite for suite in SUITES.values() if suite.kind is kind)
