"""The JSON routes of the watch; each module declares its own on the book's blueprint."""

from . import findings, objections, watch, works
from .book import api

__all__ = ["api", "findings", "objections", "watch", "works"]
