"""Everything that changes a bid or its opening."""

from .closing import (
    close_due_lot,
    close_if_due,
    close_lot,
    deem_withdrawn,
    doubt_margin,
    fail_lot,
    return_bid,
)
from .deadline import decide_deadline
from .digest import digest_log
from .faults import decide_fault, make_statement, name_omission, object_to_fault
from .naming import Upload
from .opening import (
    authorise_opening,
    authorise_prices,
    give_own_shares,
    give_price_shares,
    release_price_shares,
    release_shares,
    sign_record,
)
from .plain import give_plain_file
from .preparation import (
    assign_official,
    certify_key,
    dismiss_official,
    fill_policy,
    register_key,
)
from .promises import promising
from .publication import open_lot
from .rehearsal import answer_rehearsal, begin_rehearsal
from .submission import declare_bid, declare_replacement, withdraw_bid
from .upload import offset_of, receive, upload_of

__all__ = [
    "Upload",
    "answer_rehearsal",
    "assign_official",
    "authorise_opening",
    "authorise_prices",
    "begin_rehearsal",
    "certify_key",
    "close_due_lot",
    "close_if_due",
    "close_lot",
    "decide_deadline",
    "decide_fault",
    "declare_bid",
    "declare_replacement",
    "deem_withdrawn",
    "digest_log",
    "dismiss_official",
    "doubt_margin",
    "fail_lot",
    "fill_policy",
    "give_own_shares",
    "give_plain_file",
    "give_price_shares",
    "make_statement",
    "name_omission",
    "object_to_fault",
    "offset_of",
    "open_lot",
    "promising",
    "receive",
    "register_key",
    "release_price_shares",
    "release_shares",
    "return_bid",
    "sign_record",
    "upload_of",
    "withdraw_bid",
]
