"""The JSON routes of the sealed bid and its opening."""

from . import bids, closing, contents, faults, opening, own, preparation
from .book import api

__all__ = ["api", "bids", "closing", "contents", "faults", "opening", "own",
           "preparation"]
