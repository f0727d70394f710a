"""What everybody was told is what was decided: the notices of candidates, result and contract, and
the open data, against the results.

The words of a notice follow from the result (`evaluation.announced`); they are made again here and
compared, so that a notice cannot name another winner or price than the record does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from evaluation import announced
from kernel.canonical import parse_time

from . import fallen
from .entries import Entries
from .findings import Findings
from .folder import Evidence, Unreadable

PACKAGE = "ocds/release-package.json"


def check(evidence: Evidence, entries: Entries, draws: Mapping[str, dict]) -> None:
    """Check the notices and the open data of every result here."""
    findings, count = evidence.findings, 0
    bodies = _bodies(evidence)
    open_data = _open_data(evidence)
    for name in evidence.within("results", ".json"):
        try:
            page = evidence.json(name)
            for kind, check_ in KINDS.items():
                found = [pair for pair in bodies if pair[1].get("lot") == page["lot_id"]
                         and pair[1].get("kind") == kind]
                for where, body in found:
                    check_(findings, where, body, page, entries)
                    count += 1
                    if kind == "candidates":
                        _passed(findings, where, body, page, draws)
                findings.require(bool(found) or not page[PART[kind]], name,
                                 f"has {PART[kind]} that no notice published")
            _open(findings, page, entries, open_data)
        except Unreadable:
            continue  # `awards` says what is wrong with it
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            findings.wrong(name, f"was told in a form that cannot be compared ({error!r})")
    if count:
        findings.did(f"{count} 份候选人、结果、合同公告由结果重新写出，内容一致；开放数据中的中标与合同相同",
                     f"{count} notice(s) of candidates, result and contract written again from the "
                     "results: the same; award and contract in the open data as well")


def _bodies(evidence: Evidence) -> list[tuple[str, dict]]:
    found = []
    for name in evidence.within("published", ".json"):
        try:
            found.append((name, evidence.canonical(name)))
        except Unreadable:
            continue  # named where the published notices are checked
    return found


def _same(findings: Findings, where: str, body: Mapping, wanted: list) -> None:
    """The first sections of a notice are these, word for word."""
    for number, part in enumerate(wanted):
        said = body["sections"][number] if number < len(body["sections"]) else None
        wrong = part["title"]["en"] if said is None or said["title"] != part["title"] else next(
            (row["label"]["en"] for row in part["rows"] if row not in said["rows"]), None) or (
            "rows that the result does not have" if len(said["rows"]) != len(part["rows"]) else None)
        findings.require(wrong is None, where, f"says otherwise than the result: {wrong}")


def _value(body: Mapping, name: str) -> object:
    return next((row["value"] for part in body["sections"] for row in part["rows"]
                 if row["name"] == name), None)


def _candidates(findings: Findings, where: str, body: Mapping, page: Mapping,
                entries: Entries) -> None:
    _same(findings, where, body, announced.candidate_sections(page["candidates"]))
    others = sum(one["title"]["en"].startswith("Candidate") for one in body["sections"])
    findings.require(others == len(page["candidates"]), where,
                     f"names {others} candidates, the result {len(page['candidates'])}")
    entry = entries.one("candidates.published", page["lot_id"])
    if entry is not None:
        for name in ("report_hash", "publicity_ends"):
            findings.require(_value(body, name) == entry.facts[name], where,
                             f"states another {name} than {entry}")


def _passed(findings: Findings, where: str, body: Mapping, page: Mapping,
            draws: Mapping[str, dict]) -> None:
    """A lottery was among as many as the notice says passed the screen, less those that lapsed."""
    for document in draws.values():
        said = document["announcement"]
        if said["lot"] == page["lot_id"] and "lottery" in said:
            lapsed = sum(one["excluded"] == "lapsed" for one in said["pool"])
            inside = sum(one["excluded"] is None for one in said["pool"])
            passed = _value(body, "passed")
            findings.require(inside <= passed <= inside + lapsed, where,
                             f"says how many passed the screen, {passed}; {inside} were in the draw")


def _result(findings: Findings, where: str, body: Mapping, page: Mapping, _: Entries) -> None:
    own = next((one for one in fallen.pages(page)
                if one["award_hash"] == _value(body, "award_hash")), None)
    if findings.require(own is not None, where, "is of an award that is not here"):
        names = {one["bid_id"]: one["name"] for one in page["candidates"]}
        _same(findings, where, body,
              announced.result(own["award"] | {"hash": own["award_hash"]}, names))


def _contract(findings: Findings, where: str, body: Mapping, page: Mapping,
              entries: Entries) -> None:
    entry = entries.one("contract.registered", page["lot_id"])
    if findings.require(bool(page["contract"]) and entry is not None, where,
                        "is of a contract that is not here"):
        said, award = page["contract"], page["award"]
        _same(findings, where, body, announced.contract(
            award["winner"]["name"], award["winner"]["uscc"], said["amount_fen"],
            parse_time(said["signed_at"]), said["document_hash"],
            date.fromisoformat(award["contract_due"]), entry.facts["late_reason"]))


KINDS = {"candidates": _candidates, "result": _result, "contract": _contract}
PART = {"candidates": "candidates", "result": "award", "contract": "contract"}
"""The part of a result that a notice of each kind tells of."""


# --- the open data ---------------------------------------------------------------------------------
def _open_data(evidence: Evidence) -> dict[str, dict[str, list[dict]]]:
    """Awards and contracts of the package, the last of each id: kind → id → as stated."""
    found: dict[str, dict] = {"awards": {}, "contracts": {}}
    try:
        package = json.loads(evidence.text(PACKAGE))
        for release in package["releases"]:
            for kind, kept in found.items():
                for one in release.get(kind, ()):
                    kept.setdefault(one["id"], []).append(one)
    except Unreadable:
        pass  # named where missing files are
    except (ValueError, KeyError, TypeError, AttributeError):
        evidence.findings.wrong(PACKAGE, "is no package of releases")
    return found


def _fen(one: Mapping) -> int:
    return round(one["value"]["amount"] * 100)


def _open(findings: Findings, page: Mapping, entries: Entries, data: Mapping) -> None:
    """Whatever release states award or contract of the lot states the one of the record."""
    made = fallen.chain(entries, page["lot_id"])
    for one in made[:len(page.get("cancelled", []))]:
        said = [each.get("status") for each in data["awards"].get(one.record["subject"], [])]
        findings.require("cancelled" in said, PACKAGE, f"does not say that {one} was cancelled")
    if not made or not page["award"]:
        return
    award = made[-1]
    subject, winner = award.record["subject"], page["award"]["winner"]
    stated = data["awards"].get(subject, [])
    findings.require(bool(stated), PACKAGE, f"lacks the award of {award}")
    for one in stated:
        suppliers = {each["id"].removeprefix("CN-USCC-") for each in one["suppliers"]}
        findings.require(
            "value" not in one or _fen(one) == winner["price_fen"], PACKAGE,
            f"states another price than {award}")
        findings.require(winner["uscc"] in suppliers and one["relatedLots"] == [page["lot_id"]],
                         PACKAGE, f"states another supplier or lot than {award}")
    contracts = [one for some in data["contracts"].values() for one in some
                 if one["awardID"] == subject]
    findings.require(not page["contract"] or bool(contracts), PACKAGE,
                     f"lacks the contract upon {award}")
    for one in contracts:
        findings.require(bool(page["contract"]) and _fen(one) == page["contract"]["amount_fen"],
                         PACKAGE, f"states another amount than the contract upon {award}")
