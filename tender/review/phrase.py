"""Rules that look for what a sentence asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .base import Hit, Paper, Rule, Subject
from .wording import Sentence, forbids

MOST = 60
"""Hits of one rule in one document; when these are mended the next come to light."""

PLACE = (r"(?:(?:本|我|当|该|所在)(?:地|省|市|县|区|镇|乡|行政区|辖区)|(?:项目|工程|招标人)所在(?:地|省|市|县|区)|省内|市内|县内|区内"
         r"|[一-龥]{2}(?:省|市|县|区)(?:境内|范围内|行政区域内|辖区内|内)?)")
"""A place that a clause may favour, in plain text."""


class Phrase(Rule):
    """A sentence that matches one of `patterns`, that does not forbid what it says, and in which
    nothing matches `unless`. Patterns see plain text: no blanks, half width, simplified."""

    patterns: tuple[str, ...] = ()
    unless = ""

    def __init__(self) -> None:
        self._patterns = [re.compile(one) for one in self.patterns]
        self._unless = re.compile(self.unless) if self.unless else None

    def check(self, subject: Subject) -> Iterator[Hit]:
        """One hit for each sentence, at most MOST in a document."""
        for paper in subject.papers:
            count = 0
            for sentence in paper.sentences:
                found = self._find(sentence, subject)
                if found is not None and count < MOST:
                    count += 1
                    yield _hit(self, paper, sentence, found)

    def _find(self, sentence: Sentence, subject: Subject) -> re.Match | None:
        if self._unless is not None and self._unless.search(sentence.plain):
            return None
        for pattern in self._patterns:
            for found in pattern.finditer(sentence.plain):
                if self.applies(found, sentence, subject) \
                        and not forbids(sentence, found.start(), found.end()):
                    return found
        return None

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """Whether what was found is one: a number is compared here."""
        return True


def _hit(rule: Rule, paper: Paper, sentence: Sentence, found: re.Match) -> Hit:
    return Hit(rule, sentence.quotation(found.start(), found.end()), paper=paper,
               page=sentence.page, paragraph=sentence.paragraph)
