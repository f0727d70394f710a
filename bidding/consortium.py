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
    """What is wrong with a consortium, in both languages."""

    def __init__(self, en: str, zh: str):
        super().__init__(f"{en}. {zh}。")
        self.en, self.zh = en, zh


def check_members(value: object) -> dict:
    """A consortium's file with who joins it, signed or not; raises BadConsortium."""
    if not isinstance(value, dict) or set(value) != {"agreement", "members"} \
            or not isinstance(value["members"], list):
        raise BadConsortium("this is no consortium's file", "这不是联合体文件")
    members = value["members"]
    if not isinstance(value["agreement"], str) or not _HASH.match(value["agreement"]):
        raise BadConsortium("the agreement is named by its SHA-256", "共同投标协议应以其 SHA-256 标明")
    if not 2 <= len(members) <= MOST:
        raise BadConsortium(f"a consortium has 2 to {MOST} members", f"联合体应有 2 至 {MOST} 名成员")
    for one in members:
        if not isinstance(one, dict) or not {"uscc", "duty"} <= set(one) or not _line(one["duty"]):
            raise BadConsortium("each member has its part of the work", "每名成员应写明分工")
        if not _is_code(one["uscc"]):
            raise BadConsortium(f"{one['uscc']} is not a credit code",
                                f"{one['uscc']} 不是有效的统一社会信用代码")
    seen: set[str] = set()
    for one in members:
        if one["uscc"] in seen:
            raise BadConsortium(f"{one['uscc']} is named twice (实施条例 37)",
                                f"{one['uscc']} 被列了两次（实施条例 37）")
        seen.add(one["uscc"])
    return value


def check(value: object) -> dict:
    """A form's `consortium`, once it is well formed; whose signatures these are is not judged."""
    members = check_members(value)["members"]
    unsigned = [one["uscc"] for one in members if not one.get("signature")]
    if unsigned:
        raise BadConsortium(f"not signed yet: {', '.join(unsigned)}",
                            f"尚未签名：{'、'.join(unsigned)}")
    for one in members:
        if set(one) != _MEMBER or not _line(one["key"]) or not _line(one["signature"]):
            raise BadConsortium(f"a malformed member {one['uscc']}",
                                f"成员 {one['uscc']} 的内容不符合格式")
    return value


def _line(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= 200


def _is_code(code: object) -> bool:
    try:
        return isinstance(code, str) and codes.checked(code) == code
    except Refused:
        return False


def fits(value: object, *, tenderer: str, asked: Mapping[str, object] | None, log_origin: str,
         tender: str, lot: str) -> None:
    """Raise BadConsortium where the opening would reject a joint bid, as far as can be told
    before: whether a member's key is bound is not known here.

    `asked`: what the notice asks of tenderers; None where that is not known.
    """
    members = check(value)["members"]
    if members[0]["uscc"] != tenderer:
        raise BadConsortium("the first member leads and must be the tenderer",
                            "第一名成员为牵头人，应与投标人一致")
    if asked is not None and not asked["consortium"]:
        raise BadConsortium("the notice takes no consortia", "公告不接受联合体投标")
    if asked is not None and len(members) > asked["members_max"]:
        raise BadConsortium(f"the notice takes {asked['members_max']} members at most",
                            f"公告规定联合体成员不超过 {asked['members_max']} 名")
    unsigned = [one["uscc"] for one in standing(value, log_origin, tender, lot)
                if not one["signed"]]
    if unsigned:
        raise BadConsortium(f"not signed for this lot and these members: {', '.join(unsigned)}",
                            f"签名不是针对本标段和所列成员的：{'、'.join(unsigned)}")


def standing(value: dict, log_origin: str, tender: str, lot: str) -> list[dict]:
    """Who has signed exactly this for this lot: `{uscc, duty, signed}` of each member."""
    members = check_members(value)["members"]
    said = statement(log_origin, tender, lot, value["agreement"], members)
    return [{"uscc": one["uscc"], "duty": one["duty"], "signed": all(
        isinstance(one.get(name), str) for name in ("key", "signature")) and declaration.verify(
        said, one["key"], one["signature"])} for one in members]


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
