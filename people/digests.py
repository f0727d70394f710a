"""Digests and sealing under the installation's secret: what a stolen database does not tell."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from audit.act import wiring


def installation_secret() -> bytes:
    """The installation's secret: setting `secret`, else Flask's SECRET_KEY; at least 16 bytes.

    Raises RuntimeError where there is none: without it nothing may be digested.
    """
    secret = wiring().settings.get("secret") or current_app.config.get("SECRET_KEY")
    if isinstance(secret, str):
        secret = secret.encode()
    if not secret or len(secret) < 16:
        raise RuntimeError("the installation has no secret of 16 bytes or more")
    return secret


def _key(purpose: str) -> bytes:
    return hmac.digest(installation_secret(), b"yangguang/" + purpose.encode(), "sha256")


def keyed(purpose: str, *parts: bytes) -> str:
    """HMAC-SHA256 of `parts` (each with its length) under a key of this purpose; 64 hex digits."""
    digest = hmac.new(_key(purpose), digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def token_hash(token: str) -> str:
    """SHA-256 of a random token, 64 hex digits; the token's own 256 bits need no key."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_token(prefix: str) -> str:
    """A fresh token: `prefix` and 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def seal(text: str) -> str:
    """Encrypt a short secret for the database (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret of `seal`; raises RuntimeError where the installation's secret is another."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise RuntimeError("a stored secret was sealed under another secret") from error


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key("fernet")))
