"""Draws held again from what was published, and compared with the record and with the notice."""

from __future__ import annotations

from collections.abc import Mapping

from audit.checkpoint import Head, head_of
from audit.note import parse as parse_note
from evaluation import draw, rules
from kernel.canonical import parse_time

from .entries import Entries, Entry
from .findings import Findings
from .folder import Evidence, Keys, Unreadable
from .notices import LotTerms


def heads(evidence: Evidence) -> list[tuple[str, Head]]:
    """The checkpoint of every draw, for the record to continue."""
    found = []
    for name in evidence.within("draws", ".json"):
        try:
            found.append((name, head_of(parse_note(evidence.json(name)["checkpoint"]))))
        except (Unreadable, KeyError, TypeError, AttributeError, ValueError):
            continue  # `check_draws` says what is wrong with it
    return found


def check_draws(evidence: Evidence, entries: Entries, keys: Keys,
                terms: Mapping[str, LotTerms]) -> dict[str, dict]:
    """Hold every draw again, compare it with its entries and with what the notice says of it;
    return the documents by draw id."""
    findings, held = evidence.findings, {}
    for name in evidence.within("draws", ".json"):
        try:
            document = evidence.json(name)
            draw.verify(document)
            under_keys(findings, name, document["announcement"], keys)
            _entries_of(findings, name, document, entries)
            own = terms.get(document["announcement"]["lot"])
            if own is not None:
                _as_published(findings, name, document["announcement"], own)
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
    for lot in terms:
        for word, drawn in (("draw", "panel.drawn"), ("lottery", "lottery.drawn")):
            _no_other(findings, entries, lot, word, drawn)
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
    for entry in drawn:
        _recorded(findings, name, document, entry)
    if require(len(found["closed"]) == 1, name, "the record has no closing of this draw"):
        _moment(findings, name, document, entries, found["closed"][0])


def under_keys(findings: Findings, name: str, announcement: Mapping, keys: Keys) -> None:
    """Announced under the log's key, with every witness that the notice names: with fewer the
    operator alone would be in the seed, and could try until a result suits it."""
    findings.require(announcement["log_vkey"] == str(keys.log)
                     and announcement["log_origin"] == keys.log.name, name,
                     "was announced under another log's key")
    findings.require(sorted(announcement["witnesses"]) == sorted(map(str, keys.witnesses)), name,
                     "was announced with other witnesses than the notice names")


def _as_published(findings: Findings, name: str, said: Mapping, own: LotTerms) -> None:
    """Seats, substitutes, specialty, windows and coefficients are those of the published terms."""
    panel, stated = own.terms["panel"], own.stated
    coefficients = stated.get("coefficients") or ", ".join(
        own.terms["price_method"].get("coefficients", ()))
    spans = {word: (parse_time(said[until]) - parse_time(said[since])).total_seconds() / 60
             for word, since, until in (("commit_minutes", "announced_at", "commit_by"),
                                        ("reveal_minutes", "commit_by", "reveal_by"))}
    wanted = {word: panel[word] for word in spans}
    if "lottery" not in said:
        spans |= {"seats": said["seats"], "substitutes": said["substitutes"],
                  "specialty": said["specialty"],
                  "coefficients": ", ".join(said["coefficients"])}
        wanted |= {"seats": panel["size"], "substitutes": panel.get("substitutes", 0),
                   "specialty": panel.get("specialty", ""), "coefficients": coefficients}
    else:
        spans["seats"], wanted["seats"] = said["seats"], 1
    for word, value in wanted.items():
        findings.require(spans[word] == value, name, f"was announced with {word} {spans[word]!r}; "
                                                     f"the notice says {value!r}")


def _recorded(findings: Findings, name: str, document: Mapping, entry: Entry) -> None:
    """The entry that drew says of the result what the document gives."""
    facts = entry.facts
    findings.require(facts.get("seed") == document["seed"], name, f"{entry} has another seed")
    if entry.record["type"] != "panel.drawn":
        return
    findings.require(facts["coefficient"] == document["coefficient"], name,
                     f"{entry} has another coefficient than its draw")
    fit = [one for one in document["order"] if one not in facts["passed_over"]]
    seats = document["announcement"]["seats"]
    if facts["void"] is None:
        findings.require(facts["panel"] == fit[:seats], name,
                         f"the panel of {entry} is not the first {seats} of the drawn order")
    else:
        findings.require(len(fit) < seats, name, f"{entry} voids a draw that gave a panel")


def _no_other(findings: Findings, entries: Entries, lot: str, word: str, drawn: str) -> None:
    """No draw was given up because its result did not please: each but the last is void by the
    record, and whoever announced the next said why."""
    announced = sorted(entries.of(f"{word}.announced", lot), key=lambda one: one.record["at"])
    for number, entry in enumerate(announced):
        subject = entry.record["subject"]
        void = any(one.facts.get("void") for kind in (f"{word}.closed", drawn)
                   for one in entries.of(kind, lot, subject))
        if number + 1 < len(announced):
            findings.require(void, "draws", f"{entry} announced a draw that is neither void nor "
                                            "the last of its lot")
        if number and word == "draw":
            findings.require(bool(entry.facts.get("cause")), "draws",
                             f"{entry} announced another draw and says no cause")


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
