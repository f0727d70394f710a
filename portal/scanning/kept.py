"""What the platform keeps as people send it, and may read: by the route it comes through, the column
that names it. All of it goes through the one scanner; a route that takes bytes stands here or below.
"""

from __future__ import annotations

from supervision.model import Evidence
from tender.model import DirectAward, Document, DraftDocument, Paper

KEPT = {
    "POST /tenders/<tender_id>/documents": Document.hash,
    "POST /tenders/<tender_id>/amendments/<amendment_id>/documents": DraftDocument.hash,
    "POST /papers": Paper.hash,
    "POST /direct-awards/<award_id>/minutes": DirectAward.minutes_hash,
    "POST /lots/<lot_id>/objection-evidence": Evidence.hash,
    "POST /lots/<lot_id>/complaint-evidence": Evidence.hash,
}

SEALED = {
    "PATCH /bids/<bid_id>/versions/<version>/parts/<part>/upload",
    "PUT /bids/<bid_id>/plain-files/<part>",
}
"""Bids: nobody reads them before the opening, and then their files are looked at one by one."""

UNKEPT = {
    "PUT /lots/<lot_id>/bid-trials/<part>": "hashed as it comes",
    "PUT /lots/<lot_id>/bill": "a workbook that is read into rows",
    "POST /lots/<lot_id>/bill/check": "a workbook that is looked at",
    "PUT /tenders/<tender_id>/amendments/<amendment_id>/lots/<lot_id>/bill": "a workbook read into rows",
    "POST /works/imports": "a workbook read into rows",
    "POST /payment-ledgers": "a workbook read into rows",
    "POST /unsubscribe/<search_id>/<token>": "a word of a mail program",
}
"""What comes as bytes and is kept as none, and why."""

__all__ = ["KEPT", "SEALED", "UNKEPT"]
