"""HTTP for the programs that run elsewhere; only the standard library.

Anything with `request(method, path, data, headers) -> (status, bytes)` under /api/v1 will do
in the place of `Wire`; `data` is bytes, or an open file that is streamed. One that also has
`recover(problem)` is asked to mend a 401 (sign in anew, enter the second factor) before the one
repetition.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
from typing import BinaryIO
from urllib.parse import urlsplit

from kernel.canonical import NotCanonical, parse

PREFIX = "/api/v1"
TRIES = 8
WAIT_SECONDS = 0.5
PIECE = 1 << 20
"""Bytes of a file that are read and sent at once."""


class Problem(Exception):
    """The platform refused: HTTP status, code, sentence and facts of its problem document."""

    def __init__(self, status: int, document: object):
        self.status = status
        self.document = document if isinstance(document, dict) else {}
        detail = self.document.get("detail")
        text = detail.get("en") if isinstance(detail, dict) else detail
        super().__init__(f"{status} {self.code}: {text or document!r}"[:1000])

    @property
    def code(self) -> str:
        """The word of the refusal, as `bid.late`."""
        return str(self.document.get("code", ""))

    @property
    def facts(self) -> dict:
        """The facts that go with it; `promise` among them where it is a bid's refusal."""
        return self.document.get("facts") or {}


class Wire:
    """One connection to the platform at `address`, made anew when it is lost."""

    def __init__(self, address: str, token: str = "", timeout: float = 120):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("the address is http://… or https://…")
        self._host, self._secure, self._timeout = parts.netloc, parts.scheme == "https", timeout
        self._base = parts.path.rstrip("/")
        self._token = token
        self._connection: http.client.HTTPConnection | None = None

    def request(self, method: str, path: str, data: bytes | BinaryIO | None = None,
                headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """One exchange; raises OSError or HTTPException when there was no whole answer."""
        headers = dict(headers or {})
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._connection is None:
            kept = {"timeout": self._timeout, "blocksize": PIECE}
            self._connection = http.client.HTTPSConnection(
                self._host, context=ssl.create_default_context(), **kept) \
                if self._secure else http.client.HTTPConnection(self._host, **kept)
        try:
            self._connection.request(method, self._base + PREFIX + path, data, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def call(wire, method: str, path: str, body: object = None, *,
         data: bytes | BinaryIO | None = None, key: str | None = None,
         headers: dict[str, str] | None = None, tries: int = TRIES) -> dict:
    """A JSON exchange, repeated with patience while the platform is away or busy.

    Only what is harmless to repeat comes through here: readings, blocks, and creations under
    their Idempotency-Key `key`. Raises Problem, or OSError when the platform stays away.
    """
    sent = dict(headers or {})
    if body is not None:
        data = json.dumps(body, ensure_ascii=False).encode()
        sent["Content-Type"] = "application/json"
    elif data is not None:
        sent.setdefault("Content-Type", "application/octet-stream")
    if key is not None:
        sent["Idempotency-Key"] = key
    if hasattr(data, "seek"):
        sent["Content-Length"] = str(data.seek(0, os.SEEK_END))
    mended = False
    for attempt in range(tries):
        if hasattr(data, "seek"):
            data.seek(0)
        try:
            status, content = wire.request(method, path, data, sent)
        except (OSError, http.client.HTTPException):
            if attempt + 1 == tries:
                raise
        else:
            if status < 400:
                return _read(content)
            problem = Problem(status, _read(content))
            if status == 401 and not mended and hasattr(wire, "recover"):
                wire.recover(problem.document)
                mended = True
                continue
            if status not in (502, 503, 504, 429) or attempt + 1 == tries:
                raise problem
        time.sleep(min(8, WAIT_SECONDS * 2**attempt))
    raise AssertionError("unreachable")


def _read(content: bytes) -> object:
    if not content:
        return {}
    try:
        return parse(content)
    except NotCanonical:
        return {"detail": content[:300].decode("utf-8", "replace")}


def fetch(wire, path: str, tries: int = TRIES) -> bytes | None:
    """The bytes of one public file, None where there is none; with the same patience.

    Raises Problem, or OSError when the platform stays away.
    """
    mended = False
    for attempt in range(tries):
        try:
            status, content = wire.request("GET", path)
        except (OSError, http.client.HTTPException):
            if attempt + 1 == tries:
                raise
        else:
            if status == 200:
                return content
            problem = Problem(status, _read(content))
            if status == 404 or problem.code == "record.unpublished":
                return None
            if status == 401 and not mended and hasattr(wire, "recover"):
                wire.recover(problem.document)
                mended = True
                continue
            if status not in (502, 503, 504, 429) or attempt + 1 == tries:
                raise problem
        time.sleep(min(8, WAIT_SECONDS * 2**attempt))
    raise AssertionError("unreachable")
