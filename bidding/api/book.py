"""The one blueprint of the book, on which each module of this package declares its routes."""

from __future__ import annotations

from kernel.refusal import NOT_FOUND
from people.edge import Book

from ..manifest import PARTS

api = Book("bidding")


def part_named(text: str) -> str:
    """The part an address names, or NOT_FOUND."""
    if text not in PARTS:
        raise NOT_FOUND()
    return text
