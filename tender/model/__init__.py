"""The tables of the invitation."""

from .changes import Change, PendingChange
from .deadlines import DeadlineProposal, LotDoubt
from .lots import (
    EMBEDDED,
    Lot,
    LotHold,
    LotOutcome,
    LotSuccession,
    LotSuspension,
    LotTermination,
)
from .notices import Document, Item, Notice, PublishedNotice
from .profiles import RuleProfile
from .questions import Question
from .tenders import Tender

__all__ = [
    "EMBEDDED",
    "Change",
    "DeadlineProposal",
    "Document",
    "Item",
    "Lot",
    "LotDoubt",
    "LotHold",
    "LotOutcome",
    "LotSuccession",
    "LotSuspension",
    "LotTermination",
    "Notice",
    "PendingChange",
    "PublishedNotice",
    "Question",
    "RuleProfile",
    "Tender",
]
