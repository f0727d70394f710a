"""Promises: the platform's signed word in the very answer (sealed-bid A3.5).

A promise is a C2SP signed note whose text is one canonical JSON line: `bid-receipt` for a bid
that is received, `bid-withdrawal-receipt`, `bid-deemed-withdrawn`, and `bid-refusal` for what
was refused, with the reason, the article and the times.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from audit import note
from kernel.canonical import NotCanonical, jcs, parse_canonical, time_text

INCLUDE_WITHIN = timedelta(hours=6)
TICK = timedelta(seconds=60)
TYPES = ("bid-receipt", "bid-withdrawal-receipt", "bid-deemed-withdrawn", "bid-refusal",
         "bid-trial")


class BadPromise(ValueError):
    """The text is not a promise of this platform; the message says why."""


def include_by(received_at: datetime, deadline: datetime) -> datetime:
    """When the record must hold it: the same rule for everybody, never from the queue."""
    return min(received_at + INCLUDE_WITHIN, deadline + TICK)


def receipt(declared: dict, declaration_hash: str, received_at: datetime,
            deadline: datetime, kind: str = "bid-receipt") -> dict:
    """What the promise for a received bid (or withdrawal) says; no serial number is in it."""
    return {"v": 1, "type": kind, "suite": declared["suite"], "tender": declared["tender"],
            "lot": declared["lot"], "bid": declared["bid"], "declaration": declaration_hash,
            "received_at": time_text(received_at),
            "include_by": time_text(include_by(received_at, deadline)),
            "log_origin": declared["log_origin"]}


def refusal(log_origin: str, facts: dict, refused_at: datetime, kept: bool) -> dict:
    """What the promise of refusal says: code, article, ids and the times that mattered.

    `include_by`: when a digest in the record must hold it. Beyond a number the platform gives
    promises but keeps none (`kept`): those say null and prove themselves alone.
    """
    until = time_text(refused_at + INCLUDE_WITHIN) if kept else None
    return {"v": 1, "type": "bid-refusal", "log_origin": log_origin,
            "refused_at": time_text(refused_at), "include_by": until, **facts}


def sign(value: dict, signer: note.Signer) -> str:
    """The signed note of one canonical line."""
    return signer.sign(jcs(value).decode() + "\n")


def read(text: str, verifier: note.Verifier) -> dict:
    """Check a promise and return what it says; raises BadPromise."""
    try:
        signed = note.verify(text, [verifier])
        value = parse_canonical(signed.text.removesuffix("\n").encode())
    except (note.BadNote, NotCanonical) as error:
        raise BadPromise(str(error)) from error
    if not isinstance(value, dict) or value.get("type") not in TYPES:
        raise BadPromise("signed, but not a promise")
    return value
