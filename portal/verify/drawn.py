"""Those invited in government procurement: drawn from a list that stood before the draw, by every
draw that the record holds, with as many persons as the profile asks for (87号令 14)."""

from __future__ import annotations

from audit.checkpoint import Head, head_of
from audit.note import parse as parse_note
from evaluation import draw, rules
from kernel.canonical import NotCanonical
from tender import longlist

from .entries import Entries, Entry
from .findings import Findings
from .folder import Evidence, Keys, Unreadable
from .judgement import under_keys
from .notices import LotTerms

SUFFIX = "-draws.json"


def heads(evidence: Evidence) -> list[tuple[str, Head]]:
    """The checkpoint of every draw of those invited, for the record to continue."""
    found = []
    for name in evidence.within("invitations", SUFFIX):
        try:
            found += [(name, head_of(parse_note(one["document"]["checkpoint"])))
                      for one in evidence.json(name)["draws"] if one["document"]]
        except (Unreadable, KeyError, TypeError, AttributeError, ValueError):
            continue  # `check` says what is wrong with it
    return found


def check(evidence: Evidence, name: str, lot: LotTerms, invited: set[str], entries: Entries,
          keys: Keys) -> bool:
    """Hold the draws of a lot again and compare them with notice and record; whether all is right.

    `invited`: the credit codes of the list that was published.
    """
    findings, before = evidence.findings, len(evidence.findings.problems)
    try:
        draws = evidence.canonical(name)["draws"]
        said = lot.drawn or {}
        held = [one.record["subject"] for one in entries.of("invitation.announced", lot.lot)]
        own = [one["draw"] for one in draws]
        findings.require(own == held, name, "are not all the draws of this lot that the record has")
        findings.require([(one["draw"], one["cause"], one["void"]) for one in draws] == [
            (one["draw"], one["cause"], one["void"]) for one in said.get("draws", ())], name,
            "are not the draws, with their causes, that the approved notice names")
        for one in draws:
            _announced(findings, name, one, lot, entries)
        if findings.require(bool(draws) and draws[-1]["document"] is not None, name,
                            "ends with no draw that was held"):
            _held(findings, name, draws[-1], lot, entries, keys, invited)
    except draw.NotTheDraw as error:
        findings.wrong(name, f"not the draw: {error}")
    except Unreadable as error:
        findings.wrong(*error.args)
    except (KeyError, TypeError, AttributeError, ValueError, NotCanonical) as error:
        findings.wrong(name, f"is not of draws of those invited ({error})")
    return len(findings.problems) == before


def _announced(findings: Findings, name: str, one: dict, lot: LotTerms, entries: Entries) -> None:
    """Its list is of its hash and was in the record before; the announcement is the one recorded.

    The entries of one tick stand in no order there, so their times are compared.
    """
    kept, announcement = one["long_list"], one["announcement"]
    entry = entries.one("invitation.announced", lot.lot, one["draw"])
    require = findings.require
    named = longlist.commitment(lot.lot, kept["salt"], kept["source"], kept["wanted"],
                                [(each["uscc"], each["name"]) for each in kept["candidates"]])
    require(named == announcement["list"] and announcement["draw"] == one["draw"]
            and announcement["lot"] == lot.lot, name, "shows another list than was announced")
    require(entry is not None and entry.facts["announcement_hash"] == rules.digest(announcement),
            name, f"the announcement is not the one recorded ({entry})")
    require(entry is not None and any(
        each.record["at"] <= entry.record["at"] and each.facts["commitment"] == named
        and entries.tick(each.position) <= entries.tick(entry.position)
        for each in entries.of("long_list.set", lot.lot)), name,
        f"the list was not in the record before {entry}")
    tickets = sorted(draw.ticket(one["draw"], bytes.fromhex(one["salt"]), each["uscc"])
                     for each in kept["candidates"])
    require(tickets == draw.eligible(announcement) and announcement["seats"] == kept["wanted"],
            name, "the tickets do not stand for the suppliers of the list")


def _held(findings: Findings, name: str, one: dict, lot: LotTerms, entries: Entries,
          keys: Keys, invited: set[str]) -> None:
    """The draw itself, held again: those it drew are those invited."""
    document, require = one["document"], findings.require
    draw.verify(document)
    require(document["announcement"] == one["announcement"], name, "is of another announcement")
    under_keys(findings, name, document["announcement"], keys)
    require(lot.drawn is not None and lot.drawn["draw_hash"] == rules.digest(document)
            and lot.drawn["commitment"] == one["announcement"]["list"], name,
            "is not the draw that the approved notice names")
    drawn = [each for each in entries.of("invitation.drawn", lot.lot, one["draw"])
             if each.facts.get("draw_hash") == rules.digest(document)]
    require(len(drawn) == 1, name, "no entry of the record has the hash of this document")
    salt = bytes.fromhex(one["salt"])
    names = {draw.ticket(one["draw"], salt, each["uscc"]): each["uscc"]
             for each in one["long_list"]["candidates"]}
    require({names[ticket] for ticket in document["panel"]} == invited, name,
            "drew others than those invited")
    watched = entries.of("invitation.watched", lot.lot, one["draw"])
    closed = [each for each in watched if each.facts["closed"]]
    if require(len(closed) == 1 and closed[0].facts["nonce"] == document["contributions"][0]["nonce"],
               name, "the record has no closing of this draw with its nonce"):
        _moment(findings, name, document, entries, closed[0])
    announced = entries.one("invitation.announced", lot.lot, one["draw"])
    stood = [each.record["actor"]["person"] for each in
             [*([announced] if announced and announced.facts["stands"] else []), *watched]]
    if lot.profile is not None:
        require(len(set(stood)) == len(stood) >= longlist.persons(lot.profile), name,
                f"{len(set(stood))} persons stood for this draw")


def _moment(findings: Findings, name: str, document: dict, entries: Entries,
            closed: Entry) -> None:
    """The checkpoint is the first that holds the close: it ends with the tick of that entry."""
    head = head_of(parse_note(document["checkpoint"]))
    if findings.require(closed.position < head.size <= entries.head.size, name,
                        f"its checkpoint has {head.size} entries, and {closed} is not below it"):
        findings.require(entries.tick(head.size - 1) == entries.tick(closed.position), name,
                         f"an earlier checkpoint holds {closed}")
