"""Everything that changes in the watch."""

from .findings import (
    answer_finding,
    approve_closing,
    fall_overdue,
    open_finding,
    propose_closing,
    return_finding,
)
from .works import change_work, enter_work, import_ledger, import_works

__all__ = [
    "answer_finding",
    "approve_closing",
    "change_work",
    "enter_work",
    "fall_overdue",
    "import_ledger",
    "import_works",
    "open_finding",
    "propose_closing",
    "return_finding",
]
