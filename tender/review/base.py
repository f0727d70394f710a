"""What a rule is, what it is given, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from kernel.canonical import jcs, sha256

from ..profile import Profile
from ..terms import Terms
from .wording import Sentence, sentences

BREACH = "breach"
"""It is against the law where the rule's article applies; a notice waits for a person's answer."""
DOUBT = "doubt"
"""It may be right or wrong, a person should look."""


@dataclass(frozen=True)
class Passage:
    """A piece of a document's text: a page of a PDF, a paragraph of an Office file, or a line."""

    text: str
    page: int | None = None
    paragraph: int | None = None


@dataclass(frozen=True)
class Paper:
    """One file of the bidding documents as far as it could be read.

    `problem` says why it has no text: `scanned`, `unread:…`; empty where it was read.
    """

    id: str
    name: str
    hash: str
    kind: str
    passages: tuple[Passage, ...] = ()
    problem: str = ""

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The text as sentences, made plain (wording.py)."""
        return tuple(sentences([(one.text, one.page, one.paragraph) for one in self.passages]))


@dataclass(frozen=True)
class Lot:
    """What a lot states, and the profile in force for it. Money in fen."""

    id: str
    number: int
    regime: str
    category: str
    estimate_fen: int
    price_ceiling_fen: int
    terms: Terms
    profile: Profile
    factors: tuple[str, ...] = ()
    """The names of the factors that are scored."""


@dataclass(frozen=True)
class Subject:
    """What is reviewed: the lots and the papers of one tender."""

    lots: tuple[Lot, ...]
    papers: tuple[Paper, ...]
    title: str = ""

    @property
    def statutory(self) -> bool:
        """Whether any lot must be tendered by law."""
        return any(lot.regime == "statutory" for lot in self.lots)

    @property
    def estimate_fen(self) -> int:
        """All lots together."""
        return sum(lot.estimate_fen for lot in self.lots)


@dataclass(frozen=True)
class Hit:
    """Where a rule found something: in a paper at a place, or in what a lot states.

    `quotation` is the text as it stands, or the value.
    """

    rule: Rule
    quotation: str
    paper: Paper | None = None
    page: int | None = None
    paragraph: int | None = None
    lot: Lot | None = None
    field: str = ""
    plugin: str = ""

    @property
    def key(self) -> str:
        """What it is known by, as long as the rule, the document and the place are the same."""
        where = self.paper.hash if self.paper else self.lot.id if self.lot else ""
        return sha256(jcs([self.rule.id, self.rule.version, self.plugin, where, self.field,
                           self.page, self.paragraph, self.quotation])).hex()

    def as_json(self) -> dict[str, object]:
        """The hit as it is stored and shown."""
        rule = self.rule
        return {
            "key": self.key, "rule": rule.id, "version": rule.version, "severity": rule.severity,
            "law": rule.law, "title": {"zh": rule.zh, "en": rule.en},
            "advice": {"zh": rule.do_zh, "en": rule.do_en}, "quotation": self.quotation,
            "document": self.paper and {"id": self.paper.id, "name": self.paper.name,
                                        "hash": self.paper.hash},
            "page": self.page, "paragraph": self.paragraph,
            "lot": self.lot.number if self.lot else None, "field": self.field,
            "plugin": self.plugin or None}


class Rule:
    """One thing that a bidding document must not say. Count `version` up when `check` changes."""

    id = ""
    version = 1
    severity = BREACH
    law = ""
    zh = ""
    en = ""
    do_zh = ""
    do_en = ""

    def check(self, subject: Subject) -> Iterable[Hit]:
        """The places where the subject says it."""
        raise NotImplementedError
