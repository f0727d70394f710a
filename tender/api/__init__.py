"""The JSON routes of the invitation."""

from . import changes, documents, halting, notices, profiles, questions, tenders
from .book import api

__all__ = ["api", "changes", "documents", "halting", "notices", "profiles", "questions", "tenders"]
