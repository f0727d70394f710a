"""Awards that were cancelled: each was recorded as made and as cancelled, in one chain, and nothing
follows a cancellation but what it says."""

from __future__ import annotations

from evaluation import rules

from .entries import Entries, Entry
from .findings import Findings


def chain(entries: Entries, lot: str) -> list[Entry]:
    """The awards of a lot, each followed by the one that its cancellation names. The places of
    entries in the record say nothing of their order within a tick."""
    made = {one.record["subject"]: one for one in entries.of("award.confirmed", lot)}
    after = {one.facts["award"]: one.facts["successor"]
             for one in entries.of("award.cancelled", lot)}
    found, at = [], next(iter(sorted(made.keys() - set(after.values()))), None)
    while at in made:
        found.append(made.pop(at))
        at = after.get(at)
    return found + list(made.values())


def before(entries: Entries, award: Entry) -> set[str]:
    """The bids whose awards in the lot were made, and so cancelled, before this one."""
    made = chain(entries, award.record["lot"])
    return {one.facts["bid"] for one in made[:made.index(award)]}


def pages(page: dict) -> list[dict]:
    """The result as it was upon each award, the cancelled ones first."""
    return [*(page | {"award": one["award"], "award_hash": one["award_hash"]}
              for one in page.get("cancelled", [])), *([page] if page["award"] else [])]


def check(findings: Findings, name: str, page: dict, entries: Entries) -> None:
    """The awards of a result against the record: all but the last are cancelled, each by an entry
    that names its successor; the last one stands, or the lot has failed with its cancellation."""
    lot, shown = page["lot_id"], page.get("cancelled", [])
    made = chain(entries, lot)
    fell = {one.facts["award"]: one for one in entries.of("award.cancelled", lot)}
    require = findings.require
    require([one.facts["notice_hash"] for one in made]
            == [*(one["award_hash"] for one in shown),
                *([page["award_hash"]] if page["award"] else [])], name,
            "the awards shown are not those recorded")
    for number, entry in enumerate(made):
        follows = made[number + 1].record["subject"] if number + 1 < len(made) else None
        end = fell.pop(entry.record["subject"], None)
        if follows is None and page["award"]:
            require(end is None, name, f"{entry} was cancelled and is shown as standing")
            continue
        require(end is not None and end.facts["successor"] == follows
                and end.facts["bid"] == entry.facts["bid"], name,
                f"{entry} did not fall as the record says")
    require(not fell, name, "an award was cancelled that was never made")
    for one in shown:
        require(rules.digest(one["award"]) == one["award_hash"], name,
                "a cancelled award notice is not the one recorded")
    if shown:
        findings.did(f"{len(shown)} 次取消中标与记录一致",
                     f"{len(shown)} cancelled award(s), as the record has them")
