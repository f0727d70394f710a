"""Forgeries of a scored award, as data: what the operator changes, and the words of the check that
must refuse it. Everything behind a change is made again by `Forger`, hashes, tree and signatures."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from audit.cosignature import CosignerKey
from evaluation import report, rules
from portal.verify.ranked import fen

from .forger import Forger, sheets_of

PUBLIC: dict[str, tuple[Callable[[Forger], object], str]] = {}
"""What everybody can see: name → forgery, and the words that must be said of it."""
PANEL: dict[str, tuple[Callable[[Forger], object], str]] = {}
"""What is seen with the panel's papers."""
UNSEEN: dict[str, tuple[Callable[[Forger], object], str]] = {}
"""What the folder alone cannot show, and the words in which `verify` says that it cannot."""


def case(words: str, table: dict | None = None):
    """Put a forgery into a table."""
    def put(forge):
        (PUBLIC if table is None else table)[forge.__name__] = (forge, words)
        return forge
    return put


def lot(f: Forger) -> dict:
    """The lot as the notice has it."""
    return f.file("notices/")["lots"][0]


def winner(f: Forger) -> dict:
    return f.file("results/")["award"]["winner"]


def evaluated(f: Forger) -> dict:
    return f.reports["lot1-report.json"]


def rebuilt(f: Forger, change: Callable[[dict], object]) -> dict:
    """The report after a change of what it is computed from, computed again."""
    content = evaluated(f)
    change(content)
    ceiling = content["price_ceiling"]
    basis = report.Basis(
        content["lot"], content["draw"], None if ceiling is None else fen(ceiling),
        content["criteria"], content["price_method"], content["price"]["coefficient"],
        content.get("most", 3),
        [report.Bid(one["bid"], "", one["uscc"], one["price_fen"]) for one in content["bids"]],
        content["unopened"], content.get("lapsed", ()), content["competition"]["enough"])
    made = report.build(basis, sheets_of(content))
    content.clear()
    content.update(made)
    return content


# --- published terms -------------------------------------------------------------------------------
@case("is not what the approved notice says")
def a_ceiling_that_nobody_approved(f):
    f.row("tender_notice-1-v1", "price_ceiling_fen", 500_000_000)


@case("is not what the approved notice says")
def weights_that_nobody_approved(f):
    f.row("tender_notice-1-v1", "factor_plan_max", "35")


@case("is not what the approved notice says")
def coefficients_that_nobody_approved(f):
    f.row("tender_notice-1-v1", "coefficients", "0.02")


@case("is not what the approved notice says")
def another_bill(f):
    f.row("tender_notice-1-v1", "items_hash", "0" * 64)


@case("one person")
def approved_by_who_submitted(f):
    f.one("notice.approved")["actor"] = f.one("notice.submitted")["actor"]


@case("notice.submitted")
def never_submitted(f):
    f.never_was(f.one("notice.submitted"))


# --- bids and their opening ------------------------------------------------------------------------
def _without(f, number=0):
    page = f.file("openings/lot1")
    row = page["record"]["bids"].pop(number)
    f.one("lot.opened")["facts"]["opened"] -= 1
    return row


def _forget(f, row):
    """Nothing in the folder is of this bid any more."""
    for name in [one for one in f.files if one.startswith(f"receipts/{row['tenderer']}")]:
        del f.files[name]
    for folder in (f.public, f.panel):
        for path in list(folder.rglob(f"{row['tenderer']}*")):
            path.unlink()


def _shares(f):
    """The officials are said to have given as many shares as are there now; the count that does
    not fit is passed over as a share that was wrong."""
    for one in f.all("opening.shares_released"):
        one["facts"]["wrong"] = ["gone"]


def _after_the_opening(f):
    """As if the lot had just been opened: nothing that came after it."""
    kept = {"lot.opened", "opening.authorised", "opening.tenderer_shares_given",
            "opening.shares_released", "lot.closed"}
    since = f.one("lot.opened")["at"]
    for one in list(f.records.values()):
        if one.get("at", "") >= since and one["type"] not in kept:
            f.never_was(one)
    for name in [one for one in f.files if one.startswith(("draws/", "results/"))
                 or one.startswith("published/") and "tender_notice" not in one]:
        del f.files[name]
        (f.public / name).unlink()
        (f.public / name).with_suffix(".note").unlink(missing_ok=True)
    f.reports.clear()


@case("stood at the deadline and is not in the opening record")
def a_bid_left_out_of_the_opening(f):
    _forget(f, _without(f))


@case("another version of it stood")
def an_older_version_opened(f):
    """As if it had not been replaced: the price of the first version is another."""
    late = f.one("bid.replaced")
    f.more(late | {"facts": late["facts"] | {"declaration": "0" * 64, "version": 3},
                   "at": late["at"]})


@case("stood at the deadline and is not in the opening record")
def a_bid_made_up_in_the_record(f):
    first = f.all("bid.submitted")[0]
    f.more(first | {"subject": "e" * 32, "facts": {"declaration": "1" * 64, "version": 1}})


@case("its sealed form says")
def another_price_in_the_opening(f):
    f.file("openings/lot1")["record"]["bids"][0]["form"]["price_fen"] -= 1


@case("its sealed form says")
def another_period_in_the_opening(f):
    f.file("openings/lot1")["record"]["bids"][0]["form"]["period_days"] = 1


@case("received at")
def another_time_of_receipt(f):
    f.file("openings/lot1")["record"]["bids"][0]["received_at"] = "2026-03-01T00:00:00.000Z"


def _parts_gone(f, row):
    for path in f.public.glob(f"bids/{row['tenderer']}*"):
        path.unlink()
    for key in f.panel.glob(f"{row['tenderer']}*"):
        key.unlink()


@case("is no bid that was opened")
def a_candidate_put_aside(f):
    """Called rejected for a fault that nobody can see, and yet a candidate."""
    row = f.file("openings/lot1")["record"]["bids"][0]
    row |= {"verdict": "rejected", "reason": "form: price", "form": None}
    f.one("lot.opened")["facts"] |= {"opened": 2, "rejected": 1}
    _parts_gone(f, row)


@case("by nobody who could open it")
def opened_by_a_stranger(f):
    f.one("opening.authorised")["facts"]["official"] = "f" * 32


# --- draws -----------------------------------------------------------------------------------------
@case("coefficients")
def fewer_coefficients_to_draw_from(f):
    f.file("draws/")["announcement"]["coefficients"] = ["0.02"]


@case("not the draw: coefficient")
def another_coefficient(f):
    f.lie = lambda made: made | {"coefficient": next(
        one for one in ("0.02", "0.03") if one != made["coefficient"])}
    f.file("draws/")["announcement"]["cause"] = "again"


@case("substitutes")
def more_substitutes(f):
    f.file("draws/")["announcement"]["substitutes"] = 0


@case("witnesses")
def a_draw_with_a_witness_of_one_s_own(f):
    """Nobody else knows it; it stands in the seed instead of those that the notice names."""
    own = CosignerKey.generate("mallory")
    f.file("draws/")["announcement"]["witnesses"] = [str(own.cosigner)]
    f.cosigners = [own]


@case("seats")
def fewer_seats(f):
    f.file("draws/")["announcement"]["seats"] = 3


@case("specialty")
def another_specialty(f):
    f.file("draws/")["announcement"]["specialty"] = "水利"


@case("panel of")
def another_panel_seated(f):
    facts = f.one("panel.drawn")["facts"]
    facts["panel"] = f.file("draws/")["order"][-5:]


@case("coefficient")
def another_coefficient_recorded(f):
    facts = f.one("panel.drawn")["facts"]
    facts["coefficient"] = next(one for one in ("0.02", "0.03") if one != facts["coefficient"])


@case("draw")
def a_draw_that_did_not_please(f):
    """Announced twice, and only the second shown."""
    first = f.one("draw.announced")
    f.more(first | {"subject": "d" * 32, "at": "2026-03-13T01:20:00.000Z"})


# --- the panel's work ------------------------------------------------------------------------------
@case("score.signed")
def a_sheet_of_no_seat(f):
    f.all("score.signed")[0]["facts"]["seat"] = 9


@case("signed by another")
def one_signs_for_another(f):
    f.all("score.signed")[0]["actor"] = f.all("score.signed")[1]["actor"]


@case("report.signed")
def a_report_that_not_all_signed(f):
    f.never_was(f.all("report.signed")[0])


@case("report.signed")
def a_report_signed_over_another(f):
    f.all("report.signed")[0]["facts"]["report_hash"] = "0" * 64


@case("report")
def candidates_of_another_report(f):
    f.one("candidates.published")["facts"]["report_hash"] = "0" * 64


# --- candidates ------------------------------------------------------------------------------------
def _candidates(f):
    return f.file("results/")["candidates"], f.one("candidates.published")["facts"]["candidates"]


@case("candidate")
def a_candidate_left_out(f):
    for some in _candidates(f):
        some.pop(0)


@case("is not the tenderer of")
def a_candidate_under_another_name(f):
    for some in _candidates(f):
        some[0]["uscc"] = "91330703MA2TERTA3E"
    f.row("candidates-lot1-1-v1", "uscc", "91330703MA2TERTA3E")


@case("another price than in the opening record")
def a_candidate_at_another_price(f):
    for some in _candidates(f):
        some[0]["price_fen"] -= 1


@case("candidates-lot1-1-v1.json")
def another_price_in_the_notice_of_candidates(f):
    f.row("candidates-lot1-1-v1", "price_fen", 1)


@case("leader")
def another_manager(f):
    for one in (*f.file("results/")["candidates"],):
        one["leader"] = "他人"
    winner(f)["leader"] = "他人"


@case("publicity")
def a_publicity_of_an_hour(f):
    entry = f.one("candidates.published")
    for page in (entry["facts"], f.file("results/")):
        page["publicity_ends"] = entry["at"][:11] + "03:30:00.000Z"
    f.row("candidates-lot1-1-v1", "publicity_ends", page["publicity_ends"])


@case("publicity")
def awarded_before_the_publicity_was_over(f):
    award = f.one("award.confirmed")
    notice = f.file("results/")["award"]
    award["at"] = notice["decided_at"] = "2026-03-13T09:00:00.000Z"


def _before_the_award(f, kind):
    award = f.one("award.confirmed")
    f.more(award | {"type": kind, "subject": award["lot"], "facts": {},
                    "at": "2026-03-16T15:00:00.000Z"})


@case("while the lot was suspended")
def awarded_while_suspended(f):
    _before_the_award(f, "tender.suspended")


@case("(lot.failed)")
def awarded_after_it_had_failed(f):
    _before_the_award(f, "lot.failed")


# --- the award -------------------------------------------------------------------------------------
@case("is not the candidate's")
def a_dearer_winner(f):
    """Price of the award notice and of the contract, a million more than was bid."""
    page = f.file("results/")
    winner(f)["price_fen"] += 100_000_000
    page["contract"]["amount_fen"] = winner(f)["price_fen"]
    f.one("contract.registered")["facts"]["amount_fen"] = winner(f)["price_fen"]
    f.one("award.confirmed")["facts"]["price_fen"] = winner(f)["price_fen"]
    f.row("result-lot1-1-v1", "price_fen", winner(f)["price_fen"])
    f.row("contract-lot1-1-v1", "amount_fen", winner(f)["price_fen"])


@case("is not the candidate's")
def another_unit_gets_the_award(f):
    winner(f)["uscc"] = "91330703MA2TERTA3E"
    winner(f)["name"] = "他人"
    f.row("result-lot1-1-v1", "uscc", "91330703MA2TERTA3E")


@case("votes")
def votes_that_nobody_cast(f):
    """The cast votes are gone, others stand in the award."""
    for one in f.all("vote.cast"):
        f.never_was(one)
    _other_winner(f)


def _other_winner(f):
    page = f.file("results/")
    other = next(one for one in page["candidates"] if one["bid_id"] != winner(f)["bid_id"])
    old = winner(f)["bid_id"]
    facts, notice = f.one("award.confirmed")["facts"], page["award"]
    for vote in facts["votes"]:
        vote["choice"] = other["bid_id"]
    votes = notice["ballots"][0]["votes"]
    votes[other["bid_id"]], votes[old] = votes[old], votes[other["bid_id"]]
    notice["winner"] = {name: value for name, value in other.items() if name != "lapsed_at"}
    facts |= {"bid": other["bid_id"], "price_fen": other["price_fen"]}
    page["contract"]["amount_fen"] = other["price_fen"]
    f.one("contract.registered")["facts"]["amount_fen"] = other["price_fen"]
    for name in ("name", "uscc", "price_fen", "leader"):
        f.row("result-lot1-1-v1", name, other[name])
    for name, value in (("name", other["name"]), ("uscc", other["uscc"]),
                        ("amount_fen", other["price_fen"])):
        f.row("contract-lot1-1-v1", name, value)


@case("committee")
def votes_of_strangers(f):
    """Votes and their hashes made anew, but by members who never sat."""
    _other_winner(f)
    votes = f.one("award.confirmed")["facts"]["votes"]
    for number, (vote, entry) in enumerate(zip(votes, f.all("vote.cast"), strict=True)):
        entry["actor"] = entry["actor"] | {"account": f"{number:032x}"}
        entry["facts"]["vote_hash"] = rules.digest(vote)
        entry["subject"] = vote["member"]


@case("twice")
def one_member_votes_five_times(f):
    facts = f.one("award.confirmed")["facts"]
    for vote, entry in zip(facts["votes"], f.all("vote.cast"), strict=True):
        vote["member"] = facts["votes"][0]["member"]
        entry["facts"]["vote_hash"] = rules.digest(vote)
        entry["actor"] = f.all("vote.cast")[0]["actor"]
        entry["subject"] = vote["member"]


@case("committee")
def a_committee_of_three(f):
    facts = f.one("award.confirmed")["facts"]
    for entry in f.all("vote.cast"):
        if not any(rules.digest(vote) == entry["facts"]["vote_hash"] for vote in facts["votes"][:3]):
            f.never_was(entry)
    facts["votes"] = facts["votes"][:3]
    formed = f.one("award_committee.formed")["facts"]
    formed |= {"members": formed["members"][:3], "size": 3}
    votes = f.file("results/")["award"]["ballots"][0]["votes"]
    votes[winner(f)["bid_id"]] = 3


@case("rank")
def an_award_by_an_order_that_there_is_not(f):
    """A place in an order, where the notice says that a committee votes."""
    page = f.file("results/")
    published = f.one("candidates.published")["facts"]["candidates"]
    for place, one in enumerate(page["candidates"], 1):
        one["rank"] = place
        next(row for row in published if row["bid"] == one["bid_id"])["rank"] = place
    first = page["candidates"][0]
    notice, facts = page["award"], f.one("award.confirmed")["facts"]
    notice |= {"winner": {name: value for name, value in first.items() if name != "lapsed_at"},
               "ballots": [], "how": "drawn"}
    facts |= {"bid": first["bid_id"], "price_fen": first["price_fen"], "votes": [], "how": "drawn"}
    page["contract"]["amount_fen"] = first["price_fen"]
    f.one("contract.registered")["facts"]["amount_fen"] = first["price_fen"]
    for name in ("name", "uscc", "price_fen", "leader"):
        f.row("result-lot1-1-v1", name, first[name])
    for name, value in (("name", first["name"]), ("uscc", first["uscc"]),
                        ("amount_fen", first["price_fen"])):
        f.row("contract-lot1-1-v1", name, value)


@case("result-lot1-1-v1.json")
def another_winner_in_the_notice(f):
    other = next(one for one in f.file("results/")["candidates"]
                 if one["bid_id"] != winner(f)["bid_id"])
    for name in ("name", "uscc", "price_fen", "leader"):
        f.row("result-lot1-1-v1", name, other[name])


@case("result-lot1-1-v1.json")
def another_price_in_the_notice_of_the_result(f):
    f.row("result-lot1-1-v1", "price_fen", 1)


# --- the contract ----------------------------------------------------------------------------------
@case("contract-lot1-1-v1.json")
def another_amount_in_the_notice_of_the_contract(f):
    f.row("contract-lot1-1-v1", "amount_fen", 1)


@case("contract")
def a_contract_after_its_time(f):
    entry, page = f.one("contract.registered"), f.file("results/")["contract"]
    entry["facts"]["signed_at"] = page["signed_at"] = "2026-06-17T16:00:01.193Z"
    entry["at"] = "2026-06-17T17:00:00.000Z"
    f.row("contract-lot1-1-v1", "signed_at", page["signed_at"])


@case("contract")
def a_contract_before_the_award(f):
    entry, page = f.one("contract.registered"), f.file("results/")["contract"]
    entry["facts"]["signed_at"] = page["signed_at"] = "2026-03-14T16:00:01.193Z"
    f.row("contract-lot1-1-v1", "signed_at", page["signed_at"])


@case("contract")
def a_contract_of_another_award(f):
    f.one("contract.registered")["facts"]["award"] = "0" * 32


# --- the open data ---------------------------------------------------------------------------------
@case("ocds/release-package.json")
def another_award_in_the_open_data(f):
    path = f.public / "ocds/release-package.json"
    text = path.read_text()
    price = f"{winner(f)['price_fen'] // 100}"
    assert price in text
    path.write_text(text.replace(price, "1"))


@case("in a form that cannot be compared")
def an_award_without_its_supplier_in_the_open_data(f):
    path = f.public / "ocds/release-package.json"
    text = path.read_text()
    assert '"suppliers"' in text
    path.write_text(text.replace('"suppliers"', '"suppliants"'))


# --- with the panel's papers -----------------------------------------------------------------------
@case("criteria", PANEL)
def criteria_that_were_not_published(f):
    def change(content):
        content["criteria"]["factors"][0]["max"] = "35"
    rebuilt(f, change)


@case("price_method", PANEL)
def prices_scored_by_another_rule(f):
    rebuilt(f, lambda content: content["price_method"].update(deduct_per_pct_above="5"))


@case("price ceiling", PANEL)
def another_ceiling(f):
    rebuilt(f, lambda content: content.update(price_ceiling="3850000.00"))


@case("candidates", PANEL)
def fewer_candidates_than_published(f):
    rebuilt(f, lambda content: content.update(most=1))


@case("sheet", PANEL)
def a_sheet_left_out(f):
    rebuilt(f, lambda content: content["sheets"].pop())


@case("scores", PANEL)
def scores_that_the_expert_did_not_give(f):
    def change(content):
        first = content["bids"][0]["bid"]
        for sheet in content["sheets"]:
            sheet["scores"][first] = {"plan": "25", "team": "15"}
    rebuilt(f, change)


@case("bounds", PANEL)
def a_score_above_the_most(f):
    """The sheets' hashes follow, so that only the bounds are wrong."""
    def change(content):
        sheets = f.reports["lot1-sheets.json"]["sheets"]
        for shown, signed in zip(content["sheets"], sheets, strict=True):
            first = content["bids"][0]["bid"]
            shown["scores"][first] = {"plan": "40", "team": "12"}
            signed["sheet"]["scores"][first] = {"plan": "40", "team": "12"}
            entry = next(one for one in f.all("score.signed")
                         if one["facts"]["seat"] == shown["seat"])
            shown["sheet_hash"] = entry["facts"]["sheet_hash"] = rules.digest(signed["sheet"])
    rebuilt(f, change)


@case("draw", PANEL)
def the_coefficient_of_another_draw(f):
    evaluated(f)["draw"] = "0" * 32


@case("not opened", PANEL)
def a_bid_called_unopened(f):
    rebuilt(f, lambda content: content["unopened"].append(
        {"bid": "9" * 32, "uscc": "91330703MA2TERTA3E", "verdict": "unopened", "reason": "x"}))


@case("computed again", PANEL)
def another_total(f):
    one = next(iter(evaluated(f)["results"].values()))
    one["total"] = str(Fraction(1))


@case("candidates", PANEL)
def a_candidate_that_the_report_does_not_recommend(f):
    """One of three is recommended; the report is wrong by the notice, which allows three."""
    rebuilt(f, lambda content: content.update(most=2))


# --- what nobody can see in the folder -------------------------------------------------------------
@case("entries not disclosed", UNSEEN)
def a_bid_that_was_never_there(f):
    """Dropped from the opening, and its entries disclosed no more: its tenderer alone, who holds
    the receipt and its proof, can say that it stood. Everything behind the opening goes as well."""
    _after_the_opening(f)
    gone = _without(f)
    for one in (*f.all("bid.submitted"), *f.all("bid.replaced")):
        if one["subject"] == gone["bid"]:
            f.unsaid(one)
    _forget(f, gone)
    _shares(f)


@case("for what reason only", UNSEEN)
def a_bid_put_aside(f):
    """Called rejected for a fault of which only its tenderer can say that there was none."""
    _after_the_opening(f)
    row = f.file("openings/lot1")["record"]["bids"][0]
    row |= {"verdict": "rejected", "reason": "form: price", "form": None}
    f.one("lot.opened")["facts"] |= {"opened": 2, "rejected": 1}
    _parts_gone(f, row)
