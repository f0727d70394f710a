"""What the two persons of a notice sign with keys of their own. Pure.

A statement names the very content, its kind, which submission of it, and in which role the person
stands; so a signature is good for nothing else (docs/formats/notices.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from kernel.canonical import time_text
from people.signed import Key, fingerprint, verify

from .profile import Profile, has, number

TYPE = "notice-signature"
ROLES = ("submit", "approve")
ROLE_WORDS = {"submit": ("提交人", "who submitted"), "approve": ("批准人", "who approved")}
PUBLISHING = {"notice.approved": "tender_notice", "pre_notice.published": "pre_notice",
              "amendment.published": "amendment", "direct_award.approved": "direct_award"}
"""The acts that publish what two persons stood for, and the kind of notice each publishes."""
NUMBER = "notice.signatures"
"""The number of a rule profile: 0 optional, 1 who approves must sign, 2 both must. Absent is 0."""
SLACK = timedelta(minutes=15)
"""How far the time that a signer states may lie from the act's."""


def statement(log_origin: str, *, about: str, kind: str, number: int, content_hash: str,
              role: str, unit: str, at: str) -> dict[str, object]:
    """What a person signs: `about` is the tender or the direct award, `number` the submission
    (or draft) of its kind, `unit` the signer's unit by its code, `at` the time of signing."""
    return {"v": 1, "type": TYPE, "log_origin": log_origin, "about": about, "kind": kind,
            "number": number, "content_hash": content_hash, "role": role, "unit": unit, "at": at}


def asked(profiles: Iterable[Profile]) -> tuple[str, ...]:
    """The roles that must sign under these profiles."""
    most = max((number(one, NUMBER) for one in profiles if has(one, NUMBER)), default=0)
    return ("approve", "submit")[:most]


def in_time(at: datetime, now: datetime) -> bool:
    """Whether a stated time is that of the act, give or take 15 minutes."""
    return abs(at - now) <= SLACK


def fact(row: object) -> dict[str, object]:
    """A kept signature as the record and everybody read it."""
    return {"kind": row.kind, "number": row.number, "role": row.role, "unit": row.unit,
            "at": time_text(row.stated_at), "key": key_of(row), "signature": row.signature}


def key_of(row: object) -> Key:
    """Who signed, as `people.signed` takes it."""
    return {"certificate": row.key} if row.certified else row.key


def stated(fact: Mapping, log_origin: str, about: str, content_hash: str) -> dict[str, object]:
    """The statement that a fact's signature is over. Raises KeyError."""
    return statement(log_origin, about=about, content_hash=content_hash, **{
        name: fact[name] for name in ("kind", "number", "role", "unit", "at")})


def good(fact: Mapping, log_origin: str, about: str, content_hash: str) -> bool:
    """Whether a fact's signature is its key's over this content of this tender or award."""
    return verify(stated(fact, log_origin, about, content_hash), fact["key"], fact["signature"])


def shown(fact: Mapping, log_origin: str, about: str, content_hash: str) -> dict[str, object]:
    """A signature as everybody reads it: with the statement itself and the key's fingerprint."""
    key = fact["key"]
    certified = isinstance(key, Mapping)
    return {"role": fact["role"], "unit": fact["unit"], "at": fact["at"],
            "fingerprint": fingerprint(key), "key": None if certified else key,
            "certificate": key["certificate"] if certified else None,
            "signature": fact["signature"],
            "statement": stated(fact, log_origin, about, content_hash)}


def as_text(signatures: Iterable[Mapping]) -> str:
    """Signatures as paper says them: role, unit, time, fingerprint, signature, each on its lines."""
    return "\n".join(
        f"{' '.join(ROLE_WORDS[one['role']])} · {one['unit']} · {one['at']}\n"
        f"SHA-256 {one['fingerprint']}\n{one['signature']}" for one in signatures)
