"""One call to an address that a user gave: the only one this platform makes.

The name is resolved here, once; every address it has is judged, and the connection is made to an
address that was judged, not to the name: whoever answers for the name cannot answer differently
the second time. No redirect is followed, no proxy is asked, little is read of the answer, and
the whole takes TOTAL seconds at most, however slowly it comes. Never called inside a transaction.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Sequence

from .addresses import BadTarget, Network, Target, checked

TIMEOUT, TOTAL = 10, 15
"""Seconds for one step of a call, and for all of it."""
LARGEST = 4096
"""Bytes read of an answer; nothing is done with them."""

Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Unsent(Exception):
    """No answer came, or none was asked for; the message says why, without what was answered."""


def post(target: Target, body: bytes, headers: dict[str, str], networks: Sequence[Network] = (),
         resolver: Resolver = resolve) -> int:
    """Send `body` and return the status of the answer; raises Unsent."""
    try:
        address = checked(resolver(target.host, target.port), networks, target.scheme)[0]
    except BadTarget as error:
        raise Unsent(str(error)) from error
    except (OSError, UnicodeError) as error:
        raise Unsent("the name cannot be resolved") from error
    connection = _Connection(target, address)
    timer = threading.Timer(TOTAL, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST", target.path, body, headers | {
            "Content-Type": "application/json", "User-Agent": "yangguang-webhooks/1"})
        response = connection.getresponse()
        response.read(LARGEST)
        if connection.ended:
            raise Unsent("too slow")
        return response.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unsent(type(error).__name__) from error
    finally:
        timer.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was judged, in the name of the host it was judged for."""

    def __init__(self, target: Target, address: str):
        super().__init__(target.host, target.port, timeout=TIMEOUT)
        self.default_port = 443 if target.scheme == "https" else 80
        self.ended = False
        self._address, self._tls = address, target.scheme == "https"

    def connect(self) -> None:
        """Connect to the judged address; the certificate must be the host's."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._tls:
            # The socket is ours to cut before it speaks: a handshake may drip too.
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()

    def cut(self) -> None:
        """End the call from outside, whatever it waits for."""
        self.ended = True
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
