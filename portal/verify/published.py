"""The notices as they were published: signed, of the hash that the record holds, and all of them.

Which notices there must be is said by the record (`notice.published`), not by the folder; so one
that was left out is named by what the record says of it.
"""

from __future__ import annotations

from audit import note
from audit.note import BadNote
from kernel.canonical import jcs, sha256
from tender import notices

from .entries import Entries, Entry
from .findings import Findings
from .folder import Evidence, Index, Keys, Unreadable
from .notices import LotTerms

FOLDER = "published"


def stem(kind: str, lot_number: int | None, number: int, version: int) -> str:
    """What the two files of a published notice are called, without their endings."""
    lot = f"-lot{lot_number}" if lot_number is not None else ""
    return f"{FOLDER}/{kind}{lot}-{number}-v{version}"


def check(evidence: Evidence, entries: Entries, keys: Keys, index: Index,
          terms: dict[str, LotTerms]) -> None:
    """Check every published notice, and that none of them is left out."""
    findings = evidence.findings
    waiting = {str(one.facts.get("content_hash")): one for one in entries.of("notice.published")}
    count = 0
    for name in evidence.within(FOLDER, ".json"):
        try:
            data = evidence.read(name)
            entry = waiting.pop(sha256(data).hex(), None)
            if not findings.require(entry is not None, name,
                                    "is no notice that the record says was published"):
                continue
            body = evidence.canonical(name)
            if _signed(evidence, name, data, body, keys, index) and _recorded(
                    findings, name, body, entry, index):
                count += 1
                _deadlines(findings, name, body, terms)
        except Unreadable as error:
            findings.wrong(*error.args)
        except (KeyError, TypeError, AttributeError):
            findings.wrong(name, "is not a published notice")
    for name in evidence.within(FOLDER, ".note"):
        findings.require(name.removesuffix(".note") + ".json" in evidence.names, name,
                         "is the signature of no notice here")
    for entry in waiting.values():
        findings.wrong(f"{_named(entry, terms)}.json",
                       f"is missing: {entry} published a notice that is not here")
    if count:
        findings.did(f"{count} 份已发布公告签名有效，与记录中的哈希一致，且无一遗漏",
                     f"{count} published notice(s), signed, of the hash in the record, none "
                     "left out")


def _signed(evidence: Evidence, name: str, data: bytes, body: dict, keys: Keys,
            index: Index) -> bool:
    """Whether the platform's signature stands over exactly this notice."""
    where = name.removesuffix(".json") + ".note"
    text = evidence.text(where)
    said = notices.statement(index.log_origin, body, sha256(data).hex())
    try:
        signed = note.verify(text, [keys.platform], closed=True)
    except BadNote as error:
        evidence.findings.wrong(where, str(error))
        return False
    return evidence.findings.require(signed.text == jcs(said).decode() + "\n", where,
                                     f"is a signature, but not over {name}")


def _recorded(findings: Findings, name: str, body: dict, entry: Entry, index: Index) -> bool:
    """Whether the record says the same of the notice as the notice does, and the file's name."""
    facts, record = entry.facts, entry.record
    said = (facts["kind"], facts["number"], facts["version"], record["lot"], record["tender"],
            record["at"])
    same = said == (body["kind"], body["number"], body["version"], body["lot"], body["tender"],
                    body["published_at"]) and body["tender"] == index.tender
    named = stem(body["kind"], body["lot_number"], body["number"], body["version"]) + ".json"
    return findings.require(same, name, f"{entry} is of another notice") \
        and findings.require(name == named, name, f"is the notice that should be {named}")


def _deadlines(findings: Findings, name: str, body: dict, terms: dict[str, LotTerms]) -> None:
    """A tender notice states the deadlines that were in force when it was published (Q41); whatever
    else moves one says what the record moved it to."""
    if body["kind"] != "tender_notice":
        _moved(findings, name, body, terms)
        return
    stated = {part["title"]["en"]: row["value"] for part in body["sections"]
              for row in part["rows"] if row["name"] == "deadline"}
    for lot in terms.values():
        held = lot.deadline_at(body["published_at"])
        said = stated.get(f"Lot {lot.number}")
        findings.require(said == held, name, f"states the deadline {said} for lot {lot.number}; "
                                             f"{held} was in force")


def _moved(findings: Findings, name: str, body: dict, terms: dict[str, LotTerms]) -> None:
    by_row = {key: lot for lot in terms.values() for key in (
        f"lots[{lot.number}].deadline", f"Lot {lot.number}/deadline")}
    rows = [(part["title"]["en"], row) for part in body["sections"] for row in part["rows"]]
    for title, row in rows:
        lot = by_row.get(row["name"]) or by_row.get(f"{title}/{row['name']}")
        if lot is not None:
            held = lot.deadline_at(body["published_at"])
            findings.require(row["value"] == held, name,
                             f"moves the deadline of lot {lot.number} to {row['value']}, and the "
                             f"record moved it to {held}")


def _named(entry: Entry, terms: dict[str, LotTerms]) -> str:
    """What the file of a notice should be called, by its entry."""
    facts, lot = entry.facts, terms.get(str(entry.record.get("lot")))
    return stem(facts.get("kind"), lot and lot.number, facts.get("number"), facts.get("version"))
