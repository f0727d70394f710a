"""Signatures of webhooks as standardwebhooks.com has them. Pure.

    webhook-id: the entry's id, the same at each attempt
    webhook-timestamp: seconds since 1970 of this attempt
    webhook-signature: "v1," base64(HMAC-SHA256(secret, id "." timestamp "." body)), one for each
                       secret that counts, with a blank between them
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
TOLERANCE = 300
"""Seconds that a receiver's clock may differ from ours."""


class BadWebhook(ValueError):
    """What came is not signed as it should be; the message says what is wrong."""


def spelled(key: bytes) -> str:
    """A secret as it is handed over."""
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret spells; raises BadWebhook."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadWebhook("the secret is not base64") from error


def signed(secrets: Iterable[str], message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers of one attempt, signed with each of `secrets`."""
    marks = " ".join(_mark(secret, message_id, str(seconds), body) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds),
            "webhook-signature": marks}


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Raise BadWebhook unless `body` was signed with `secret`, not long before or after `now`."""
    found = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp, marks = (found[name] for name in (
            "webhook-id", "webhook-timestamp", "webhook-signature"))
        seconds = int(stamp)
    except (KeyError, ValueError) as error:
        raise BadWebhook("a header is missing or is no number") from error
    if abs(now - seconds) > TOLERANCE:
        raise BadWebhook("the time stamp is too far from now")
    mine = _mark(secret, message_id, stamp, body).encode()
    if not any(hmac.compare_digest(mine, mark.encode()) for mark in marks.split(" ")):
        raise BadWebhook("no signature of this secret stands over this body")


def _mark(secret: str, message_id: str, seconds: str, body: bytes) -> str:
    said = f"{message_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), said, hashlib.sha256)).decode()
