"""Everything that changes in the invitation."""

from .amending import move_deadline
from .course import changed_draft, decide_outcome, lock_lot, lock_tender
from .drafting import (
    add_document,
    create_tender,
    edit_tender,
    remove_document,
    set_items,
)
from .profiles import approve_profile, propose_profile
from .publishing import (
    approve_notice,
    content_hooks,
    finding_hooks,
    publish_hooks,
    publish_notice,
    submit_notice,
)
from .questions import answer_question, ask_question

__all__ = [
    "add_document",
    "answer_question",
    "approve_notice",
    "approve_profile",
    "ask_question",
    "changed_draft",
    "content_hooks",
    "create_tender",
    "decide_outcome",
    "edit_tender",
    "finding_hooks",
    "lock_lot",
    "lock_tender",
    "move_deadline",
    "propose_profile",
    "publish_hooks",
    "publish_notice",
    "remove_document",
    "set_items",
    "submit_notice",
]
