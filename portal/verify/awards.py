"""Candidates, ballots, award and contract of each lot: against the opening, the notice and the
record. What a later step says of a bid must be what the step before it said, back to the bid
itself; who decided must be those, and as many, as the notice and the record name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from itertools import chain

from evaluation import ballot, rules
from kernel.canonical import NotCanonical, parse_time
from tender.screened import SCREENED
from tender.timetable import beijing_day, contract_due, start_of

from . import fallen, ranked
from .entries import Entries, Entry
from .findings import Findings
from .folder import Evidence, Unreadable
from .notices import LotTerms
from .parts import Opening
from .ranked import lapsed_in

STATED = ("period_days", "quality", "leader")
"""What a candidate's line repeats from the form of its bid, besides the price."""
OURS = {"lapsed_at", "given_up_at"}
"""What the page says of a candidate since the publication."""


def check(evidence: Evidence, entries: Entries, openings: list[Opening], draws: dict[str, dict],
          terms: Mapping[str, LotTerms]) -> None:
    """Check the result of every lot."""
    findings, count = evidence.findings, 0
    for name in evidence.within("results", ".json"):
        try:
            page = evidence.json(name)
            own = terms.get(page["lot_id"])
            rows = chain.from_iterable(one.record["bids"] for one in openings
                                       if one.lot == page["lot_id"])
            forms = {row["bid"]: row for row in rows if row["form"]}
            _candidates(findings, name, page, entries, own, forms)
            ranked.drawn(findings, name, page, entries, draws, set(forms))
            fallen.check(findings, name, page, entries)
            for one, entry in zip(fallen.pages(page), fallen.chain(entries, page["lot_id"]),
                                  strict=False):  # `fallen` says where they are not as many
                _award(findings, name, one, entries, own, entry)
                count += 1
            if page["contract"]:
                _contract(findings, name, page, entries, own)
        except Unreadable as error:
            findings.wrong(*error.args)
        except (KeyError, TypeError, AttributeError, ValueError, NotCanonical) as error:
            findings.wrong(name, f"is not a result ({error})")
    if count:
        findings.did(f"{count} 个标段的票决重新计票，中标人一致",
                     f"{count} award(s): the ballots counted again give the same winner")


# --- candidates ------------------------------------------------------------------------------------
def _candidates(findings: Findings, name: str, page: dict, entries: Entries, own: LotTerms | None,
                forms: Mapping[str, dict]) -> None:
    if not page["candidates"]:
        return
    entry = entries.one("candidates.published", page["lot_id"])
    said = sorted((one["bid_id"], one["uscc"], one["price_fen"], one.get("rank"))
                  for one in page["candidates"])
    found = sorted((one["bid"], one["uscc"], one["price_fen"], one.get("rank"))
                   for one in entry.facts["candidates"]) if entry else []
    if not findings.require(said == found, name, f"the candidates are not those of {entry}"):
        return
    for one in page["candidates"]:
        _stated(findings, name, one, forms)
    for report in entries.of("report.concluded", page["lot_id"]):
        findings.require(report.facts["report_hash"] == entry.facts["report_hash"], name,
                         f"{entry} is of another report than {report}")
    _publicity(findings, name, page, entry, own)
    if own is None:
        return
    panel, ordered = own.terms["panel"], own.terms["method"] in SCREENED
    findings.require(len(said) <= panel["candidates"], name,
                     f"has {len(said)} candidates, the notice allows {panel['candidates']}")
    findings.require(all(("rank" in one) == ordered for one in page["candidates"]), name,
                     "the candidates have a rank where the notice gives none, or lack it")
    ceiling = own.stated.get("price_ceiling_fen") or own.terms["price_ceiling_fen"]
    findings.require(not ceiling or all(price <= ceiling for _, _, price, _ in said), name,
                     f"a candidate's price is above the price ceiling of {ceiling} fen")


def _stated(findings: Findings, name: str, one: Mapping, forms: Mapping[str, dict]) -> None:
    """A candidate is the tenderer of its bid, at the terms of its opened form."""
    bid = one["bid_id"]
    row = forms.get(bid)
    if not forms or not findings.require(row is not None, name,
                                         f"candidate {bid} is no bid that was opened"):
        return
    findings.require(one["uscc"] == row["tenderer"] and one["name"] == row["name"], name,
                     f"candidate {bid}: {one['uscc']} {one['name']} is not the tenderer of that bid, "
                     f"{row['tenderer']} {row['name']}")
    findings.require(row["form"]["price_fen"] == one["price_fen"], name,
                     f"candidate {bid} has another price than in the opening record")
    for word in STATED:
        findings.require(one[word] == row["form"].get(word), name,
                         f"candidate {bid} has another {word} than in the opening record")


def _publicity(findings: Findings, name: str, page: Mapping, entry: Entry,
               own: LotTerms | None) -> None:
    """As long as the notice says, whole days behind that of the publication; later only longer."""
    facts = entry.facts
    findings.require(page["published_at"] == entry.record["at"]
                     and page["publicity_ends"] >= facts["publicity_ends"], name,
                     f"the publicity of the candidates is not that of {entry}")
    if own is not None:
        first = start_of(beijing_day(parse_time(entry.record["at"]))
                         + timedelta(days=own.terms["publicity_days"] + 1))
        findings.require(parse_time(facts["publicity_ends"]) >= first, name,
                         f"the publicity of {entry} ends at {facts['publicity_ends']}, before the "
                         f"{own.terms['publicity_days']} days that the notice says")


# --- the award -------------------------------------------------------------------------------------
def _award(findings: Findings, name: str, page: dict, entries: Entries,
           own: LotTerms | None, entry: Entry) -> None:
    notice, require = page["award"], findings.require
    if not require(entry.facts["notice_hash"] == rules.digest(notice)
                   and page["award_hash"] == rules.digest(notice), name,
                   f"the award notice is not the one recorded ({entry})"):
        return
    _winner(findings, name, page, entry)
    _when(findings, name, page, entries, entry)
    ordered = own.terms["method"] in SCREENED if own else "rank" in notice["winner"]
    require(("rank" in notice["winner"]) == ordered, name,
            "the winner has a rank where the notice gives none, or lacks it")
    if own is not None:
        require(notice["method"] == own.terms["award_method"]["method"], name,
                f"was awarded by {notice['method']}, the notice says "
                f"{own.terms['award_method']['method']}")
    if ordered:
        ranked.award(findings, name, page, entries, entry)
    else:
        _votes(findings, name, page, entries, entry, own)


def _winner(findings: Findings, name: str, page: Mapping, entry: Entry) -> None:
    """The notice repeats the candidate's line, and the entry its price."""
    winner = page["award"]["winner"]
    line = next((one for one in page["candidates"] if one["bid_id"] == winner["bid_id"]), {})
    line = {word: value for word, value in line.items() if word not in OURS}
    wrong = sorted(word for word in winner.keys() | line.keys()
                   if winner.get(word, ...) != line.get(word, ...))
    findings.require(not wrong, name, f"what the award notice says of the winner is not the "
                                      f"candidate's ({', '.join(wrong)})")
    findings.require((entry.facts["bid"], entry.facts["price_fen"], entry.facts["how"]) == (
        winner["bid_id"], winner["price_fen"], page["award"]["how"]), name,
        f"{entry} says another winner, price or way than the award notice")


def _when(findings: Findings, name: str, page: Mapping, entries: Entries, entry: Entry) -> None:
    """After the publicity, while nothing stood against it."""
    at, lot = entry.record["at"], page["lot_id"]
    findings.require(page["award"]["decided_at"] == at and page["award"]["lot"] == lot, name,
                     f"the award notice is not of the time and lot of {entry}")
    published = entries.one("candidates.published", lot)
    if findings.require(published is not None, name, f"{entry} without published candidates"):
        findings.require(at >= published.facts["publicity_ends"], name,
                         f"{entry} came before the publicity was over "
                         f"({published.facts['publicity_ends']})")
    resumed = [one.record["at"] for one in entries.of("tender.resumed", lot)]
    for halt in entries.of("tender.suspended", lot):
        since = halt.record["at"]
        findings.require(since > at or any(since <= one <= at for one in resumed), name,
                         f"{entry} while the lot was suspended by {halt}")
    for kind in ("tender.terminated", "lot.failed"):
        for over in entries.of(kind, lot):
            findings.require(over.record["at"] > at, name, f"{entry} after {over}")


def _votes(findings: Findings, name: str, page: dict, entries: Entries, entry: Entry,
           own: LotTerms | None) -> None:
    lot, notice, votes = page["lot_id"], page["award"], entry.facts["votes"]
    require = findings.require
    cast = Counter((one.facts["ballot"], one.facts["vote_hash"])
                   for one in entries.of("vote.cast", lot))
    shown = Counter((vote["ballot"], rules.digest(vote)) for vote in votes)
    require(not shown - cast, name, f"{entry} shows votes that were not cast so")
    require(not cast - shown, name, f"{entry} leaves out votes that were cast")
    size = _committee(findings, name, entries, entry, lot, own)
    gone = {bid for one in entries.of("validity.concluded", lot) for bid in lapsed_in(one.facts)}
    prices = {one["bid_id"]: one["price_fen"] for one in page["candidates"]
              if one["bid_id"] not in gone}
    last = max((vote["ballot"] for vote in votes), default=0)
    ballots = [[vote["choice"] for vote in votes if vote["ballot"] == number]
               for number in range(1, last + 1)]
    try:
        state, tallies = ballot.count(prices, size, ballots)
    except ValueError as error:
        findings.wrong(name, f"{entry}: {error}")
        return
    decided = isinstance(state, ballot.Decided)
    winner = state.winner if decided else None
    require(winner == entry.facts["bid"] == notice["winner"]["bid_id"], name,
            f"the ballots of {entry} give {winner}, the notice says "
            f"{notice['winner']['bid_id']}")
    require(decided and state.how == notice["how"], name,
            f"the ballots of {entry} did not decide by {notice['how']}")
    made = [{"ballot": one.number, "kind": one.kind, "votes": one.votes} for one in tallies]
    require(made == notice["ballots"], name, "the tallies are not those of the votes")


def _committee(findings: Findings, name: str, entries: Entries, entry: Entry, lot: str,
               own: LotTerms | None) -> int:
    """Those who voted are the award committee that was formed, of the published size, each with
    one vote in each ballot. Returns the size."""
    formed, require = entries.one("award_committee.formed", lot), findings.require
    members = formed.facts["members"] if formed else []
    size = own.terms["award_method"]["committee_size"] if own else len(members)
    require(len(set(members)) == len(members) == size, name,
            f"{formed} has a committee of {len(members)}, the notice says {size}")
    owner = {rules.digest(vote): vote["member"] for vote in entry.facts["votes"]}
    by_member: dict[str, set] = {}
    seen: set[tuple] = set()
    for vote in entries.of("vote.cast", lot):
        account, number = vote.record["actor"].get("account"), vote.facts["ballot"]
        require(account in members, name, f"{vote} is of nobody on the committee")
        require((account, number) not in seen, name, f"{vote}: one member voted twice")
        seen.add((account, number))
        member = owner.get(vote.facts["vote_hash"])
        require(member == vote.record["subject"], name, f"{vote} is counted as another member's")
        by_member.setdefault(str(member), set()).add(account)
    require(all(len(accounts) == 1 for accounts in by_member.values()), name,
            "one member of the committee stands for several accounts")
    return size


# --- the contract ----------------------------------------------------------------------------------
def _contract(findings: Findings, name: str, page: dict, entries: Entries,
              own: LotTerms | None) -> None:
    entry = entries.one("contract.registered", page["lot_id"])
    award = next(iter(fallen.chain(entries, page["lot_id"])[-1:]), None)
    said = page["contract"]
    good = entry is not None and all(entry.facts[key] == said[key] for key in
                                     ("amount_fen", "signed_at", "document_hash"))
    if not findings.require(good, name, f"the contract is not the one recorded ({entry})"):
        return
    findings.require(said["amount_fen"] == page["award"]["winner"]["price_fen"], name,
                     "the contract's amount is not the winner's price")
    findings.require(award is not None and entry.facts["award"] == award.record["subject"], name,
                     f"the contract of {entry} is not of {award}")
    notified, signed = page["award"]["decided_at"], said["signed_at"]
    findings.require(notified <= signed <= entry.record["at"], name,
                     f"the contract was signed at {signed}, not between award and registration")
    due = page["award"]["contract_due"]
    if own is not None and own.profile is not None:
        lawful = contract_due(parse_time(notified), own.profile).isoformat()
        findings.require(due == lawful, name,
                         f"the contract is due on {due}; by the lot's profile it is {lawful}")
    late = beijing_day(parse_time(signed)).isoformat() > due
    findings.require(not late or bool(entry.facts["late_reason"]), name,
                     f"the contract was signed at {signed}, later than {due}, and no reason stands "
                     "in the record")
