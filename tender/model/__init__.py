"""The tables of the invitation."""

from .deadlines import DeadlineProposal, LotDoubt
from .lots import EMBEDDED, Lot, LotOutcome, LotSuspension
from .notices import Document, Item, Notice, PublishedNotice
from .profiles import RuleProfile
from .questions import Question
from .tenders import Tender

__all__ = [
    "EMBEDDED", "DeadlineProposal", "Document", "Item", "Lot", "LotDoubt", "LotOutcome",
    "LotSuspension", "Notice", "PublishedNotice", "Question", "RuleProfile", "Tender",
]
