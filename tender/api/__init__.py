"""The JSON routes of the invitation."""

from . import documents, notices, questions, tenders
from .book import api

__all__ = ["api", "documents", "notices", "questions", "tenders"]
