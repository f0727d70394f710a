"""JSON of the invitation, in and out, in OCDS words; money in fen, times with an offset."""

from .documents import (
    DOCUMENT_KINDS,
    DocumentOut,
    DocumentQuery,
    ItemIn,
    ItemOut,
    ItemsIn,
)
from .lots import (
    AccessIn,
    AwardMethodIn,
    CriteriaIn,
    FactorIn,
    GuaranteeIn,
    LotEdit,
    LotIn,
    LotOut,
    LotRow,
    PanelIn,
    PriceMethodIn,
    SealerOut,
    SealOut,
)
from .notices import (
    ApprovalIn,
    NoticeOut,
)
from .profiles import ProfileApprovalIn, ProfileIn, ProfileOut, ProfileQuery
from .questions import (
    AnswerIn,
    QuestionIn,
    QuestionOut,
)
from .tenders import (
    BuyerOut,
    TenderEdit,
    TenderIn,
    TenderOut,
    TenderQuery,
    TenderRow,
)

__all__ = [
    "DOCUMENT_KINDS",
    "AccessIn",
    "AnswerIn",
    "ApprovalIn",
    "AwardMethodIn",
    "BuyerOut",
    "CriteriaIn",
    "DocumentOut",
    "DocumentQuery",
    "FactorIn",
    "GuaranteeIn",
    "ItemIn",
    "ItemOut",
    "ItemsIn",
    "LotEdit",
    "LotIn",
    "LotOut",
    "LotRow",
    "NoticeOut",
    "PanelIn",
    "PriceMethodIn",
    "ProfileApprovalIn",
    "ProfileIn",
    "ProfileOut",
    "ProfileQuery",
    "QuestionIn",
    "QuestionOut",
    "SealOut",
    "SealerOut",
    "TenderEdit",
    "TenderIn",
    "TenderOut",
    "TenderQuery",
    "TenderRow",
]
