"""A request handed over without a socket is the request that a server hands over."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from flask import Flask, Response, request
from werkzeug.serving import make_server

from .bench import Answer, Bench, _Quiet
from .called import called

ITS_OWN = {"REMOTE_PORT", "SERVER_SOFTWARE", "SERVER_PORT", "HTTP_HOST", "wsgi.input",
           "wsgi.errors", "werkzeug.socket", "werkzeug.request", "flask._preserve_context"}
"""What names the one connection."""

REQUESTS = (
    ("GET", "/api/v1/lots/0123?limit=5&q=%E6%A0%A1%20x", None, {"Authorization": "Bearer ygs_x"}),
    ("HEAD", "/api/v1/files/%E6%A0%A1%2Fa", None, {"If-None-Match": '"a"', "Accept": "*/*"}),
    ("POST", "/echo", b'{"a": 1}', {"Content-Type": "application/json", "Idempotency-Key": "k"}),
    ("POST", "/echo", None, {}),
    ("PUT", "/echo", b"x" * 100_000, {"Content-Length": "100000"}),
    ("PATCH", "/echo", b"x", {"Content-Type": "application/offset+octet-stream"}),
    ("DELETE", "/a", None, {"X-Yangguang-Thing": "1"}),
)


@pytest.fixture(scope="module")
def bench():
    """A bench's two ways to an application that keeps what it was given."""
    app, seen, gone = Flask("seen"), [], []
    app.teardown_appcontext(gone.append)

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def answer(path):
        seen.append(dict(request.environ))
        length = len(request.get_data())
        return Response([path.encode(), b" %d" % length], 409,
                        content_type="Application/Problem+json; charset=utf-8")

    server = make_server("127.0.0.1", 0, app, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield SimpleNamespace(app=app, port=server.server_port, seen=seen, gone=gone,
                          tried=0)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("wanted", REQUESTS, ids=lambda wanted: f"{wanted[0]} {wanted[1]}")
def test_both_ways_hand_over_and_bring_back_the_same(bench, wanted):
    """The environment, and the answer with its status, media type and body."""
    bench.seen.clear()
    answers = Bench.send(bench, *wanted), Bench.call(bench, *wanted)
    assert answers[0] == answers[1] and isinstance(answers[1], Answer)
    assert (answers[1].status, answers[1].media) == (409, "application/problem+json")
    by_socket, by_call = ({key: value for key, value in one.items() if key not in ITS_OWN
                           and not key.startswith("werkzeug.")} for one in bench.seen)
    assert by_socket == by_call


def test_nothing_of_one_request_is_left_for_the_next(bench):
    """Each runs in a context of its own, though one is pushed around it."""
    bench.gone.clear()
    with bench.app.app_context():
        for number in (1, 2):
            called(bench.app, bench.port, "GET", "/a", None, {})
            assert len(bench.gone) == number


def test_a_head_is_answered_without_a_body(bench):
    """As a client reads it."""
    assert called(bench.app, bench.port, "HEAD", "/a", None, {})[2] == b""
