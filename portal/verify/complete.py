"""Nothing is left out: what notices and record speak of lies in the folder, lot by lot.

The signed list of files says only what its maker put there. What must be there follows from what
the maker cannot change: the lots of each approved notice, and the entries of the record.
"""

from __future__ import annotations

from .entries import Entries
from .folder import Evidence
from .notices import LotTerms
from .parts import Opening

RESULTS = ("candidates.published", "award.confirmed", "contract.registered")
PACKAGE = "ocds/release-package.json"


def check(evidence: Evidence, entries: Entries, terms: dict[str, LotTerms],
          openings: list[Opening]) -> None:
    """Name each file that should be here and is not."""
    wanted: dict[str, str] = {PACKAGE: "the tender's OCDS package"} if terms else {}
    for lot in terms.values():
        number = lot.number
        wanted[f"policies/lot{number}.json"] = f"the notice names a policy for lot {number}"
        for kind in RESULTS:
            for entry in entries.of(kind, lot.lot)[:1]:
                wanted.setdefault(f"results/lot{number}.json", f"{entry} is part of a result")
    for entry in entries.of("notice.approved"):
        for row in entry.facts["lots"]:
            evidence.findings.require(row["lot"] in terms, "notices",
                                      f"{entry} published lot {row['lot']}, which no notice here has")
    _declared(evidence, openings)
    missing = sorted(set(wanted) - evidence.names)
    for name in missing:
        evidence.findings.wrong(name, f"is missing: {wanted[name]}")
    if terms and not missing:
        evidence.findings.did(f"{len(terms)} 个标段应有的文件齐全",
                              f"{len(terms)} lot(s), each with all that notice and record speak of")


def _declared(evidence: Evidence, openings: list[Opening]) -> None:
    """Each bid of an opening record has the platform's promise and its proof beside it."""
    stems = {name.removesuffix(".paths.json") for name in evidence.within("receipts", ".paths.json")}
    for stem in sorted(stems):
        for ending in ("declaration.json", "receipt.txt", "tlog-proof", "leaf"):
            name = f"{stem}.{ending}"
            evidence.findings.require(name in evidence.names, name,
                                      "is missing, though its bid was opened")
    bids = sum(len(one.record["bids"]) for one in openings if one.stage == 1)
    evidence.findings.require(len(stems) >= bids, "receipts",
                              f"has the paths of {len(stems)} bids, {bids} stand in opening records")
