"""A guarantor's real process for tests, and a line to it that can be cut."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from tests.served import free_port

ROOT = Path(__file__).parents[2]


class Bank:
    """The simulator as its own process, in a folder; `restart` keeps its port and ledger."""

    def __init__(self, folder: Path, uscc: str):
        self.folder, self.uscc = Path(folder), uscc
        self.card = self._start(free_port())

    def _start(self, port: int) -> dict:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guarantees.simulator", "--folder", str(self.folder),
             "--uscc", self.uscc, "--port", str(port)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return json.loads(self.process.stdout.readline())

    @property
    def url(self) -> str:
        """Its address."""
        return self.card["url"]

    @property
    def public_key(self) -> str:
        """Its verifying key."""
        return self.card["public_key"]

    @property
    def secret(self) -> str:
        """The bearer that the platform shows."""
        return (self.folder / "platform.token").read_text("ascii")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def restart(self) -> None:
        """Start it again where it was."""
        self.card = self._start(urlsplit(self.url).port)

    def ask(self, method: str, path: str, body: object = None, *, token: str | None = None,
            headers: dict | None = None) -> tuple[int, dict]:
        """One request; (status, answer). Without `token` as one of its customers."""
        token = (self.folder / "counter.token").read_text("ascii") if token is None else token
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        try:
            data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
            connection.request(method, path, data, {"Authorization": f"Bearer {token}"}
                               | (headers or {}))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def issue(self, kind: str, **wish) -> dict:
        """Buy a guarantee or pay a deposit in; {instrument, signature}."""
        path = "/deposits" if kind == "cash-deposit" else "/guarantees"
        status, answer = self.ask("POST", path, wish)
        assert status == 201, answer
        return answer

    def ledger(self) -> dict[str, dict]:
        """Its ledger by instrument number."""
        return {line["instrument_no"]: line
                for line in self.ask("GET", "/ledger", token=self.secret)[1]["items"]}

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.kill()


class Line:
    """A line to a guarantor that can be cut after the order was carried out (F10).

    `faults` is a list of modes, one for each connection to come: `drop` refuses before
    anything is sent on, `cut` sends the order on, waits for the answer and never gives it
    back, `garble` spoils the answer. With none left, all goes through.
    """

    def __init__(self, target: str):
        self.target = urlsplit(target)
        self.faults: list[str] = []
        self.carried = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        mode = self.faults.pop(0) if self.faults else "pass"
        with client:
            if mode == "drop":
                return
            request = _message(client)
            with socket.create_connection((self.target.hostname, self.target.port)) as bank:
                bank.sendall(request)
                answer = _message(bank)
            self.carried += 1
            if mode == "cut":
                return
            client.sendall(answer.replace(b"statement", b"st") if mode == "garble" else answer)

    def close(self) -> None:
        """Take it down."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)


def _message(connection: socket.socket) -> bytes:
    """One HTTP message with a Content-Length, whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length")), 0)
    while len(rest) < length:
        more = connection.recv(65536)
        if not more:
            break
        rest += more
    return head + b"\r\n\r\n" + rest
