"""`yangguang draw verify FILE`: check a draw without us, the file as the lot's result shows it.

Says what was drawn and exits with 0; says what is wrong first and exits with 1; 2 when it could
not be checked. It needs this package, `audit` and `kernel`, and neither network nor database.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from audit.bundles import UNFORESEEN
from audit.cosignature import Cosigner
from audit.cosignature import read_vkey as read_cosigner
from audit.note import BadNote, Verifier, read_vkey
from audit.verify import CannotCheck
from audit.verify import verify as verify_record
from kernel.canonical import NotCanonical, parse

from . import replay
from .draw import CAUTION, NotTheDraw, eligible, verify

LARGEST = 16 << 20


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="yangguang draw", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("verify", help="check a draw document")
    one.add_argument("file", type=Path)
    one.add_argument("--log-vkey", metavar="KEY", help="the log's key, or a file that holds it")
    one.add_argument("--witness-vkey", metavar="KEY", action="append", default=[],
                     help="a witness's key, or a file that holds it; give all of them")
    one.add_argument("--record", type=Path, metavar="FOLDER",
                     help="a copy of the record: is this the draw that was held?")
    one.add_argument("--history", type=Path, metavar="FILE", action="append", default=[],
                     help="a witness's history: was a checkpoint passed over? (with --record)")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        return _verify(given)
    except NotTheDraw as error:
        print(f"NOT THE DRAW: {error}")
        return 1
    except (CannotCheck, OSError) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        return 2
    except UNFORESEEN as error:
        # Whoever made the document may have written anything; it is no fault of this program.
        print(f"NOT THE DRAW: not a draw document ({type(error).__name__}: {str(error)[:200]})")
        return 1


def _verify(given: argparse.Namespace) -> int:
    if given.history and not given.record:
        raise CannotCheck("--history needs --record, which says where the draw was closed")
    log = _key(given.log_vkey, read_vkey, Verifier.parse) if given.log_vkey else None
    witnesses = [_key(text, read_cosigner, Cosigner.parse) for text in given.witness_vkey]
    data = given.file.read_bytes()
    if len(data) > LARGEST:
        raise NotTheDraw("the file is too large")
    try:
        document = parse(data)
    except NotCanonical as error:
        raise NotTheDraw(str(error)) from error
    verify(document, log, witnesses or None)
    if given.record:
        closed = replay.against_record(document, _entries(given.record, log))
        for path in given.history:
            try:
                replay.against_history(document, path.read_text("ascii"), closed)
            except (NotTheDraw, UnicodeDecodeError) as error:
                raise NotTheDraw(f"{path}: {error}") from error
    _say(document, given)
    return 0


def _key(text: str, read, read_line):
    try:
        return read(Path(text).read_bytes()) if Path(text).is_file() else read_line(text)
    except BadNote as error:
        raise CannotCheck(f"{text}: {error}") from error


def _entries(folder: Path, log: Verifier | None) -> Iterator[tuple[int, dict]]:
    report = verify_record(folder, log)
    if report.problems:
        raise NotTheDraw(f"the record does not verify: {report.problems[0]}")
    for path in sorted((folder / "disclosed").rglob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            value = parse(line)
            yield value["i"], value["r"]


def _say(document: dict, given: argparse.Namespace) -> None:
    announcement = document["announcement"]
    left_out = [row["contributor"] for row in document["contributions"] if row["nonce"] is None]
    print(f"draw {document['draw']} of lot {announcement['lot']}")
    print(f"pool {len(announcement['pool'])}, eligible {len(eligible(announcement))}, "
          f"seats {announcement['seats']}")
    print(f"contributors {len(document['contributions'])}, left out: {', '.join(left_out) or 'none'}")
    print(f"witnesses {len(announcement['witnesses'])}")
    print(f"seed {document['seed']}")
    print(f"coefficient {document['coefficient']}")
    for number, ticket in enumerate(document["panel"], 1):
        print(f"seat {number}  {ticket}")
    for number, ticket in enumerate(document["substitutes"], 1):
        print(f"substitute {number}  {ticket}")
    if not given.log_vkey:
        print("the log's key is the document's own; --log-vkey pins it")
    if not announcement["witnesses"]:
        print(f"{CAUTION['zh']}\n{CAUTION['en']}")
    elif not given.history:
        wanted = "a witness's --history says" if given.record else "--record and --history say"
        print(f"whether a checkpoint was passed over: {wanted}")


if __name__ == "__main__":
    sys.exit(main())
