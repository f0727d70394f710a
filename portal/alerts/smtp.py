"""The one mail server that is configured, and how a letter is handed to it."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from . import letters

TIMEOUT = 20
NEAR = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Server:
    """Where letters go. `kind`: `smtps` (TLS from the first byte), `starttls`, `smtp` (this
    machine's own alone)."""

    kind: str
    host: str
    port: int
    user: str
    password_file: str
    sender: str


class Unsent(Exception):
    """The server did not take a letter. `final`: it never will."""

    def __init__(self, problem: str, final: bool = False):
        super().__init__(problem)
        self.final = final


def server_of(url: str, password_file: str, sender: str) -> Server | None:
    """The server that the settings spell, None where they name none; raises ValueError."""
    if not url:
        return None
    parts = urlsplit(url)
    kind = {"smtps": "smtps", "smtp+starttls": "starttls", "smtp": "smtp"}.get(parts.scheme)
    if kind is None or not parts.hostname or parts.password is not None:
        raise ValueError("smtps://, smtp+starttls:// or smtp:// and a host, without a password")
    if kind == "smtp" and parts.hostname not in NEAR:
        raise ValueError("smtp:// without TLS is for this machine's own server alone")
    if not letters.is_address(sender):
        raise ValueError("the sender is no mail address")
    port = parts.port or {"smtps": 465, "starttls": 587, "smtp": 25}[kind]
    return Server(kind, parts.hostname, port, unquote(parts.username or ""), password_file, sender)


def send(server: Server, letter: EmailMessage) -> None:
    """Hand a letter over; raises Unsent. Never called inside a transaction.

    TLS is not bargained about: where it is asked for, a server without it gets nothing.
    """
    try:
        with _connection(server) as smtp:
            if server.user:
                smtp.login(server.user, Path(server.password_file).read_text("utf-8").strip())
            smtp.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise Unsent(f"refused {code}", final=500 <= code < 600) from error
    except smtplib.SMTPResponseException as error:
        raise Unsent(f"{type(error).__name__} {error.smtp_code}") from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Unsent(type(error).__name__) from error


def _connection(server: Server) -> smtplib.SMTP:
    if server.kind == "smtps":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT,
                                context=ssl.create_default_context())
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    if server.kind == "starttls":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
    return smtp
