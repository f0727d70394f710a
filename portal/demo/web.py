"""A person of the story at their own machine: a log-in, a second factor, and HTTP.

Only what any stranger has: the address of the platform and one's own credentials.
"""

from __future__ import annotations

import http.client
import json
import secrets
import urllib.request
from datetime import datetime
from urllib.parse import urlencode, urlsplit

import pyotp


class Answer(Exception):
    """A refusal that was not expected: the status and the problem document."""

    def __init__(self, status: int, problem: object):
        self.status = status
        self.problem = problem
        super().__init__(f"{status} {json.dumps(problem, ensure_ascii=False)[:800]}")

    @property
    def code(self) -> str:
        """The word of the refusal, as `bid.late`."""
        return self.problem.get("code", "") if isinstance(self.problem, dict) else ""


class Platform:
    """The platform's address."""

    def __init__(self, address: str):
        self.address = address
        self.host = urlsplit(address).netloc

    def now(self) -> datetime:
        """The platform's time, as it tells everybody."""
        return datetime.fromisoformat(Person(self).get("/time")["now"])


class Person:
    """One person or machine. Signs in when needed; its days are the platform's days."""

    def __init__(self, platform: Platform, login: str = "", password: str = "",
                 totp_secret: str = "", name: str = ""):
        self.platform = platform
        self.login, self.password, self.totp_secret = login, password, totp_secret
        self.name = name or login
        self.token = ""
        self.ids: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None
        self._used_step = 0

    def get(self, path: str, **query: object) -> object:
        """GET a JSON resource under /api/v1."""
        return self._json("GET", path + ("?" + urlencode(query) if query else ""))

    def post(self, path: str, body: object | None = None, **headers: str) -> object:
        """POST JSON; a fresh Idempotency-Key goes with it."""
        headers.setdefault("Idempotency-Key", secrets.token_hex(16))
        return self._json("POST", path, body if body is not None else {}, headers)

    def put(self, path: str, body: object, **headers: str) -> object:
        """PUT JSON."""
        return self._json("PUT", path, body, headers)

    def upload(self, path: str, data: bytes, media: str, **query: str) -> object:
        """POST bytes."""
        headers = {"Content-Type": media, "Idempotency-Key": secrets.token_hex(16)}
        return self._read(*self.request("POST", f"{path}?{urlencode(query)}", data, headers))

    def download(self, path: str) -> bytes:
        """GET bytes."""
        status, data = self.request("GET", path)
        if status != 200:
            raise Answer(status, _json(data))
        return data

    def sign_in(self) -> None:
        """Open a session with password and, where enrolled, the one-time code."""
        self.token = ""
        body = {"login": self.login, "password": self.password}
        if self.totp_secret:
            body["totp"] = self.code()
        self.token = self.post("/session", body)["token"]

    def step_up(self) -> None:
        """Enter the second factor again, as the platform asks before an act of weight."""
        self.post("/session/step-up", {"totp": self.code()})

    def request(self, method: str, path: str, data: bytes | None = None,
                headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """One HTTP exchange under /api/v1; the connection is kept and, if lost, made anew."""
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for last in (False, True):
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection(self.platform.host, timeout=120)
                self._connection.request(method, "/api/v1" + path, data, headers)
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.close()
                if last:
                    raise
        raise AssertionError

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _json(self, method: str, path: str, body: object = None, headers=None) -> object:
        data = None
        headers = dict(headers or {})
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        status, content = self.request(method, path, data, headers)
        if status == 401 and self.login and path != "/session":
            self._recover(_json(content))
            status, content = self.request(method, path, data, headers)
        return self._read(status, content)

    def _recover(self, problem: object) -> None:
        code = problem.get("code") if isinstance(problem, dict) else ""
        if code == "session.step-up":
            self.step_up()
        else:
            self.sign_in()

    def _read(self, status: int, content: bytes) -> object:
        value = _json(content)
        if status >= 400:
            raise Answer(status, value)
        return value

    def code(self) -> str:
        """The next one-time code of the person's second factor."""
        # A code counts once; a second need within its half minute takes the next one.
        step = max(int(self.platform.now().timestamp()) // 30, self._used_step + 1)
        self._used_step = step
        return pyotp.TOTP(self.totp_secret).at(step * 30)


class Counter:
    """A guarantor's own counter, at its own address: not the platform."""

    def __init__(self, address: str, bearer: str):
        self.address, self.bearer = address, bearer

    def issue(self, path: str, wish: dict[str, object]) -> object:
        """Buy a guarantee (`/guarantees`) or pay a deposit in (`/deposits`); the signed paper."""
        return self._call(path, json.dumps(wish).encode())

    def ledger(self) -> list[dict[str, object]]:
        """The guarantor's ledger."""
        return self._call("/ledger")["items"]

    def _call(self, path: str, data: bytes | None = None) -> object:
        request = urllib.request.Request(self.address + path, data, {
            "Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


def _json(content: bytes) -> object:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode("utf-8", "replace")[:500]
