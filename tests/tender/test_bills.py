"""The bill of quantities from a workbook, and a priced one held against it line by line."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from bidding.client import bill as program
from bidding.client import new_key
from bidding.client.commands import main
from kernel.db import db
from tender import bills, sheet_writer
from tender.bills import Line

from ..bidding.test_sealer_modules import notice
from .oracles import example

OURS = [Line("010101001001", "平整场地", "m2", Decimal("120.5")),
        Line("010101002001", "挖一般土方", "m3", Decimal(430)),
        Line("010103001001", "回填方", "m3", Decimal("3.333"))]
PRICES = (850_000, 304_000, 1_001)
RIGHT = (102_425_000, 130_720_000, 3_336)


def priced(lines=OURS, prices=PRICES, amounts=RIGHT, total: int | None = -1) -> bytes:
    rows = [[line.code, line.description, line.unit, str(line.quantity), price, fen]
            for line, price, fen in zip(lines, prices, amounts, strict=True)]
    rows.append([bills.CLOSING, *[None] * 4, sum(amounts) if total == -1 else total])
    return sheet_writer.write(bills.SHEET, bills.PRICED, rows)


def check(data: bytes, **more) -> bills.Verdict:
    return bills.check(OURS, bills.read_priced(io.BytesIO(data), len(data)), **more)


def found(data: bytes, **more) -> dict[str, str]:
    return {one.cell.partition("!")[2]: one.code for one in check(data, **more).findings}


def test_our_bill_with_right_arithmetic_is_clean():
    verdict = check(priced())
    assert verdict.clean and verdict.ours and verdict.lines == 3
    assert verdict.stated_fen == verdict.corrected_fen == sum(RIGHT)


def test_pb_7_the_unit_price_prevails_over_the_total():
    case = example("PB-7")
    items = [Line(f"{n}", "x", "m3", Decimal(one["qty"]))
             for n, one in enumerate(case["inputs"]["A_items"])]
    prices = [int(Decimal(one["unit"]) * 100) for one in case["inputs"]["A_items"]]
    stated = int(Decimal(case["inputs"]["bids"]["A"]["declared"]) * 100)
    rows = [[line.code, "x", "m3", str(line.quantity), price, bills.amount(price, line.quantity)]
            for line, price in zip(items, prices, strict=True)]
    data = sheet_writer.write(bills.SHEET, bills.PRICED, [*rows, ["合计", *[None] * 4, stated]])
    verdict = bills.check(items, bills.read_priced(io.BytesIO(data), len(data)))
    assert verdict.stated_fen == stated
    assert Decimal(verdict.corrected_fen) / 100 == Decimal(case["inputs"]["bids"]["A"]["corrected"])
    assert [one.code for one in verdict.findings] == ["bill.total"] and verdict.ours


def test_a_wrong_amount_is_put_right_by_the_unit_price():
    verdict = check(priced(amounts=(RIGHT[0], RIGHT[1] + 1, RIGHT[2])))
    assert [(one.cell, one.code, one.kind, one.right_fen) for one in verdict.findings] == [
        ("工程量清单!F3", "bill.amount", "corrected", RIGHT[1]),
        ("工程量清单!F5", "bill.total", "corrected", sum(RIGHT))]
    assert verdict.corrected_fen == sum(RIGHT) and verdict.stated_fen == sum(RIGHT) + 1


def test_a_decimal_slip_is_left_to_a_person():
    verdict = check(priced(prices=(8_500_000, *PRICES[1:])))
    assert [(one.cell, one.code, one.kind) for one in verdict.findings] == [
        ("工程量清单!E2", "bill.decimal-point", "decide")]
    assert verdict.corrected_fen == sum(RIGHT)


@pytest.mark.parametrize(("lines", "cells"), [
    ([OURS[0], OURS[2], OURS[1]], {"A3": "bill.order"}),
    ([OURS[1], OURS[2], OURS[0]], {"A4": "bill.order"}),
    ([OURS[0], Line("010101002002", "挖一般土方", "m3", Decimal(430)), OURS[2]],
     {"A3": "bill.renumbered"}),
    ([Line("01", "平整场地", "m2", Decimal("120.5")), Line("02", "挖一般土方", "m3", Decimal(430)),
      OURS[2]], {"A2": "bill.renumbered", "A3": "bill.renumbered"}),
    ([OURS[0], Line("010101002001", "挖石方", "m3", Decimal(430)), OURS[2]],
     {"B3": "bill.description"}),
    ([OURS[0], Line("010101002001", "挖一般土方", "m2", Decimal(430)), OURS[2]],
     {"C3": "bill.unit"}),
    ([OURS[0], OURS[1], Line("010103001001", "回填方", "m3", Decimal("3.334"))],
     {"D4": "bill.quantity"}),
    ([OURS[0], OURS[1]], {"F4": "bill.line-missing"}),
    # What comes after a line that is missing, doubled or put in between is not called wrong.
    ([OURS[1], OURS[2]], {"A2": "bill.line-missing"}),
    ([OURS[0], OURS[2]], {"A3": "bill.line-missing"}),
    ([OURS[0], OURS[0], OURS[1], OURS[2]], {"A3": "bill.line-twice"}),
    ([OURS[0], Line("9", "夜间施工", "项", Decimal(1)), OURS[1], OURS[2]],
     {"A3": "bill.line-more"}),
    ([OURS[0], Line("9", "夜间施工", "项", Decimal(1)), OURS[2]],
     {"A3": "bill.line-more", "A4": "bill.line-missing"}),
    ([OURS[2], Line("010101001001", "平整场地", "m3", Decimal(7))],
     {"A2": "bill.order", "C3": "bill.unit", "D3": "bill.quantity", "F4": "bill.line-missing"}),
    ([*OURS, Line("9", "夜间施工", "项", Decimal(1))], {"A5": "bill.line-more"}),
])
def test_what_is_not_our_bill_is_named_by_its_cell(lines, cells):
    data = priced(lines, [100] * len(lines),
                  [bills.amount(100, line.quantity) for line in lines])
    assert found(data) == cells
    assert not check(data).ours and check(data).corrected_fen is None


def test_rounding_addition_and_the_forms_price_are_told_apart():
    # 10.01 × 3.333 = 33.36333: cut off it is 33.36, rounded up 33.37; ours is half up.
    cut = check(priced(amounts=(*RIGHT[:2], RIGHT[2] + 1)))
    assert [(one.cell.partition("!")[2], one.code, one.kind) for one in cut.findings] == [
        ("F4", "bill.rounding", "corrected"), ("F5", "bill.total", "corrected")]
    assert "与所填各行之和一致" in cut.findings[1].zh and cut.corrected_fen == sum(RIGHT)
    added = check(priced(total=sum(RIGHT) - 2))
    (one,) = added.findings
    assert one.code == "bill.total" and "之和为" in one.zh
    assert found(priced(), form_fen=sum(RIGHT)) == {}
    (other,) = check(priced(), form_fen=sum(RIGHT) + 1).findings
    assert (other.code, other.kind, other.stated_fen, other.right_fen) == (
        "bill.form-price", "decide", sum(RIGHT), sum(RIGHT) + 1)
    # A bill that is not ours is held against the form, too, and its arithmetic is checked.
    lines = [OURS[0], Line("x", "另一行", "m", Decimal(1)), OURS[2]]
    data = priced(lines, [100] * 3, [12_050, 100, 334])
    assert found(data, form_fen=1) == {
        "A3": "bill.line-more", "A4": "bill.line-missing", "F4": "bill.rounding",
        "F5": "bill.form-price"}


@settings(deadline=None)
@given(st.data())
def test_every_line_that_was_taken_out_put_in_or_moved_is_named_and_no_other(data):
    """Random edits of a bill of distinct lines; the findings speak of the edited lines alone."""
    ours = [Line(f"{n:03d}", f"第 {n} 项", "m", Decimal(n + 1)) for n in range(12)]
    out = data.draw(st.sets(st.sampled_from(range(12)), max_size=3))
    new = data.draw(st.integers(0, 3))
    lines = [line for place, line in enumerate(ours) if place not in out]
    for number in range(new):
        lines.insert(data.draw(st.integers(0, len(lines))), Line(f"n{number}", "新", "m", Decimal(1)))
    kept = [line for line in lines if not line.code.startswith("n")]
    verdict = bills.check(ours, bills.read_priced(io.BytesIO(file := priced(
        lines, [100] * len(lines), [bills.amount(100, line.quantity) for line in lines])),
        len(file)))
    codes = [one.code for one in verdict.findings]
    assert codes.count("bill.line-more") == new and codes.count("bill.line-missing") == len(out)
    assert len(codes) == new + len(out)
    if len(kept) > 1:
        moved = data.draw(st.integers(0, len(kept) - 1))
        target = data.draw(st.integers(0, len(kept) - 2))
        shifted = [line for line in kept if line is not kept[moved]]
        shifted.insert(target, kept[moved])
        file = priced(shifted, [100] * len(kept),
                      [bills.amount(100, line.quantity) for line in shifted])
        again = [one.code for one in bills.check(
            ours, bills.read_priced(io.BytesIO(file), len(file))).findings]
        assert again.count("bill.order") == (shifted != kept)


def test_a_bill_without_its_total_and_one_above_the_ceiling():
    assert found(priced(total=None)) == {"F5": "bill.total-missing"}
    assert found(priced(), ceiling_fen=sum(RIGHT) - 1) == {"F5": "bill.over-ceiling"}
    assert found(priced(), ceiling_fen=sum(RIGHT)) == {}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.decimals(0, 10**6, places=6)), min_size=1,
                max_size=5), st.data())
def test_whatever_is_stated_the_corrected_total_is_that_of_the_unit_prices(lines, data):
    ours = [Line(str(n), "x", "m", quantity) for n, (_, quantity) in enumerate(lines)]
    right = [bills.amount(price, quantity) for price, quantity in lines]
    at = data.draw(st.integers(0, len(lines) - 1))
    stated = list(right)
    stated[at] += data.draw(st.integers(1, 99))
    table = sheet_writer.write(bills.SHEET, bills.PRICED, [
        *[[line.code, "x", "m", format(line.quantity, "f"), price, fen]
          for line, (price, _), fen in zip(ours, lines, stated, strict=True)],
        ["合计", *[None] * 4, sum(stated)]])
    verdict = bills.check(ours, bills.read_priced(io.BytesIO(table), len(table)))
    codes = [one.code for one in verdict.findings]
    assert codes in (["bill.amount", "bill.total"], ["bill.rounding", "bill.total"],
                     ["bill.decimal-point"])
    if codes != ["bill.decimal-point"]:
        assert verdict.corrected_fen == sum(right)


def test_the_program_checks_without_a_server(tmp_path, capsys):
    kept, file = tmp_path / "items.json", tmp_path / "priced.xlsx"
    kept.write_text(json.dumps({"lot": "0" * 32, "price_ceiling_fen": 0, "items": [
        {"code": one.code, "description": one.description, "unit": one.unit,
         "quantity": str(one.quantity)} for one in OURS]}), encoding="utf-8")
    file.write_bytes(priced())
    assert main(["bill", "check", "--items", str(kept), str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["clean"] is True
    file.write_bytes(priced(amounts=(RIGHT[0] + 7, *RIGHT[1:])))
    assert main(["bill", "check", "--items", str(kept), str(file)]) == 3
    assert json.loads(capsys.readouterr().out)["findings"][0]["cell"] == "工程量清单!F2"
    file.write_bytes(priced())
    assert main(["bill", "check", "--items", str(kept), "--price-fen", "1", str(file)]) == 3
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "bill.form-price"
    file.write_bytes(sheet_writer.write(bills.SHEET, bills.COLUMNS, []))
    assert main(["bill", "check", "--items", str(kept), str(file)]) == 1
    assert "!E1" in capsys.readouterr().err


def test_a_bid_whose_bill_is_wrong_is_not_sealed_by_mistake(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("YANGGUANG_PROFILE", str(tmp_path / "profile"))
    lot, _, _ = notice("intl-x25519-1")
    items, kept, file = (tmp_path / name for name in ("items.json", "notice.json", "清单.XLSX"))
    items.write_text(json.dumps({"lot": lot["id"], "price_ceiling_fen": 0, "items": [
        {"code": one.code, "description": one.description, "unit": one.unit,
         "quantity": str(one.quantity)} for one in OURS]}), encoding="utf-8")
    kept.write_text(json.dumps(lot))
    new_key(tmp_path / "key")
    other = tmp_path / "other.pdf"
    other.write_bytes(b"x")

    def seal(price, *more, papers=None):
        return main(["seal", "--notice", str(kept), "--uscc", "91330703MA2TERTA3E", "--key",
                     str(tmp_path / "key"), "--period-days", "9", "--quality", "q", "--leader", "l",
                     "--technical", str(other), "--price", str(papers or file), "--price-fen",
                     str(price), "--bill-items", str(items), "--out", str(tmp_path / "bid"), *more])

    file.write_bytes(priced(amounts=(RIGHT[0] + 7, *RIGHT[1:])))
    assert seal(sum(RIGHT) + 7) == 1
    said = capsys.readouterr().err
    assert "清单.XLSX 工程量清单!F2 bill.amount" in said and "F5 bill.total" in said
    file.write_bytes(priced())
    assert seal(sum(RIGHT) + 1) == 1 and "bill.form-price" in capsys.readouterr().err
    assert seal(1, papers=other) == 1 and "no workbook" in capsys.readouterr().err
    assert not (tmp_path / "bid").exists()
    assert seal(sum(RIGHT)) == 0
    assert seal(1, "--despite-bill", "--out", str(tmp_path / "wanted")) == 0
    items.write_text(items.read_text().replace(lot["id"], "0" * 32))
    assert seal(sum(RIGHT)) == 1 and "another lot" in capsys.readouterr().err


def test_a_bill_over_http_in_out_and_back_priced(world):
    world.buyer_unit()
    buyer, tender = world.client(world.clerk), world.draft_tender(items=0)
    (lot,) = world.lots(tender)
    template = world.client().get("/bill-template")
    assert template.status_code == 200
    rows = [[f"{n:012d}", f"第 {n} 项", "m3", f"{n}.125"] for n in range(1, 5001)]
    data = sheet_writer.write(bills.SHEET, bills.COLUMNS, rows)
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    put = buyer.put(f"/lots/{lot.id}/bill", data=data)
    assert put.status_code == 200, put.json
    assert put.json["items_count"] == 5000 and len(asked) < 100, "no statement for each line"
    rows[16][3] = "12,5"
    wrong = buyer.put(f"/lots/{lot.id}/bill",
                      data=sheet_writer.write(bills.SHEET, bills.COLUMNS[:3] + bills.COLUMNS[:1],
                                              [[*row[:3], row[3]] for row in rows]))
    assert wrong.status_code == 422 and wrong.json["code"] == "sheet.wrong"
    assert world.client(world.account("buyer")).put(f"/lots/{lot.id}/bill",
                                                    data=data).status_code == 404
    assert buyer.post(f"/lots/{lot.id}/bill/check", data=data).status_code == 404
    world.before_publishing(tender)
    sent = buyer.post(f"/tenders/{tender.id}/notice").json["content_hash"]
    world.client(world.chief).post(f"/tenders/{tender.id}/notice/approval",
                                   json={"content_hash": sent})
    company = world.client(world.account("tenderer"))
    blank = company.get(f"/lots/{lot.id}/bill")
    assert blank.status_code == 200 and blank.headers["Content-Disposition"].endswith('.xlsx"')
    found = company.post(f"/lots/{lot.id}/bill/check", data=blank.data)
    assert found.status_code == 422 and found.json["code"] == "sheet.wrong"
    assert "!E2" in found.json["facts"]["problems"][0]["cell"]
    items = program.read_items(Through(company), lot.id)
    full = sheet_writer.write(bills.SHEET, bills.PRICED, [
        *[[one["code"], one["description"], one["unit"], one["quantity"], 1,
           bills.amount(1, Decimal(one["quantity"]))] for one in items["items"]],
        ["合计", *[None] * 4, sum(bills.amount(1, Decimal(one["quantity"]))
                                 for one in items["items"])]])
    before = world.raw("SELECT count(*) FROM pending_entry")
    assert company.post(f"/lots/{lot.id}/bill/check", data=full).json["clean"] is True
    assert world.raw("SELECT count(*) FROM pending_entry") == before
    assert world.client().post(f"/lots/{lot.id}/bill/check", data=full).status_code == 401


class Through:
    """A program's wire over a test client."""

    def __init__(self, client):
        self.client = client

    def request(self, method, path, data=None, headers=None):
        answer = self.client.open(path, method=method, data=data, headers=headers)
        return answer.status_code, answer.data
