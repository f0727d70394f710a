"""Each close as witnesses saw it: in time, by their own clocks, or else decided by two people.

`closings/lotN.checkpoint` is the first checkpoint with a quorum's cosignatures whose tree holds the
lot's last close. In time is a quorum no later than the deadline and one tick (sealed-bid A3.6). So
"closed, unwitnessed" is read from the evidence, and not from what the platform says of itself.
"""

from __future__ import annotations

from datetime import UTC, datetime

from audit import checkpoint, note
from audit.checkpoint import Head
from audit.cosignature import cosigned_by, quorum_time
from audit.note import BadNote
from bidding.promise import TICK
from kernel.canonical import parse_time

from .entries import Entries, Entry
from .folder import Evidence, Keys, Unreadable
from .notices import LotTerms


def heads(evidence: Evidence, keys: Keys) -> list[tuple[str, Head]]:
    """The heads of the checkpoints, which the record must continue."""
    found = []
    for name in evidence.within("closings", ".checkpoint"):
        try:
            found.append((name, checkpoint.read(evidence.read(name), keys.log,
                                                others=keys.witnesses, closed=True)))
        except BadNote as error:
            evidence.findings.wrong(name, str(error))
        except Unreadable as error:
            evidence.findings.wrong(*error.args)
    return found


def check(evidence: Evidence, entries: Entries, keys: Keys, quorum: int,
          terms: dict[str, LotTerms], seen: list[tuple[str, Head]]) -> None:
    """Each lot's last close was cosigned in time by a quorum, or nothing followed it without the
    decision of two people. Where there are no witnesses nothing is asked."""
    sizes, witnessed = dict(seen), 0
    if not keys.witnesses or quorum < 1:
        terms = {}
    for lot in terms.values():
        closes = entries.of("lot.closed", lot.lot)
        if not closes:
            continue
        name = f"closings/lot{lot.number}.checkpoint"
        at = _reached(evidence, keys, quorum, name, sizes.pop(name, None), closes[-1])
        if at is not None and at <= parse_time(closes[-1].facts["deadline"]) + TICK:
            witnessed += 1
        else:
            _unwitnessed(evidence, entries, lot, name, closes[-1])
    for name in sizes:
        evidence.findings.wrong(name, "is of no close in the record")
    if witnessed:
        evidence.findings.did(f"{witnessed} 个标段的截止由法定数目的见证人按时见证",
                              f"{witnessed} close(s) cosigned by a quorum of witnesses in time")


def _reached(evidence: Evidence, keys: Keys, quorum: int, name: str, head: Head | None,
             close: Entry) -> datetime | None:
    """When the quorum was there, by the witnesses' clocks; None where it was not."""
    if head is None or not evidence.findings.require(
            head.size > close.position, name, f"holds {head.size} entries, not {close}"):
        return None
    times = cosigned_by(note.parse(evidence.read(name)), list(keys.witnesses))
    reached = quorum_time(list(times.values()), quorum)
    return None if reached is None else datetime.fromtimestamp(reached, UTC)


def _unwitnessed(evidence: Evidence, entries: Entries, lot: LotTerms, name: str,
                 close: Entry) -> None:
    findings = evidence.findings
    decided = [one for one in entries.of("deadline.decided", lot.lot)
               if one.facts["decision"] == "closed" and one.position > close.position]
    followed = [one for kind in ("opening.authorised", "lot.failed")
                for one in entries.of(kind, lot.lot)
                if one.position > close.position
                and not (decided and decided[0].position < one.position)]
    if followed:
        findings.wrong(name, f"{followed[0]} followed {close}, of which no quorum of witnesses shows "
                             "that it was in time, and which no two people said stands")
        return
    said = f", {decided[0]} says that it stands" if decided else ""
    findings.could_not(f"第 {lot.number} 标段已截止，未经见证"
                       + ("，两方已决定维持" if decided else ""),
                       f"lot {lot.number} is closed, unwitnessed: no quorum shows that it was in "
                       f"time{said}")
