"""A webhook's receiver as a process of its own, which kills itself or the sender when told to.

As a program: PORT FOLDER SECRET. It checks each call with another's implementation of Standard
Webhooks and adds it, durably, to FOLDER/heard. FOLDER/orders says what to do with the next calls:

    ok            hear it and answer
    500           do not hear it, answer 500
    kill          hear it, kill the sender before it has the answer
    kill-unheard  kill the sender, hear nothing
    kill-after    hear it, answer, and kill the sender at once
    die           be killed before hearing it
    die-heard     hear it, be killed before answering
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from standardwebhooks.webhooks import Webhook


class Receiver:
    """Starts the process, again where it has died; reads what it heard."""

    def __init__(self, port: int, folder: Path, secret: str, orders: list[str]):
        self.folder, self.starts = folder, 0
        self._command = [sys.executable, os.path.abspath(__file__), str(port), str(folder), secret]
        self._process: subprocess.Popen | None = None
        (folder / "orders").write_text("".join(f"{one}\n" for one in orders))
        (folder / "heard").touch()

    def ensure(self) -> None:
        """See to it that somebody listens."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n"
        self._process.stdout.close()
        self.starts += 1

    def heard(self) -> list[dict]:
        """The calls that were heard, in their order."""
        return [json.loads(line) for line in (self.folder / "heard").read_text().splitlines()]

    def orders(self) -> list[str]:
        """What it was told to do and has not come to."""
        return (self.folder / "orders").read_text().split()

    def close(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def main(port: str, folder: str, secret: str) -> None:
    """Listen until killed."""
    where = Path(folder)

    def order() -> str:
        first, _, rest = (where / "orders").read_text().partition("\n")
        fresh = where / "orders.new"
        fresh.write_text(rest)
        fresh.replace(where / "orders")
        return first or "ok"

    def kill_sender() -> None:
        os.kill(int((where / "sender").read_text()), signal.SIGKILL)

    class Handler(BaseHTTPRequestHandler):
        """Does with each call what the next order says."""

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            what = order()
            if what == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if what in ("ok", "kill", "kill-after", "die-heard"):
                self.hear(body)
            if what == "die-heard":
                os.kill(os.getpid(), signal.SIGKILL)
            if what in ("kill", "kill-unheard"):
                return kill_sender()
            self.send_response(500 if what == "500" else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if what == "kill-after":
                self.wfile.flush()
                kill_sender()

        def hear(self, body: str) -> None:
            try:
                Webhook(secret).verify(body, dict(self.headers))
                problem = ""
            except Exception as error:  # noqa: BLE001  (the test reads what it was)
                problem = repr(error)
            line = json.dumps({"id": self.headers["webhook-id"], "body": body, "problem": problem})
            with open(where / "heard", "a") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())

        def log_message(self, *_):
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", int(port)), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
