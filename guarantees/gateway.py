"""The port to a guarantor's interface: the only way out of this book.

It calls no address but those an operator registered, follows no redirect, knows no proxy,
reads no more than it asked for, and is never called inside a transaction.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

from kernel.canonical import NotCanonical, parse

from .reconciliation import Line

TIMEOUT_SECONDS = 10
"""For each piece that is read or written."""
ANSWER_SECONDS = 120
"""For all of an answer: one that drips must not hold up what waits behind it."""
LARGEST = 65536
LARGEST_LEDGER = 16 << 20
"""Bytes read of an answer, and of a ledger."""

_REF = re.compile(r"\A[0-9A-Za-z_-]{1,64}\Z")


class Unheard(Exception):
    """The guarantor did not answer as agreed. It may still have done what we asked."""


def credential_path(keys: Path, ref: str) -> Path:
    """Where the bearer secret called `ref` lies: `guarantors/<ref>` in the folder of keys."""
    if not _REF.match(ref):
        raise ValueError("not the name of a credential")
    return Path(keys) / "guarantors" / ref


def keep_credential(keys: Path, ref: str, secret: str) -> None:
    """Write a bearer secret, readable by its owner only."""
    path = credential_path(keys, ref)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="ascii") as file:
        file.write(secret)


def credential(keys: Path, ref: str) -> str:
    """Read a bearer secret; raises Unheard when the installation has none of that name."""
    try:
        return credential_path(keys, ref).read_text("ascii").strip()
    except OSError as error:
        raise Unheard("no credential is kept for this guarantor") from error


def execute(api_base: str, secret: str, key: str, body: str) -> tuple[str, str]:
    """Send a release order under its idempotency key; return (statement, signature).

    Sending the same again is harmless: the guarantor answers what it answered before.
    Raises Unheard for everything but that answer.
    """
    answer = _call("POST", api_base, "/releases", secret, body.encode(), key)
    statement, signature = answer.get("statement"), answer.get("signature")
    if not isinstance(statement, str) or not isinstance(signature, str):
        raise Unheard("the answer holds no statement")
    return statement, signature


def ledger(api_base: str, secret: str) -> list[Line]:
    """The guarantor's ledger for reconciliation; raises Unheard."""
    items = _call("GET", api_base, "/ledger", secret).get("items")
    try:
        return [Line(str(item["instrument_no"]), int(item["amount_fen"]),
                     None if item["paid_fen"] is None else int(item["paid_fen"]),
                     item["payee_digest"], item["paid_fen"] is not None) for item in items]
    except (KeyError, TypeError, ValueError) as error:
        raise Unheard("the ledger cannot be read") from error


def _cut(sock: socket.socket, late: threading.Event) -> None:
    """End a connection under whoever waits for it; below TLS, which would wait for its peer."""
    late.set()
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # it is over already


def _call(method: str, api_base: str, path: str, secret: str, body: bytes | None = None,
          key: str | None = None) -> dict:
    parts = urlsplit(api_base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
    if body is not None:
        headers |= {"Content-Type": "application/json"}
    if key is not None:
        headers |= {"Idempotency-Key": key}
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    limit, late = LARGEST_LEDGER if method == "GET" else LARGEST, threading.Event()
    watch = None
    try:
        connection.connect()
        watch = threading.Timer(ANSWER_SECONDS, _cut, (connection.sock, late))
        watch.daemon = True
        watch.start()
        connection.request(method, parts.path + path, body, headers)
        response = connection.getresponse()
        data = response.read(limit + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Unheard(type(error).__name__) from error
    finally:
        if watch is not None:
            watch.cancel()
        connection.close()
    if late.is_set():
        raise Unheard("the answer took too long")
    if response.status != 200:
        raise Unheard(f"status {response.status}")
    if len(data) > limit:
        raise Unheard("the answer is too long")
    try:
        answer = parse(data)
    except NotCanonical as error:
        raise Unheard("the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise Unheard("the answer is no object")
    return answer
