"""JSON that was read from a text, is written as that text again, and whose hash is taken once.

What is shared by many rows, a rule profile of six thousand letters, is read from the same text for
every publication and written into each of its lots. One value stands for one text, for as long as
the process lives, so that nobody may change it.
"""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from typing import NoReturn

from kernel.canonical import jcs, sha256


class Spelled(dict):
    """A JSON object with the text it was read from. Raises TypeError for whoever would change it."""

    def __init__(self, text: str):
        super().__init__(json.loads(text))
        self.text = text

    @cached_property
    def digest(self) -> str:
        """SHA-256 over its canonical form, hex."""
        return digest(dict(self))

    def _never(self, *_given: object, **_named: object) -> NoReturn:
        raise TypeError("this value stands for a text, and others hold it, too: copy it")

    __setitem__ = __delitem__ = __ior__ = _never
    pop = popitem = clear = update = setdefault = _never


@lru_cache(maxsize=64)
def spelled(text: str) -> Spelled:
    """The value of a text; the same one for the same text."""
    return Spelled(text)


def digest(value: dict[str, object]) -> str:
    """SHA-256 over the canonical form of an object, hex."""
    return value.digest if type(value) is Spelled else sha256(jcs(value)).hex()


def dumps(value: object) -> str:
    """What a JSON column is written as."""
    return value.text if type(value) is Spelled else json.dumps(value)
