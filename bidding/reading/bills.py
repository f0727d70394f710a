"""Priced bills of opened bids, held against the lot's own line by line, for who judges them."""

from __future__ import annotations

import io

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND, Refused
from tender import bills, workbook
from tender import reading as tenders
from tender.refusals import MANY

from ..model import OpenedPart
from ..refusals import NOT_OPENED
from .contents import read_member
from .found import found_bid

MOST_FILES = 20
"""Workbooks of one bid that are looked at."""
PASSED_OVER = {"problem": MANY.code, "problems": [], "bill": None}
"""Said of those behind them: many decoys must not hide the bill in silence."""
UNREADABLE = ("sheet.", "document.archive", "document.empty")
"""Refusals that are about the tenderer's file: one such file must not hide the bid's others."""


def bills_view(session: Session, bid_id: str) -> list[dict[str, object]]:
    """What is found in each workbook of a bid's price part: `{name, size, hash, problem, problems,
    bill}`; without a bill where it cannot be read as one. Raises NOT_OPENED, NOT_FOUND, DAMAGED.

    Advice: the panel corrects and decides (评标委员会和评标方法暂行规定 19).
    """
    found = found_bid(session, bid_id)
    part = session.scalars(select(OpenedPart).where(
        OpenedPart.bid_id == bid_id, OpenedPart.part == "price")).one_or_none()
    if found is None or found.verdict != "opened":
        raise NOT_OPENED()
    if part is None:  # of two envelopes the second is still shut
        raise NOT_FOUND()
    lot = tenders.lot(session, found.lot_id)
    ours = [bills.Line.of(item) for item in tenders.items_of(session, lot.id)]
    sheets = [one for one in part.files if one["name"].lower().endswith(".xlsx")]
    if not ours:
        return []
    return [{key: one[key] for key in ("name", "size", "hash")}
            | (_looked_at(session, bid_id, one, ours, lot.price_ceiling_fen, found.price_fen)
               if place < MOST_FILES else PASSED_OVER)
            for place, one in enumerate(sheets)]


def _looked_at(session: Session, bid_id: str, file: dict, ours: list[bills.Line],
               ceiling_fen: int, form_fen: int | None) -> dict[str, object]:
    try:
        if file["size"] > workbook.LIMIT:
            raise workbook.SHEET_KIND(problem=f"{file['size']} bytes")
        _, pieces = read_member(session, bid_id, "price", file["name"])
        data = b"".join(pieces)
        verdict = bills.check(ours, bills.read_priced(io.BytesIO(data), len(data)), ceiling_fen,
                              form_fen)
    except Refused as refused:
        if not refused.word.code.startswith(UNREADABLE):
            raise
        return {"problem": refused.word.code, "problems": refused.facts.get("problems", []),
                "bill": None}
    return {"problem": "", "problems": [], "bill": verdict}
