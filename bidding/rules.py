"""The law of the sealed bid: what is taken, what is refused, and why. Values in, refusals out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.canonical import NotCanonical, sha256, time_text, unb64
from tender.profile import Profile, number

from . import age, blocks, policy, ustar
from .declaration import (
    BadDeclaration,
    Declaration,
    Key,
    Part,
    Share,
    parse,
    parse_withdrawal,
    verify,
)
from .manifest import PARTS
from .recipients import kind_of
from .refusals import (
    CHECKSUM,
    LATE,
    MALFORMED_DECLARATION,
    NOT_SEALED,
    OTHER_SUBJECT,
    TOO_LARGE,
    WRONG_BLOCK,
    WRONG_POLICY,
    WRONG_SHARES,
    WRONG_SIGNATURE,
    WRONG_SUITE,
)
from .sealing import WRAP_LIMIT
from .suites import of_recipient

FORM_LIMIT = 64 << 10
PART_LIMIT = 8 << 30
BID_LIMIT = 16 << 30
DECLARATIONS_LIMIT = 50
"""Declarations of one company in one lot (assurance Q49)."""
COMPANY_LIMIT = 48 << 30
"""Bytes of all that one company has declared in one lot. There is no limit over all companies:
who meets it would learn how much the others have sent."""


WASTE_LIMIT = 64 << 20
"""Bytes that may be sent for a version and come to nothing, beyond the size it declares: once the
whole bid over again. They lie on the disk until they are collected, and no quota counts them."""


def limits() -> dict[str, int]:
    """What the notice says beforehand: bytes of a part, a bid, a company's bids in a lot."""
    return {"form_bytes": FORM_LIMIT, "part_bytes": PART_LIMIT, "bid_bytes": BID_LIMIT,
            "company_bytes": COMPANY_LIMIT, "declarations": DECLARATIONS_LIMIT,
            "block_bytes": blocks.BLOCK}


@dataclass(frozen=True)
class Expected:
    """What a declaration in this lot by this company must repeat."""

    log_origin: str
    suite: str
    policy: object
    policy_hash: str
    tender: str
    lot: str
    tenderer: str


def parts_of(two_envelopes: bool, stage: int) -> tuple[str, ...]:
    """The parts that a stage of the opening opens. form.json holds the price, so in a lot of two
    envelopes it stays shut with the price until the second."""
    if not two_envelopes:
        return PARTS if stage == 1 else ()
    return ("technical",) if stage == 1 else ("form", "price")


def withdrawn_count(profile: Profile) -> bool:
    """Whether a bid deemed withdrawn at the opening still counts to the least number of
    tenderers (example OP-1): the profile's to say, no where it says nothing."""
    return bool(profile["numbers"].get("OP31.withdrawn_count", {"value": 0})["value"])


HEARING_MINUTES = 30


def hearing(profile: Profile) -> timedelta:
    """How long a tenderer whose bid could not be opened may speak before a decision (办法 31)."""
    named = profile["numbers"].get("OP31.hearing_minutes", {"value": HEARING_MINUTES})
    return timedelta(minutes=named["value"])


DECISION_HOURS = 24


def decision(profile: Profile) -> timedelta:
    """How long after the hearing the buyer may take to decide a fault; then the others are
    opened without a decision (办法 31: their opening goes on)."""
    named = profile["numbers"].get("OP31.decision_hours", {"value": DECISION_HOURS})
    return timedelta(hours=named["value"])


RESTORE_HOURS = 24


def restore_within(profile: Profile) -> timedelta:
    """How long after a close that came late two people may still restore the deadline before the
    lot fails for want of bids (assurance Q46)."""
    named = profile["numbers"].get("Q46.restore_hours", {"value": RESTORE_HOURS})
    return timedelta(hours=named["value"])


def least_tenderers(profile: Profile) -> int:
    """With fewer tenderers nothing is opened (招标投标法 28; 实施条例 44)."""
    return number(profile, "L28.tenderers")


def in_time(received_at: datetime, deadline: datetime) -> None:
    """Refuse what is not fully received before the deadline; equal is late (招标投标法 28)."""
    if received_at >= deadline:
        raise LATE(received_at=time_text(received_at), deadline=time_text(deadline))


def read_declaration(text: str, key: Key, signature: str, expected: Expected,
                     kind: str = "bid") -> Declaration:
    """A declaration that is well formed, about this lot and company, and signed by `key`.

    Whether the key is this company's is the caller's to know. Raises the words of 办法 26.
    """
    try:
        declared = parse(text, kind)
    except BadDeclaration as error:
        raise MALFORMED_DECLARATION(field=error.field, problem=error.problem) from error
    _same_subject(declared.value, expected)
    named = {declared.suite, *(of_recipient(part.recipient).name for part in declared.parts)}
    if named != {expected.suite}:
        raise WRONG_SUITE(required=expected.suite)
    if declared.policy_hash != expected.policy_hash:
        raise WRONG_POLICY()
    if not verify(declared.value, key, signature):
        raise WRONG_SIGNATURE()
    _sizes(declared)
    return declared


def read_withdrawal(text: str, key: Key, signature: str, expected: Expected) -> dict:
    """A withdrawal that is well formed, about this lot and company, and signed by `key`."""
    try:
        value = parse_withdrawal(text)
    except BadDeclaration as error:
        raise MALFORMED_DECLARATION(field=error.field, problem=error.problem) from error
    _same_subject(value, expected)
    if not verify(value, key, signature):
        raise WRONG_SIGNATURE()
    return value


def _same_subject(value: dict, expected: Expected) -> None:
    for field in ("log_origin", "tender", "lot", "tenderer"):
        if value[field] != getattr(expected, field):
            raise OTHER_SUBJECT(field=field)


def _sizes(declared: Declaration) -> None:
    for part in declared.parts:
        limit = FORM_LIMIT if part.part == "form" else PART_LIMIT
        if part.size > limit:
            raise TOO_LARGE(part=part.part, limit=limit)
    if sum(part.size for part in declared.parts) > BID_LIMIT:
        raise TOO_LARGE(part="*", limit=BID_LIMIT)


def read_wraps(declared: Declaration, tree: object,
               sent: list[Mapping[str, str]]) -> dict[tuple[str, str], bytes]:
    """The wraps beside a declaration by (part, path): every holder's, each with its declared hash.

    What is inside a wrap only its holder can see; that it is an age file is seen here.
    """
    wraps: dict[tuple[str, str], bytes] = {}
    for one in sent:
        try:
            wraps[one["part"], one["path"]] = unb64(one["wrap"])
        except (NotCanonical, KeyError, TypeError) as error:
            raise WRONG_SHARES(part=str(one.get("part")), problem="a wrap is not base64") from error
    holders, every = set(policy.holders(tree)), set(policy.leaves(tree))
    for part in declared.parts:
        if {share.path for share in part.shares} != every:
            raise WRONG_SHARES(part=part.part, problem="other paths than the policy has")
        for share in part.shares:
            _wrap(part, share, share.path in holders, wraps.get((part.part, share.path)))
    if len(wraps) != len(declared.parts) * len(holders) or len(sent) != len(wraps):
        raise WRONG_SHARES(part="*", problem="more wraps than the policy has holders")
    return wraps


def _wrap(declared: Part, share: Share, wrapped: bool, wrap: bytes | None) -> None:
    part = declared.part
    if not wrapped:
        if share.wrap_hash is not None or wrap is not None:
            raise WRONG_SHARES(part=part, problem="the tenderer's own share is never sent")
        return
    if wrap is None or share.wrap_hash is None:
        raise WRONG_SHARES(part=part, problem=f"the wrap of path {share.path} is missing")
    if len(wrap) > WRAP_LIMIT or sha256(wrap).hex() != share.wrap_hash:
        raise WRONG_SHARES(part=part, problem=f"the wrap of path {share.path} is another")
    try:
        header = age.parse_header(wrap)
    except age.NotAge as error:
        raise WRONG_SHARES(part=part, problem=f"the wrap of path {share.path} is not "
                                              "sealed") from error
    if [stanza.args[0] for stanza in header.stanzas] != [kind_of(declared.recipient).STANZA]:
        raise WRONG_SHARES(part=part, problem=f"the wrap of path {share.path} is of another "
                                              "suite")


def check_block(data: bytes | memoryview, number: int, size: int,
                sha256_hex: str | None = None) -> None:
    """Refuse what cannot be block `number` of an age file of `size` bytes.

    `sha256_hex` is what the sender says it sent.
    """
    expected = blocks.length_of(number, size)
    if not 0 < expected == len(data):
        raise WRONG_BLOCK(block=number, problem=f"{len(data)} bytes instead of {expected}")
    if sha256_hex is not None and sha256(data).hex() != sha256_hex:
        raise CHECKSUM()


def check_sealed(data: bytes | memoryview, size: int, recipient: str) -> None:
    """Refuse the beginning of a part that does not start with a whole header of at most 4 KiB
    for one recipient of the kind of `recipient`.

    What is not sealed never touches a disk (电子招标投标办法 26).
    """
    try:
        header = age.parse_header(bytes(data[:age.HEADER_LIMIT]))
    except age.Incomplete as error:
        raise NOT_SEALED(problem="no complete header in the first 4 KiB") from error
    except age.NotAge as error:
        raise NOT_SEALED(problem=str(error)) from error
    kind = kind_of(recipient).STANZA
    if [stanza.args[0] for stanza in header.stanzas] != [kind]:
        raise NOT_SEALED(problem=f"sealed for other recipients than one {kind} key")
    try:
        plain = age.plain_size(header.length, size)
    except age.Damaged as error:
        raise NOT_SEALED(problem=str(error)) from error
    if ustar.padme(plain) != plain:
        raise NOT_SEALED(problem="its size is not padded and would tell what is in it")


def check_recipient(seed: bytes | None, recipient: str) -> bool:
    """Whether a rebuilt seed is the key of the declared recipient."""
    return len(seed or b"") == 32 and kind_of(recipient)(seed).recipient == recipient
