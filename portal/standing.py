"""What the public pages are made of: the record, and the index of the search, which follows the feed
and says how far it is (people/standing.py, ADR 13)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from people.standing import RECORD
from tender.shown import SCANNED

from .search.model import SearchState

PUBLIC = replace(RECORD, marks=RECORD.marks + tuple(
    select(one).scalar_subquery()
    for one in (SearchState.cursor, SearchState.rebuilt, SearchState.rebuilt_at)))
"""Every page for everybody that shows what is public now."""
TENDER = replace(PUBLIC, marks=(*PUBLIC.marks, SCANNED))
"""A tender's own page, which says beside each file what the scanner said of it."""

__all__ = ["PUBLIC", "TENDER"]
