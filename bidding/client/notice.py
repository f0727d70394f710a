"""The notice a bid is sealed for: read once, pinned, kept as a file for work without a server.

What is believed is the log's key: given with `--log-vkey`, or the one that was met first
(kept in the profile folder; another one later is an alarm). Under it a tlog-proof shows that the
notice's exact content was approved, and the content names policy, suite and the other keys.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from audit import note, tlogproof
from kernel.canonical import jcs, sha256, unb64
from kernel.files import write_whole

from .. import policy
from ..sealing import Terms
from ..wire import Problem, call
from .places import make_folder


class Distrust(ValueError):
    """What the platform says is not what is pinned or proven; nothing was sealed or sent."""


_OTHER_KEYS = (
    "the platform shows other keys than before ({path}); do not seal. If this is a demonstration or "
    "a test that was begun anew at the same address, remove that file and repeat the command; "
    "otherwise tell the supervisor. 平台出示的密钥与以前不同，请勿加密。如果这是在同一地址重新开始的演示或测试，"
    "请删除上述文件后重试；否则请告知监督机构")


@dataclass(frozen=True)
class Notice:
    """A lot as the platform tells it, checked as far as a stranger can."""

    terms: Terms
    lot: dict
    approved: dict = field(default_factory=dict)
    """{content, content_hash, proof, leaf} of the approved notice, where it was to be had."""

    @property
    def platform(self) -> note.Verifier:
        """The key under which promises are given."""
        return note.Verifier.parse(self.lot["seal"]["platform_vkey"])

    @property
    def log(self) -> note.Verifier:
        """The key under which the record's checkpoints are signed."""
        return note.Verifier.parse(self.lot["seal"]["log_vkey"])

    def save(self, path: Path) -> None:
        """Keep it as a file from which one can seal without a server."""
        kept = {"v": 1, "lot": self.lot, "approved": self.approved}
        write_whole(Path(path), json.dumps(kept, ensure_ascii=False) + "\n")


def read_notice(wire, lot_id: str) -> Notice:
    """Read a published lot and pin what is sealed for. Raises ValueError when it contradicts
    itself or asks for a suite this program does not know."""
    lot = call(wire, "GET", f"/lots/{lot_id}")
    try:
        approved = call(wire, "GET", f"/tenders/{lot['tender_id']}/notice")
    except Problem:
        approved = {}
    return understood(lot, approved)


def load_notice(path: Path) -> Notice:
    """A notice that `save` kept, or a lot's JSON as the platform gives it; else ValueError."""
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        return understood(kept["lot"], kept.get("approved") or {}) if "lot" in kept \
            else understood(kept, {})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no lot's notice as `yangguang bid notice --lot ID --out FILE` "
                         f"keeps it, nor the lot's JSON ({error})") from error


def understood(lot: dict, approved: dict) -> Notice:
    """The notice of a lot's JSON; ValueError where it contradicts itself."""
    terms = Terms(lot["seal"]["log_origin"], lot["suite"], lot["tender_id"], lot["id"],
                  lot["policy"])
    terms.check()
    if policy.policy_hash(terms.policy) != lot["policy_hash"]:
        raise ValueError("the notice's policy does not have its hash")
    kept = {key: approved.get(key) for key in ("content", "content_hash", "proof", "leaf")}
    return Notice(terms, lot, kept if approved else {})


def trust(notice: Notice, profile: Path, log_vkey: str | None = None) -> str:
    """Pin the log's and the platform's key; say how: `given`, `known` or `first use`.

    Raises Distrust where another key is pinned for this record.
    """
    told = {"log": notice.lot["seal"]["log_vkey"],
            "platform": notice.lot["seal"]["platform_vkey"]}
    if note.Verifier.parse(told["log"]).name != notice.terms.log_origin:
        raise Distrust("the log's key is not that of the record the notice names")
    if log_vkey is not None and log_vkey.strip() != told["log"]:
        raise Distrust("the log's key is not the one that was given; do not seal")
    path = profile / "logs" / f"{sha256(notice.terms.log_origin.encode()).hex()[:32]}.json"
    if path.exists():
        if json.loads(path.read_text(encoding="utf-8")) != told:
            raise Distrust(_OTHER_KEYS.format(path=path))
        return "known"
    make_folder(path.parent)
    write_whole(path, json.dumps(told) + "\n")
    return "first use" if log_vkey is None else "given"


def prove(notice: Notice) -> str:
    """Check the approved notice against the record under the pinned log key: its entry's
    moment, or nothing where no proof was to be had. Raises Distrust where it is false."""
    kept = notice.approved
    if not kept.get("proof"):
        return ""
    try:
        proven = tlogproof.verify(kept["proof"], unb64(kept["leaf"]), notice.log).record
    except (tlogproof.BadProofFile, ValueError) as error:
        raise Distrust(f"the notice's proof is false: {error}") from error
    digest = sha256(jcs(kept["content"])).hex()
    facts = proven.get("facts", {})
    if proven.get("type") != "notice.approved" or facts.get("content_hash") != digest:
        raise Distrust("the record holds the approval of another notice")
    policies = kept["content"].get("more", {}).get("policies", {})
    if policies.get(notice.terms.lot) != notice.lot["policy_hash"]:
        raise Distrust("the approved notice has another policy for this lot")
    suites_ = {one["id"]: one["suite"] for one in kept["content"]["lots"]}
    if suites_.get(notice.terms.lot) != notice.terms.suite:
        raise Distrust("the approved notice has another suite for this lot")
    keys = kept["content"].get("more", {}).get("keys")
    seal = notice.lot["seal"]
    if keys and (keys["log"], keys["platform"]) != (seal["log_vkey"], seal["platform_vkey"]):
        raise Distrust("the approved notice names other keys than the platform shows")
    return str(proven["at"])
