"""gunicorn's worker, with our words for what never reaches the application (Q61, Q65).

A request line or a header that cannot be read in one way only is refused by gunicorn before
any of our code runs. Its own answer is a page of HTML that repeats what was sent, and its log line
does so too; ours is the problem document of every other refusal, and the log gets the kind of
error: what was sent may be somebody's token. The connection is closed after it, so that nothing
behind a doubtful request is ever read as another one.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http import HTTPStatus

from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from kernel.refusal import MALFORMED
from people.problem import MEDIA_TYPE, problem_body

from .headers import ALWAYS
from .refusals import UNEXPECTED
from .traces import told

KINDS: dict[type[Exception], tuple[int, str]] = {
    errors.LimitRequestLine: (414, "the request line is too long"),
    errors.LimitRequestHeaders: (431, "the headers are too large or too many"),
    errors.ExpectationFailed: (417, "Expect"),
    errors.UnsupportedTransferCoding: (501, "Transfer-Encoding"),
    errors.InvalidHTTPVersion: (505, "the version of HTTP"),
    errors.ObsoleteFolding: (400, "a folded header"),
    errors.InvalidHeaderName: (400, "the name of a header"),
    errors.InvalidHeader: (400, "a header"),
    errors.InvalidSchemeHeaders: (400, "headers that contradict one another"),
    errors.InvalidRequestMethod: (400, "the method"),
    errors.InvalidRequestLine: (400, "the request line"),
    errors.InvalidChunkSize: (400, "the length of a chunk"),
    errors.InvalidChunkExtension: (400, "the extension of a chunk"),
    errors.ChunkMissingTerminator: (400, "the end of a chunk"),
    errors.ParseException: (400, "the request"),
}
"""Status and what was wrong, by gunicorn's kinds of error; the first that fits counts."""

OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)
"""Of these kinds, those that are no fault of whoever asks."""


def refusal_of(error: BaseException) -> tuple[int, bytes]:
    """The status and the problem document for an error outside the application."""
    if isinstance(error, OURS):
        return 500, problem_body(UNEXPECTED())
    for kind, (status, problem) in KINDS.items():
        if isinstance(error, kind):
            return status, problem_body(MALFORMED(problem=problem), status)
    return 500, problem_body(UNEXPECTED())


def answer(status: int, body: bytes) -> bytes:
    """The whole answer; the connection ends with it."""
    headers = {"Date": formatdate(usegmt=True), "Connection": "close", "Content-Type": MEDIA_TYPE,
               "Content-Length": str(len(body)), "Cache-Control": "no-store", **ALWAYS}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
             *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


YOUNG = 10_000
"""Objects that are made before the collector looks at them; Python's own number is 700."""


@contextmanager
def staying() -> Iterator[None]:
    """What is made in here stays until the end: the collector need not look at it, now or later."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


class Worker(ThreadWorker):
    """Threads, as gunicorn has them; its own refusals in our form."""

    @classmethod
    def setup(cls) -> None:
        """What gunicorn calls before it forks: load the program once, not once in every worker. No
        application is made here, so nothing that a fork must not share is open yet."""
        with staying():
            importlib.import_module("portal.factory")

    def load_wsgi(self):
        """As gunicorn does. A request leaves next to no cycles: the collector need not look often."""
        with staying():
            super().load_wsgi()
            gc.collect()
        gc.set_threshold(YOUNG, 10, 10)

    def _cap_keepalive(self, deadline):
        """As gunicorn does when it is told to stop; and connections on which nothing has been said
        are waited for no longer than those that are kept. A browser opens some ahead, and for each a
        stop took as long as a kept connection lives."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def handle_request(self, req, conn):
        """As gunicorn does. No route takes a body without a length, so where one comes nothing
        behind it is read, however well its chunks may be formed."""
        if any(name == "TRANSFER-ENCODING" for name, _ in req.headers):
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, req, client, addr, exc):
        """Answer what the application never saw; `client` is the socket."""
        status, body = refusal_of(exc)
        if status == 500:
            self.log.error("an error outside the application: %s", told(exc))
        else:
            self.log.warning("refused unread, from %s: %s", (addr or ("",))[0], type(exc).__name__)
        try:
            write_nonblock(client, answer(status, body))
        except OSError:
            self.log.debug("whoever sent it is gone")
