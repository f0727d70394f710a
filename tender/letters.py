"""A text as what it says, for comparing: letters and digits alone, in one width and one case. Pure."""

from __future__ import annotations

import unicodedata


def letters(text: str) -> str:
    """`text` without blanks, marks and punctuation, folded in width and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(mark for mark in folded if mark.isalnum())
