"""Consortia (实施条例 37; 招标投标法 31): what the form of a joint bid says, and what follows. Pure.

Before the opening nobody may know that units bid together, so it stands in the sealed form, version
2: `consortium {agreement, members:[{uscc, duty, key, signature}]}`. The lead is the bid's tenderer
and the first member. Every member signs one statement with its own bound key, so that nobody can be
named without its will, and a false name cannot spoil another's bid. At the opening a unit that
stands in two bids of a lot, alone or in consortia, makes all of them invalid.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from kernel.refusal import Refused
from people import uscc as codes

from . import declaration

MOST = 10
_HASH = re.compile(r"\A[0-9a-f]{64}\Z")
_MEMBER = {"uscc", "duty", "key", "signature"}


class BadConsortium(ValueError):
    """What a form says of a consortium is malformed; the message says how."""


def check(value: object) -> dict:
    """A form's `consortium`, once it is well formed; whose signatures these are is not judged."""
    if not isinstance(value, dict) or set(value) != {"agreement", "members"}:
        raise BadConsortium("not {agreement, members}")
    members = value["members"]
    if not isinstance(value["agreement"], str) or not _HASH.match(value["agreement"]):
        raise BadConsortium("the agreement is named by its SHA-256")
    if not isinstance(members, list) or not 2 <= len(members) <= MOST:
        raise BadConsortium(f"2 to {MOST} members")
    for one in members:
        if not isinstance(one, dict) or set(one) != _MEMBER \
                or not all(isinstance(text, str) and 0 < len(text) <= 200 for text in one.values()):
            raise BadConsortium("a malformed member")
        try:
            if codes.checked(one["uscc"]) != one["uscc"]:
                raise BadConsortium("a credit code in another spelling")
        except Refused as refused:
            raise BadConsortium("a member without a credit code") from refused
    if len({one["uscc"] for one in members}) != len(members):
        raise BadConsortium("a member is named twice")
    return value


def statement(log_origin: str, tender: str, lot: str, agreement: str,
              members: Iterable[Mapping[str, str]]) -> dict:
    """What every member signs: together, in this lot, under this agreement, who does what."""
    return {"v": 1, "type": "consortium", "log_origin": log_origin, "tender": tender, "lot": lot,
            "agreement": agreement,
            "members": [{"uscc": one["uscc"], "duty": one["duty"]} for one in members]}


def signed(said: dict, own: str, seed: bytes) -> dict:
    """`said` (agreement and members, in a statement) as one member's entry with its signature."""
    entry = next(one for one in said["members"] if one["uscc"] == own)
    key, signature = declaration.sign(said, seed)
    return {**entry, "key": key, "signature": signature}


@dataclass(frozen=True)
class Joined:
    """One opened bid: who filed it, and what its form says of a consortium."""

    bid: str
    tenderer: str
    consortium: Mapping[str, object] | None


def judge(bids: Collection[Joined], *, allowed: bool, most: int, log_origin: str, tender: str,
          lot: str, keys: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Which bids are invalid for their consortium, and why, by bid.

    `keys`: the keys each unit (by credit code) had bound at the deadline. Only a bid whose members
    have all signed can make another invalid.
    """
    found = {one.bid: reason for one in bids if one.consortium is not None and (
        reason := _own(one, allowed, most, statement(
            log_origin, tender, lot, one.consortium["agreement"], one.consortium["members"]), keys))}
    places: dict[str, list[str]] = {}
    for one in bids:
        if one.bid not in found:
            units = {member["uscc"] for member in (one.consortium or {"members": ()})["members"]}
            for unit in units | {one.tenderer}:
                places.setdefault(unit, []).append(one.bid)
    return found | {bid: "consortium_double" for own in places.values() if len(own) > 1
                    for bid in own}


def _own(one: Joined, allowed: bool, most: int, said: dict,
         keys: Mapping[str, Collection[str]]) -> str | None:
    members = one.consortium["members"]
    if not allowed:
        return "consortium_not_allowed"
    if len(members) > most:
        return "consortium_too_many"
    if members[0]["uscc"] != one.tenderer:
        return "consortium_lead"
    for member in members:
        if member["key"] not in keys.get(member["uscc"], ()) \
                or not declaration.verify(said, member["key"], member["signature"]):
            return "consortium_unsigned"
    return None
