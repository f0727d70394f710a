"""The tables of the invitation."""

from .changes import Change, PendingChange, Statement
from .companies import CompanyRelation, Debarment, Licence
from .course_halts import CourseHalt
from .deadlines import DeadlineProposal, LotDoubt
from .direct import DirectAward, DirectNotice, DirectObjection
from .invitations import Invitation, Invitee, LongList
from .lots import (
    EMBEDDED,
    Lot,
    LotHold,
    LotOutcome,
    LotSuccession,
    LotSuspension,
    LotTermination,
    RetenderBar,
)
from .notices import (
    Document,
    DraftDocument,
    Item,
    Notice,
    NoticeDraft,
    PublishedNotice,
    SentBack,
)
from .papers import Paper
from .profiles import RuleProfile
from .questions import Question
from .registration import AgencyAuthority, ProcurementPlan, Registration, Requirement
from .reviews import (
    AmendmentFairness,
    AmendmentReview,
    FairnessReview,
    OutsideReading,
    ReadingOpinion,
    Review,
    ReviewAnswer,
)
from .scans import UNSEEN, FileScan
from .signatures import NoticeSignature
from .templates import Template
from .tenders import Tender

__all__ = [
    "EMBEDDED",
    "UNSEEN",
    "AgencyAuthority",
    "AmendmentFairness",
    "AmendmentReview",
    "Change",
    "CompanyRelation",
    "CourseHalt",
    "DeadlineProposal",
    "Debarment",
    "DirectAward",
    "DirectNotice",
    "DirectObjection",
    "Document",
    "DraftDocument",
    "FairnessReview",
    "FileScan",
    "Invitation",
    "Invitee",
    "Item",
    "Licence",
    "LongList",
    "Lot",
    "LotDoubt",
    "LotHold",
    "LotOutcome",
    "LotSuccession",
    "LotSuspension",
    "LotTermination",
    "Notice",
    "NoticeDraft",
    "NoticeSignature",
    "OutsideReading",
    "Paper",
    "PendingChange",
    "ProcurementPlan",
    "PublishedNotice",
    "Question",
    "ReadingOpinion",
    "Registration",
    "Requirement",
    "RetenderBar",
    "Review",
    "ReviewAnswer",
    "RuleProfile",
    "SentBack",
    "Statement",
    "Template",
    "Tender",
]
