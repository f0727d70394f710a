"""JSON of the watch, in and out."""

from .works import (
    AnswerIn,
    EvidenceIn,
    FiguresOut,
    FiguresQuery,
    FindingIn,
    FindingOut,
    HitOut,
    HitsQuery,
    LedgerOut,
    LedgerQuery,
    ReturnIn,
    WorkEdit,
    WorkIn,
    WorkOut,
    WorksOut,
    WorksQuery,
)

__all__ = [
    "AnswerIn", "EvidenceIn", "FiguresOut", "FiguresQuery", "FindingIn", "FindingOut", "HitOut",
    "HitsQuery", "LedgerOut", "LedgerQuery", "ReturnIn", "WorkEdit", "WorkIn", "WorkOut",
    "WorksOut", "WorksQuery",
]
