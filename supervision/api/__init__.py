"""The JSON routes of the watch; each module declares its own on the book's blueprint."""

from . import findings, objections, works
from .book import api

__all__ = ["api", "findings", "objections", "works"]
