"""`python -m audit`: check the record, or one receipt, without the platform.

Exit status: 0 it verifies · 1 it does not, and the first line says what is wrong · 2 it could
not be checked (no such folder, unreadable argument).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from kernel.canonical import b64, jcs

from . import tlogproof
from .bundles import UNFORESEEN
from .note import BadNote, Verifier, read_vkey
from .verify import MOST_PROBLEMS, CannotCheck, Report, verify

TURNS, PAUSE = 8, 1.0
"""How often, and after how many seconds, a folder that is being written is looked at again."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m audit", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("verify", help="check a folder of the record")
    whole.add_argument("folder", type=Path)
    whole.add_argument("--vkey", help="the log's verifier key, or a file that holds it; "
                       "without it the key in the folder is believed")
    whole.add_argument("--against", type=Path, metavar="CHECKPOINT",
                       help="an older checkpoint, kept elsewhere, that the record must continue")
    whole.add_argument("--complete", type=int, nargs="?", const=-1, default=0, metavar="N",
                       help="of the first N entries (of all) demand a record, cover or an act "
                       "that erased it; for a supervisor's or auditor's copy")
    one = commands.add_parser("proof", help="check one .tlog-proof with its .leaf")
    one.add_argument("proof", type=Path)
    one.add_argument("leaf", type=Path)
    one.add_argument("--vkey", required=True)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        return _verify(given) if given.command == "verify" else _proof(given)
    except (CannotCheck, OSError) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        return 2
    except UNFORESEEN as error:
        # Whoever made the folder may have put anything there; none of it is a fault of this program.
        print(f"WRONG {given.folder if given.command == 'verify' else given.proof}: holds what no "
              f"record holds ({type(error).__name__}: {str(error)[:200]})")
        return 1


def _key(text: str | None) -> Verifier | None:
    if text is None:
        return None
    try:
        path = Path(text)
        return read_vkey(path.read_bytes()) if path.is_file() else Verifier.parse(text)
    except BadNote as error:
        raise CannotCheck(f"--vkey: {error}") from error


def _verify(given: argparse.Namespace) -> int:
    old = given.against.read_bytes() if given.against else None
    report = _settled(given.folder, lambda: verify(
        given.folder, _key(given.vkey), old,
        complete=None if given.complete < 0 else given.complete))
    for problem in report.problems:
        print(f"WRONG {problem}")
    if len(report.problems) == MOST_PROBLEMS:
        print("WRONG and perhaps more")
    if report.problems:
        return 1
    print(f"{report.origin}: {report.size} entries, root {b64(report.root)}")
    print(f"{report.disclosed} records disclosed, {report.cover} of them cover; "
          f"{report.erased} erased, {report.size - report.disclosed - report.erased} not disclosed yet")
    if report.against is not None:
        print(f"continues the checkpoint at {report.against} entries")
    if given.vkey is None:
        print(f"key taken from the folder itself: {report.vkey}")
    return 0


def _settled(folder: Path, look: Callable[[], Report]) -> Report:
    """What is found in a folder, also where its sequencer is writing (its lock lies beside it).

    There a tile may come before the checkpoint that names it, and go after it: only what is
    found twice alike is wrong. Raises CannotCheck where the folder was another each time.
    """
    report, writing = look(), folder.with_name(folder.name + ".lock").exists()
    for _ in range(TURNS):
        if not report.problems or not writing:
            return report
        time.sleep(PAUSE)
        before, report = report, look()
        if (report.root, report.problems) == (before.root, before.problems):
            return report
    raise CannotCheck(f"{folder} is being written; look at a copy (yangguang record-copy)")


def _proof(given: argparse.Namespace) -> int:
    data, entry, key = given.proof.read_bytes(), given.leaf.read_bytes(), _key(given.vkey)
    try:
        proven = tlogproof.verify(data.decode("utf-8"), entry, key)
    except (tlogproof.BadProofFile, UnicodeDecodeError) as error:
        print(f"WRONG {given.proof}: {error}")
        return 1
    print(f"entry {proven.index} of {proven.head.size} in {proven.head.origin}, tick {proven.tick}")
    print(jcs(proven.record).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
