"""Receipts, checked by whoever holds them: offline, with nothing of ours but public keys.

A receipt is the platform's promise (a signed note), and later the proof that the record holds
what was promised: a `.tlog-proof` with its leaf, for a refusal the path to the digest whose
root the record holds, a time stamp, and for a bid its path to the closing root. Together they
are one JSON object, in the one spelling of RFC 8785:

    {"v", "type": "receipt", "promise", "proof", "leaf", "place", "stamped", "token", "closing"}

    yangguang receipt verify FILE… [--vkey log.vkey] [--platform-vkey …] [--witness-vkey …] [--tsa …]

FILE is a promise, a `.tlog-proof` (its `.leaf` beside it), such an object, or a declaration.
Keys not given are looked for beside the files. Exit: 0 it holds, 1 something is wrong (the
first thing is named), 2 it cannot be checked.
"""

from .checks import check, check_declaration, check_promise, check_proof, keeps, state
from .sentences import words
from .shape import FIELDS, BadReceipt, CannotCheck, Finding, Keys, State, make, name_of, read, write

__all__ = [
    "FIELDS", "BadReceipt", "CannotCheck", "Finding", "Keys", "State", "check", "check_declaration",
    "check_promise", "check_proof", "keeps", "make", "name_of", "read", "state", "words",
    "write",
]
