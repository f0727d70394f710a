"""What the persons of a buyer signed: by the record alone, whatever became of their keys later.

The entry that publishes a notice holds each signature whole. It must be its key's, over the
statement that names this content, submission and role; the key must have been named to everybody
as that person's by then and not ended; and where the frozen rule profile asks for a signature it
must be there.
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel.canonical import jcs, sha256
from tender import signing

from .entries import Entries, Entry
from .findings import Findings
from .folder import Evidence, Unreadable
from .notices import LotTerms


def check(evidence: Evidence, entries: Entries, terms: Mapping[str, LotTerms]) -> None:
    """Check every signature of the entries that publish, and that none is missing that must be."""
    origin = entries.head.origin
    asked = signing.asked(one.profile for one in terms.values() if one.profile)
    count = 0
    for kind in signing.PUBLISHING:
        for entry in entries.of(kind):
            given = entry.facts.get("signatures", [])
            needed = () if kind == "pre_notice.published" else asked
            try:
                count += _checked(evidence.findings, entries, entry, given, origin, needed)
                if given:
                    _same_content(evidence, entry)
            except (KeyError, TypeError, AttributeError, ValueError):
                evidence.findings.wrong("record", f"{entry} holds what is no signature")
    if count:
        evidence.findings.did(
            f"{count} 个本人签名有效：密钥在当时已公示，签的正是所发布的内容",
            f"{count} signature(s) of persons who submitted or approved: each of a key that stood "
            "then, over what was published")


def _checked(findings: Findings, entries: Entries, entry: Entry, given: list, origin: str,
             needed: tuple[str, ...]) -> int:
    """How many signatures of one entry are right."""
    roles = [one["role"] for one in given]
    for role in needed:
        findings.require(role in roles, "record",
                         f"{entry} lacks the signature of role {role} that its rules ask for")
    keys = [jcs(one["key"]) for one in given]
    findings.require(len(set(roles)) == len(roles) and len(set(keys)) == len(keys), "record",
                     f"{entry}: one role or one key signed twice")
    return sum(_one(findings, entries, entry, one, origin) for one in given)


def _one(findings: Findings, entries: Entries, entry: Entry, one: dict, origin: str) -> bool:
    right = one["kind"] == signing.PUBLISHING[entry.record["type"]] and one["role"] in signing.ROLES
    right = right and signing.good(one, origin, entry.record["tender"], entry.facts["content_hash"])
    return findings.require(right, "record", f"{entry}: the signature of role {one['role']} is not "
                            "its key's over what was published") \
        and (isinstance(one["key"], dict) or _stood(findings, entries, entry, one))


def _stood(findings: Findings, entries: Entries, entry: Entry, one: dict) -> bool:
    """Whether the key was that person's, by the record's times."""
    at = entry.record["at"]
    account = entry.record["actor"]["account"] if one["role"] == "approve" \
        else entry.facts.get("submitted_by")
    named = [key for key in entries.of("notice_key.named") if key.record["at"] <= at
             and (key.facts["public_key"], key.facts["unit"]) == (one["key"], one["unit"])
             and account in (None, key.record["actor"]["account"])]
    ended = [key for key in entries.of("notice_key.ended") if key.record["at"] < at
             and key.facts["public_key"] == one["key"]]
    return findings.require(bool(named) and not ended, "record",
                            f"{entry}: the key of role {one['role']} was not that person's then")


def _named(evidence: Evidence, kind: str) -> list[str]:
    return [name for name in evidence.within("published", ".json")
            if name.startswith(f"published/{kind}-")]


def _same_content(evidence: Evidence, entry: Entry) -> None:
    """What was signed of an amendment or advance notice is what was published: its sections."""
    kind = signing.PUBLISHING[entry.record["type"]]
    if kind not in ("amendment", "pre_notice"):
        return  # A tender notice's content lies in notices/, by the hash of its approval.
    head = {"v": 1, "type": kind.replace("_", "-"), "tender": entry.record["tender"]}
    heads = [head]
    try:
        if kind == "amendment":
            heads = [head | {"amendment": entry.facts["amendment"],
                             "base": sha256(evidence.read(name)).hex()}
                     for name in _named(evidence, "tender_notice")]
        said = [evidence.canonical(name)["sections"] for name in _named(evidence, kind)]
    except Unreadable:
        return  # Named where the published notices are checked.
    digests = {sha256(jcs(one | {"sections": sections})).hex() for one in heads for sections in said}
    evidence.findings.require(entry.facts["content_hash"] in digests, "record",
                              f"{entry}: what was signed is not what was published")
