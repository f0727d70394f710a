"""The administrators' door: `gunicorn "portal.offices:app()"`, beside the public's `wsgi:app`."""

from __future__ import annotations

from flask import Flask

from .config import Settings
from .factory import create_app
from .listeners import ADMINISTRATORS


def app() -> Flask:
    """The application that answers the administrators, from the environment's settings."""
    return create_app(Settings.from_environment(), listener=ADMINISTRATORS)
