"""The one true state of a company's bid in a lot, from what the platform holds: pure.

"Uploading is not submitting" and "freeze was not clicked" lost real bids elsewhere, so a page says
one of these and nothing in between. What lies on the tenderer's own device only, its page adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum


class Board(Enum):
    """A state: whether a bid of the company counts now, and a sentence (zh, en)."""

    NONE = (False, "尚无投标", "No bid yet")
    SENDING = (False, "正在上传，尚未递交", "Being sent, NOT submitted")
    REFUSED = (False, "未被接受，尚未递交", "Refused, NOT submitted")
    WITHDRAWN = (False, "已撤回，没有有效投标", "Withdrawn: no bid counts")
    SUBMITTED = (True, "已递交", "Submitted")
    REPLACED = (True, "已递交替换后的版本", "Submitted, replaced by a later version")
    LATE = (False, "已截止，没有递交", "Too late: NOT submitted")
    SEALED = (True, "已递交，等待开标", "Submitted, waiting for the opening")
    OPENED = (True, "已开标", "Opened")
    UNOPENED = (False, "未能开启", "Could not be opened")
    REJECTED = (False, "开启后否决", "Rejected at the opening")
    RETURNED = (False, "流标，未开启，退回", "The lot failed: returned unopened")
    ENDED = (False, "项目已终止", "The lot was ended")

    def __init__(self, counts: bool, zh: str, en: str):
        self.counts = counts
        self.zh = zh
        self.en = en


ENDINGS = {"OPENED": Board.OPENED, "REJECTED": Board.REJECTED, "RETURNED": Board.RETURNED,
           "UNOPENED": Board.UNOPENED, "DEEMED_REVOKED": Board.UNOPENED,
           "UNDECRYPTED_WITHDRAWN": Board.UNOPENED, "LEFT_UNDECIDED": Board.UNOPENED}
"""What became of a version after the deadline, by its state (lifecycle.py)."""

TAKES = ("BIDDING", "SUSPENDED")
"""Phases in which the deadline still decides."""


def board(states: Sequence[tuple[int, str]], refused: bool, phase: str, past: bool) -> Board:
    """The state of a company's bid.

    `states`: (version, its state's name) of every version declared, the oldest first; `refused`:
    whether the last thing it tried was refused; `past`: whether the deadline has passed.
    """
    names = [name for _, name in states]
    for name in reversed(names):
        if name in ENDINGS:
            return ENDINGS[name]
    if phase == "TERMINATED":
        return Board.ENDED
    stands = next((version for version, name in reversed(states) if name == "SUBMITTED"), None)
    if stands is not None:
        if past or phase not in TAKES:
            return Board.SEALED
        return Board.SUBMITTED if stands == 1 else Board.REPLACED
    if past or phase not in TAKES:
        return Board.WITHDRAWN if names and names[-1] == "WITHDRAWN" and not refused \
            else Board.LATE
    if refused:
        return Board.REFUSED
    if "DECLARED" in names:
        return Board.SENDING
    return Board.WITHDRAWN if "WITHDRAWN" in names else Board.NONE


__all__ = ["Board", "board"]
