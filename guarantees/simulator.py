"""A guarantor that runs elsewhere: its own process, HTTP API, ledger and key.

    python -m guarantees.simulator --folder FOLDER --uscc CODE [--port N]

It stands where a bank's system stands, and knows nothing of the platform but its HTTP
interface. What it needs lies in its folder:

    guarantor.json   written at start: {uscc, public_key, url}
    counter.token    the bearer of its customers (who buy guarantees, pay deposits in)
    platform.token   the bearer the platform shows when it orders a release
    callback.json    optional: {"url": …, "token": …} of the platform, for confirmations that
                     are sent by themselves; read anew at every attempt

| request | bearer | answer |
|---|---|---|
| POST /guarantees | counter | 201 {instrument, signature} |
| POST /deposits | counter | 201 {instrument, signature} |
| POST /prolongations | counter | 201 {instrument, signature} |
| POST /releases, Idempotency-Key | platform | 200 {statement, signature} |
| GET /ledger | platform | 200 {items: […]} |
| GET /health | none | 200 {uscc, public_key} |

A release is executed once and booked before it is answered; asked again, the answer is the
same bytes. This program uses none of the platform's tables and not Flask.
"""

from __future__ import annotations

import argparse
import hmac
import http.client
import json
import os
import secrets
import sys
import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from urllib.parse import urlsplit

from kernel.canonical import NotCanonical, parse, parse_time, truncate

from .instrument import BANK_GUARANTEE, CASH_DEPOSIT, Instrument, read_instrument
from .ledger import Declined, Ledger, Paper

LARGEST = 65536
CALLBACK_SECONDS = 2


class Guarantor(ThreadingHTTPServer):
    """The guarantor's server; `shutdown()` ends it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path, uscc: str, port: int = 0, host: str = "127.0.0.1"):
        self.ledger = Ledger(folder, uscc)
        self.counter = _token(self.ledger.folder / "counter.token")
        self.platform = _token(self.ledger.folder / "platform.token")
        super().__init__((host, port), Handler)
        self.stopping = threading.Event()
        self.url = f"http://{host}:{self.server_address[1]}"
        (self.ledger.folder / "guarantor.json").write_text(json.dumps(self.card()), "utf-8")

    def card(self) -> dict[str, str]:
        """What may be known of this guarantor."""
        return {"uscc": self.ledger.uscc, "public_key": self.ledger.public_key, "url": self.url}

    def server_bind(self) -> None:
        """Bind, without asking the network for our own name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def call_back(self) -> None:
        """Tell the platform of executed releases until stopped; harmless to repeat."""
        while not self.stopping.wait(CALLBACK_SECONDS):
            try:
                self.tell()
            except (OSError, ValueError, http.client.HTTPException) as error:
                print(f"the platform was not reached: {type(error).__name__}", file=sys.stderr)

    def tell(self) -> int:
        """One round of confirmations to the platform; return how many it took or already had."""
        path = self.ledger.folder / "callback.json"
        if not path.exists():
            return 0
        platform = json.loads(path.read_text("utf-8"))
        count = 0
        for guarantee, paper in self.ledger.untold():
            status = _post(platform["url"], platform["token"], guarantee, paper)
            if status in (200, 201, 409):
                self.ledger.told(paper)
                count += 1
        return count


class Handler(BaseHTTPRequestHandler):
    """One request at the guarantor's interface."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Guarantor

    def do_GET(self) -> None:
        """Ledger and health."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Issue, accept a deposit, release."""
        self._answer(self._post)

    def _get(self) -> tuple[int, dict]:
        if self.path == "/health":
            return 200, self.server.card()
        if self.path == "/ledger":
            self._need(self.server.platform)
            return 200, {"items": self.server.ledger.lines()}
        raise Declined(404, "no such path")

    def _post(self) -> tuple[int, dict]:
        body = self._body()
        if self.path == "/releases":
            self._need(self.server.platform)
            paper = self.server.ledger.release(self.headers.get("Idempotency-Key", ""),
                                               body.decode("utf-8"))
            return 200, {"statement": paper.text, "signature": paper.signature}
        if self.path == "/prolongations":
            self._need(self.server.counter)
            wish = parse(body)
            paper = self.server.ledger.prolong(wish["instrument_no"],
                                               date.fromisoformat(wish["valid_until"]))
            return 201, {"instrument": paper.text, "signature": paper.signature}
        kind = {"/guarantees": BANK_GUARANTEE, "/deposits": CASH_DEPOSIT}.get(self.path)
        if kind is None:
            raise Declined(404, "no such path")
        self._need(self.server.counter)
        paper = self.server.ledger.issue(self._draft(kind, parse(body)))
        return 201, {"instrument": paper.text, "signature": paper.signature}

    def _draft(self, kind: str, wish: object) -> Instrument:
        """An instrument from a customer's wish; `on` lets a demonstration's days pass."""
        if not isinstance(wish, dict):
            raise Declined(422, "an object is needed")
        now = parse_time(wish["on"]) if "on" in wish else truncate(datetime.now(UTC))
        cash = kind == CASH_DEPOSIT
        number = wish.get("instrument_no") or f"{now:%Y%m%d}-{secrets.token_hex(6)}"
        draft = Instrument(
            kind=kind, guarantor=self.server.ledger.uscc, instrument_no=number,
            **{name: wish[name] for name in (
                "applicant", "beneficiary", "tender", "lot", "amount_fen")},
            issued_at=now, valid_until=None if cash else date.fromisoformat(wish["valid_until"]),
            independent=not cash,
            payer_account_digest=self.server.ledger.payer(
                wish["account_name"], wish["account_number"]) if cash else None,
            received_on=date.fromisoformat(wish["received_on"]) if cash else None)
        return read_instrument(draft.as_bytes())

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self.close_connection = True
            raise Declined(413, "a body of at most 64 KiB is needed")
        return self.rfile.read(int(length))

    def _need(self, token: str) -> None:
        shown = self.headers.get("Authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
            raise Declined(401, "the bearer is not known")

    def _answer(self, work) -> None:
        try:
            status, facts = work()
        except Declined as declined:
            status, facts = declined.status, {"problem": str(declined)}
        except (NotCanonical, KeyError, TypeError, ValueError) as error:
            status, facts = 422, {"problem": f"{type(error).__name__}: {error}"}
        data = json.dumps(facts, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args) -> None:
        """Say nothing: what is asked here names companies."""


def _post(base: str, token: str, guarantee: str, paper: Paper) -> int:
    parts = urlsplit(base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=10)
    try:
        connection.request(
            "POST", f"{parts.path.rstrip('/')}/api/v1/guarantees/{guarantee}/release-confirmation",
            json.dumps({"statement": paper.text, "signature": paper.signature}),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json",
             "Idempotency-Key": f"confirm-{guarantee}"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def _token(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text("ascii").strip()


def main(argv: list[str] | None = None) -> int:
    """Run a guarantor until it is stopped; return its exit status."""
    parser = argparse.ArgumentParser(prog="yangguang guarantor", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--uscc", required=True, help="its unified social credit code")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    options = parser.parse_args(argv)
    server = Guarantor(options.folder, options.uscc, options.port)
    threading.Thread(target=server.call_back, daemon=True).start()
    print(json.dumps(server.card()), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.stopping.set()
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
