"""Requests that two readers could read differently, over a socket to the real web server (Q65).

Each is refused or read in the one way that leaves nothing over: behind each lies a second
request, which must never be answered unless the first ends just before it.
"""

from __future__ import annotations

import json
import re
import socket
from contextlib import suppress

import pytest

from tests.served import served

HOST = b"Host: localhost\r\n"
SMUGGLED = b"GET /api/v1/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
ADDRESS = b"/api/v1/session"

TWO_WAYS = {
    "CL and TE": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "TE and CL": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "CL and TE, TE spelled with a blank": b"Content-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "CL and TE after a tab": b"Content-Length: 4\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
    "two TE": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "TE of two": b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "TE chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "TE chunked not last": b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "TE unknown": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "TE quoted": b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "TE with a control": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "two CL that differ": b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "two CL alike": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "CL list": b"Content-Length: 0, 44\r\n\r\n",
    "CL with a sign": b"Content-Length: +0\r\n\r\n",
    "CL negative": b"Content-Length: -1\r\n\r\n",
    "CL hexadecimal": b"Content-Length: 0x0\r\n\r\n",
    "CL with a low line": b"Content-Length: 0_0\r\n\r\n",
    "CL in other digits": "Content-Length: ０\r\n\r\n".encode(),
    "CL empty": b"Content-Length: \r\n\r\n",
    "CL with a blank before the colon": b"Content-Length : 0\r\n\r\n",
    "CL beyond all numbers": b"Content-Length: " + b"9" * 400 + b"\r\n\r\n",
    "a folded header": b"X-Note: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a folded CL": b"Content-Length:\r\n 0\r\n\r\n",
    "bare LF after a header": b"X-Note: a\nContent-Length: 44\r\n\r\n",
    "bare CR in a header": b"X-Note: a\rContent-Length: 44\r\n\r\n",
    "a NUL in a header": b"X-Note: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "a header without a name": b": a\r\nContent-Length: 0\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    "a name with a blank": b"X Note: a\r\nContent-Length: 0\r\n\r\n",
    "two hosts": b"Host: other.example.com\r\nContent-Length: 0\r\n\r\n",
    "an expectation we do not know": b"Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n",
    "a header of 9 KB": b"X-Note: " + b"a" * 9000 + b"\r\nContent-Length: 0\r\n\r\n",
    "101 headers": b"X-Note: a\r\n" * 101 + b"Content-Length: 0\r\n\r\n",
}
"""Behind `POST /api/v1/session` and its host: refused with 4xx or 501, and nothing behind is read."""

LINES = {
    "bare LF": b"POST " + ADDRESS + b" HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n",
    "no version": b"GET " + ADDRESS + b"\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET " + ADDRESS + b" HTTP/0.9\r\n" + HOST + b"\r\n",
    "HTTP/9.9": b"GET " + ADDRESS + b" HTTP/9.9\r\n" + HOST + b"\r\n",
    "HTTP/1.1 in other letters": b"GET " + ADDRESS + b" http/1.1\r\n" + HOST + b"\r\n",
    "a method in small letters": b"get " + ADDRESS + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a blank in the address": b"GET /api/v1 /session HTTP/1.1\r\n" + HOST + b"\r\n",
    "a control in the address": b"GET /api/v1\x01/session HTTP/1.1\r\n" + HOST + b"\r\n",
    "two blanks": b"GET  " + ADDRESS + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "an address of 9 KB": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "an address in UTF-8": "GET /招标 HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a proxy's line": b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1\r\n" + HOST + b"\r\n",
    "TLS": bytes.fromhex("16030100f1010000ed0303") + b"\r\n\r\n",
}
"""Whole beginnings that are no request of ours."""

CHUNKS = (
    b"5\r\nhello\r\n0\r\n\r\n", b"0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n",
    b" 5\r\nhello\r\n0\r\n\r\n", b"\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n",
    b"5;a=\nb\r\nhello\r\n0\r\n\r\n", b"4\r\nhello\r\n0\r\n\r\n", b"f" * 18 + b"\r\nhello\r\n0\r\n\r\n",
    b"5\r\nhello\r\n0\r\nContent-Length: 44\r\n\r\n", b"5\r\nhel", b"",
)
"""Chunked bodies, well and badly formed: no route takes any, and nothing behind one is read."""


@pytest.fixture
def database():
    return "sqlite"


@pytest.fixture
def ask(world, tmp_path, monkeypatch):
    """`ask(bytes)`: all that comes back until the server closes, or is silent."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", f"--error-logfile {tmp_path / 'log'}")
    with served(world, workers="1") as address:
        port = int(address.rpartition(":")[2])

        def send(data: bytes, end: bool = True) -> bytes:
            with socket.create_connection(("127.0.0.1", port), timeout=120) as wire:
                wire.sendall(data)
                if end:
                    with suppress(OSError):  # it may have answered and closed already
                        wire.shutdown(socket.SHUT_WR)
                said = b""
                while piece := _received(wire):
                    said += piece
                return said

        yield send


def _received(wire: socket.socket) -> bytes:
    try:
        return wire.recv(65536)
    except ConnectionResetError:
        return b""


def answers(said: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """The answers in what a server said, one after another: (status, headers, body)."""
    found = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .+", first)
        assert match, said[:200]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers["content-length"])
        found.append((int(match[1]), headers, rest[:length]))
        said = rest[length:]
    return found


def refused(found, what: str) -> int:
    """The one answer is a refusal in our form, and the connection ends with it."""
    assert len(found) == 1, (what, [one[0] for one in found])
    (status, headers, body), = found
    assert 400 <= status < 500 or status in (501, 505), (what, status)
    assert headers["content-type"] == "application/problem+json", (what, headers)
    said = json.loads(body)
    assert said["status"] == status and said["do"]["zh"] and said["detail"]["en"], what
    assert headers["x-content-type-options"] == "nosniff" and "content-security-policy" in headers
    assert headers["cache-control"] == "no-store", what
    return status


def test_what_could_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(ask, tmp_path):
    secret = b"Bearer marker-of-a-token"
    for what, rest in TWO_WAYS.items():
        found = answers(ask(b"POST " + ADDRESS + b" HTTP/1.1\r\n" + HOST + rest + SMUGGLED))
        refused(found, what)
    for what, line in LINES.items():
        refused(answers(ask(line + SMUGGLED)), what)
    assert refused(answers(ask(LINES["an address of 9 KB"])), "414") == 414
    assert refused(answers(ask(b"GET / HTTP/1.1\r\n" + HOST + TWO_WAYS["a header of 9 KB"])), "") == 431
    assert refused(answers(ask(b"GET / HTTP/1.1\r\n" + HOST + TWO_WAYS["101 headers"])), "") == 431
    for body in CHUNKS:
        for coding in (b"chunked", b"Chunked", b"identity, chunked"):
            refused(answers(ask(b"POST " + ADDRESS + b" HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: "
                                + coding + b"\r\n\r\n" + body + SMUGGLED)), str(body))
    # A body that looks like a request is a body; what is behind it is the next request.
    for method in (b"GET", b"POST", b"DELETE", b"OPTIONS", b"HEAD"):
        hidden = b"%s /api/v1/time HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
            method, HOST, len(SMUGGLED))
        assert ask(hidden + SMUGGLED).count(b"HTTP/1.1 ") == 1, method
    # A body that ends too early is no request; nothing of it is done.
    for cut in (b"", b"{", b'{"login":"a"}'):
        found = answers(ask(b"POST " + ADDRESS + b" HTTP/1.1\r\n" + HOST + b"Content-Type: "
                            b"application/json\r\nContent-Length: 99\r\n\r\n" + cut))
        assert [one for one in found if one[0] >= 500 or one[0] < 400] == [], cut
    # Nobody speaks another protocol by asking for it.
    upgraded = ask(b"GET /api/v1/time HTTP/1.1\r\n" + HOST + b"Connection: Upgrade, HTTP2-Settings\r\n"
                   b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n")
    assert upgraded.startswith(b"HTTP/1.1 200 ") and b" 101 " not in upgraded
    # What could not be read is not repeated, neither to whoever sent it nor to the log.
    said = ask(b"GET / HTTP/1.1\r\n" + HOST + b"Authorization " + secret + b"\r\n\r\n")
    refused(answers(said), "a header without a colon")
    log = (tmp_path / "log").read_text()
    assert b"marker" not in said and "marker" not in log and "refused unread" in log
    assert "Traceback" not in log and "smuggled" not in log
    # And what is no doubt at all is answered, one after another.
    good = b"GET /api/v1/time HTTP/1.1\r\n" + HOST + b"\r\n"
    assert [status for status, _, _ in answers(ask(good * 3))] == [200] * 3
