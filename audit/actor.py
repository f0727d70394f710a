"""Who acts, as the record and the rules see it: ids only, nothing of HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Actor:
    """One actor for the length of one act.

    `kind`: `account` (a person signed in), `machine` (an API token), `anonymous`, `clock`
    (time-driven work) or `operator` (the command line). `fresh_until` is the time to which
    the last second factor counts as fresh (Q13); `session_id` lets an act see that the
    session was not ended while the request was on its way (I30).
    """

    kind: str
    account_id: str | None = None
    person_id: str | None = None
    party_id: str | None = None
    session_id: str | None = None
    token_id: str | None = None
    fresh_until: datetime | None = None

    def fresh(self, now: datetime) -> bool:
        """Whether the last second factor still counts as fresh at `now`."""
        return self.fresh_until is not None and now <= self.fresh_until

    def as_facts(self) -> dict[str, str]:
        """What the record says of the actor: kind and ids, never a name or an address."""
        named = {"account": self.account_id, "person": self.person_id, "party": self.party_id}
        return {"kind": self.kind} | {key: value for key, value in named.items() if value}


CLOCK = Actor("clock")
OPERATOR = Actor("operator")
ANONYMOUS = Actor("anonymous")
