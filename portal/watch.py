"""`yangguang watch`: follow a platform's feed from another machine; check a webhook's signature.

    yangguang watch https://platform [--cursor-file F] [--type 'notice.*'] [--once] [--exec PROGRAM]
    yangguang watch --verify BODY --headers HEADERS --secret-file SECRET

One change a line, as JSON. `--exec` runs the program for each with the line on its standard input
and goes on when it ends well; the cursor is kept after that, so a change may come twice and is
never lost. It knows neither Flask nor our database.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from kernel.files import write_whole

from .webhooks.signing import BadWebhook, verify

TIMEOUT = 30
PAGE = 100


def main(argv: list[str]) -> int:
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(prog="yangguang watch", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("platform", nargs="?", help="its address")
    parser.add_argument("--cursor-file", type=Path, help="where to keep how far we have come")
    parser.add_argument("--type", action="append", default=[], help="only acts called so; `notice.*`")
    parser.add_argument("--once", action="store_true", help="stop at the end of the feed")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two questions")
    parser.add_argument("--exec", dest="program", help="run it for each change")
    parser.add_argument("--verify", type=Path, metavar="BODY", help="a webhook's body, as it came")
    parser.add_argument("--headers", type=Path, help="its headers, `name: value` a line")
    parser.add_argument("--secret-file", type=Path, help="file with the webhook's secret")
    options = parser.parse_args(argv)
    if options.verify:
        if not options.headers or not options.secret_file:
            parser.error("--verify needs --headers and --secret-file")
        return _verify(options)
    if not options.platform:
        parser.error("which platform?")
    return _watch(options)


def _verify(options: argparse.Namespace) -> int:
    lines = options.headers.read_text("utf-8").splitlines()
    headers = {name.strip(): value.strip() for name, mark, value in
               (line.partition(":") for line in lines) if mark}
    try:
        verify(options.secret_file.read_text("ascii").strip(), headers,
               options.verify.read_bytes(), time.time())
    except BadWebhook as error:
        print(f"WRONG {error}")
        return 1
    print("the signature stands over this body")
    return 0


def _watch(options: argparse.Namespace) -> int:
    kept = options.cursor_file
    cursor = kept.read_text("ascii").strip() if kept and kept.exists() else ""
    while True:
        try:
            for change in pages(options.platform, cursor):
                if _wanted(change["type"], options.type) and not _done(change, options.program):
                    return 1
                cursor = change["cursor"]
                if kept:
                    write_whole(kept, cursor)
        except (OSError, ValueError) as error:
            print(f"yangguang watch: {error}", file=sys.stderr)
            if options.once or (isinstance(error, urllib.error.HTTPError) and error.code < 500
                                and error.code != 429):
                return 2
        if options.once:
            return 0
        time.sleep(options.every)


def pages(platform: str, cursor: str) -> Iterator[dict]:
    """The changes behind `cursor`, in order, to the end of the feed; raises OSError, ValueError."""
    while True:
        query = urllib.parse.urlencode({"limit": PAGE} | ({"after": cursor} if cursor else {}))
        address = f"{platform.rstrip('/')}/api/v1/changes?{query}"
        if not address.startswith(("https://", "http://")):
            raise ValueError("an address begins with https://")
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
            page = json.loads(answer.read())
        yield from page["items"]
        cursor = page["next"]
        if not page["more"]:
            return


def _wanted(kind: str, wanted: list[str]) -> bool:
    return not wanted or any(
        kind == one or (one.endswith(".*") and kind.startswith(one[:-1])) for one in wanted)


def _done(change: dict, program: str | None) -> bool:
    line = json.dumps(change, ensure_ascii=False) + "\n"
    if program is None:
        print(line, end="", flush=True)
        return True
    return subprocess.run([program], input=line.encode(), check=False).returncode == 0
