"""How a bid stands, in one clear line; from what the platform says and what we can check.

The platform's word alone makes nothing "proven": that takes its signed promise, and then a
tlog-proof under the pinned log key that leads to this very declaration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit import note
from kernel.canonical import parse_time

from .. import receipt as judge

LINES = {
    "draft": ("草稿，未递交", "draft, NOT submitted"),
    "sending": ("未递交：已上传 {sent}，共 {size} 字节",
                "NOT submitted: {sent} of {size} bytes are there"),
    "submitted": ("已递交，持有回执；最迟 {include_by} 入链存证",
                  "submitted, receipt held; the record must hold it by {include_by}"),
    "proven": ("已递交，已在存证中核实", "submitted and proven in the record"),
    "overdue": ("逾期！承诺 {include_by} 前入链，至今无证明，请立即提出异议",
                "OVERDUE: promised for {include_by} and still unproven; object at once"),
    "replaced": ("已被后一版本替换", "replaced by a later version"),
    "withdrawn": ("已撤回", "withdrawn"),
    "late": ("逾期拒收；本版本未递交", "late and refused: this version is NOT submitted"),
    "returned": ("流标，未开启，退回", "the lot failed; returned unopened"),
    "opened": ("已开标", "opened"),
    "rejected": ("开启后否决", "rejected at the opening"),
    "unopened": ("未能开启", "could not be opened"),
    "doubtful": ("平台称已递交，但回执无效：{problem}",
                 "the platform says submitted, but the receipt is not good: {problem}"),
}
ENDS = {"REPLACED": "replaced", "WITHDRAWN": "withdrawn", "DEEMED_WITHDRAWN": "late",
        "RETURNED": "returned", "OPENED": "opened", "REJECTED": "rejected",
        "UNOPENED": "unopened", "ABANDONED": "replaced"}


@dataclass(frozen=True)
class Standing:
    """One state with its facts."""

    name: str
    facts: dict

    def line(self, language: str = "en") -> str:
        """The one line."""
        return LINES[self.name][0 if language == "zh" else 1].format(**self.facts)

    @property
    def alarm(self) -> bool:
        """Whether something is wrong that the tenderer must act upon."""
        return self.name in ("overdue", "doubtful", "late")


def standing(digest: str, now: datetime, platform: note.Verifier, log: note.Verifier, *,
             version: dict | None, receipts: dict | None, receipt: str = "") -> Standing:
    """How the version with this declaration hash stands at `now`.

    `version` is the platform's view of an unfinished bid, `receipts` its promises and proofs,
    `receipt` what we kept ourselves; each may be missing.
    """
    told = next((one for one in (receipts or {}).get("versions", ())
                 if one["declaration_hash"] == digest), None)
    reached = (told or version or {}).get("state")
    if reached in ENDS:
        return Standing(ENDS[reached], {})
    if reached == "DECLARED":
        late = any(one["code"] == "bid.late" for one in (receipts or {}).get("refusals", ()))
        parts = (version or {}).get("parts", ())
        return Standing("late" if late else "sending",
                        {"sent": sum(part["offset"] for part in parts),
                         "size": sum(part["size"] for part in parts)})
    receipt = (told or version or {}).get("receipt") or receipt
    if not receipt:
        return Standing("draft", {})
    proof, leaf = (told.get("proof"), told.get("leaf")) if told else (None, None)
    try:
        # Whose cosignatures stand beside the log's is nothing this line speaks of.
        found = judge.check(judge.make(receipt, proof or None, leaf if proof else None),
                            judge.Keys(log, platform), strangers=True)
        says = found.says
        if says["type"] != "bid-receipt" or says["declaration"] != digest:
            return Standing("doubtful", {"problem": "it is about something else"})
    except (judge.BadReceipt, judge.CannotCheck, KeyError) as error:
        return Standing("doubtful", {"problem": str(error)})
    if found.record is not None:
        return Standing("proven", {})
    overdue = now > parse_time(says["include_by"])
    return Standing("overdue" if overdue else "submitted", {"include_by": says["include_by"]})
