"""Everything that changes in the watch."""

from .findings import (
    answer_finding,
    approve_closing,
    fall_overdue,
    open_finding,
    propose_closing,
    return_finding,
)
from .objections import (
    add_evidence,
    answer_at_opening,
    answer_objection,
    file_objection,
    note_overdue,
    object_at_opening,
)
from .works import change_work, enter_work, import_ledger, import_works

__all__ = [
    "add_evidence",
    "answer_at_opening",
    "answer_finding",
    "answer_objection",
    "approve_closing",
    "change_work",
    "enter_work",
    "fall_overdue",
    "file_objection",
    "import_ledger",
    "import_works",
    "note_overdue",
    "object_at_opening",
    "open_finding",
    "propose_closing",
    "return_finding",
]
