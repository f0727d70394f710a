"""直接票决法: one vote each, a majority of the full committee wins (rulebook §3.4, AW-1, AW-2).

A pure state machine over the ballots held so far. From the complete ballots alone it follows
which ballot is open next, who may be voted for in it, or who has won:

1. *first*: all candidates. A majority wins at once.
2. *tie*: when the boundary between the top two and the rest is tied, a ballot among the tied
   decides who enters; repeated at most once for the same names, then the lower price enters.
3. *runoff*: between the two who entered; the leader of the first ballot may lose it.
4. *revote*: when the run-off is tied, once; tied again, the lower price wins (the casting
   decision of a chair is used only if the documents say so, and here they do not).

Equal prices at these two places fall to the lexically smaller id, so that every course ends.
An odd committee without abstention never ties in a run-off; that it is odd is for `rules` to
see, and the counting does not rely on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Open:
    """A ballot that waits for votes. `number` counts from 1."""

    number: int
    kind: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Decided:
    """The ballots have a winner. `how`: majority, runoff, revote or lower_price."""

    winner: str
    how: str
    rounds: int


@dataclass(frozen=True)
class Tally:
    """One complete ballot: its kind, its choices and the votes each got, 0 included."""

    number: int
    kind: str
    votes: dict[str, int]


def quota(size: int) -> int:
    """The majority of the full committee: floor(n/2) + 1."""
    return size // 2 + 1


def count(prices: Mapping[str, int], size: int,
          ballots: Sequence[Sequence[str]]) -> tuple[Open | Decided, list[Tally]]:
    """Where the voting stands. `prices` names the candidates with their price in fen, `size` is
    the committee's, `ballots` the complete ballots in order, each one choice per member.

    Raises ValueError for a ballot that could not have been held: wrong number of votes, a
    choice that was not open, or a ballot after the decision.
    """
    return _Count(dict(prices), size, ballots).run()


class _Count:
    """One walk through the ballots; `hold` takes the next one or stops at the open one."""

    def __init__(self, prices: dict[str, int], size: int, ballots: Sequence[Sequence[str]]):
        if not prices:
            raise ValueError("no candidates")
        if size < 1:
            raise ValueError("no committee")
        self.prices, self.size, self.ballots = prices, size, ballots
        self.tallies: list[Tally] = []

    def run(self) -> tuple[Open | Decided, list[Tally]]:
        try:
            winner, how = self.course()
        except _Waits as waits:
            return waits.ballot, self.tallies
        if len(self.ballots) != len(self.tallies):
            raise ValueError("a ballot after the decision")
        return Decided(winner, how, len(self.tallies)), self.tallies

    def course(self) -> tuple[str, str]:
        first = self.hold("first", sorted(self.prices))
        for name, votes in first.items():
            if votes >= quota(self.size):
                return name, "majority"
        pair = self.entrants(first)
        for kind in ("runoff", "revote"):
            votes = self.hold(kind, sorted(pair))
            one, two = sorted(pair)
            if votes[one] != votes[two]:
                return (one if votes[one] > votes[two] else two), kind
        return self.cheapest(pair), "lower_price"

    def entrants(self, votes: dict[str, int]) -> list[str]:
        """The two who enter the run-off: clear ones by votes, the tied by tie ballots."""
        entered: list[str] = []
        groups = _groups(votes)
        while len(entered) < 2:
            group = groups.pop(0)
            if len(entered) + len(group) <= 2:
                entered += group
            else:
                entered += self.among(group, 2 - len(entered))
        return entered

    def among(self, tied: list[str], places: int) -> list[str]:
        """Fill `places` from names that are tied, by a ballot among them, repeated once."""
        repeated, won = False, []
        while places:
            groups = _groups(self.hold("tie", sorted(tied)))
            before = (list(tied), places)
            while places and len(groups[0]) <= places:
                group = groups.pop(0)
                won, places = won + group, places - len(group)
            if not places:
                break
            tied = groups[0]
            same = (sorted(tied), places) == (sorted(before[0]), before[1])
            if same and repeated:
                return won + sorted(tied, key=self.price)[:places]
            repeated = same
        return won

    def hold(self, kind: str, choices: list[str]) -> dict[str, int]:
        number = len(self.tallies) + 1
        if number > len(self.ballots):
            raise _Waits(Open(number, kind, tuple(choices)))
        cast = Counter(self.ballots[number - 1])
        if cast.total() != self.size or set(cast) - set(choices):
            raise ValueError(f"ballot {number} is not one vote of each member for an open choice")
        votes = {name: cast.get(name, 0) for name in choices}
        self.tallies.append(Tally(number, kind, votes))
        return votes

    def cheapest(self, names: list[str]) -> str:
        return min(names, key=self.price)

    def price(self, name: str) -> tuple[int, str]:
        return self.prices[name], name


class _Waits(Exception):
    def __init__(self, ballot: Open):
        super().__init__(ballot)
        self.ballot = ballot


def _groups(votes: dict[str, int]) -> list[list[str]]:
    """Names by falling number of votes, the equal ones together."""
    by_votes: dict[int, list[str]] = {}
    for name in sorted(votes):
        by_votes.setdefault(votes[name], []).append(name)
    return [by_votes[number] for number in sorted(by_votes, reverse=True)]
