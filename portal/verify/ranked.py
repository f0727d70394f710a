"""Lots in which an order decides (inquiry, lottery): their report and their award, held again."""

from __future__ import annotations

from evaluation import draw, ranking, report, rules
from kernel.canonical import unhex

from . import fallen
from .entries import Entries, Entry
from .findings import Findings


def fen(text: str) -> int:
    """Integer fen of a price in yuan as reports write it."""
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0") or 0)


def lapsed_in(facts: dict) -> dict[str, tuple[str, str]]:
    """The bids that lapsed with one `validity.concluded`: (code, why) by bid."""
    return {one["bid"]: (one["uscc"], one["why"]) for one in facts["lapsed"]}


def stated(row: dict) -> tuple[int, int, str]:
    """Price in fen, period in days and time of receipt of a line of an opening record."""
    return row["form"]["price_fen"], row["form"]["period_days"], row["received_at"]


def report_of(content: dict, lapsed: list[dict]) -> report.Basis:
    """What a report by a screen was computed from, by its own words."""
    ceiling = content["price_ceiling"]
    return report.Basis(
        content["lot"], content["draw"], None if ceiling is None else fen(ceiling),
        content["criteria"], content["price_method"], "", content["most"],
        [report.Bid(one["bid"], "", one["uscc"], one["price_fen"], one["period_days"],
                    one["received"]) for one in content["bids"]],
        content["unopened"], lapsed, content["least"])


def built(content: dict, lapsed: list[dict]) -> dict:
    """The report computed again from the findings that its sheets say."""
    return ranking.build(report_of(content, lapsed), [
        report.SignedSheet(one["seat"], {"findings": one["findings"]}, one["sheet_hash"])
        for one in content["sheets"]])


def pool(findings: Findings, where: str, content: dict, document: dict, entries: Entries) -> None:
    """In a lottery were all who passed the screen of its report, and nobody else: the salt that the
    record holds since the draw turns bids into tickets. Who lapsed before it was announced is out."""
    announced, lot = document["announcement"], content["lot"]
    findings.require(announced["report_hash"] == rules.digest(content), where,
                     "the draw that followed was announced upon another report")
    entry = next((one for one in entries.of("lottery.drawn", lot, document["draw"])
                  if "salt" in one.facts), None)
    if not findings.require(entry is not None, where, "the record has no salt of the draw"):
        return
    gone = {bid for one in entries.of("validity.concluded", lot)
            if one.record["at"] <= announced["announced_at"] for bid in lapsed_in(one.facts)}
    salt = unhex(entry.facts["salt"], 32)

    def tickets(bids) -> list[str]:
        return sorted(draw.ticket(document["draw"], salt, bid) for bid in bids)

    findings.require(
        draw.eligible(announced) == tickets(bid for bid in content["passed"] if bid not in gone)
        and sorted(one["ticket"] for one in announced["pool"])
        == tickets(one["bid"] for one in content["bids"]), where,
        "the draw was not among those who passed the screen")


def award(findings: Findings, name: str, page: dict, entries: Entries, entry: Entry) -> None:
    """The winner is the first in the order of those whose bids are valid and who did not give up;
    nobody voted."""
    lot = page["lot_id"]
    gone = {bid for kind in ("validity.concluded", "candidate.given_up")
            for one in entries.of(kind, lot) if one.record["at"] < entry.record["at"]
            for bid in (lapsed_in(one.facts) if kind == "validity.concluded"
                        else [one.facts["bid"]])} | fallen.before(entries, entry)
    order = sorted(page["candidates"], key=lambda one: one["rank"])
    standing = [one["bid_id"] for one in order if one["bid_id"] not in gone]
    winner = page["award"]["winner"]["bid_id"]
    findings.require(standing[:1] == [winner] == [entry.facts["bid"]], name,
                     f"the first in the order that stands is not the winner of {entry}")
    findings.require([one["rank"] for one in order] == list(range(1, len(order) + 1)), name,
                     "the places of the candidates are not 1, 2, 3 …")
    findings.require(entry.facts["votes"] == [] == page["award"]["ballots"], name,
                     f"{entry} speaks of votes where the order decides")
    said = [one["price_fen"] for one in order]
    findings.require(page["award"]["how"] != "lowest_price" or said == sorted(said), name,
                     "the candidates of an inquiry do not stand by price")


def _tickets(findings: Findings, name: str, lot: str, document: dict, entry: Entry,
             entries: Entries, opened: set[str]) -> None:
    """The tickets stand for the bids that were opened, and the draw followed the lot's report."""
    salt, subject = unhex(entry.facts["salt"], 32), document["draw"]
    pool = sorted(one["ticket"] for one in document["announcement"]["pool"])
    findings.require(
        not opened or pool == sorted(draw.ticket(subject, salt, bid) for bid in opened), name,
        f"the list of tickets of {entry} is not of the bids that were opened")
    for concluded in entries.of("report.concluded", lot):
        findings.require(
            document["announcement"]["report_hash"] == concluded.facts["report_hash"], name,
            f"the draw of {entry} was announced upon another report than {concluded}")


def drawn(findings: Findings, name: str, page: dict, entries: Entries,
          draws: dict[str, dict], opened: set[str]) -> None:
    """The candidates of a lottery stand in the order that its draw gave to their tickets.
    `opened`: the bids of the opening record with a form; empty where it is not here."""
    order = [one["bid_id"] for one in sorted(page["candidates"], key=lambda one: one.get("rank", 0))]
    for entry in entries.of("lottery.drawn", page["lot_id"]):
        if "draw_hash" not in entry.facts or not order:
            continue  # void: a witness was silent
        document = draws.get(entry.record["subject"])
        if document is not None:
            _tickets(findings, name, page["lot_id"], document, entry, entries, opened)
        salt, subject = unhex(entry.facts["salt"], 32), entry.record["subject"]
        tickets = [draw.ticket(subject, salt, bid) for bid in entry.facts["order"]]
        findings.require(document is not None and document["order"][:len(tickets)] == tickets,
                         name, f"the order of {entry} is not that of its draw")
        # One whose bid lapsed before the publication is no candidate any more.
        findings.require([bid for bid in entry.facts["order"] if bid in order] == order, name,
                         f"the candidates do not stand in the order of {entry}")
