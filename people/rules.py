"""The rules about persons and roles: values in, an answer or a refusal out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from kernel.canonical import b64, jcs

from .refusals import (
    ACCOUNT_EXPIRY,
    ID_NUMBER,
    LOGIN_FORM,
    ROLE_PARTY,
    ROLES_CONFLICT,
    SAME_PERSON,
)

ADMIN_ROLES = frozenset({"sys_admin", "sec_admin", "audit_admin"})
STRONG_ROLES = ADMIN_ROLES | {"opener", "expert", "awarder", "supervisor"}
"""Roles that count only where two factors were given (Q02); no machine has one of them."""

FIRST = {"sys_admin": 1, "sec_admin": 2, "audit_admin": 1}
"""How many of each the operator appoints when an installation begins (等保 三员)."""

SHORT_LIVED = timedelta(days=7)
ACTIVATION_LIVES = timedelta(days=3)
TOKEN_LIVES = timedelta(days=366)
FRESH = timedelta(minutes=5)
"""How long a second factor counts as fresh (Q13)."""
DEVICE_LIVES = timedelta(days=180)
"""How long a device on which somebody signed in is known (Q03)."""
PENDING_LIVES = timedelta(minutes=30)
"""How long a new factor waits to be confirmed."""

PARTY_FOR_ROLE = {
    "buyer": {"buyer", "agency"}, "supervisor": {"supervisor"}, "guarantor": {"guarantor"},
    "opener": {"buyer", "agency", "supervisor", "other"}, "awarder": {"buyer", "agency", "other"},
    "expert": {"other", "agency", "buyer"},
    "sys_admin": {"other", "agency", "buyer", "supervisor"},
    "sec_admin": {"other", "agency", "buyer", "supervisor"},
    "audit_admin": {"other", "agency", "buyer", "supervisor"},
}
"""The kinds of party whose people may hold a role; a tenderer's people hold none."""

_SMALL_ORDER = frozenset(bytes.fromhex(point) for point in (
    "00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
"""The points whose order divides 8, and the spellings of them that decoders also take."""

_LOGIN = re.compile(r"\A[a-z0-9][a-z0-9._@-]{2,63}\Z")
_CARD = re.compile(r"\A[0-9]{17}[0-9X]\Z")
_OTHER_PAPER = re.compile(r"\A[A-Z0-9]{6,32}\Z")
_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(text: str) -> str:
    """An identity number in upper case; an 18-digit one must check (GB 11643-1999).

    Passports and other papers: 6 to 32 letters and digits. Raises `person.id-number`.
    """
    number = text.strip().upper()
    if not number.isascii():
        raise ID_NUMBER()
    if _CARD.match(number):
        if card_check(number[:17]) != number[17]:
            raise ID_NUMBER()
        return number
    if not _OTHER_PAPER.match(number) or (number.isdigit() and len(number) in (15, 17, 18)):
        raise ID_NUMBER()
    return number


def card_check(first: str) -> str:
    """The 18th character of an identity card for its first 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_CARD_WEIGHTS, first, strict=True))
    return "10X98765432"[total % 11]


def login(text: str) -> str:
    """A login in lower case; raises `account.login-form`."""
    lower = text.strip().lower()
    if not _LOGIN.match(lower):
        raise LOGIN_FORM()
    return lower


def roles_fit(wanted: str, held: set[str]) -> None:
    """Q19: nobody holds two administrators' roles, or one beside a role of business.

    `held` are the roles of all accounts of the person, `tenderer` among them where an
    account is a tenderer's. A tenderer's person holds no other role.
    """
    for other in sorted(held - {wanted}):
        if wanted in ADMIN_ROLES or other in ADMIN_ROLES or "tenderer" in (wanted, other):
            raise ROLES_CONFLICT(wanted=wanted, held=other)


def grant_fits(role: str, party_kind: str, *, region: str, specialty: str,
               employer_uscc: str) -> None:
    """A role's party and attributes: a supervisor has a region, an expert specialty and employer."""
    if party_kind not in PARTY_FOR_ROLE[role]:
        raise ROLE_PARTY(problem=f"{role} / {party_kind}")
    if role == "supervisor" and not re.fullmatch(r"[0-9]{2,12}", region):
        raise ROLE_PARTY(problem="region")
    if role == "expert" and not (specialty and employer_uscc):
        raise ROLE_PARTY(problem="specialty, employer_uscc")
    if role != "expert" and (specialty or employer_uscc):
        raise ROLE_PARTY(problem="specialty, employer_uscc")


def sound_signing_key(public_key: bytes) -> bool:
    """Whether an Ed25519 public key is no point of small order.

    Under such a point one signature fits many messages (RFC 8032 §5.1.7 leaves it to us), so
    it would prove nothing about anybody.
    """
    return public_key[:31] + bytes([public_key[31] & 0x7F]) not in _SMALL_ORDER


def different_persons(proposer: str | None, approver: str, receiver: str) -> None:
    """Q21: proposer, approver and receiver are three persons, whatever accounts they use."""
    if approver in (proposer, receiver) or proposer == receiver:
        raise SAME_PERSON()


def expiry_fits(purpose: str, expires_at: datetime | None, now: datetime) -> None:
    """Q06: a test's or supplier's account ends within seven days; none ends in the past."""
    if expires_at is not None and expires_at <= now:
        raise ACCOUNT_EXPIRY()
    if purpose != "normal" and (expires_at is None or expires_at > now + SHORT_LIVED):
        raise ACCOUNT_EXPIRY()


def key_statement(origin: str, account_id: str, public_key: bytes) -> bytes:
    """What the holder of a new key signs with it, so that nobody binds another's key.

    `yangguang/v1/signing-key` LF log origin LF JCS of {account, public_key} (sealed-bid.md A3).
    """
    said = jcs({"account": account_id, "public_key": b64(public_key)})
    return b"yangguang/v1/signing-key\n" + origin.encode() + b"\n" + said
