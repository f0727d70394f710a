"""The tenderer's program: seal, submit, follow, replace, withdraw and open a bid.

    yangguang bid new-key signing.key · bind-key signing.key
    yangguang bid notice --lot … --out notice.json
    yangguang bid seal --notice notice.json --uscc … --key signing.key … --out DIR   (no server)
    yangguang bid trial …           (all of it, in a way that cannot count)
    yangguang bid submit DIR        (may be interrupted and repeated)
    yangguang bid status DIR · withdraw DIR · decrypt DIR
    yangguang bid plain DIR FILE …  (the key is lost: the plain files, at the opening)

Everything is sealed on this machine before anything is sent; the seeds in `bid.key` never
leave it before the opening. It needs the standard library and `cryptography`, no more.
"""

from .. import blocks
from .commands import main
from .keys import bind_key, new_key, read_key
from .notice import Distrust, Notice, load_notice, prove, read_notice, trust
from .plain import Missing, hand_in
from .seal import KEY_FILE, load, seal, unseal
from .send import (
    declare,
    open_bid,
    receipts,
    send_piece,
    silent,
    status,
    submit,
    upload,
    withdraw,
)

__all__ = [
    "KEY_FILE",
    "Distrust",
    "Missing",
    "Notice",
    "bind_key",
    "blocks",
    "declare",
    "hand_in",
    "load",
    "load_notice",
    "main",
    "new_key",
    "open_bid",
    "prove",
    "read_key",
    "read_notice",
    "receipts",
    "seal",
    "send_piece",
    "silent",
    "status",
    "submit",
    "trust",
    "unseal",
    "upload",
    "withdraw",
]
