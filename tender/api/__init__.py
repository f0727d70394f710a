"""The JSON routes of the invitation."""

from . import documents, notices, profiles, questions, tenders
from .book import api

__all__ = ["api", "documents", "notices", "profiles", "questions", "tenders"]
