"""One request handed to the application as a server hands it on, without a socket between.

Tens of thousands of cells are tried; sockets, threads and two parsers of headers would be a fourth
of what they cost, and none of it is the platform's. Allowed changes and swaps go over a real socket
all the same, and a test compares the two ways.
"""

from __future__ import annotations

import io
import sys
from contextvars import Context
from urllib.parse import unquote_to_bytes

from flask import Flask

Called = tuple[int, str, bytes]
"""Status, media type, body."""


def called(app: Flask, port: int, method: str, path: str, body: bytes | None,
           headers: dict[str, str]) -> Called:
    """The application's answer. It runs in a context of its own, as in a server's thread: nothing
    is pushed there, so that what a request leaves behind ends with it."""
    return Context().run(_run, app, environ(port, method, path, body, headers))


def environ(port: int, method: str, path: str, body: bytes | None,
            headers: dict[str, str]) -> dict:
    """What werkzeug's server makes of the same request."""
    place, _, query = path.partition("?")
    made = {
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "SERVER_SOFTWARE": "", "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "QUERY_STRING": query,
        "PATH_INFO": unquote_to_bytes(place).decode("latin1"), "REQUEST_URI": path, "RAW_URI": path,
        "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": 0, "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port), "HTTP_HOST": f"127.0.0.1:{port}",
        "HTTP_ACCEPT_ENCODING": "identity",
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        made[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if body is not None or method in ("POST", "PUT", "PATCH"):
        made.setdefault("CONTENT_LENGTH", str(len(body or b"")))
    return made


def _run(app: Flask, given: dict) -> Called:
    said: list = []

    def start(status, headers, _fault=None):
        said[:] = status, headers
        return said.append

    parts = app(given, start)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    status, headers = said[:2]
    media = next((value for name, value in headers if name.lower() == "content-type"),
                 "text/plain")
    return (int(status.split()[0]), media.partition(";")[0].strip().lower(),
            b"" if given["REQUEST_METHOD"] == "HEAD" else body)
