"""A person of the story at their own machine: a log-in, a second factor, and HTTP.

Only what any stranger has: the address of the platform and one's own credentials.
"""

from __future__ import annotations

import http.client
import json
import secrets
import urllib.request
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

import pyotp

from bidding.wire import Problem, call


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

    def __init__(
        self,
        platform: Platform,
        login: str = "",
        password: str = "",
        totp_secret: str = "",
        name: str = "",
    ):
        self.platform = platform
        self.login, self.password, self.totp_secret = login, password, totp_secret
        self.name = name or login
        self.token = ""
        self.ids: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None
        self._used_step = 0

    def get(self, path: str, reason: str = "", **query: object) -> dict:
        """GET a JSON resource under /api/v1; `reason` where it is read for one only. Raises
        Problem, as everything here."""
        return call(self, "GET", path + ("?" + urlencode(query) if query else ""),
                    headers={"Access-Reason": quote(reason)} if reason else None)

    def post(self, path: str, body: object | None = None) -> dict:
        """POST JSON; a fresh Idempotency-Key goes with it."""
        return call(self, "POST", path, {} if body is None else body, key=secrets.token_hex(16))

    def put(self, path: str, body: object, **headers: str) -> dict:
        """PUT JSON."""
        return call(self, "PUT", path, body, headers=headers)

    def upload(self, path: str, data: bytes, media: str, **query: str) -> dict:
        """POST bytes."""
        return call(
            self,
            "POST",
            f"{path}?{urlencode(query)}",
            data=data,
            headers={"Content-Type": media},
            key=secrets.token_hex(16),
        )

    def download(self, path: str) -> bytes:
        """GET bytes."""
        status, data = self.request("GET", path)
        if status != 200:
            raise Problem(status, data)
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

    def request(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
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

    def recover(self, problem: dict) -> None:
        """Mend a 401: enter the second factor again, or sign in anew."""
        if problem.get("code") == "session.step-up":
            self.step_up()
        elif self.login and problem.get("code") != "session.refused":
            self.sign_in()
        else:
            raise Problem(401, problem)

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
        request = urllib.request.Request(
            self.address + path,
            data,
            {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())
