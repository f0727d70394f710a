"""The terms as everybody read them are those that two persons approved, and nothing else changed
them but what an amendment said.

The tender notice is built again from the approved content (`tender.sections`), row by row. Each
later version must say the same as the one before it, but for the rows that an amendment or a
clarification of that time changed, word for word. What stands in the last version is what the bids
were judged by (`LotTerms.stated`).
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel.canonical import sha256
from tender.sections import tender_sections

from .entries import Entries
from .findings import Findings
from .folder import Evidence, Unreadable
from .notices import LotTerms

Rows = dict[tuple[str, str], object]
"""The value of each row, by the heading of its section and its name."""

HEADINGS = ("项目", "招标文件", "技术")
LEFT = {("招标文件", "how"), ("技术", "version")}
"""Rows that no approved content decides: the platform's address, and the count of versions."""


def check(evidence: Evidence, entries: Entries, terms: Mapping[str, LotTerms]) -> None:
    """Compare every version of the tender notice; keep the terms of the last in each lot's."""
    _two_persons(evidence.findings, entries)
    bodies = _bodies(evidence, entries)
    versions = sorted((pair for pair in bodies if pair[1]["kind"] == "tender_notice"),
                      key=lambda pair: (pair[1]["number"], pair[1]["version"]))
    contents = [lot.content for lot in terms.values()]
    if not versions or not contents:
        return
    content, before, since, problems = contents[-1], None, "", len(evidence.findings.problems)
    for name, body in versions:
        said = rows_of(body["sections"], content)
        if before is None:
            _approved(evidence.findings, name, body, said, content)
        else:
            _amended(evidence.findings, name, body, said, before,
                     [one for _, one in bodies if since < one["published_at"]])
        before, since = said, body["published_at"]
    for lot in terms.values():
        heading = f"标段 {lot.number}"
        lot.stated = {row: value for (title, row), value in before.items() if title == heading}
        lot.amended = len(versions) > 1
    if len(evidence.findings.problems) == problems:
        evidence.findings.did(
            f"{len(versions)} 版招标公告的条款由批准的内容重新写出，逐项一致；变更均有公告",
            f"{len(versions)} version(s) of the tender notice written again from the approved "
            "content: the same terms, each change announced")


def _bodies(evidence: Evidence, entries: Entries) -> list[tuple[str, dict]]:
    """The notices here that the record says were published."""
    known = {one.facts.get("content_hash") for one in entries.of("notice.published")}
    found = []
    for name in evidence.within("published", ".json"):
        try:
            body = evidence.canonical(name)
            if sha256(evidence.read(name)).hex() in known:
                body["sections"], body["published_at"], body["version"], body["number"]
                found.append((name, body))
        except (Unreadable, KeyError):
            continue  # named where the published notices are checked
    return found


def rows_of(sections: list[dict], content: Mapping) -> Rows:
    """The rows of the sections that hold the approved terms; deadlines are judged elsewhere."""
    titles = {*HEADINGS, *(f"标段 {lot['number']}" for lot in content["lots"])}
    return {(part["title"]["zh"], row["name"]): row["value"] for part in sections
            if part["title"]["zh"] in titles for row in part["rows"]
            if row["name"] != "deadline" and (part["title"]["zh"], row["name"]) not in LEFT}


def _different(one: Rows, other: Rows) -> list[tuple[str, str]]:
    return sorted(key for key in one.keys() | other.keys()
                  if one.get(key, ...) != other.get(key, ...))


def _approved(findings: Findings, name: str, body: Mapping, said: Rows, content: Mapping) -> None:
    wanted = rows_of(tender_sections(content, body["buyer"]["name"], ""), content)
    for title, row in _different(said, wanted):
        findings.wrong(name, f"{title}, {row}: {said.get((title, row))!r} is not what the approved "
                             f"notice says, {wanted.get((title, row))!r}")
    head = (body["title"], body["code"], body["ocid"], body["buyer"]["uscc"], body["region"])
    findings.require(
        head == (content["title"], content["code"], content["ocid"], content["buyer"],
                 content["region"]), name, "is headed otherwise than the approved notice")


def _amended(findings: Findings, name: str, body: Mapping, said: Rows, before: Rows,
             later: list[dict]) -> None:
    """What changed since the version before was said by notices that came with this one."""
    announced = {(part["title"]["zh"], row["name"], _plain(row["value"]))
                 for one in later if one["kind"] != "tender_notice"
                 and one["published_at"] <= body["published_at"]
                 for part in one["sections"] for row in part["rows"]}
    for title, row in _different(said, before):
        now = said.get((title, row))
        findings.require((title, row, _plain(now)) in announced, name,
                         f"{title}, {row}: {now!r} stands where {before.get((title, row))!r} "
                         "stood, and no amendment says so")


def _plain(value: object) -> str:
    return repr(value)


def _two_persons(findings: Findings, entries: Entries) -> None:
    """Who approves is not who submitted, by the persons and accounts that the record names."""
    submitted: dict[str, set] = {}
    for one in entries.of("notice.submitted"):
        submitted.setdefault(one.facts["content_hash"], set()).add(one.record["actor"]["person"])
    for entry in entries.of("notice.approved"):
        persons = submitted.get(entry.facts["content_hash"])
        if findings.require(persons is not None, "record",
                            f"{entry}: no notice.submitted of this content stands in the record"):
            findings.require(entry.record["actor"].get("person") not in persons, "record",
                             f"{entry}: one person submitted and approved it")
    for kind in ("amendment.published", "pre_notice.published"):
        for entry in entries.of(kind):
            said = entry.facts.get("submitted_by")
            findings.require(said is None or said != entry.record["actor"].get("account"), "record",
                             f"{entry}: one person submitted and approved it")
