"""The address under which others find this installation."""

from __future__ import annotations

from flask import request

from audit.act import wiring


def site_address() -> str:
    """The address that is configured, else the one that the request under way was sent to;
    without a slash at its end. Outside a request the configured one alone (RuntimeError)."""
    return str(wiring().settings.get("public_url") or request.url_root).rstrip("/")
