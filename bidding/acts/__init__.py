"""Everything that changes a bid or its opening."""

from .closing import (
    close_due_lot,
    close_if_due,
    close_lot,
    deem_withdrawn,
    fail_lot,
    return_bid,
)
from .digest import (
    digest_log,
)
from .opening import (
    authorise_opening,
    give_own_shares,
    release_shares,
    sign_record,
)
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
from .upload import Upload, offset_of, owner_of, receive

__all__ = [
    "Upload",
    "answer_rehearsal",
    "assign_official",
    "authorise_opening",
    "begin_rehearsal",
    "certify_key",
    "close_due_lot",
    "close_if_due",
    "close_lot",
    "declare_bid",
    "declare_replacement",
    "deem_withdrawn",
    "digest_log",
    "dismiss_official",
    "fail_lot",
    "fill_policy",
    "give_own_shares",
    "offset_of",
    "open_lot",
    "owner_of",
    "promising",
    "receive",
    "register_key",
    "release_shares",
    "return_bid",
    "sign_record",
    "withdraw_bid",
]
