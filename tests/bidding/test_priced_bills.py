"""After the opening the panel sees each priced bill held against the lot's, cell by cell."""

from __future__ import annotations

import pytest

from bidding.reading import bills_view
from kernel.refusal import Refused
from tender import bills, sheet_writer
from tender.reading import items_of


def priced(world, lot, *, price=100, change=lambda rows: rows) -> tuple[bytes, int]:
    rows = []
    for item in items_of(world.session, lot.id):
        line = bills.Line.of(item)
        rows.append([line.code, line.description, line.unit, str(line.quantity), price,
                     bills.amount(price, line.quantity)])
    rows = change(rows)
    total = sum(row[5] for row in rows)
    return sheet_writer.write(bills.SHEET, bills.PRICED,
                              [*rows, [bills.CLOSING, *[None] * 4, total]]), total


def test_the_panel_reads_every_bill_line_by_line(world):
    lot = world.lots(world.published_tender())[0]
    clean, wrong, strange, other = companies = [world.company() for _ in range(4)]
    sheets = [priced(world, lot), priced(world, lot, change=lambda rows: [rows[1], rows[2]]),
              (b"no workbook", 7), priced(world, lot, price=200)]
    for company, (data, total) in zip(companies, sheets, strict=True):
        form = total + 1 if company is other else total
        sealed = world.seal(lot, company, form, price=data)
        world.declare(lot, company, sealed)
        world.send(company, sealed)
        company.bids[lot.id] = sealed
    def at(company, own=lot):
        return f"/lots/{own.id}/opened-bids/{company.bids[lot.id].declaration['bid']}/bills"

    why = {"Access-Reason": "check of bills"}
    watch = world.client(world.supervisor)
    assert watch.get(at(clean), headers=why).status_code in (403, 404, 409)
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    with pytest.raises(Refused, match="bid.not-opened"):
        bills_view(world.session, clean.bids[lot.id].declaration["bid"])
    world.tick()

    def told(company):
        answer = watch.get(at(company), headers=why)
        assert answer.status_code == 200, answer.json
        (one,) = answer.json["items"]
        assert (one["name"], one["size"]) == ("清单.xlsx", len(sheets[companies.index(company)][0]))
        return one

    assert told(clean)["bill"]["clean"] and told(clean)["bill"]["lines"] == 3
    found = told(wrong)["bill"]
    assert [(one["cell"], one["code"]) for one in found["findings"]] == [
        ("工程量清单!A2", "bill.line-missing")]
    assert told(strange)["bill"] is None and told(strange)["problem"].startswith("sheet.")
    (form,) = told(other)["bill"]["findings"]
    assert (form["code"], form["right_fen"] - form["stated_fen"]) == ("bill.form-price", 1)
    # For who may read bids alone, in the lot of the bid alone, and for a reason.
    assert "reason" in watch.get(at(clean), headers={"Access-Reason": ""}).json["code"]
    assert world.client(other.actor).get(at(clean), headers=why).status_code in (403, 404)
    assert world.client().get(at(clean), headers=why).status_code in (401, 403, 404)
    second = world.lots(world.published_tender())[0]
    world.force_phase(second.id, "OPENED")
    assert watch.get(at(clean, second), headers=why).status_code == 404
