"""The opening official's program: make a key, register it, and at the opening give shares.

    yangguang holder new-key opening.key
    yangguang holder register opening.key --lot …
    yangguang holder release opening.key --lot … [--closing-root …]

The private key never leaves this machine; only shares travel, and only for bids whose place
this program has found in both the closing root and the authorised root, wrapped for exactly
that company, lot, part and version. It needs the standard library and `cryptography`.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path

from kernel.canonical import NotCanonical, b64, sha256, unb64

from . import closing, declaration, rehearsal, sealing, suites
from .declaration import BadDeclaration
from .sealing import BadWrap
from .wire import Problem, Wire, call


@dataclass
class Checked:
    """What a holder would give: shares, and what it withholds and why."""

    shares: list[dict] = field(default_factory=list)
    withheld: list[dict] = field(default_factory=list)


def new_key(path: Path, suite: suites.Suite = suites.SUITES[suites.DEFAULT]) -> str:
    """Make an opening key in a file of its owner's alone; return the public recipient."""
    seed = suite.generate()
    recipient = suite.recipient_of(seed)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="ascii") as file:
        file.write(f"# public key: {recipient}\n{suite.identity_text(seed)}\n")
        file.flush()
        os.fsync(file.fileno())
    return recipient


def read_key(path: Path) -> tuple[suites.Suite, bytes]:
    """Suite and seed of a key file; Debian's `age-keygen` writes the same form."""
    lines = Path(path).read_text(encoding="ascii").splitlines()
    text = next(line for line in lines if line.startswith("AGE-SECRET-KEY-"))
    suite = suites.of_identity(text)
    return suite, suite.seed_of(text)


def register(wire, lot_id: str, recipient: str) -> dict:
    """Register the public half as one's opening key of a lot in preparation."""
    return call(wire, "POST", f"/lots/{lot_id}/holder-keys", {"recipient": recipient},
                key=f"register-{lot_id}-{sha256(recipient.encode()).hex()}")


def rehearse(wire, lot_id: str, identity) -> dict:
    """Prove before publication that one can open with the key: one's own nonce, one share.

    Raises NotMine when what comes back is anything else than one's own rehearsal.
    """
    nonce = secrets.token_hex(rehearsal.NONCE_BYTES)
    begun = call(wire, "POST", f"/lots/{lot_id}/rehearsals", {"nonce": nonce},
                 key=f"rehearse-{nonce}")
    share = rehearsal.answer(unb64(begun["wrap"]), identity, begun["log_origin"], lot_id,
                             nonce)
    return call(wire, "POST", f"/lots/{lot_id}/rehearsals/answer",
                {"nonce": nonce, "share": b64(share)}, key=f"rehearsed-{nonce}")


def read_wraps(wire, lot_id: str, prices: bool = False) -> dict:
    """One's wrapped shares with declarations, places and roots; `prices`: the second envelope's."""
    return call(wire, "GET", f"/lots/{lot_id}/{_stage(prices)}/wraps")


def _stage(prices: bool) -> str:
    return "price-opening" if prices else "opening"


def check(wraps: dict, seed: bytes, *, closing_root: str | None = None,
          roots: dict[str, str] | None = None) -> Checked:
    """Unwrap every share that may be given.

    A bid must stand in the closing root and, for each part, in the authorised root. Pass the
    roots read from the public record (`lot.closed`, `opening.authorised`); without them those
    in `wraps` are taken, which proves only that the platform does not contradict itself.
    """
    closing_root = closing_root or wraps["closing_root"]
    roots = roots or wraps["roots"]
    checked = Checked()
    for bid in wraps["bids"]:
        try:
            declared = declaration.parse(bid["declaration"])
            if declared.bid != bid["bid"] or declared.lot != wraps["lot_id"]:
                raise BadWrap("the declaration is about another bid")
            _stands(closing_root, declared, bid["place"], "closing")
        except (BadDeclaration, BadWrap, NotCanonical) as error:
            checked.withheld.append({"bid": bid["bid"], "part": "*", "why": str(error)})
            continue
        for part in bid["parts"]:
            try:
                _stands(roots[part["part"]], declared, part["place"], "authorised")
                share = sealing.unwrap(unb64(part["wrap"]), seed, declared.value, part["part"],
                                       part["path"])
            except (BadWrap, NotCanonical, KeyError) as error:
                checked.withheld.append({"bid": bid["bid"], "part": part["part"],
                                         "why": str(error)})
            else:
                checked.shares.append({"bid": bid["bid"], "part": part["part"],
                                       "share": b64(share)})
    return checked


def _stands(root: str, declared: declaration.Declaration, place: dict, which: str) -> None:
    if not closing.verify(root, declared.bid, declared.hash, closing.Place.from_json(place)):
        raise BadWrap(f"the bid does not stand in the {which} root")


def release(wire, lot_id: str, seed: bytes, *, closing_root: str | None = None,
            roots: dict[str, str] | None = None, prices: bool = False) -> dict:
    """Read, check and give: returns the platform's answer with `withheld` added."""
    checked = check(read_wraps(wire, lot_id, prices), seed, closing_root=closing_root,
                    roots=roots)
    answer = call(wire, "POST", f"/lots/{lot_id}/{_stage(prices)}/official-shares",
                  {"shares": checked.shares}, key=f"release-{_stage(prices)}-{lot_id}")
    return {**answer, "withheld": checked.withheld}


def sign_record(wire, lot_id: str) -> dict:
    """Read the opening record, compare its hash with its content, and sign it."""
    view = call(wire, "GET", f"/lots/{lot_id}/opening-record")
    digest = declaration.digest(view["record"])
    if digest != view["record_hash"]:
        raise ValueError("the opening record does not have the hash the platform says")
    return call(wire, "POST", f"/lots/{lot_id}/opening-record/signatures",
                {"record_hash": digest}, key=f"sign-record-{lot_id}")


def start(wire, lot_id: str, reason: str, prices: bool = False) -> dict:
    """Authorise the opening of a lot, or with `prices` of its second envelope."""
    return call(wire, "POST", f"/lots/{lot_id}/{_stage(prices)}", {"reason": reason},
                key=f"{_stage(prices)}-{lot_id}")


def main(argv: list[str] | None = None) -> int:
    """Run one command of the official's program; return its exit status."""
    parser = argparse.ArgumentParser(prog="yangguang holder", description=__doc__.split("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="address of the platform")
    parser.add_argument("--token-file", type=Path, help="file with a session token "
                        "(default: the variable YANGGUANG_TOKEN)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    add = commands.add_parser("new-key", help="make an opening key")
    add.add_argument("key", type=Path)
    add.add_argument("--suite", choices=suites.SUITES, default=suites.DEFAULT)
    for name, text in (("register", "register the key for a lot"),
                       ("rehearse", "prove before publication that the key opens"),
                       ("check", "say which shares would be given"),
                       ("release", "give one's shares")):
        add = commands.add_parser(name, help=text)
        add.add_argument("key", type=Path)
        add.add_argument("--lot", required=True)
        if name not in ("register", "rehearse"):
            add.add_argument("--closing-root", help="from the public record")
            add.add_argument("--prices", action="store_true", help="of the second envelope")
    for name, text in (("start", "authorise the opening"), ("sign", "sign the opening record")):
        add = commands.add_parser(name, help=text)
        add.add_argument("--lot", required=True)
        if name == "start":
            add.add_argument("--reason", required=True)
            add.add_argument("--prices", action="store_true", help="the second envelope")
    options = parser.parse_args(argv)
    try:
        print(json.dumps(_run(options), ensure_ascii=False, indent=2))
    except (Problem, OSError, ValueError) as error:
        print(f"yangguang holder: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> object:
    if options.command == "new-key":
        return {"recipient": new_key(options.key, suites.get(options.suite))}
    token = options.token_file.read_text().strip() if options.token_file \
        else os.environ.get("YANGGUANG_TOKEN", "")
    wire = Wire(options.url, token)
    if options.command == "register":
        suite, seed = read_key(options.key)
        return register(wire, options.lot, suite.recipient_of(seed))
    if options.command == "rehearse":
        suite, seed = read_key(options.key)
        return rehearse(wire, options.lot, suite.identity(seed))
    if options.command == "start":
        return start(wire, options.lot, options.reason, options.prices)
    if options.command == "sign":
        return sign_record(wire, options.lot)
    (_, seed), root = read_key(options.key), options.closing_root
    if options.command == "check":
        checked = check(read_wraps(wire, options.lot, options.prices), seed, closing_root=root)
        return {"would_give": len(checked.shares), "withheld": checked.withheld}
    return release(wire, options.lot, seed, closing_root=root, prices=options.prices)


if __name__ == "__main__":
    sys.exit(main())
