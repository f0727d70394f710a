"""The notice as it was approved, and the access policy of each lot."""

from __future__ import annotations

from dataclasses import dataclass, field

from bidding import policy
from kernel.canonical import sha256

from .entries import Entries
from .folder import Evidence, Unreadable


@dataclass
class LotTerms:
    """What the notice fixes of a lot."""

    lot: str
    number: int
    suite: str
    deadline: str
    policy_hash: str
    deadlines: list[str] = field(default_factory=list)
    """The deadline, and those that were in force before it was restored."""
    tree: object = None
    """The policy's tree, where it is published."""
    terms: dict = field(default_factory=dict)


def check(evidence: Evidence, entries: Entries) -> dict[str, LotTerms]:
    """Compare every notice with its approval; return the terms of each lot by its id."""
    findings, terms = evidence.findings, {}
    names = evidence.within("notices", ".json")
    approved = {one.facts.get("content_hash"): one for one in entries.of("notice.approved")}
    for name in names:
        try:
            content, digest = evidence.canonical(name), sha256(evidence.read(name)).hex()
            entry = approved.pop(digest, None)
            if not findings.require(entry is not None, name,
                                    "is not the content of any approved notice in the record"):
                continue
            for lot in content["lots"]:
                said = next(one for one in entry.facts["lots"] if one["lot"] == lot["id"])
                terms[lot["id"]] = LotTerms(lot["id"], lot["number"], said["suite"],
                                            said["deadline"], said["policy_hash"],
                                            [said["deadline"]], terms=lot)
                findings.require(lot["deadline"] == said["deadline"], name,
                                 f"{entry} has another deadline for lot {lot['number']}")
                findings.require(lot["suite"] == said["suite"], name,
                                 f"{entry} has another suite for lot {lot['number']}")
        except Unreadable as error:
            findings.wrong(*error.args)
        except (KeyError, TypeError, StopIteration):
            findings.wrong(name, "is not a notice")
    for entry in approved.values():
        findings.wrong(f"notices/notice-{len(names) + 1}.json",
                       f"is missing: {entry} approved a notice that is not here")
    _policies(evidence, terms)
    if names:
        findings.did(f"{len(names)} 份公告与批准时的哈希一致",
                     f"{len(names)} notice(s), each the content whose hash was approved")
    return terms


def _policies(evidence: Evidence, terms: dict[str, LotTerms]) -> None:
    findings = evidence.findings
    by_name = {f"policies/lot{one.number}.json": one for one in terms.values()}
    count = 0
    for name in evidence.within("policies", ".json"):
        try:
            tree = evidence.canonical(name)
        except Unreadable as error:
            findings.wrong(*error.args)
            continue
        lot = by_name.get(name)
        if findings.require(lot is not None and policy.policy_hash(tree) == lot.policy_hash, name,
                            "is not the policy whose hash the approved notice names"):
            lot.tree = tree
            count += 1
    if count:
        findings.did(f"{count} 个标段的开启规则与公告哈希一致",
                     f"{count} access polic(ies), each of the hash in the notice")
