"""The JSON routes of the invitation."""

from . import (
    bills,
    changes,
    documents,
    halting,
    notices,
    profiles,
    questions,
    registration,
    tenders,
)
from .book import api

__all__ = [
    "api",
    "bills",
    "changes",
    "documents",
    "halting",
    "notices",
    "profiles",
    "questions",
    "registration",
    "tenders",
]
