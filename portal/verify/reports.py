"""The evaluation report computed again from its sheets, by the terms that were published.

What it leans on is not its own: criteria, weights, price method and ceiling are those of the last
version of the tender notice, coefficient and seats the draw's, the bids those of the opening
record, the sheets those whose hashes the experts signed. `lotN-sheets.json` holds these sheets
whole; without it the scores in the report are the operator's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from evaluation import ranking, report, rules, scoring
from kernel.refusal import Refused
from tender.profile import number
from tender.screened import SCREENED, least_passed
from tender.sections import lot_section

from . import ranked
from .entries import Entries, Entry
from .findings import Findings
from .notices import LotTerms
from .parts import Opening, Panel
from .ranked import fen, lapsed_in

NOT_JUDGING = {"deadline"}
"""Rows of a lot that its judging does not rest on."""


def check_all(findings: Findings, panel: Panel, entries: Entries, draws: Mapping[str, dict],
              openings: list[Opening], terms: Mapping[str, LotTerms]) -> None:
    """Check the panel's papers: every report, and the sheets it was made of."""
    for name, content in panel.reports.items():
        check(findings, f"--panel {name}", content, entries, draws, openings, terms)
    for name, page in panel.sheets.items():
        check_sheets(findings, f"--panel {name}", page, entries, panel.reports)
    shown = {page.get("lot") for page in panel.sheets.values()}
    if bare := sum(one.get("lot") not in shown for one in panel.reports.values()):
        findings.could_not(
            f"{bare} 份评标报告未附评分表原件：其中的分值是否为专家所打，只能由专家自己核对",
            f"{bare} report(s) without the sheets whole: that the experts gave these scores, only "
            "they can say")


def check(findings: Findings, where: str, content: dict, entries: Entries,
          draws: Mapping[str, dict], openings: list[Opening],
          terms: Mapping[str, LotTerms]) -> None:
    """Compute an evaluation report again and compare it with terms, opening, draw and record."""
    try:
        _check(findings, where, content, entries, draws, openings, terms)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        findings.wrong(where, f"is not an evaluation report ({error})")


def _check(findings: Findings, where: str, content: dict, entries: Entries,
           draws: Mapping[str, dict], openings: list[Opening],
           terms: Mapping[str, LotTerms]) -> None:
    lot, before = content["lot"], len(findings.problems)
    own, screened = terms.get(lot), ranking.screened(content)
    if own is not None:
        _terms(findings, where, content, own)
    entry = entries.one("report.concluded", lot)
    findings.require(entry is not None and entry.facts["report_hash"] == rules.digest(content),
                     where, f"is not the report whose hash the record holds ({entry})")
    findings.require(set(signed_sheets(entries, lot).items())
                     == {(one["seat"], one["sheet_hash"]) for one in content["sheets"]}, where,
                     "its sheets are not those that were signed, one of each seat")
    drawn = draws.get(content["draw"])
    if findings.require(drawn is not None and drawn["announcement"]["lot"] == lot
                        and "lottery" not in drawn["announcement"], where,
                        "rests on a draw that is not this lot's"):
        _computed(findings, where, content, drawn, entries, entry, own)
    _bids(findings, where, content, [one for one in openings if one.lot == lot], screened)
    for document in draws.values():
        if document["announcement"].get("lottery") and document["announcement"]["lot"] == lot:
            ranked.pool(findings, where, content, document, entries)
    _published(findings, where, content, entries, screened)
    if len(findings.problems) == before:
        findings.did("评标报告由各评分表重新计算，并按公布的条款，结果一致",
                     "evaluation report computed again from its sheets, by the published terms: "
                     "the same")


def _terms(findings: Findings, where: str, content: dict, own: LotTerms) -> None:
    """Criteria, weights, price method, ceiling and numbers are the published ones.

    The rows of the notice are made from what the report says and compared, because amendments say
    rows; what no row says must be as approved.
    """
    screened, lot = ranking.screened(content), own.terms
    findings.require(screened == (lot["method"] in SCREENED), where,
                     f"is judged another way than the notice says, {lot['method']}")
    if own.profile is not None:
        enough = content["least"] if screened else content["competition"]["enough"]
        findings.require(
            enough == (least_passed(own.profile, lot["method"]) if screened
                       else number(own.profile, "competition.valid_bids")), where,
            "it takes another number of valid bids for enough than the lot's profile")
    if screened:
        findings.require(content["most"] == lot["panel"]["candidates"], where,
                         "names another number of candidates than the notice")
    ceiling = content["price_ceiling"]
    used = lot | {"criteria": content["criteria"], "price_method": content["price_method"],
                  "price_ceiling_fen": 0 if ceiling is None else fen(ceiling)}
    said = {row["name"]: row["value"] for row in lot_section(used, own.content)["rows"]}
    stated = own.stated or {row["name"]: row["value"] for row in
                            lot_section(lot, own.content)["rows"]}
    judging = {"price_ceiling_fen", *_names(lot, own), *_names(used, own)}
    for name in sorted(judging - NOT_JUDGING):
        findings.require(said.get(name, ...) == stated.get(name, ...), where,
                         f"is judged by {name} {said.get(name)!r}; the published terms say "
                         f"{stated.get(name)!r} ({_part(name)})")
    if not own.amended:
        for part in ("criteria", "price_method"):
            findings.require(content[part] == lot[part], where,
                             f"its {part} are not those of the approved notice")


def _names(lot: Mapping, own: LotTerms) -> set[str]:
    """The rows of a lot that say how it is judged."""
    bare = lot | {"criteria": {}, "price_method": {}, "method": lot["method"]}
    whole = {row["name"] for row in lot_section(lot, own.content)["rows"]}
    return whole - {row["name"] for row in lot_section(bare, own.content)["rows"]} | {
        "price_method", "price_score", "coefficients"}


def _part(name: str) -> str:
    if name == "price_ceiling_fen":
        return "price ceiling"
    return "criteria" if name.startswith(("factor_", "asked_")) else "price_method"


def signed_sheets(entries: Entries, lot: str) -> dict[int, str]:
    """The hash of the last sheet that was signed for each seat: who follows an expert that left
    signs anew. By the times of the entries, which stand in no order within a tick."""
    rows = sorted(entries.of("score.signed", lot), key=lambda one: one.record["at"])
    return {one.facts["seat"]: one.facts["sheet_hash"] for one in rows}


def _computed(findings: Findings, where: str, content: dict, drawn: dict, entries: Entries,
              entry: Entry | None, own: LotTerms | None) -> None:
    lot = content["lot"]
    gone = {bid: said for one in entries.of("validity.concluded", lot)
            if entry and one.position < entry.position
            for bid, said in lapsed_in(one.facts).items()}
    lapsed = content.get("lapsed", [])
    findings.require({one["bid"]: (one["uscc"], one["why"]) for one in lapsed} == gone, where,
                     "the bids it names as lapsed are not those that the record does")
    most = own.terms["panel"]["candidates"] if own else len(content["candidates"])
    made = ranked.built(content, lapsed) if ranking.screened(content) \
        else _scored(content, drawn, lapsed, most)
    wrong = next((key for key in made if made[key] != content.get(key)), None)
    findings.require(wrong is None and set(made) == set(content), where,
                     f"computed again from its sheets, it has another {wrong}")


def _scored(content: dict, drawn: dict, lapsed: list[dict], most: int) -> dict:
    """A report by scores, computed from what it says of sheets and prices, and the draw."""
    ceiling = content["price_ceiling"]
    opinions = {one["seat"]: {"lacking": one["lacking"], "argument": one["argument"]}
                for one in content["competition"]["opinions"]}
    basis = report.Basis(
        content["lot"], content["draw"], None if ceiling is None else fen(ceiling),
        content["criteria"], content["price_method"], drawn["coefficient"], most,
        [report.Bid(one["bid"], "", one["uscc"], one["price_fen"]) for one in content["bids"]],
        content["unopened"], lapsed, content["competition"]["enough"])
    sheets = [report.SignedSheet(one["seat"], {"scores": one["scores"],
                                               "competition": opinions.get(one["seat"])},
                                 one["sheet_hash"]) for one in content["sheets"]]
    return report.build(basis, sheets)


def _bids(findings: Findings, where: str, content: dict, openings: list[Opening],
          screened: bool) -> None:
    """Prices, tenderers and what was not opened are the opening records'."""
    rows = list(chain.from_iterable(one.record["bids"] for one in openings))
    opened = {row["bid"]: (row["tenderer"], *(ranked.stated(row) if screened
                                              else [row["form"]["price_fen"]]))
              for row in rows if row["form"]}
    said = {one["bid"]: (one["uscc"], *((one["price_fen"], one["period_days"], one["received"])
                                        if screened else [one["price_fen"]]))
            for one in content["bids"]}
    findings.require(said == opened, where, "its prices are not those of the opening record")
    shut = {(row["bid"], row["tenderer"], row["verdict"], row["reason"])
            for row in rows if row["verdict"] != "opened"}
    findings.require({(one["bid"], one["uscc"], one["verdict"], one["reason"])
                      for one in content["unopened"]} == shut, where,
                     "the bids it names as not opened are not those of the opening record")


def _published(findings: Findings, where: str, content: dict, entries: Entries,
               screened: bool) -> None:
    """The candidates that were published are those that the report recommends."""
    entry = entries.one("candidates.published", content["lot"])
    if entry is None or screened and not content["ranking"]:
        return  # A lottery's come from its draw.
    said = [one["bid"] for one in sorted(entry.facts["candidates"],
                                         key=lambda one: (one.get("rank", 0), one["bid"]))]
    gone = {bid for one in entries.of("validity.concluded", content["lot"])
            if one.record["at"] <= entry.record["at"] for bid in lapsed_in(one.facts)}
    wanted = [bid for bid in content["candidates"] if bid not in gone or bid in said]
    findings.require(said == (wanted if screened else sorted(wanted)), where,
                     f"the candidates of {entry} are not those that the report recommends")


def check_sheets(findings: Findings, where: str, page: dict, entries: Entries,
                 reports: Mapping[str, dict]) -> None:
    """The sheets whole: each of the hash that its expert signed, within the bounds of the criteria,
    and saying what the report shows of it."""
    try:
        lot = page["lot"]
        content = next((one for one in reports.values() if one.get("lot") == lot), None)
        if not findings.require(content is not None, where, "is of no report here"):
            return
        hashes = signed_sheets(entries, lot)
        sheets = {one["seat"]: one["sheet"] for one in page["sheets"]}
        findings.require({seat: rules.digest(one) for seat, one in sheets.items()} == hashes, where,
                         "the sheets are not of the hashes that were signed")
        opinions = {one["seat"]: one for one in content["competition"]["opinions"]} \
            if "competition" in content else {}
        for shown in content["sheets"]:
            _sheet(findings, where, content, shown, sheets[shown["seat"]],
                   opinions.get(shown["seat"]))
        findings.did(f"{len(sheets)} 份评分表与专家签署时的哈希一致，分值均在评分办法范围内",
                     f"{len(sheets)} sheet(s) of the hashes their experts signed, each score "
                     "within the bounds of the criteria")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        findings.wrong(where, f"are not sheets of a panel ({error})")


def _sheet(findings: Findings, where: str, content: dict, shown: dict, sheet: dict,
           opinion: dict | None) -> None:
    part = "findings" if ranking.screened(content) else "scores"
    findings.require(sheet["lot"] == content["lot"] and sheet[part] == shown[part], where,
                     f"the report shows other scores of seat {shown['seat']} than its sheet has")
    if opinion is not None:
        given = sheet["competition"]
        findings.require({key: opinion[key] for key in ("lacking", "argument")} == {
            "lacking": bool(given["lacking"]), "argument": given["argument"]}, where,
            f"the report shows another opinion of seat {shown['seat']} than its sheet has")
    try:
        bids = [one["bid"] for one in content["bids"]]
        if part == "scores":
            scoring.check_sheet(sheet[part], scoring.factors_of(content["criteria"]), bids,
                                complete=False)
        else:
            ranking.check_findings(sheet[part], [one["code"] for one in
                                                 content["criteria"]["asked"]], bids,
                                   complete=False)
    except Refused as error:
        findings.wrong(where, f"seat {shown['seat']}: outside the bounds of the criteria ({error})")
