"""The JSON routes of the invitation."""

from . import (
    amendments,
    bills,
    changes,
    companies,
    direct,
    documents,
    halting,
    invitations,
    notices,
    papers,
    profiles,
    questions,
    registration,
    reviews,
    templates,
    tenders,
    work,
)
from .book import api

__all__ = [
    "amendments",
    "api",
    "bills",
    "changes",
    "companies",
    "direct",
    "documents",
    "halting",
    "invitations",
    "notices",
    "papers",
    "profiles",
    "questions",
    "registration",
    "reviews",
    "templates",
    "tenders",
    "work",
]
