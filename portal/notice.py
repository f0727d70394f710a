"""`yangguang notice`: sign what one submitted or approves, with one's own key; check what others signed.

    yangguang notice read --tender ID                    what waits, and its hash
    yangguang notice sign --tender ID --key signing.key  as the person who submitted it
    yangguang notice approve --tender ID --hash H --key signing.key
    yangguang notice check notice.json [--platform-vkey KEY]   (no server, no account)

`--pre-notice`, `--amendment ID` or `--direct-award ID` instead of the tender notice. The content is
hashed here again before anything is signed; the key never leaves this machine. It knows neither
Flask nor our database.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from audit.note import Verifier
from bidding import ends
from bidding.client.keys import signer
from bidding.wire import Wire, call
from kernel.canonical import jcs, parse, sha256
from people.signed import fingerprint, sign, verify
from tender import notices, signing

PROGRAM = "yangguang notice"
SAFE = "Nothing was signed, or it was not taken; repeat the same command."


class Wrong(ValueError):
    """What is to be signed, or was, is not what it should be; the message says what."""


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    made = argparse.ArgumentParser(prog=PROGRAM, description=__doc__,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--url", default="http://127.0.0.1:8080", help="address of the platform")
    made.add_argument("--token-file", type=Path, help="file with a session's or an API token "
                      "(default: the variable YANGGUANG_TOKEN)")
    commands = made.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, text in (("read", "say what waits, its hash and who signed it"),
                       ("sign", "sign what one submitted"),
                       ("approve", "sign, approve and so publish; needs a fresh second factor")):
        add = commands.add_parser(name, help=text)
        add.add_argument("--tender", help="the tender's id")
        which = add.add_mutually_exclusive_group()
        which.add_argument("--pre-notice", action="store_true", help="its advance notice")
        which.add_argument("--amendment", metavar="ID", help="an amendment of it")
        which.add_argument("--direct-award", metavar="ID", help="a direct award, without --tender")
        if name != "read":
            add.add_argument("--key", type=Path, required=True, help="file of `yangguang bid "
                             "new-key`; with --certificate its private key, in PEM")
            add.add_argument("--certificate", type=Path, metavar="PEM", help="a certificate of the "
                             "unit: its chain, its own first")
            add.add_argument("--key-password-file", type=Path, metavar="FILE")
        if name == "approve":
            add.add_argument("--hash", required=True, help="of the content that you read")
    add = commands.add_parser("check", help="check the signatures of a published notice, offline")
    add.add_argument("file", type=Path, help="as GET /api/v1/notices/ID answers")
    add.add_argument("--platform-vkey", help="the platform's key, to check its signature too")
    return made


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    made = parser()
    options = made.parse_args(argv)
    if options.command != "check" and bool(options.tender) == bool(options.direct_award):
        made.error("--tender, or --direct-award")
    return ends.run(PROGRAM, lambda: _run(options), after=SAFE)


def _run(options: argparse.Namespace) -> int:
    if options.command == "check":
        return _check(options)
    wire = ends.wire(PROGRAM, options.url, options.token_file)
    path, reading = _paths(options)
    waits = call(wire, "GET", reading).get("signing")
    if waits is None:
        raise Wrong("nothing waits to be signed there")
    statement = waits["statement"]
    if options.command == "read":
        _say({"content_hash": statement["content_hash"], "role": statement["role"],
              "asked": waits["asked"], "signatures": waits["signatures"]})
        return 0
    role = "submit" if options.command == "sign" else "approve"
    if statement["role"] != role:
        raise Wrong(f"you stand here as who would {statement['role']}, not {role}")
    if role == "approve" and options.hash != statement["content_hash"]:
        raise Wrong(f"what waits now is {statement['content_hash']}, not what you read")
    _same_content(wire, options, statement["content_hash"])
    said = statement | {"at": call(wire, "GET", "/time")["now"]}
    key, signature = sign(said, signer(options.key, options.certificate, options.key_password_file))
    given = {"at": said["at"], "signature": signature} | (
        {"key": key} if isinstance(key, str) else key)
    body = {"content_hash": said["content_hash"], "signature": given}
    call(wire, "POST", f"{path}/{'signature' if role == 'submit' else 'approval'}", body,
         key=f"{role}-{fingerprint(key)[:16]}-{said['content_hash'][:32]}")
    _say({"role": role, "content_hash": said["content_hash"], "fingerprint": fingerprint(key)})
    return 0


def _paths(options: argparse.Namespace) -> tuple[str, str]:
    """(where signatures and approvals go, where what waits is read)."""
    if options.direct_award:
        path = f"/direct-awards/{options.direct_award}"
        return path, f"{path}/work"
    own = f"/tenders/{options.tender}"
    if options.pre_notice:
        return f"{own}/pre-notice", f"{own}/pre-notice"
    path = f"{own}/amendments/{options.amendment}" if options.amendment else f"{own}/notice"
    return path, f"{path}/reading"


def _same_content(wire: Wire, options: argparse.Namespace, digest: str) -> None:
    """What is signed is the hash of what can be read: it is hashed here, where that can be had."""
    if options.direct_award:
        print("a direct award's content is not sent whole; its hash is the platform's word",
              file=sys.stderr)
        return
    own = f"/tenders/{options.tender}"
    if options.pre_notice:
        content = {"v": 1, "type": "pre-notice", "tender": options.tender,
                   "sections": call(wire, "GET", f"{own}/pre-notice")["sections"]}
    else:
        content = call(wire, "GET", f"{own}/amendments/{options.amendment}" if options.amendment
                       else f"{own}/notice")["content"]
    if sha256(jcs(content)).hex() != digest:
        raise Wrong("the content that can be read has another hash than the one to be signed")


def _check(options: argparse.Namespace) -> int:
    """Say of each signature whether it is good, and by which key."""
    said = parse(options.file.read_text("utf-8"))
    if options.platform_vkey:
        try:
            notices.verify(jcs(said["content"]), said["signature"],
                           Verifier.parse(options.platform_vkey))
        except notices.BadNotice as error:
            raise Wrong(f"the platform's signature: {error}") from error
    roles = set()
    for one in said["signatures"]:
        statement = one["statement"]
        key = one["key"] if one["certificate"] is None else {"certificate": one["certificate"]}
        about = said["content"].get("direct_award") or said["tender_id"]
        right = (statement["type"], statement["kind"], statement["role"], statement["about"]) == (
            signing.TYPE, said["kind"], one["role"], about) and one["role"] not in roles
        if not right or not verify(statement, key, one["signature"]):
            raise Wrong(f"the signature of role {one['role']} is not its key's over this notice")
        roles.add(one["role"])
        print(f"{one['role']}: good · {statement['unit']} · {statement['at']} · content "
              f"{statement['content_hash']} · key {fingerprint(key)}")
    if not roles:
        print("no person signed this notice")
    return 0


def _say(value: dict) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1))
