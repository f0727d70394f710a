"""The panel's work by the record: whoever signed a sheet or the report had accepted that seat, all
seats signed the one report, and there are as many as the notice says."""

from __future__ import annotations

from collections.abc import Mapping

from .entries import Entries, Entry
from .findings import Findings
from .notices import LotTerms

WHERE = "record"


def check(findings: Findings, entries: Entries, terms: Mapping[str, LotTerms]) -> None:
    """Check the panel of every lot whose report the record discloses."""
    count = 0
    for lot in terms.values():
        for report in entries.of("report.concluded", lot.lot):
            before = len(findings.problems)
            try:
                _panel(findings, entries, lot, report)
            except (KeyError, TypeError, AttributeError) as error:
                findings.wrong(WHERE, f"{report}: what led to it lacks {error}")
            count += len(findings.problems) == before
    if count:
        findings.did(f"{count} 份评标报告由各席位专家本人接受席位、签署评分表和报告，席位齐全",
                     f"{count} evaluation report(s) signed by every seat of the panel, each by the "
                     "account that accepted the seat and signed its sheet")


def _panel(findings: Findings, entries: Entries, lot: LotTerms, report: Entry) -> None:
    accepted = {one.record["subject"]: one for one in entries.of("expert.declared", lot.lot)
                if one.facts["accepted"]}
    gone = {one.record["subject"] for one in entries.of("expert.declared", lot.lot)
            if not one.facts["accepted"]}
    sheets: dict[int, str] = {}
    for sheet in entries.of("score.signed", lot.lot):
        seat = accepted.get(sheet.record["subject"])
        if not findings.require(seat is not None and seat.facts["seat"] == sheet.facts["seat"],
                                WHERE, f"{sheet} is of a seat that nobody accepted"):
            continue
        findings.require(_who(seat) == _who(sheet), WHERE,
                         f"{sheet} was signed by another than {seat}")
        if sheet.record["subject"] not in gone:
            sheets[sheet.facts["seat"]] = _who(sheet)
    wanted = set(range(1, lot.terms["panel"]["size"] + 1))
    findings.require(set(sheets) == wanted, WHERE,
                     f"{report}: score.signed stands for the seats {sorted(sheets)} of {len(wanted)}")
    signed = {one.facts["seat"]: _who(one) for one in entries.of("report.signed", lot.lot)
              if one.facts["report_hash"] == report.facts["report_hash"]}
    findings.require(signed == sheets, WHERE,
                     f"{report}: report.signed of this report stands for the seats {sorted(signed)}, "
                     f"not for those that scored, or by others ({sorted(sheets)})")


def _who(entry: Entry) -> str:
    return str(entry.record["actor"].get("account"))
