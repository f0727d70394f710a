"""The tables of the invitation."""

from .changes import Change, PendingChange, Statement
from .companies import CompanyRelation, Debarment, Licence
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
from .notices import (
    Document,
    DraftDocument,
    Item,
    Notice,
    NoticeDraft,
    PublishedNotice,
)
from .profiles import RuleProfile
from .questions import Question
from .registration import AgencyAuthority, ProcurementPlan, Registration, Requirement
from .tenders import Tender

__all__ = [
    "EMBEDDED",
    "AgencyAuthority",
    "Change",
    "CompanyRelation",
    "DeadlineProposal",
    "Debarment",
    "Document",
    "DraftDocument",
    "Item",
    "Licence",
    "Lot",
    "LotDoubt",
    "LotHold",
    "LotOutcome",
    "LotSuccession",
    "LotSuspension",
    "LotTermination",
    "Notice",
    "NoticeDraft",
    "PendingChange",
    "ProcurementPlan",
    "PublishedNotice",
    "Question",
    "Registration",
    "Requirement",
    "RuleProfile",
    "Statement",
    "Tender",
]
