"""`yangguang verify FOLDER`: check an evidence folder without us.

Exit status: 0 all that can be checked is right · 1 something is wrong, and the first line names
the file and the entry · 2 nothing could be checked (no such folder, an unreadable argument).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import audit.verify
from audit.bundles import UNFORESEEN
from audit.cosignature import read_vkey as read_cosigner
from audit.note import BadNote, Verifier, read_vkey
from bidding import suites
from bidding.recipients import NotRecipient
from kernel.canonical import NotCanonical, b64, parse

from . import (
    awards,
    closings,
    complete,
    consortia,
    drawn,
    invitations,
    judgement,
    notices,
    openings,
    panels,
    published,
    receipts,
    reports,
    signed,
    stamps,
    stated,
    told,
)
from .entries import Entries
from .findings import Findings
from .folder import (
    INDEX,
    Evidence,
    Index,
    Keys,
    Unreadable,
    check_bytes,
    check_names,
    read_index,
)
from .parts import Panel

SHOWN = 20


class CannotCheck(Exception):
    """What was asked for cannot be checked at all."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="yangguang verify", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vkey", help="the log's verifier key, or a file that holds it; without "
                        "it the key in the folder is believed")
    parser.add_argument("--against", type=Path, metavar="CHECKPOINT",
                        help="an older checkpoint, kept elsewhere, that the record must continue")
    parser.add_argument("--panel", type=Path, metavar="DIR|FILE",
                        help="the keys of all parts (age identities) and the evaluation report, "
                        "as supervisor and panel have them")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        old = given.against.read_bytes() if given.against else None
        findings = check(given.folder, _pinned(given.vkey), old,
                         read_panel(given.panel) if given.panel else None)
    except (CannotCheck, audit.verify.CannotCheck, OSError) as error:
        print(f"无法核验 · cannot check: {error}", file=sys.stderr)
        return 2
    return _print(findings, given.vkey is not None)


def _print(findings: Findings, pinned: bool) -> int:
    for problem in findings.problems[:SHOWN]:
        print(f"WRONG {problem}")
    if findings.problems:
        more = len(findings.problems) - SHOWN
        print(f"不符 · does NOT verify: {findings.problems[0]}"
              + (f" (and {more} more)" if more > 0 else ""))
        return 1
    for line in findings.checked:
        print(f"✓ {line}")
    if not pinned:
        findings.could_not("日志公钥取自该目录本身，请与别处保存的公钥比对（--vkey）",
                           "the log's key is the folder's own; compare it with one kept elsewhere "
                           "(--vkey)")
    for line in findings.unchecked:
        print(f"– {line}")
    print("核验通过 · verifies")
    return 0


def _pinned(text: str | None) -> Verifier | None:
    if text is None:
        return None
    try:
        path = Path(text)
        return read_vkey(path.read_bytes()) if path.is_file() else Verifier.parse(text)
    except BadNote as error:
        raise CannotCheck(f"--vkey: {error}") from error


def read_panel(path: Path) -> Panel:
    """Read every age identity (and `*report.json`, `*sheets.json`) of a file or folder. Raises
    CannotCheck."""
    panel = Panel()
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    for file in files:
        try:
            if file.suffix == ".tar":
                panel.archives[file.name] = file
                continue
            text = file.read_text("utf-8")
            if file.name.endswith(("report.json", "sheets.json")):
                kind = panel.reports if file.name.endswith("report.json") else panel.sheets
                kind[file.name] = parse(text)
                continue
            for line in text.splitlines():
                if line and not line.startswith("#"):
                    suite = suites.of_identity(line)
                    seed = suite.seed_of(line)
                    panel.seeds[suite.recipient_of(seed)] = seed
        except (OSError, UnicodeDecodeError, NotRecipient, NotCanonical) as error:
            raise CannotCheck(f"--panel {file.name}: {error}") from error
    if not panel.seeds:
        raise CannotCheck(f"--panel {path}: holds no key")
    return panel


def check(folder: Path, vkey: Verifier | None = None, against: bytes | None = None,
          panel: Panel | None = None) -> Findings:
    """Check everything in the folder. Raises CannotCheck when there is none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise CannotCheck(f"{folder} is not a folder")
    findings = Findings()
    try:
        _check(folder, findings, vkey, against, panel)
    except (CannotCheck, audit.verify.CannotCheck, OSError):
        raise
    except UNFORESEEN as error:
        # Who made the folder holds all its keys and may sign anything under them. What no check
        # expected is no evidence either, and must not end as an error of this program.
        findings.wrong(str(folder), f"holds what no evidence holds ({type(error).__name__}: "
                                    f"{str(error)[:200]})")
    return findings


def _check(folder: Path, findings: Findings, vkey: Verifier | None, against: bytes | None,
           panel: Panel | None) -> None:
    evidence = Evidence(folder, findings)
    try:
        keys = _keys(evidence)
        index = read_index(evidence, keys.platform)
    except Unreadable as error:
        findings.wrong(*error.args)
        return
    check_names(evidence, index)
    held = receipts.load(evidence, keys)
    closed = closings.heads(evidence, keys)
    older = held.heads + judgement.heads(evidence) + drawn.heads(evidence) \
        + stamps.check(evidence, keys) + closed
    entries = _record(evidence, index, keys, vkey, against, older)
    if entries is None:
        return
    terms = notices.check(evidence, entries, keys, index.quorum)
    published.check(evidence, entries, keys, index, terms)
    stated.check(evidence, entries, terms)
    signed.check(evidence, entries, terms)
    closings.check(evidence, entries, keys, index.quorum, terms, closed)
    receipts.check(evidence, held, entries, keys, terms)
    opened = openings.check(evidence, entries, held, terms, panel)
    consortia.check(evidence, opened, index)
    draws = judgement.check_draws(evidence, entries, keys, terms)
    panels.check(findings, entries, terms)
    awards.check(evidence, entries, opened, draws, terms)
    told.check(evidence, entries, draws)
    if panel:
        reports.check_all(findings, panel, entries, draws, opened, terms)
    invitations.check(evidence, terms, opened, entries, keys)
    complete.check(evidence, entries, terms, opened)
    check_bytes(evidence, index)


def _keys(evidence: Evidence) -> Keys:
    """The keys at the top; those beside the receipts are the same."""
    witnesses = []
    for name in sorted(one for one in evidence.names if one.startswith("witness")
                       and one.endswith(".vkey")):
        try:
            witnesses.append(read_cosigner(evidence.read(name)))
        except BadNote as error:
            raise Unreadable(name, str(error)) from error
    for name in evidence.within("receipts", ".vkey"):
        top = name.removeprefix("receipts/")
        if evidence.read(name) != evidence.read(top):
            raise Unreadable(name, f"is not {top}")
    return Keys(evidence.key("log.vkey"), evidence.key("platform.vkey"), tuple(witnesses))


def _record(evidence: Evidence, index: Index, keys: Keys, vkey: Verifier | None,
            against: bytes | None, older: list) -> Entries | None:
    """Check the record; None when it is wrong, because then nothing can lean on it."""
    findings = evidence.findings
    folder = evidence.root / "record"
    if folder.is_symlink():
        return None
    report = audit.verify.verify(folder, vkey, against, older=older, keep=index.tender)
    for problem in report.problems:
        where, _, what = problem.partition(": ")
        findings.wrong(where if what.startswith("is of") else f"record/{where}", what)
    if report.problems:
        return None
    findings.require(report.vkey == str(keys.log), "log.vkey", "is not the record's key")
    for number, witness in enumerate(keys.witnesses, 1):
        name = f"record/witness{number}.vkey"
        path = evidence.root / name
        findings.require(path.is_file() and path.read_bytes() == f"{witness}\n".encode(), name,
                         f"is not witness{number}.vkey")
    findings.require(not list(folder.glob(f"witness{len(keys.witnesses) + 1}*.vkey")),
                     f"witness{len(keys.witnesses) + 1}.vkey",
                     "is missing, though the record has it")
    said = {"size": report.size, "root": b64(report.root), "disclosed": report.disclosed}
    findings.require(index.record == said, INDEX,
                     f"was signed over another record: {_shown(index.record)}; "
                     f"this one has {_shown(said)}")
    findings.did(f"记录 {report.size} 条，根 {b64(report.root)}",
                 f"record of {report.size} entries, root {b64(report.root)}")
    hidden = report.size - report.disclosed
    findings.did(f"其中 {report.disclosed} 条已公开（含掩护条目 {report.cover} 条），逐条与承诺一致",
                 f"{report.disclosed} of them disclosed ({report.cover} cover), each what its leaf "
                 "commits to")
    if hidden:
        findings.could_not(f"{hidden} 条尚未公开或不公开",
                           f"{hidden} entries not disclosed, or not yet")
    _witnessed(findings, index, report, len(keys.witnesses))
    return Entries(folder, audit.verify.head_of(report), report.records)


def _shown(record: dict) -> str:
    return ", ".join(f"{key} {record.get(key)}" for key in ("size", "root", "disclosed"))


def _witnessed(findings: Findings, index: Index, report: audit.verify.Report,
               witnesses: int) -> None:
    if not witnesses:
        findings.could_not("没有见证人：不能证明截止后运营者未添加",
                           "no witnesses: that the operator added nothing afterwards is not proven")
        return
    if not findings.require(0 < index.quorum <= witnesses, INDEX,
                            f"names a quorum of {index.quorum} of {witnesses} witnesses"):
        return
    if len(report.cosigned) < index.quorum:
        # No forgery: a checkpoint is published before its quorum is there, and at times without.
        findings.could_not(
            f"最新检查点只有 {len(report.cosigned)} 个见证人联署（法定 {index.quorum} 个）：尚未由见证人证明",
            f"the newest checkpoint has {len(report.cosigned)} cosignatures of a quorum of "
            f"{index.quorum}: not proven by witnesses yet")
    else:
        findings.did(f"{len(report.cosigned)} 个见证人联署（法定 {index.quorum} 个）",
                     f"cosigned by {len(report.cosigned)} witnesses, of whom {index.quorum} are "
                     "a quorum")
