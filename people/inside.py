"""A page asks the interface, as any client does, without leaving the process (ADR 12).

What a page shows is what the interface tells the same person: the audience, the authority, the
reason for a sensitive reading, the act, its transaction and its stored answer are those of the
route. Each question has a context and a session of its own, so a page holds no transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import SEEK_END
from typing import IO
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, request
from werkzeug.test import EnvironBuilder

from .authentication import COOKIE, SAFE, csrf_token

PREFIX = "/api/v1"
_CARRIED = ("Access-Reason", "Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "User-Agent",
            "X-Forwarded-For", "X-Forwarded-Proto")
_PLACE = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "wsgi.url_scheme")
REASON = "yangguang.reason"
FORM = "yangguang.form"
NOBODY = "yangguang.nobody"
"""Set while a page is drawn that is the same for everybody: it asks without anybody's cookie."""
LOOKING = "yangguang.looking"
"""Set while a page asks what it goes on without: a refusal is then nobody's attempt at anything."""


@dataclass(frozen=True)
class Said:
    """The interface's answer: its status, its JSON (or bytes) and its headers."""

    status: int
    body: object
    headers: Mapping[str, str]
    response: Response

    @property
    def ok(self) -> bool:
        """Whether it is no refusal."""
        return self.status < 400


class NotTold(Exception):
    """The interface refused a reading that a page needs; the page becomes that refusal."""

    def __init__(self, said: Said):
        super().__init__(str(said.status))
        self.said = said


def ask(path: str, **query: object) -> dict:
    """What the interface tells the signed-in person at `path` (below /api/v1) by GET, as JSON.

    Raises NotTold.
    """
    said = _asked(path, query)
    if not said.ok:
        raise NotTold(said)
    return said.body


def look(path: str, **query: object) -> Said:
    """The same with its status, for a page that goes on without it; the security log does not
    take a refusal, which nobody asked for."""
    request.environ[LOOKING] = True
    try:
        return _asked(path, query)
    finally:
        del request.environ[LOOKING]


def _asked(path: str, query: Mapping[str, object]) -> Said:
    reason = request.environ.get(REASON)
    headers = {"Access-Reason": quote(reason)} if reason else {}
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return tell("GET", path + (f"?{urlencode(given)}" if given else ""), headers=headers)


def told(path: str, **query: object) -> dict | None:
    """What the interface tells at `path`, or None where it tells this person nothing."""
    said = look(path, **query)
    return said.body if said.ok else None


def listed(path: str, **query: object) -> list[dict]:
    """The items of the list at `path`; none where the interface tells this person nothing."""
    found = told(path, **query)
    return found["items"] if found else []


def tell(method: str, path: str, body: object = None, *, data: bytes | IO[bytes] | None = None,
         media: str = "application/json", headers: Mapping[str, str] | None = None) -> Said:
    """Ask the interface for a change, as the signed-in person; `data` is a raw
    body, or a file that holds one and is read by the route alone, when its size was judged."""
    if body is not None:
        data = json.dumps(body, ensure_ascii=False).encode()
    given = {name: request.headers[name] for name in _CARRIED if name in request.headers}
    cookie = request.cookies.get(COOKIE)
    if request.environ.get(NOBODY):
        for credential in ("Access-Reason", "Authorization", "Cookie"):
            given.pop(credential, None)
        cookie = None
    if cookie and method not in SAFE:
        given["X-CSRF-Token"] = csrf_token(cookie)
    answer = dispatch(method, PREFIX + path, given | dict(headers or {}), data, media)
    text = answer.get_data()
    said = json.loads(text) if text and "json" in (answer.mimetype or "") else text
    return Said(answer.status_code, said, answer.headers, answer)


def dispatch(method: str, address: str, headers: Mapping[str, str],
             data: bytes | IO[bytes] | None = None, media: str | None = None, **extra: object) -> Response:
    """Answer a request of our own making for `address`, with a context and session of its own."""
    app: Flask = current_app._get_current_object()
    outer = request.environ
    path, _, query = address.partition("?")
    file = data if data is not None and not isinstance(data, bytes) else None
    builder = EnvironBuilder(
        path=path, query_string=query, method=method, headers=dict(headers),
        data=None if file else data, input_stream=file,
        content_type=media if data is not None else None,
        environ_base={"REMOTE_ADDR": outer.get("REMOTE_ADDR", ""), **{
            key: value for key, value in outer.items() if key.startswith("yangguang.")}, **extra})
    environ = builder.get_environ()
    # Where the site is, as it stood in the request: a strange Host need not make an address.
    environ |= {key: outer[key] for key in _PLACE if key in outer}
    if file:
        environ["CONTENT_LENGTH"] = str(file.seek(0, SEEK_END))
        file.seek(0)
    else:
        builder.close()
    with app.app_context(), app.request_context(environ):
        return app.full_dispatch_request()
