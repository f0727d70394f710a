"""Everything that changes in the invitation."""

from .agencies import authorise_agency, revoke_agency
from .amending import move_deadline
from .amendment_reviews import answer_amended_hit, record_amended_fairness, review_amendment
from .amendments import (
    add_amending_file,
    approve_amendment,
    draft_amendment,
    give_up_amendment,
    submit_amendment,
)
from .companies import (
    approve_debarment,
    declare_licence,
    declare_relation,
    propose_debarment,
    withdraw_statement,
)
from .course import changed_draft, decide_outcome, lock_lot, lock_tender
from .direct import (
    add_minutes,
    approve_award,
    award_findings,
    contract_award,
    give_up_award,
    restate_award,
    state_direct_award,
)
from .direct_complaints import settle_award, suspend_award
from .direct_objections import answer_award_objection, note_award_overdue, object_to_award
from .drafting import (
    add_document,
    create_tender,
    edit_tender,
    remove_document,
    set_items,
)
from .halting import resume_lot, suspend_lot, terminate_lot
from .holds import hold_lot, postpone_held, release_hold
from .invitations import invite, long_list_findings, set_invitees, set_long_list
from .papers import check_room, keep_paper, must_be_kept, paper_of
from .prenotice import approve_pre_notice, submit_pre_notice
from .profiles import approve_profile, propose_profile
from .publishing import (
    approve_notice,
    content_hooks,
    finding_hooks,
    publish_hooks,
    publish_notice,
    submit_notice,
)
from .questions import answer_question, ask_question, clarified
from .registration import announce_plan, set_registration, set_requirements
from .restating import remove_amending_file, restate_amendment
from .returning import send_amendment_back, send_notice_back
from .reviews import (
    answer_hit,
    ask_reading,
    give_opinion,
    make_review,
    record_fairness,
    withdraw_reading,
)
from .rounds import retender
from .signatures import sign_amendment, sign_award, sign_notice, sign_pre_notice
from .templates import begin_from_template, keep_template

__all__ = [
    "add_amending_file",
    "add_document",
    "add_minutes",
    "announce_plan",
    "answer_amended_hit",
    "answer_award_objection",
    "answer_hit",
    "answer_question",
    "approve_amendment",
    "approve_award",
    "approve_debarment",
    "approve_notice",
    "approve_pre_notice",
    "approve_profile",
    "ask_question",
    "ask_reading",
    "authorise_agency",
    "award_findings",
    "begin_from_template",
    "changed_draft",
    "check_room",
    "clarified",
    "content_hooks",
    "contract_award",
    "create_tender",
    "decide_outcome",
    "declare_licence",
    "declare_relation",
    "draft_amendment",
    "edit_tender",
    "finding_hooks",
    "give_opinion",
    "give_up_amendment",
    "give_up_award",
    "hold_lot",
    "invite",
    "keep_paper",
    "keep_template",
    "lock_lot",
    "lock_tender",
    "long_list_findings",
    "make_review",
    "move_deadline",
    "must_be_kept",
    "note_award_overdue",
    "object_to_award",
    "paper_of",
    "postpone_held",
    "propose_debarment",
    "propose_profile",
    "publish_hooks",
    "publish_notice",
    "record_amended_fairness",
    "record_fairness",
    "release_hold",
    "remove_amending_file",
    "remove_document",
    "restate_amendment",
    "restate_award",
    "resume_lot",
    "retender",
    "review_amendment",
    "revoke_agency",
    "send_amendment_back",
    "send_notice_back",
    "set_invitees",
    "set_items",
    "set_long_list",
    "set_registration",
    "set_requirements",
    "settle_award",
    "sign_amendment",
    "sign_award",
    "sign_notice",
    "sign_pre_notice",
    "state_direct_award",
    "submit_amendment",
    "submit_notice",
    "submit_pre_notice",
    "suspend_award",
    "suspend_lot",
    "terminate_lot",
    "withdraw_reading",
    "withdraw_statement",
]
