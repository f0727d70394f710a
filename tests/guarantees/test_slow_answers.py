"""A guarantor that answers a byte at a time is unheard, in a bounded time."""

from __future__ import annotations

import socket
import threading

import pytest

from guarantees import gateway

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize("at_once", [0, len(HEAD)], ids=["headers", "body"])
def test_no_dripping_answer_holds_up_what_waits_behind_it(monkeypatch, at_once):
    monkeypatch.setattr(gateway, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(gateway, "ANSWER_SECONDS", 0.8, raising=False)
    gone = threading.Event()

    def drip(listener: socket.socket) -> None:
        with listener.accept()[0] as taken:
            taken.recv(65536)
            taken.sendall(HEAD[:at_once])
            for byte in (HEAD + b" " * 1000)[at_once:]:
                if gone.wait(0.1):
                    return
                try:
                    taken.sendall(bytes([byte]))
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=drip, args=(listener,), daemon=True)
        server.start()
        asked = threading.Event()
        caught: list[BaseException] = []

        def ask() -> None:
            try:
                gateway.ledger(f"http://127.0.0.1:{listener.getsockname()[1]}", "secret")
            except gateway.Unheard as error:
                caught.append(error)
            asked.set()

        threading.Thread(target=ask, daemon=True).start()
        assert asked.wait(60), "still reading: all of it takes a hundred seconds"
        assert caught
        gone.set()
        server.join()
