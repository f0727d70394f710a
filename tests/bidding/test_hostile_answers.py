"""Programs that run elsewhere against a platform that lies: endless, packed, elsewhere, false."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import socket
import threading

import pytest

from bidding import holder, wire
from bidding.client import commands
from bidding.wire import Problem, Strange, Wire, call, fetch


class Liar:
    """A server on a socket that answers every request with the same bytes, or goes on for ever."""

    def __init__(self, head: str, body: bytes = b"", *, endless: bytes = b"", pause: float = 0):
        self.head, self.body, self.endless, self.pause = head, body, endless, pause
        self.asked: list[bytes] = []
        self.stop = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self.listening.accept()
                threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line:
            self.asked.append(line.recv(65536))
            line.sendall(self.head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + self.body)
            while self.endless and not self.stop.wait(self.pause):
                line.sendall(self.endless)

    def close(self) -> None:
        """Stop."""
        self.stop.set()
        self.listening.close()


@pytest.fixture
def liar(monkeypatch, tmp_path):
    """Makes liars, and ends them."""
    monkeypatch.setattr(wire, "WAIT_SECONDS", 0)
    monkeypatch.setenv("YANGGUANG_PROFILE", str(tmp_path / "profile"))
    made = []

    def make(*given, **more) -> Liar:
        made.append(Liar(*given, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


OK = "HTTP/1.1 200 OK"


@pytest.mark.parametrize("head", [
    OK, f"{OK}\nContent-Length: 99999999999999", f"{OK}\nTransfer-Encoding: chunked"])
def test_an_endless_body_is_not_read_to_its_end(liar, head):
    piece = b"x" * 65536
    if "chunked" in head:
        piece = b"10000\r\n" + piece + b"\r\n"
    one = liar(head, endless=piece)
    with pytest.raises(Strange, match="longer than 1000000 bytes"):
        Wire(one.url, most=1_000_000).request("GET", "/lots")
    assert len(one.asked) == 1, "it is not asked again"


def test_a_body_that_drips_is_given_up(liar):
    one = liar(OK, endless=b" ", pause=0.02)
    with pytest.raises(Strange, match="took longer"):
        Wire(one.url, longest=0.3).request("GET", "/lots")


def test_a_body_shorter_than_it_says_is_no_answer(liar):
    one = liar(f"{OK}\nContent-Length: 50", b'{"id":"1"}')
    with pytest.raises(http.client.IncompleteRead):
        call(Wire(one.url), "GET", "/lots", tries=2)
    assert len(one.asked) == 2


def test_a_bomb_is_not_unpacked(liar):
    bomb = gzip.compress(bytes(20_000_000))
    one = liar(f"{OK}\nContent-Encoding: gzip\nContent-Length: {len(bomb)}", bomb)
    with pytest.raises(Strange, match="packed"):
        call(Wire(one.url), "GET", "/lots")
    with pytest.raises(Strange, match="packed"):
        fetch(Wire(one.url), "/record/checkpoint")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 T", "308 P"])
def test_a_token_goes_to_no_other_host(liar, status):
    other = liar(OK, b"{}")
    one = liar(f"HTTP/1.1 {status}\nLocation: {other.url}/api/v1/lots\nContent-Length: 0")
    with pytest.raises(Strange, match="elsewhere"):
        call(Wire(one.url, "ygs_secret"), "GET", "/lots")
    assert b"ygs_secret" in one.asked[0] and not other.asked


@pytest.mark.parametrize("body", [
    b"[]", b'"x"', b"7", b"null", b"<html>hello</html>", b"\x80\xff", b'{"a":1.5}',
    b'{"a":1,"a":2}', b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}"])
def test_what_is_no_object_is_said_to_be_none(liar, body):
    one = liar(f"{OK}\nContent-Length: {len(body)}", body)
    with pytest.raises(Strange):
        call(Wire(one.url), "GET", "/lots")


@pytest.mark.parametrize("body", [b"[]", b'{"code":7,"facts":[1],"detail":{"en":["x"]}}',
                                  b'{"code":"x\\u001b[2J","detail":"\\u001b]0;owned\\u0007\\n"}',
                                  b"\x1b[2J<html>"])
def test_a_refusal_of_another_form_is_still_one(liar, body):
    one = liar(f"HTTP/1.1 403 No\nContent-Length: {len(body)}", body)
    with pytest.raises(Problem) as caught:
        call(Wire(one.url), "GET", "/lots")
    assert caught.value.code == "" and caught.value.facts == {}
    assert str(caught.value).isprintable(), "nothing of it drives a terminal"


HEADS = ["", "nonsense", f"{OK}\n{'X: ' + 'y' * 70_000}",
         OK + "".join(f"\nX-{n}: y" for n in range(200))]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("run", ["bid", "holder"])
def test_a_command_ends_in_a_sentence_whatever_comes(liar, head, run, tmp_path, capsys):
    one = liar(head)
    assert _run(run, one.url, tmp_path) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"yangguang {run}: ") and "Traceback" not in said


@pytest.mark.parametrize("body", [
    b"{}", b'{"seal":[]}', b'{"seal":{"log_origin":7},"suite":{},"policy":[],"tender_id":[]}',
    b'{"record":[1],"record_hash":{}}', b'{"id":null,"policy":7,"seal":null}'])
@pytest.mark.parametrize("run", ["bid", "holder"])
def test_an_answer_of_wrong_types_ends_in_a_sentence(liar, body, run, tmp_path, capsys):
    one = liar(f"{OK}\nContent-Length: {len(body)}", body)
    assert _run(run, one.url, tmp_path) == 1
    assert capsys.readouterr().err.startswith(f"yangguang {run}: ")


def _run(run: str, url: str, folder) -> int:
    if run == "bid":
        return commands.main(["--url", url, "notice", "--lot", "x", "--out", str(folder / "n")])
    return holder.main(["--url", url, "sign", "--lot", "x"])


@pytest.mark.parametrize("address", [
    "ftp://x", "example.org", "http://", "http://user:pw@example.org", "https:///x", ""])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="the address is"):
        Wire(address)


def test_a_token_that_would_write_a_header_is_refused():
    with pytest.raises(ValueError, match="a token is"):
        Wire("http://127.0.0.1:1", "x\r\nX-Other: y")
