"""What every holder's program does before it answers: an official's and a clock's alike.

It believes the record and not the platform. The log's key, and the witnesses' where there are
any, are pinned in files of the holder's own. A share leaves only when the lot's latest deadline
lies behind by the holder's own clock and by the cosignature times of a quorum, and for bids
that stand in the closing root and in an authorised root of proven entries, wrapped for exactly
that bid, part and path. A rehearsal is answered for one's own nonce and before publication.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from audit import follow, note
from audit.cosignature import Cosigner
from audit.note import Verifier
from kernel.canonical import NotCanonical, b64, unb64

from . import closing, declaration, policy, proven, rehearsal, sealing
from .declaration import BadDeclaration
from .proven import LotFacts, NotNamed, NotProven
from .sealing import BadWrap
from .suites import Suite
from .wire import call, fetch

FIRST, PRICES = "opening", "price-opening"
"""Where the wraps and shares of the (first) opening lie, and those of the second envelope."""


@dataclass(frozen=True)
class Pins:
    """The keys that a holder believes; `quorum` 0 where the notice names no witnesses."""

    log: Verifier
    quorum: int = 0
    witnesses: list[Cosigner] = field(default_factory=list)

    @classmethod
    def read(cls, log: Path, witnesses: Path | None = None) -> Pins:
        """Read them from files. Raises BadNote or OSError."""
        key = note.read_vkey(Path(log).read_bytes())
        if witnesses is None:
            return cls(key)
        return cls(key, *follow.read_witnesses(Path(witnesses).read_text("utf-8")))


@dataclass
class Checked:
    """What a holder would give: shares, and what it withholds and why."""

    shares: list[dict] = field(default_factory=list)
    withheld: list[dict] = field(default_factory=list)


class Partial(ValueError):
    """Not every share could be given, and shares are given once: the holder must choose."""


def own_clock() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)


class Holder:
    """One holder with one key: the platform to speak to, the record to believe."""

    def __init__(self, wire, suite: Suite, seed: bytes, pins: Pins, state: Path, *,
                 source: follow.Fetch | None = None, now: Callable[[], datetime] = own_clock):
        self.wire, self.suite, self.seed, self.pins, self.now = wire, suite, seed, pins, now
        self.recipient = suite.recipient_of(seed)
        self.follower = follow.Follower(
            source or (lambda name: fetch(wire, f"/record/{name}")), pins.log, pins.witnesses,
            state, proven.wanted)

    def rehearse(self, lot_id: str) -> dict:
        """Prove before publication that one can open with the key: one's own nonce, one share.

        Raises NotProven when the record has the lot's notice, rehearsal.NotMine when what comes
        back is anything else than one's own rehearsal.
        """
        seen = self.follower.follow()
        if proven.lot_facts(seen.records, lot_id).published:
            raise NotProven("the lot is published: no rehearsal is answered any more")
        nonce = secrets.token_hex(rehearsal.NONCE_BYTES)
        begun = call(self.wire, "POST", f"/lots/{lot_id}/rehearsals", {"nonce": nonce},
                     key=f"rehearse-{nonce}")
        share = rehearsal.answer(unb64(begun["wrap"]), self.suite.identity(self.seed),
                                 self.pins.log.name, lot_id, nonce)
        return call(self.wire, "POST", f"/lots/{lot_id}/rehearsals/answer",
                    {"nonce": nonce, "share": b64(share)}, key=f"rehearsed-{nonce}")

    def notices(self) -> dict[str, LotFacts]:
        """Every lot whose notice the record proves, with what it says. Raises NotProven, Untrue."""
        records = self.follower.follow().records
        return {lot: proven.lot_facts(records, lot) for lot in proven.published(records)}

    def facts(self, lot_id: str) -> LotFacts:
        """What the record proves of a lot that may now be opened. Raises NotProven, Untrue."""
        seen = self.follower.follow()
        found = proven.lot_facts(seen.records, lot_id)
        proven.may_open(found, self.now())
        later = sum(at > found.deadline.timestamp() for at in seen.times)
        if later < self.pins.quorum:
            raise NotProven(f"{later} of {self.pins.quorum} witnesses say that the deadline "
                            f"{found.deadline.isoformat()} has passed")
        if found.suite != self.suite.name:
            raise NotProven(f"the lot is sealed in {found.suite}, this key is of {self.suite.name}")
        return found

    def path(self, lot_id: str, facts: LotFacts) -> str:
        """Where one's key stands in the lot's policy, which must have the recorded hash.

        Raises NotProven, and NotNamed where that policy does not hold the key.
        """
        tree = call(self.wire, "GET", f"/lots/{lot_id}")["policy"]
        if policy.policy_hash(tree) != facts.policy_hash:
            raise NotProven("the policy shown is not the one in the record")
        for path, leaf in policy.holders(tree).items():
            if leaf["recipient"] == self.recipient:
                return path
        raise NotNamed("this key does not stand in the lot's policy")

    def check(self, lot_id: str, place: str = FIRST) -> Checked:
        """Unwrap every share that may be given now; gives nothing. `place` is the stage's."""
        facts = self.facts(lot_id)
        path = self.path(lot_id, facts)
        wraps = call(self.wire, "GET", f"/lots/{lot_id}/{place}/wraps")
        return check(wraps, self.seed, lot_id, path, facts, self.pins.log.name)

    def share(self, lot_id: str, *, partial: bool = False, empty: bool = False,
              place: str = FIRST) -> dict:
        """Check and give one's shares, once: the platform's answer with `given` and `withheld`.

        Raises Partial when some are withheld (unless `partial`), or there are none to give
        (unless `empty`): what was not given cannot be given later.
        """
        checked = self.check(lot_id, place)
        if (checked.withheld and not partial) or (not checked.shares and not empty):
            raise Partial(f"{len(checked.shares)} shares could be given, withheld: "
                          f"{checked.withheld}")
        answer = call(self.wire, "POST", f"/lots/{lot_id}/{place}/official-shares",
                      {"shares": checked.shares}, key=f"release-{place}-{lot_id}")
        return {**answer, "given": len(checked.shares), "withheld": checked.withheld}


def check(wraps: dict, seed: bytes, lot_id: str, path: str, facts: LotFacts,
          log_origin: str) -> Checked:
    """Unwrap the shares of the bids that stand in the closing root and, part by part, in an
    authorised root of `facts`; name the others with the reason."""
    checked = Checked()
    for bid in wraps["bids"]:
        try:
            declared = declaration.parse(bid["declaration"])
            _same(declared, {"bid": bid["bid"], "lot": lot_id, "tender": facts.tender,
                             "log_origin": log_origin, "suite": facts.suite,
                             "policy_hash": facts.policy_hash})
            _stands(facts.closing_root, declared, bid["place"], "closing")
        except (BadDeclaration, BadWrap, NotCanonical) as error:
            checked.withheld.append({"bid": bid["bid"], "part": "*", "why": str(error)})
            continue
        for part in bid["parts"]:
            try:
                if part["part"] not in facts.roots:
                    raise BadWrap("this part is not authorised")
                _stands(facts.roots[part["part"]], declared, part["place"], "authorised")
                if part["path"] != path:
                    raise BadWrap("the share is of another holder's path")
                share = sealing.unwrap(unb64(part["wrap"]), seed, declared.value, part["part"],
                                       path)
            except (BadWrap, NotCanonical, KeyError) as error:
                checked.withheld.append({"bid": bid["bid"], "part": part["part"],
                                         "why": str(error)})
            else:
                checked.shares.append({"bid": bid["bid"], "part": part["part"],
                                       "share": b64(share)})
    return checked


def _same(declared: declaration.Declaration, expected: dict[str, str]) -> None:
    for name, value in expected.items():
        if getattr(declared, name) != value:
            raise BadWrap(f"the declaration is about another {name}")


def _stands(root: str, declared: declaration.Declaration, place: dict, which: str) -> None:
    if not closing.verify(root, declared.bid, declared.hash, closing.Place.from_json(place)):
        raise BadWrap(f"the bid does not stand in the {which} root")
