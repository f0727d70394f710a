"""HTTP for the programs that run elsewhere; only the standard library.

Anything with `request(method, path, data, headers) -> (status, bytes)` under /api/v1 will do
in the place of `Wire`; `data` is bytes, or an open file that is streamed. One that also has
`recover(problem)` is asked to mend a 401 (sign in anew, enter the second factor) before the one
repetition.

Whoever answers may lie. No more than MOST bytes of an answer are read and no longer than LONGEST
seconds; nothing is unpacked; no redirect is followed, so that the token goes to the one host it
was meant for; and an answer that is no JSON object is said to be that.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import ssl
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import urlsplit

from kernel.canonical import NotCanonical, parse

PREFIX = "/api/v1"
_CODE = re.compile(r"\A[a-z0-9_.-]{1,80}\Z")
TRIES = 8
WAIT_SECONDS = 0.5
PIECE = 1 << 20
"""Bytes of a file that are read and sent at once."""
MOST = 64 << 20
"""Bytes of an answer that are read; the wraps of a thousand bids are some 20 million."""
LONGEST = 600.0
"""Seconds in which an answer's body must be whole, however slowly it drips."""


class Strange(ValueError):
    """The answer is none that the platform gives; nothing of it was used."""


class Problem(Exception):
    """The platform refused: HTTP status, code, sentence and facts of its problem document."""

    def __init__(self, status: int, document: object):
        self.status = status
        self.document = document if isinstance(document, dict) else {}
        detail = self.document.get("detail")
        text = detail.get("en") if isinstance(detail, dict) else detail
        # A hostile platform's words on somebody's terminal: no escapes, no second line.
        said = "".join(one if one.isprintable() else "?" for one in str(text or document))
        super().__init__(f"{status} {self.code}: {said}"[:1000])

    @property
    def code(self) -> str:
        """The word of the refusal, as `bid.late`; nothing where it has not that form."""
        code = self.document.get("code")
        return code if isinstance(code, str) and _CODE.match(code) else ""

    @property
    def facts(self) -> dict:
        """The facts that go with it; `promise` among them where it is a bid's refusal."""
        facts = self.document.get("facts")
        return facts if isinstance(facts, dict) else {}


class Wire:
    """One connection to the platform at `address`, made anew when it is lost."""

    def __init__(self, address: str, token: str = "", timeout: float = 120, *,
                 most: int = MOST, longest: float = LONGEST,
                 waits: Callable[[int, int, object], None] | None = None,
                 skewed: Callable[[float], None] | None = None):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError(f"the address is http://host or https://host, not {address!r}")
        if not all("!" <= letter <= "~" for letter in token):
            raise ValueError("a token is letters, digits and signs of ASCII, without spaces")
        self._most, self._longest = most, longest
        self.waits = waits
        """Told (attempt, tries, why) before each further try."""
        self._skewed = skewed
        """Told by how many seconds this machine's clock is ahead of the platform's answer."""
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
            self._compare(answer.headers.get("Date", ""))
            return answer.status, self._body(answer)
        except BaseException:
            self.close()
            raise

    def _compare(self, date: str) -> None:
        if self._skewed is None:
            return
        with contextlib.suppress(ValueError, TypeError, IndexError, OverflowError):
            self._skewed(time.time() - parsedate_to_datetime(date).timestamp())

    def _body(self, answer: http.client.HTTPResponse) -> bytes:
        encoding = answer.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            raise Strange(f"the answer is packed ({encoding[:40]}), which was not asked for")
        if 300 <= answer.status < 400:
            raise Strange("the platform sends us elsewhere, where this program does not follow: "
                          f"{answer.headers.get('Location', '')[:200]!r}. Is --url right?")
        began, pieces, size = time.monotonic(), [], 0
        while piece := answer.read1(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > self._most:
                raise Strange(f"the answer is longer than {self._most} bytes")
            if time.monotonic() - began > self._longest:
                raise Strange(f"the answer took longer than {self._longest:.0f} seconds")
        if answer.length:
            # read1 says nothing of a body that ends before its announced length.
            raise http.client.IncompleteRead(b"", answer.length)
        answer.close()  # else the connection thinks that it is still being read
        return b"".join(pieces)

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
    their Idempotency-Key `key`. Raises Problem, Strange for an answer that is no JSON object, or
    OSError when the platform stays away.
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
    def send() -> tuple[int, bytes]:
        if hasattr(data, "seek"):
            data.seek(0)
        return wire.request(method, path, data, sent)

    status, content = _patiently(wire, send, tries)
    if not 200 <= status < 300:
        raise Problem(status, _refusal(content))
    return _object(content)


UNPUBLISHED = "record.unpublished"
"""The refusal of a record that has no checkpoint yet: no cause to wait in the request."""


def _patiently(wire, send: Callable[[], tuple[int, bytes]], tries: int) -> tuple[int, bytes]:
    """The answer of one exchange, tried again while the platform is away or busy, and once more
    when a 401 could be mended."""
    mended = False
    for attempt in range(tries):
        try:
            status, content = send()
        except (OSError, http.client.HTTPException) as error:
            if attempt + 1 == tries:
                raise
            why: object = error
        else:
            if status == 401 and not mended and hasattr(wire, "recover"):
                wire.recover(Problem(status, _refusal(content)).document)
                mended = True
                continue
            if status not in (502, 503, 504, 429) or attempt + 1 == tries \
                    or Problem(status, _refusal(content)).code == UNPUBLISHED:
                return status, content
            why = f"status {status}"
        if getattr(wire, "waits", None) is not None:
            wire.waits(attempt + 1, tries, why)
        time.sleep(min(8, WAIT_SECONDS * 2**attempt))
    raise AssertionError("unreachable")


def _object(content: bytes) -> dict:
    if not content:
        return {}
    try:
        value = parse(content)
    except NotCanonical as error:
        raise Strange(f"the answer is no JSON ({error}): {_shown(content)}. Is --url the "
                      "platform's address?") from error
    if not isinstance(value, dict):
        raise Strange(f"the answer is no JSON object: {_shown(content)}")
    return value


def _refusal(content: bytes) -> dict:
    try:
        return _object(content)
    except Strange:
        return {"detail": _shown(content)}


def _shown(content: bytes) -> str:
    # Foreign bytes on somebody's terminal: what is no plain text is written out.
    return ascii(content[:200].decode("utf-8", "replace"))


def fetch(wire, path: str, tries: int = TRIES) -> bytes | None:
    """The bytes of one public file, None where there is none; with the same patience.

    Raises Problem, or OSError when the platform stays away.
    """
    status, content = _patiently(wire, lambda: wire.request("GET", path), tries)
    if status == 200:
        return content
    problem = Problem(status, _refusal(content))
    if status == 404 or problem.code == UNPUBLISHED:
        return None
    raise problem
