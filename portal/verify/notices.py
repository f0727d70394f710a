"""The notice as it was approved, and the access policy of each lot."""

from __future__ import annotations

from dataclasses import dataclass, field

from bidding import policy
from kernel.canonical import sha256

from .entries import Entries
from .findings import Findings
from .folder import INDEX, Evidence, Keys, Unreadable

MOVED = ("deadline.restored", "deadline.extended", "deadline.postponed", "tender.resumed")
"""The acts that put a later deadline in force."""


@dataclass
class LotTerms:
    """What the notice fixes of a lot."""

    lot: str
    number: int
    suite: str
    deadline: str
    """That of the notice."""
    policy_hash: str
    restored: list[tuple[str, str]] = field(default_factory=list)
    """(when it was moved, the later deadline), in order: extensions and restorations."""
    tree: object = None
    """The policy's tree, where it is published."""
    profile_hash: str | None = None
    """Of the rule profile frozen into the lot; older records do not say it."""
    profile: dict | None = None
    """The profile itself, where it is of that hash."""
    terms: dict = field(default_factory=dict)
    invited: str | None = None
    """The hash of the list of those invited, of a lot by invitation."""
    drawn: dict | None = None
    """What the notice says of the draws of those invited, in government procurement."""
    requirement: dict = field(default_factory=dict)
    """What is asked of tenderers, whether consortia may bid among it; empty where nothing."""
    content: dict = field(default_factory=dict)
    """The whole notice as it was approved."""
    stated: dict[str, object] = field(default_factory=dict)
    """What the last version of the published notice says of the lot: value by name of the row."""
    amended: bool = False
    """Whether there is more than one version of it."""

    def deadline_at(self, moment: str) -> str:
        """The deadline that was in force at a time; times as the record writes them."""
        held = self.deadline
        for since, deadline in self.restored:
            held = deadline if since <= moment else held
        return held

    def parts(self, stage: int) -> list[str]:
        """The parts that a stage of the opening opens, sorted."""
        if not self.terms.get("two_envelopes"):
            return ["form", "price", "technical"] if stage == 1 else []
        return ["technical"] if stage == 1 else ["form", "price"]


def check(evidence: Evidence, entries: Entries, keys: Keys, quorum: int) -> dict[str, LotTerms]:
    """Compare every notice with its approval and the keys here; the terms of each lot by its id."""
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
            _keys(findings, name, content["more"].get("keys"), keys, quorum)
            invited = {one["lot"]: one["commitment"]
                       for one in content["more"].get("invitations", ())}
            drawn = {one["lot"]: one for one in content["more"].get("invitation_draws", ())}
            asked = {one["lot"]: one for one in content["more"].get("requirements", ())}
            for lot in content["lots"]:
                said = next(one for one in entry.facts["lots"] if one["lot"] == lot["id"])
                terms[lot["id"]] = LotTerms(lot["id"], lot["number"], said["suite"],
                                            said["deadline"], said["policy_hash"],
                                            profile_hash=said.get("profile_hash"),
                                            terms=lot, invited=invited.get(lot["id"]),
                                            drawn=drawn.get(lot["id"]),
                                            requirement=asked.get(lot["id"], {}),
                                            content=content)
                _restored(findings, entries, terms[lot["id"]])
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
    _profiles(evidence, terms)
    if names:
        findings.did(f"{len(names)} 份公告与批准时的哈希一致",
                     f"{len(names)} notice(s), each the content whose hash was approved")
    return terms


def _keys(findings: Findings, name: str, said: dict | None, keys: Keys, quorum: int) -> None:
    """The keys that everything here is checked with are those the notice was published with."""
    if said is None:
        findings.could_not("公告未载明各公钥", f"{name} names no keys; those of the folder are believed")
        return
    findings.require(said["log"] == str(keys.log), "log.vkey", f"is not the log's key in {name}")
    findings.require(said["platform"] == str(keys.platform), "platform.vkey",
                     f"is not the platform's key in {name}")
    here = {str(one) for one in keys.witnesses}
    findings.require(set(said["witnesses"]) == here, "witness1.vkey",
                     f"the witnesses here are not those of {name}")
    findings.require(said["quorum"] == quorum, INDEX,
                     f"names a quorum of {quorum}, {name} one of {said['quorum']}")


def _restored(findings: Findings, entries: Entries, lot: LotTerms) -> None:
    """Each later deadline takes the place of the one in force: an extension before that passed,
    a restoration by two people after it, a move in the place of one that took no effect."""
    moves = [one for kind in MOVED for one in entries.of(kind, lot.lot) if "deadline" in one.facts]
    for entry in sorted(moves, key=lambda one: one.record["at"]):
        facts, before = entry.facts, lot.deadline_at(entry.record["at"])
        if entry.record["type"] == "deadline.extended":
            findings.require(entry.record["at"] < before, "record",
                             f"{entry} moved a deadline that had passed ({before})")
        if findings.require(facts["deadline_before"] == before < facts["deadline"]
                            and entry.record["at"] < facts["deadline"], "record",
                            f"{entry} puts {facts['deadline']} in the place of "
                            f"{facts['deadline_before']}; {before} was in force"):
            lot.restored.append((entry.record["at"], facts["deadline"]))


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


def _profiles(evidence: Evidence, terms: dict[str, LotTerms]) -> None:
    """The numbers a lot was run by are those frozen into it when its notice was approved."""
    findings = evidence.findings
    by_name = {f"profiles/lot{one.number}.json": one for one in terms.values()}
    for name in evidence.within("profiles", ".json"):
        try:
            body = evidence.canonical(name)
        except Unreadable as error:
            findings.wrong(*error.args)
            continue
        lot = by_name.get(name)
        if findings.require(
                lot is not None and isinstance(body, dict)
                and sha256(evidence.read(name)).hex() == lot.profile_hash, name,
                "is not the rule profile whose hash the approval names"):
            lot.profile = body
    for name, lot in by_name.items():
        findings.require(lot.profile_hash is None or name in evidence.names, name,
                         f"is missing: the approval froze a rule profile into lot {lot.number}")
    if any(lot.profile for lot in terms.values()):
        findings.did("各标段冻结的规则版本与批准时的哈希一致",
                     "the rule profile frozen into each lot, of the hash that was approved")
