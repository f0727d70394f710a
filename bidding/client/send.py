"""Sending a sealed bid: declare, upload, keep the receipt; all harmless to repeat."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from audit import note
from kernel.canonical import jcs
from kernel.files import write_whole
from people import x509

from .. import blocks, declaration, promise
from ..wire import TRIES, Problem, call
from .seal import load

Progress = Callable[[str, int, int], None]
"""`progress(part, bytes so far, bytes in all)`."""
RECEIPT_FILE = "receipt.txt"

ASK_AGAIN = 10
"""Times the receipt is asked for when everything is there and no answer carried it."""


def silent(part: str, done: int, total: int) -> None:
    """No progress shown."""


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
    answer, declared = upload(wire, folder, progress), load(folder)["declaration"]
    for _ in range(ASK_AGAIN):
        if answer.get("receipt"):
            break
        # A request that was cut may still be finishing the submission.
        time.sleep(0.2)
        answer = _version(wire, declared) or answer
    says = promise.read(answer.get("receipt") or "", platform)
    if says["declaration"] != declaration.digest(declared):
        raise promise.BadPromise("the receipt is about another declaration")
    write_whole(Path(folder) / RECEIPT_FILE, answer["receipt"])
    return says


def withdraw(wire, folder: Path, signing: bytes | x509.CertifiedKey) -> dict:
    """Withdraw the sealed version in `folder`, which stands."""
    value = declaration.withdrawal(load(folder)["declaration"])
    key, signature = declaration.sign(value, signing)
    return call(wire, "POST", f"/bids/{value['bid']}/withdrawal",
                {"withdrawal": jcs(value).decode(), "key": key, "signature": signature},
                key="withdraw-" + value["declaration"])


def receipts(wire, bid: str) -> dict:
    """One's promises, proofs and closing path."""
    return call(wire, "GET", f"/bids/{bid}/receipts")


def open_bid(wire, folder: Path, prices: bool = False) -> dict:
    """Give one's own share of every part that is authorised; with `prices` those of the second
    envelope."""
    kept = load(folder)
    bid, stage = kept["declaration"]["bid"], "price-" if prices else ""
    roots = call(wire, "GET", f"/lots/{kept['declaration']['lot']}/{stage}opening")["roots"]
    return call(wire, "POST", f"/bids/{bid}/{stage or 'opening-'}share",
                {"shares": {part: share for part, share in kept["own"].items() if part in roots}},
                key=f"{stage}open-{bid}-{kept['declaration']['version']}")
