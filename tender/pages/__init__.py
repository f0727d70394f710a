"""The pages of the buyer and of who acts for it: what waits, the draft, the running tender."""

from . import desk, draft, running, unit
from .book import pages

__all__ = ["desk", "draft", "pages", "running", "unit"]
