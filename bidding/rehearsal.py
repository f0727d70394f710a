"""The rehearsal of a holder's key before publication (sealed-bid A2, assurance Q29).

The holder draws a nonce. The platform wraps a fresh share for it, with purpose "rehearsal" and
that nonce inside; the holder opens the wrap and sends the share back. Whoever answered for any
wrap it is shown would open bids for whoever asks: so a holder's program answers only for the
nonce it drew itself, for this lot, and never once the lot is published.
"""

from __future__ import annotations

import secrets

from kernel.canonical import NotCanonical, b64, jcs, parse_canonical, sha256, unb64

from . import age
from .recipients import Identity

NONCE_BYTES = 32
SHARE_BYTES = 33
"""As long as a share under a `k` node, so that nothing tells them apart but what they say."""


class NotMine(ValueError):
    """The wrap is not for the rehearsal that this holder began; it is never answered."""


def statement(log_origin: str, lot: str, recipient: str) -> dict[str, object]:
    """What a holder signs under a certificate of its unit, where an authority vouches for its key
    (signed bytes as everywhere: `declaration.signed_bytes`)."""
    return {"v": 1, "type": "holder-key", "log_origin": log_origin, "lot": lot,
            "recipient": recipient}


def wrap(recipient: str, log_origin: str, tender: str, lot: str, nonce: str) -> tuple[bytes, bytes]:
    """A fresh share and its wrap for `recipient`: (wrap, share)."""
    share = secrets.token_bytes(SHARE_BYTES)
    text = jcs({"v": 1, "purpose": "rehearsal", "log_origin": log_origin, "tender": tender,
                "lot": lot, "nonce": nonce, "share": b64(share),
                "recipient_hash": sha256(recipient.encode()).hex()})
    return age.seal(text, [recipient]), share


def answer(wrapped: bytes, identity: Identity, log_origin: str, lot: str,
           nonce: str) -> bytes:
    """The share that answers one's own rehearsal of a lot. Raises NotMine."""
    try:
        value = parse_canonical(age.unseal(wrapped, [identity]))
        share = unb64(value["share"], SHARE_BYTES)
        tender = value["tender"]
    except (age.NotAge, age.NoMatch, age.WrongMac, age.Damaged, NotCanonical, KeyError,
            TypeError) as error:
        raise NotMine(f"not a wrapped share of a rehearsal for this key: {error}") from error
    expected = {"v": 1, "purpose": "rehearsal", "log_origin": log_origin, "tender": tender,
                "lot": lot, "nonce": nonce, "share": b64(share),
                "recipient_hash": sha256(identity.recipient.encode()).hex()}
    if value != expected:
        odd = sorted(key for key in {*value, *expected} if value.get(key) != expected.get(key))
        raise NotMine(f"the wrap is for another {odd[0]}")
    return share
