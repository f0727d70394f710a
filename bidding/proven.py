"""What the record itself says of a lot, as a holder needs it before it gives a share. Pure.

Nothing here is the platform's word: every record comes proven (audit.follow). The deadline is
the latest that any of them names, so that no amendment can make a holder too early.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from kernel.canonical import NotCanonical, parse_time

PUBLISHED = "notice.approved"
MOVED = ("deadline.restored", "deadline.extended", "deadline.postponed", "tender.resumed")
CLOSED = "lot.closed"
AUTHORISED = ("opening.authorised", "opening.prices_authorised")


class NotProven(ValueError):
    """The record does not say what must be there; the message names it."""


class NotNamed(NotProven):
    """The lot's proven policy does not name this key: a foreign lot, for which nothing is given."""


@dataclass
class LotFacts:
    """A lot as the record has it."""

    tender: str = ""
    suite: str = ""
    policy_hash: str = ""
    deadline: datetime | None = None
    closing_root: str | None = None
    roots: dict[str, str] = field(default_factory=dict)
    """Part → authorised root."""
    prices: bool = False
    """Whether the second of two envelopes is authorised."""

    @property
    def published(self) -> bool:
        """Whether its notice is out."""
        return bool(self.policy_hash)


def wanted(record: dict) -> bool:
    """Whether a record is one of those that are kept."""
    return record.get("type") in (PUBLISHED, *MOVED, CLOSED, *AUTHORISED)


def lot_facts(records: Iterable[tuple[int, dict]], lot_id: str) -> LotFacts:
    """What the proven records say of a lot, in the order of the log. Raises NotProven when they
    contradict each other: a second policy, a part authorised twice over different bids."""
    facts = LotFacts()
    for _, record in records:
        kind, said = record["type"], record.get("facts") or {}
        try:
            if kind == PUBLISHED:
                _published(facts, record, lot_id)
            elif record.get("lot") != lot_id:
                continue
            elif kind in MOVED:
                _later(facts, said.get("deadline"))
                if "deadline" in said:  # bids are taken again; another closing follows
                    facts.closing_root = None
            elif kind == CLOSED:
                facts.closing_root = said["root"]
                _later(facts, said.get("deadline"))
            elif kind in AUTHORISED:
                _authorised(facts, said["parts"])
                facts.prices |= kind == AUTHORISED[1]
        except (KeyError, TypeError, NotCanonical) as error:
            raise NotProven(f"a record {kind} is not of the known form: {error}") from error
    return facts


def published(records: Iterable[tuple[int, dict]]) -> list[str]:
    """The lots of which the proven records hold a notice, in their order."""
    found: dict[str, None] = {}
    for _, record in records:
        if record["type"] != PUBLISHED:
            continue
        try:
            found |= dict.fromkeys(str(one["lot"]) for one in record["facts"]["lots"])
        except (KeyError, TypeError) as error:
            raise NotProven(f"a record {PUBLISHED} is not of the known form: {error}") from error
    return list(found)


def _published(facts: LotFacts, record: dict, lot_id: str) -> None:
    for one in record["facts"]["lots"]:
        if one["lot"] != lot_id:
            continue
        if facts.published and facts.policy_hash != one["policy_hash"]:
            raise NotProven("the record has two policies for this lot")
        facts.tender, facts.suite = record["tender"], one["suite"]
        facts.policy_hash = one["policy_hash"]
        _later(facts, one["deadline"])


def _later(facts: LotFacts, text: str | None) -> None:
    if text is not None:
        moment = parse_time(text)
        facts.deadline = moment if facts.deadline is None else max(facts.deadline, moment)


def _authorised(facts: LotFacts, parts: list[dict]) -> None:
    for one in parts:
        if facts.roots.setdefault(one["part"], one["root"]) != one["root"]:
            raise NotProven(f"the record authorises {one['part']} twice, over different bids")


def may_open(facts: LotFacts, now: datetime) -> None:
    """Raise NotProven unless the lot is closed, authorised and past its latest deadline."""
    if not facts.published:
        raise NotProven("the record has no published notice of this lot")
    if now <= facts.deadline:
        raise NotProven(f"the deadline is {facts.deadline.isoformat()}")
    if facts.closing_root is None:
        raise NotProven("the record has no closing of this lot")
    if not facts.roots:
        raise NotProven("the record has no authorisation of this opening")
