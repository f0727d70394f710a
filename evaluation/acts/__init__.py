"""Every act of the judgement: draws, panel and sheets, award and contract."""

from .award import (
    cast_vote,
    confirm_award,
    form_committee,
    give_up,
    publish_candidates,
    register_contract,
)
from .draws import announce_draw, close_draw, commit_nonce, draw_panel, reveal_nonce
from .panel import conclude_report, declare, save_sheet, sign_report, sign_sheet

__all__ = [
    "announce_draw", "cast_vote", "close_draw", "commit_nonce", "conclude_report",
    "confirm_award", "declare", "draw_panel", "form_committee", "give_up", "publish_candidates",
    "register_contract", "reveal_nonce", "save_sheet", "sign_report", "sign_sheet",
]
