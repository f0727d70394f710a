"""A lot by invitation: the list is the one whose hash the approved notice names, and every bid
came from it (招标投标法 17)."""

from __future__ import annotations

from tender import invitation, longlist

from . import drawn
from .entries import Entries
from .findings import Findings
from .folder import Evidence, Keys, Unreadable
from .notices import LotTerms
from .parts import Opening


def check(evidence: Evidence, terms: dict[str, LotTerms], openings: list[Opening],
          entries: Entries, keys: Keys) -> None:
    """Check the list of every lot by invitation that was opened; of others it stays shut."""
    first = {one.lot: one for one in openings if one.stage == 1}
    expected = {f"invitations/lot{lot.number}.json": lot for lot in terms.values()
                if lot.terms.get("method") == "invite" and lot.lot in first}
    draws = {name.removesuffix(".json") + drawn.SUFFIX: name for name, lot in expected.items()
             if lot.terms.get("regime") in longlist.DRAWN}
    done = held = 0
    for name in evidence.within("invitations", ".json"):
        if name in draws:
            lot = expected[draws[name]]
            held += drawn.check(evidence, name, lot, _codes(evidence, draws[name]), entries,
                                keys)
        elif evidence.findings.require(name in expected, name,
                                       "is of no lot by invitation that was opened"):
            done += _list(evidence, name, expected[name], first[expected[name].lot])
    if held:
        evidence.findings.did(
            f"{held} 个政府采购邀请招标标段：受邀供应商由备选名单抽取，重演结果一致",
            f"{held} lot(s) of government procurement: those invited drawn again from the longer "
            "list, with the same result")
    for name in sorted({*expected, *draws} - evidence.names):
        evidence.findings.wrong(name, "is missing: the lot was put out by invitation and opened")
    if done:
        evidence.findings.did(
            f"{done} 个邀请招标标段：名单与公告摘要一致，投标人均在名单之内",
            f"{done} lot(s) by invitation: the list is of the hash in the notice, and every bid "
            "came from it")


def _codes(evidence: Evidence, name: str) -> set[str]:
    try:
        return {one["uscc"] for one in evidence.canonical(name)["invitees"]}
    except (Unreadable, KeyError, TypeError):
        return set()


def _list(evidence: Evidence, name: str, lot: LotTerms, opening: Opening) -> bool:
    findings: Findings = evidence.findings
    try:
        said = evidence.canonical(name)
        invitees = [(one["uscc"], one["name"]) for one in said["invitees"]]
        same = invitation.commitment(lot.lot, said["salt"], invitees) == lot.invited
    except (Unreadable, KeyError, TypeError) as error:
        findings.wrong(name, f"is not a list of those invited ({error})")
        return False
    good = findings.require(same, name, "is not the list whose hash the approved notice names")
    codes = {uscc for uscc, _ in invitees}
    for row in opening.record["bids"]:
        good &= findings.require(row["tenderer"] in codes, opening.name,
                                 f"shows a bid of {row['tenderer']}, which was not invited")
    return good
