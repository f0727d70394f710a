"""The pages of the buyer and of who acts for it: what waits, the draft, the running tender."""

from . import amending, desk, direct, draft, running, unit
from .book import pages

__all__ = ["amending", "desk", "direct", "draft", "pages", "running", "unit"]
