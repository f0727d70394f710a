"""Draws held again, candidates, ballots and award against the record; with the panel's papers
the evaluation report as well."""

from __future__ import annotations

from collections import Counter

from audit.checkpoint import Head, head_of
from audit.note import parse as parse_note
from evaluation import ballot, draw, ranking, report, rules
from kernel.canonical import NotCanonical
from tender.profile import number
from tender.screened import least_passed

from . import ranked
from .entries import Entries, Entry
from .findings import Findings
from .folder import Evidence, Unreadable
from .notices import LotTerms
from .parts import Opening
from .ranked import fen, lapsed_in


def heads(evidence: Evidence) -> list[tuple[str, Head]]:
    """The checkpoint of every draw, for the record to continue."""
    found = []
    for name in evidence.within("draws", ".json"):
        try:
            found.append((name, head_of(parse_note(evidence.json(name)["checkpoint"]))))
        except (Unreadable, KeyError, TypeError, AttributeError, ValueError):
            continue  # `check_draws` says what is wrong with it
    return found


def check_draws(evidence: Evidence, entries: Entries, log_vkey: str) -> dict[str, dict]:
    """Hold every draw again, compare it with its entries; return the documents by draw id."""
    findings, held = evidence.findings, {}
    for name in evidence.within("draws", ".json"):
        try:
            document = evidence.json(name)
            draw.verify(document)
            findings.require(document["announcement"]["log_vkey"] == log_vkey, name,
                             "was announced under another log's key")
            _entries_of(findings, name, document, entries)
            held[document["draw"]] = document
        except draw.NotTheDraw as error:
            findings.wrong(name, f"not the draw: {error}")
        except Unreadable as error:
            findings.wrong(*error.args)
        except (KeyError, TypeError) as error:
            findings.wrong(name, f"lacks {error}")
    for entry in (*entries.of("panel.drawn"), *entries.of("lottery.drawn")):
        if entry.facts.get("draw_hash") and not any(
                rules.digest(one) == entry.facts["draw_hash"] for one in held.values()):
            findings.wrong("draws", f"{entry}: the document of this draw is not here")
    if held:
        findings.did(f"{len(held)} 次抽取由公开的随机数重演，结果一致",
                     f"{len(held)} draw(s) held again from the published nonces: the same result")
    return held


def _entries_of(findings: Findings, name: str, document: dict, entries: Entries) -> None:
    """Announcement, commitments, nonces and result are those recorded at the time."""
    subject, announcement = document["draw"], document["announcement"]
    word = "lottery" if "lottery" in announcement else "draw"
    found = {kind: entries.of(f"{word}.{kind}", subject=subject)
             for kind in ("announced", "committed", "revealed", "closed")}
    require = findings.require
    announced = found["announced"]
    require(len(announced) == 1 and announced[0].facts["announcement_hash"]
            == rules.digest(announcement), name, "the announcement is not the one recorded")
    committed = {one.facts["contributor"]: one.facts["commitment"] for one in found["committed"]}
    committed[draw.PLATFORM] = announcement["platform_commitment"]
    said = {one["contributor"]: one["commitment"] for one in document["contributions"]}
    require(said == committed, name, "the commitments are not those recorded")
    revealed = {one.facts["contributor"]: one.facts["nonce"] for one in found["revealed"]}
    said = {one["contributor"]: one["nonce"] for one in document["contributions"]
            if one["nonce"] is not None}
    require(said == revealed, name, "the nonces are not those recorded")
    drawn = [one for one in entries.of("panel.drawn" if word == "draw" else "lottery.drawn",
                                       announcement["lot"])
             if one.facts.get("draw_hash") == rules.digest(document)]
    require(len(drawn) == 1, name, "no entry of the record has the hash of this document")
    if require(len(found["closed"]) == 1, name, "the record has no closing of this draw"):
        _moment(findings, name, document, entries, found["closed"][0])


def _moment(findings: Findings, name: str, document: dict, entries: Entries,
            closed: Entry) -> None:
    """The checkpoint is the first that holds `draw.closed`: it ends with the tick of that entry."""
    head = head_of(parse_note(document["checkpoint"]))
    if not closed.position < head.size <= entries.head.size:
        findings.wrong(name, f"its checkpoint has {head.size} entries, the record here "
                             f"{entries.head.size}, and {closed} is not below it")
        return
    last, tick = entries.tick(head.size - 1), entries.tick(closed.position)
    findings.require(last == tick, name, f"an earlier checkpoint, of tick {tick}, holds {closed}; "
                                         f"its own is of {last}")
    findings.require(tick >= document["announcement"]["reveal_by"], name,
                     f"{closed} is before the reveal deadline")


def check_results(evidence: Evidence, entries: Entries, openings: list[Opening],
                  draws: dict[str, dict]) -> None:
    """Candidates, ballots and award of each lot against the record and the opening record; the
    order of a lottery against its draw."""
    findings, count = evidence.findings, 0
    for name in evidence.within("results", ".json"):
        try:
            page = evidence.json(name)
            lot = page["lot_id"]
            prices = {row["bid"]: row["form"]["price_fen"] for one in openings if one.lot == lot
                      for row in one.record["bids"] if row["form"]}
            _candidates(findings, name, page, entries, prices)
            ranked.drawn(findings, name, page, entries, draws)
            if page["award"]:
                _award(findings, name, page, entries)
                count += 1
            if page["contract"]:
                _contract(findings, name, page, entries)
        except Unreadable as error:
            findings.wrong(*error.args)
        except (KeyError, TypeError, AttributeError, NotCanonical) as error:
            findings.wrong(name, f"is not a result ({error})")
    if count:
        findings.did(f"{count} 个标段的票决重新计票，中标人一致",
                     f"{count} award(s): the ballots counted again give the same winner")


def _candidates(findings: Findings, name: str, page: dict, entries: Entries,
                prices: dict[str, int]) -> None:
    if not page["candidates"]:
        return
    entry = entries.one("candidates.published", page["lot_id"])
    said = sorted((one["bid_id"], one["uscc"], one["price_fen"], one.get("rank"))
                  for one in page["candidates"])
    found = sorted((one["bid"], one["uscc"], one["price_fen"], one.get("rank"))
                   for one in entry.facts["candidates"]) if entry else []
    findings.require(said == found, name, f"the candidates are not those of {entry}")
    for bid, _, price, _ in said:
        findings.require(not prices or prices.get(bid) == price, name,
                         f"candidate {bid} has another price than in the opening record")


def _award(findings: Findings, name: str, page: dict, entries: Entries) -> None:
    lot, notice = page["lot_id"], page["award"]
    entry = entries.one("award.confirmed", lot)
    require = findings.require
    if not require(entry is not None and entry.facts["notice_hash"] == rules.digest(notice)
                   and page["award_hash"] == rules.digest(notice), name,
                   f"the award notice is not the one recorded ({entry})"):
        return
    if "rank" in notice["winner"]:
        ranked.award(findings, name, page, entries, entry)
        return
    votes = entry.facts["votes"]
    cast = Counter((one.facts["ballot"], one.facts["vote_hash"])
                   for one in entries.of("vote.cast", lot))
    shown = Counter((vote["ballot"], rules.digest(vote)) for vote in votes)
    require(not shown - cast, name, f"{entry} shows votes that were not cast so")
    require(not cast or not cast - shown, name, f"{entry} leaves out votes that were cast")
    gone = {bid for one in entries.of("validity.concluded", lot) for bid in lapsed_in(one.facts)}
    prices = {one["bid_id"]: one["price_fen"] for one in page["candidates"]
              if one["bid_id"] not in gone}
    last = max(vote["ballot"] for vote in votes)
    ballots = [[vote["choice"] for vote in votes if vote["ballot"] == number]
               for number in range(1, last + 1)]
    try:
        state, tallies = ballot.count(prices, len(ballots[0]), ballots)
    except ValueError as error:
        findings.wrong(name, f"{entry}: {error}")
        return
    winner = state.winner if isinstance(state, ballot.Decided) else None
    require(winner == entry.facts["bid"] == notice["winner"]["bid_id"], name,
            f"the ballots of {entry} give {winner}, the notice says "
            f"{notice['winner']['bid_id']}")
    made = [{"ballot": one.number, "kind": one.kind, "votes": one.votes} for one in tallies]
    require(made == notice["ballots"], name, "the tallies are not those of the votes")


def _contract(findings: Findings, name: str, page: dict, entries: Entries) -> None:
    entry = entries.one("contract.registered", page["lot_id"])
    said = page["contract"]
    good = entry is not None and all(entry.facts[key] == said[key] for key in
                                     ("amount_fen", "signed_at", "document_hash"))
    findings.require(good, name, f"the contract is not the one recorded ({entry})")
    findings.require(said["amount_fen"] == page["award"]["winner"]["price_fen"], name,
                     "the contract's amount is not the winner's price")


def check_report(findings: Findings, where: str, content: dict, entries: Entries,
                 draws: dict[str, dict], openings: list[Opening],
                 terms: dict[str, LotTerms]) -> None:
    """Compute an evaluation report again from its own sheets, prices and the draw, by the numbers
    of the profile frozen into its lot."""
    try:
        lot = content["lot"]
        frozen = terms[lot].profile if lot in terms else None
        screened = ranking.screened(content)
        enough = content["least"] if screened else content["competition"]["enough"]
        if frozen is not None:
            findings.require(
                enough == (least_passed(frozen, terms[lot].terms["method"]) if screened
                           else number(frozen, "competition.valid_bids")), where,
                "it takes another number of valid bids for enough than the lot's profile")
        entry = entries.one("report.concluded", lot)
        findings.require(entry is not None and entry.facts["report_hash"] == rules.digest(content),
                         where, f"is not the report whose hash the record holds ({entry})")
        recorded = {one.facts["seat"]: one.facts["sheet_hash"]
                    for one in entries.of("score.signed", lot)}
        said = {one["seat"]: one["sheet_hash"] for one in content["sheets"]}
        findings.require(all(recorded.get(seat) == digest for seat, digest in said.items()), where,
                         "its sheets are not those that were signed")
        gone = {bid: said for one in entries.of("validity.concluded", lot)
                if entry and one.position < entry.position
                for bid, said in lapsed_in(one.facts).items()}
        lapsed = content.get("lapsed", [])
        findings.require({one["bid"]: (one["uscc"], one["why"]) for one in lapsed} == gone, where,
                         "the bids it names as lapsed are not those that the record does")
        made = ranked.built(content, lapsed) if screened \
            else _scored(content, draws, lapsed)
        wrong = next((key for key in made if made[key] != content.get(key)), None)
        findings.require(wrong is None and set(made) == set(content), where,
                         f"computed again from its sheets, it has another {wrong}")
        opened = {row["bid"]: ranked.stated(row) if screened else row["form"]["price_fen"]
                  for one in openings if one.lot == lot
                  for row in one.record["bids"] if row["form"]}
        said = {one["bid"]: (one["price_fen"], one["period_days"], one["received"]) if screened
                else one["price_fen"] for one in content["bids"]}
        findings.require(said == opened, where,
                         "its prices are not those of the opening record")
        for document in draws.values():
            if document["announcement"].get("lottery") and document["announcement"]["lot"] == lot:
                ranked.pool(findings, where, content, document, entries)
        findings.did("评标报告由各评分表重新计算，结果一致",
                     "evaluation report computed again from its sheets: the same")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        findings.wrong(where, f"is not an evaluation report ({error})")


def _scored(content: dict, draws: dict[str, dict], lapsed: list[dict]) -> dict:
    """A report by scores, computed from what it says of sheets, prices and the draw."""
    ceiling = content["price_ceiling"]
    opinions = {one["seat"]: {"lacking": one["lacking"], "argument": one["argument"]}
                for one in content["competition"]["opinions"]}
    basis = report.Basis(
        content["lot"], content["draw"], None if ceiling is None else fen(ceiling),
        content["criteria"], content["price_method"], draws[content["draw"]]["coefficient"],
        len(content["candidates"]),
        [report.Bid(one["bid"], "", one["uscc"], one["price_fen"]) for one in content["bids"]],
        content["unopened"], lapsed, content["competition"]["enough"])
    sheets = [report.SignedSheet(one["seat"], {"scores": one["scores"],
                                               "competition": opinions.get(one["seat"])},
                                 one["sheet_hash"]) for one in content["sheets"]]
    return report.build(basis, sheets)
