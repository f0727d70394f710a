"""The opening official's program: make a key, register it, and at the opening give shares.

    yangguang holder key opening.key --lot …
    yangguang holder rehearse opening.key --lot … --log-key log.vkey
    yangguang holder share opening.key --lot … --log-key log.vkey [--witnesses FILE]

The private key never leaves this machine; only shares travel, and only after the checks of
holding.py against the public record under a pinned key. What was believed of the record lies
beside the key (`opening.key.record`), so that a forked or shortened one is noticed. It needs
the standard library and `cryptography`.
"""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
from pathlib import Path

from audit import follow
from kernel.canonical import sha256
from people import x509

from . import declaration, ends, rehearsal, suites
from .client import keys
from .holding import FIRST, PRICES, Holder, Pins
from .wire import call

PROGRAM = "yangguang holder"
AGAIN = "Repeat the same command; it does no harm."
SHARE = ("Not known whether the shares were given. Repeat the same command: giving twice is one "
         "giving, and `opening.shares-given` then says that they were.")


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
    """Suite and seed of a key file; Debian's `age-keygen` writes the same form.

    Raises ValueError for a file that others on this machine may read.
    """
    if os.name == "posix" and stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
        raise ValueError(f"{path} may be read by others: chmod 600 it, or make a new key")
    try:
        return key_of(Path(path).read_bytes().decode("ascii"))
    except ValueError as error:
        raise ValueError(f"{path} is no opening key: {error}") from error


def key_of(text: str) -> tuple[suites.Suite, bytes]:
    """Suite and seed of a key file's text. Raises ValueError."""
    found = [line for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-")]
    if len(found) != 1:
        raise ValueError(f"it holds {len(found)} lines AGE-SECRET-KEY-…, not one")
    suite = suites.of_identity(found[0])
    return suite, suite.seed_of(found[0])


def state_of(path: Path) -> Path:
    """Where a program with the key at `path` keeps what it believes of the record."""
    return path.with_name(path.name + ".record")


def register(wire, lot_id: str, recipient: str, replaces: str | None = None, *,
             signer: x509.CertifiedKey | None = None, log_origin: str = "") -> dict:
    """Register the public half as one's opening key of a lot in preparation.

    A `signer`, the certificate of one's unit, certifies it in the record called `log_origin`;
    without it the supervisor must.
    """
    body = {"recipient": recipient} | ({"replaces": replaces} if replaces else {})
    if signer is not None:
        key, signature = declaration.sign(
            rehearsal.statement(log_origin, lot_id, recipient), signer)
        body |= {"certificate": key["certificate"], "signature": signature}
    return call(wire, "POST", f"/lots/{lot_id}/holder-keys", body,
                key=f"register-{lot_id}-{sha256(recipient.encode()).hex()}")


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
    place = PRICES if prices else FIRST
    return call(wire, "POST", f"/lots/{lot_id}/{place}", {"reason": reason},
                key=f"{place}-{lot_id}")


def main(argv: list[str] | None = None) -> int:
    """Run one command of the official's program; return its exit status."""
    parser = argparse.ArgumentParser(prog="yangguang holder", description=__doc__.split("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="address of the platform")
    parser.add_argument("--token-file", type=Path, help="file with a session token "
                        "(default: the variable YANGGUANG_TOKEN)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    add = commands.add_parser("key", help="make an opening key; with --lot register it")
    add.add_argument("key", type=Path)
    add.add_argument("--suite", choices=suites.SUITES, default=suites.DEFAULT)
    add.add_argument("--lot")
    add.add_argument("--replaces", help="the id of the lost key that this one replaces")
    add.add_argument("--certificate", type=Path, metavar="PEM", help="certify the key by a "
                     "certificate of one's unit: its chain; needs --certificate-key and --log-key")
    add.add_argument("--certificate-key", type=Path, metavar="PEM", help="its private key")
    add.add_argument("--key-password-file", type=Path, metavar="FILE",
                     help="where that is encrypted; else its password is asked for")
    add.add_argument("--log-key", type=Path, help="the log's key (a vkey file): names the record "
                     "that the certificate signs for")
    for name, text in (("rehearse", "prove before publication that the key opens"),
                       ("share", "check everything against the record, and give one's shares")):
        add = commands.add_parser(name, help=text)
        add.add_argument("key", type=Path)
        add.add_argument("--lot", required=True)
        add.add_argument("--log-key", type=Path, required=True, help="the log's key, as printed "
                         "in the notice (a vkey file)")
        add.add_argument("--witnesses", type=Path, help="file: `quorum N`, then their keys")
        add.add_argument("--record", type=Path, help="read the record from this folder instead")
        if name == "share":
            add.add_argument("--dry-run", action="store_true", help="say what would be given")
            add.add_argument("--partial", action="store_true", help="give those that can be given, "
                             "although others are withheld: shares are given once")
            add.add_argument("--empty", action="store_true", help="say that one gives none")
            add.add_argument("--prices", action="store_true", help="of the second envelope")
    for name, text in (("start", "authorise the opening"), ("sign", "sign the opening record")):
        add = commands.add_parser(name, help=text)
        add.add_argument("--lot", required=True)
        if name == "start":
            add.add_argument("--reason", required=True)
            add.add_argument("--prices", action="store_true", help="the second envelope")
    options = parser.parse_args(argv)
    return ends.run(PROGRAM, lambda: print(json.dumps(_run(options), ensure_ascii=False, indent=2)),
                    after=SHARE if options.command == "share" else AGAIN)


def _run(options: argparse.Namespace) -> object:
    if options.command == "key" and not options.lot:
        return _key(None, options)
    wire = ends.wire(PROGRAM, options.url, options.token_file)
    if options.command == "start":
        return start(wire, options.lot, options.reason, options.prices)
    if options.command == "sign":
        return sign_record(wire, options.lot)
    if options.command == "key":
        return _key(wire, options)
    pins = Pins.read(options.log_key, options.witnesses)
    holder = Holder(wire, *read_key(options.key), pins, state_of(options.key),
                    source=options.record and follow.folder(options.record))
    if options.command == "rehearse":
        return holder.rehearse(options.lot)
    place = PRICES if options.prices else FIRST
    if options.dry_run:
        checked = holder.check(options.lot, place)
        return {"would_give": len(checked.shares), "withheld": checked.withheld}
    return holder.share(options.lot, partial=options.partial, empty=options.empty,
                        place=place)


def _key(wire, options: argparse.Namespace) -> object:
    if not options.key.exists():
        new_key(options.key, suites.get(options.suite))
    suite, seed = read_key(options.key)
    if not options.lot:
        return {"recipient": suite.recipient_of(seed)}
    signing: dict = {}
    if options.certificate is not None:
        if options.certificate_key is None or options.log_key is None:
            raise ValueError("--certificate needs --certificate-key and --log-key")
        signing = {"signer": keys.signer(options.certificate_key, options.certificate,
                                         options.key_password_file),
                   "log_origin": Pins.read(options.log_key).log.name}
    return register(wire, options.lot, suite.recipient_of(seed), options.replaces, **signing)


if __name__ == "__main__":
    sys.exit(main())
