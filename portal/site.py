"""The address under which others find this installation."""

from __future__ import annotations

from flask import request

from audit.act import wiring
from people.language import ENGLISH, language


def site_address() -> str:
    """The address that is configured, else the one that the request under way was sent to;
    without a slash at its end and without a language. Outside a request the configured one alone
    (RuntimeError)."""
    given = wiring().settings.get("public_url")
    if given:
        return str(given).rstrip("/")
    found = request.url_root.rstrip("/")
    return found.removesuffix("/en") if language() == ENGLISH else found
