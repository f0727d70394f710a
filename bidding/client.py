"""The tenderer's program: seal, submit, follow, replace, withdraw and open a bid.

    yangguang bid new-key signing.key · bind-key signing.key
    yangguang bid seal --url … --lot … --uscc … --key signing.key --price-fen … --out DIR …
    yangguang bid submit DIR        (may be interrupted and repeated)
    yangguang bid status DIR · withdraw DIR · open DIR

Everything is sealed on this machine before anything is sent; the seeds in `bid.key` never
leave it before the opening. It needs the standard library and `cryptography`, no more.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import note
from kernel.canonical import b64, jcs, sha256, unb64
from people.rules import key_statement

from . import blocks, content, declaration, manifest, policy, promise, sealing, suites
from .manifest import Form
from .sealing import Terms
from .wire import TRIES, Problem, Wire, call

KEY_FILE = "bid.key"
Progress = Callable[[str, int, int], None]
"""`progress(part, bytes so far, bytes in all)`."""


def silent(part: str, done: int, total: int) -> None:
    """No progress shown."""


@dataclass(frozen=True)
class Notice:
    """A lot as the platform tells it, checked as far as a stranger can."""

    terms: Terms
    lot: dict

    @property
    def platform(self) -> note.Verifier:
        """The key under which promises are given."""
        return note.Verifier.parse(self.lot["seal"]["platform_vkey"])


def read_notice(wire, lot_id: str) -> Notice:
    """Read a published lot and pin what is sealed for. Raises ValueError when it contradicts
    itself or asks for a suite this program does not know."""
    lot = call(wire, "GET", f"/lots/{lot_id}")
    terms = Terms(lot["seal"]["log_origin"], lot["suite"], lot["tender_id"], lot["id"],
                  lot["policy"])
    terms.check()
    if policy.policy_hash(terms.policy) != lot["policy_hash"]:
        raise ValueError("the notice's policy does not have its hash")
    return Notice(terms, lot)


def seal(notice: Notice, uscc: str, signing_seed: bytes, form: Form, technical: list[Path],
         price: list[Path], folder: Path, *, replaces: Path | None = None,
         progress: Callable[[str, int], None] = lambda part, size: None) -> dict:
    """Seal a bid into `folder` and write its key file there; return what the key file holds.

    `replaces` is the folder of the version that stands; the new one follows it and is signed
    by the same key, or the platform will refuse it.
    """
    bid, version, previous = None, 1, None
    if replaces is not None:
        before = load(replaces)["declaration"]
        bid, version = before["bid"], before["version"] + 1
        previous = declaration.digest(before)
    manifest.read_form(form.to_json())
    sealed = sealing.seal(notice.terms, uscc, form, technical, price, Path(folder), bid=bid,
                          version=version, previous=previous, progress=progress)
    _look_again(sealed)
    signature = declaration.sign(sealed.declaration, signing_seed)
    path = Path(folder) / KEY_FILE
    sealing.write_key_file(path, sealed, notice.terms, signature)
    return load(folder)


class _OnDisk:
    def __init__(self, path: Path):
        self._file = open(path, "rb")  # noqa: SIM115
        self.size = os.fstat(self._file.fileno()).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, offset)

    def close(self) -> None:
        self._file.close()


def _look_again(sealed: sealing.Sealed) -> None:
    """Open every sealed part as the opening will; a fault is better found now than then."""
    for part in sealed.declaration["parts"]:
        binding = {name: sealed.declaration[name] for name in (
            "log_origin", "tender", "lot", "bid", "tenderer", "version")}
        on_disk = _OnDisk(sealed.files[part["part"]])
        try:
            content.examine(on_disk, suites.of_recipient(part["recipient"]).identity(sealed.seeds[part["part"]]),
                            {**binding, "part": part["part"]}, part["manifest_hash"])
        finally:
            on_disk.close()


def load(folder: Path) -> dict:
    """What the key file of a sealed bid holds: declaration, wraps, seeds, own shares."""
    return sealing.read_key_file(Path(folder) / KEY_FILE)


def declare(wire, folder: Path) -> dict:
    """Declare a sealed bid, or its replacement; harmless to repeat."""
    kept = load(folder)
    declared = kept["declaration"]
    body = {"declaration": jcs(declared).decode(), "key": kept["key"],
            "signature": kept["signature"], "wraps": kept["wraps"]}
    path = f"/lots/{declared['lot']}/bids" if declared["version"] == 1 \
        else f"/bids/{declared['bid']}/versions"
    try:
        return call(wire, "POST", path, body, key="declare-" + declaration.digest(declared))
    except Problem as problem:
        # Declared before, and the answer was lost together with its key.
        if problem.code not in ("bid.id-taken", "bid.already-standing", "access.denied",
                                "bid.not-the-last"):
            raise
        view = _version(wire, declared)
        if view is None:
            raise
        return view


def _version(wire, declared: dict) -> dict | None:
    """The version as the platform sees it; after the deadline from its receipts."""
    digest = declaration.digest(declared)
    for view in (status, receipts):
        try:
            versions = view(wire, declared["bid"])["versions"]
        except Problem:
            continue
        return next((one for one in versions if one["declaration_hash"] == digest), None)
    return None


def status(wire, bid: str) -> dict:
    """One's own bid: its versions, their states, and which blocks have arrived."""
    return call(wire, "GET", f"/bids/{bid}")


def upload(wire, folder: Path, progress: Progress = silent, *, most: int | None = None) -> dict:
    """Send what is still missing, by tus; the answer to the last piece carries the receipt.

    Goes on where an earlier run was cut off. `most`: stop after so many blocks (None: all).
    Returns the last answer, or the version as it stands where nothing had to be sent.
    """
    declared = load(folder)["declaration"]
    view = _version(wire, declared)
    if view is None:
        raise ValueError("this bid is not declared")
    if view["state"] != "DECLARED":
        return view
    answer, pace = view, Pace()
    for part in declared["parts"]:
        at = next(one["offset"] for one in view["parts"] if one["part"] == part["part"])
        with open(Path(folder) / f"{part['part']}.age", "rb") as file:
            while at < part["size"]:
                length = blocks.BLOCK * (pace.blocks if most is None else min(most, pace.blocks))
                if length == 0:
                    return answer
                file.seek(at)
                data = file.read(length)
                with pace:
                    answer, at = _send(wire, declared, part["part"], at, data)
                if most is not None:
                    most -= blocks.count(len(data))
                progress(part["part"], at, part["size"])
    return answer


class Pace:
    """How many blocks go into one request: more while a request takes less than a second."""

    MOST = 8

    def __init__(self) -> None:
        self.blocks = 1

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_error: object) -> None:
        quick = time.monotonic() - self._began < 1
        self.blocks = min(self.MOST, self.blocks * 2) if quick else max(1, self.blocks // 2)


def _send(wire, declared: dict, part: str, at: int, data: bytes) -> tuple[dict, int]:
    """Send one piece; (answer, bytes of the part that are there now)."""
    try:
        return send_piece(wire, declared, part, at, data), at + len(data)
    except Problem as problem:
        # The answer to an earlier try may have been lost, and with it the receipt.
        view = _version(wire, declared)
        if view is not None and view["state"] == "SUBMITTED":
            return view, at + len(data)
        if problem.code == "upload.offset":
            return view or {}, int(problem.facts["offset"])
        raise


def send_piece(wire, declared: dict, part: str, at: int, data: bytes,
               tries: int = TRIES) -> dict:
    """Send bytes of a part that begin at `at`; harmless to repeat."""
    path = f"/bids/{declared['bid']}/versions/{declared['version']}/parts/{part}/upload"
    return call(wire, "PATCH", path, data=data, tries=tries,
                headers={"Tus-Resumable": "1.0.0", "Upload-Offset": str(at),
                         "Content-Type": "application/offset+octet-stream"})


def submit(wire, folder: Path, platform: note.Verifier, progress: Progress = silent) -> dict:
    """Declare, send, and check the receipt: returns what the promise says.

    Writes `receipt.txt` into the folder. Raises Problem or BadPromise.
    """
    declare(wire, folder)
    answer = upload(wire, folder, progress)
    says = promise.read(answer["receipt"] or "", platform)
    if says["declaration"] != declaration.digest(load(folder)["declaration"]):
        raise promise.BadPromise("the receipt is about another declaration")
    (Path(folder) / "receipt.txt").write_text(answer["receipt"], encoding="utf-8")
    return says


def withdraw(wire, folder: Path, signing_seed: bytes) -> dict:
    """Withdraw the sealed version in `folder`, which stands."""
    value = declaration.withdrawal(load(folder)["declaration"])
    key, signature = declaration.sign(value, signing_seed)
    return call(wire, "POST", f"/bids/{value['bid']}/withdrawal",
                {"withdrawal": jcs(value).decode(), "key": key, "signature": signature},
                key="withdraw-" + value["declaration"])


def receipts(wire, bid: str) -> dict:
    """One's promises, proofs and closing path."""
    return call(wire, "GET", f"/bids/{bid}/receipts")


def open_bid(wire, folder: Path) -> dict:
    """Give one's own share of every part, once the opening is authorised."""
    kept = load(folder)
    bid = kept["declaration"]["bid"]
    return call(wire, "POST", f"/bids/{bid}/opening-share", {"shares": kept["own"]},
                key=f"open-{bid}-{kept['declaration']['version']}")


def new_key(path: Path) -> str:
    """Make an Ed25519 signing key in a file of its owner's alone; return the public key."""
    seed = os.urandom(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="ascii") as file:
        file.write(b64(seed) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return declaration.sign({"type": "", "log_origin": ""}, seed)[0]


def read_key(path: Path) -> bytes:
    """The 32-byte seed that `new_key` wrote."""
    return unb64(Path(path).read_text(encoding="ascii").strip(), 32)


def bind_key(wire, signing_seed: bytes) -> dict:
    """Bind a signing key to one's company; the session needs a fresh second factor."""
    who = call(wire, "GET", "/session")
    key = Ed25519PrivateKey.from_private_bytes(signing_seed)
    public = key.public_key().public_bytes_raw()
    said = key_statement(who["log_origin"], who["account_id"], public)
    return call(wire, "POST", "/signing-keys",
                {"public_key": b64(public), "proof": b64(key.sign(said))},
                key="bind-" + sha256(public).hex())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yangguang bid", description=__doc__.split("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="address of the platform")
    parser.add_argument("--token-file", type=Path, help="file with an API token "
                        "(default: the variable YANGGUANG_TOKEN)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    add = commands.add_parser("new-key", help="make a signing key")
    add.add_argument("file", type=Path)
    add = commands.add_parser("bind-key", help="bind a signing key to one's company")
    add.add_argument("file", type=Path)
    for name, text in (("seal", "seal a bid on this machine; nothing is sent"),
                       ("replace", "seal the next version of a bid that stands")):
        add = commands.add_parser(name, help=text)
        if name == "replace":
            add.add_argument("standing", type=Path, help="folder of the version that stands")
        add.add_argument("--lot", required=True)
        add.add_argument("--uscc", required=True, help="unified social credit code")
        add.add_argument("--key", type=Path, required=True, help="signing key file")
        add.add_argument("--price-fen", type=int, required=True)
        add.add_argument("--period-days", type=int, required=True)
        add.add_argument("--quality", required=True)
        add.add_argument("--leader", required=True)
        add.add_argument("--technical", type=Path, nargs="+", required=True)
        add.add_argument("--price", type=Path, nargs="+", required=True)
        add.add_argument("--out", type=Path, required=True)
    for name, text in (("submit", "declare and send; may be repeated"),
                       ("status", "say how a bid stands"), ("receipts", "fetch promises and proofs"),
                       ("open", "give one's own shares at the opening")):
        commands.add_parser(name, help=text).add_argument("folder", type=Path)
    add = commands.add_parser("withdraw", help="withdraw a bid that stands")
    add.add_argument("folder", type=Path)
    add.add_argument("--key", type=Path, required=True)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command of the tenderer's program; return its exit status."""
    options = _parser().parse_args(argv)
    try:
        _run(options)
    except (Problem, OSError, ValueError) as error:
        print(f"yangguang bid: {error}", file=sys.stderr)
        if isinstance(error, Problem) and "promise" in error.facts:
            print(error.facts["promise"], end="")
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    if options.command == "new-key":
        print(new_key(options.file))
        return
    token = options.token_file.read_text().strip() if options.token_file \
        else os.environ.get("YANGGUANG_TOKEN", "")
    wire = Wire(options.url, token)
    if options.command == "bind-key":
        _say(bind_key(wire, read_key(options.file)))
        return
    if options.command in ("seal", "replace"):
        form = Form(options.price_fen, options.period_days, options.quality, options.leader)
        kept = seal(read_notice(wire, options.lot), options.uscc, read_key(options.key), form,
                    options.technical, options.price, options.out,
                    replaces=getattr(options, "standing", None), progress=_sealing)
        _say({"bid": kept["declaration"]["bid"], "version": kept["declaration"]["version"],
              "declaration": declaration.digest(kept["declaration"]),
              "bytes": {part["part"]: part["size"] for part in kept["declaration"]["parts"]}})
        return
    declared = load(options.folder)["declaration"]
    if options.command == "submit":
        _say(submit(wire, options.folder, read_notice(wire, declared["lot"]).platform, _bar))
    elif options.command == "status":
        try:
            _say(status(wire, declared["bid"]))
        except Problem:
            _say(receipts(wire, declared["bid"]))
    elif options.command == "receipts":
        _say(receipts(wire, declared["bid"]))
    elif options.command == "withdraw":
        _say(withdraw(wire, options.folder, read_key(options.key)))
    else:
        _say(open_bid(wire, options.folder))


def _say(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _sealing(part: str, size: int) -> None:
    print(f"\rsealing {part:<10}", end="", file=sys.stderr)


def _bar(part: str, done: int, total: int) -> None:
    share = done * 30 // total
    print(f"\r{part:<10} [{'#' * share:<30}] {done * 100 // total:3d} %",
          end="\n" if done == total else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
