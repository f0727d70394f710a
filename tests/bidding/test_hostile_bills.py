"""A hostile workbook inside a bid: it is told as one that cannot be read, and soon."""

from __future__ import annotations

import io
import zipfile

import pytest

from bidding.reading import bills as reading
from bidding.reading import bills_view
from kernel.refusal import Refused
from tender import bills, sheet_writer, workbook
from tests import work

GOOD = sheet_writer.write(bills.SHEET, bills.PRICED, [
    ["040101001", "土方开挖", "m3", "1.5", 100, 150], [bills.CLOSING, *[None] * 4, 150]])
SHEET = "xl/worksheets/sheet1.xml"


def changed(**parts) -> bytes:
    """The good workbook with parts replaced; each is told what it was."""
    with zipfile.ZipFile(io.BytesIO(GOOD)) as was:
        held = {name: was.read(name).decode() for name in was.namelist()}
    held |= {name: change(held.get(name, "")) for name, change in parts.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, text in held.items():
            file.writestr(name, text)
    return made.getvalue()


def nameless(text: str) -> str:
    return text.replace(' r:id="r1"', "")


def named(rows: int, columns: int):
    """A sheet of so many cells that all name the one shared string."""
    def change(text: str) -> str:
        cells = '<c t="s"><v>0</v></c>' * columns
        head = text[:text.index('<row r="2">')]
        return head + "".join(f'<row r="{at}">{cells}</row>' for at in range(2, rows + 2)) \
            + "</sheetData></worksheet>"
    return change


def strings(text: str):
    return lambda _: f'<sst xmlns="urn:x"><si><t xml:space="preserve">{text}</t></si></sst>'


@pytest.mark.parametrize("data", [
    changed(**{"xl/workbook.xml": nameless}),
    *[changed(**{"xl/workbook.xml": lambda text, name=name: text.replace("UTF-8", name)})
      for name in ("nonsense", "rot13", "zlib", "idna", "utf-7")],
], ids=["nameless", "nonsense", "rot13", "zlib", "idna", "utf-7"])
def test_a_workbook_that_no_parser_takes_is_refused_as_damaged(data):
    with pytest.raises(Refused, match="sheet.kind"):
        bills.read_priced(io.BytesIO(data), len(data))


@pytest.mark.parametrize(("text", "rows", "columns"), [
    ("\ufdfa" * 32_767, 500, 1), (" " * 32_766 + "x", 1_000, 200), ("\ufdfa" * 32_767, 500, 6)])
def test_one_long_text_that_many_cells_name_costs_little(text, rows, columns, monkeypatch):
    data = changed(**{SHEET: named(rows, columns), "xl/sharedStrings.xml": strings(text)})
    looked = work.looked_through(monkeypatch)
    with pytest.raises(Refused, match="sheet."):
        bills.read_priced(io.BytesIO(data), len(data))
    assert looked.done <= 2 * workbook.MAX_CHARACTERS  # where it is read, and where it is told


class Asked(str):
    """A code that counts how often it is compared."""

    times = 0

    def __eq__(self, other):
        Asked.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_many_lines_that_are_not_ours_cost_little():
    def line(prefix, at):
        return [f"{prefix}{at:08d}", "土方", "m3", "1.5", 100, 150]
    ours = [bills.Line(Asked(f"A{at:08d}"), "石方", "m3", bills.Decimal("1.5"))
            for at in range(10_000)]
    data = sheet_writer.write(bills.SHEET, bills.PRICED, [
        *[line("B", at) for at in range(4_000)], [bills.CLOSING, *[None] * 4, 600_000]])
    found = bills.check(ours, bills.read_priced(io.BytesIO(data), len(data)))
    assert len(found.findings) >= 14_000 and Asked.times < 1_000_000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("data", [
    b"PK\x03\x04 and no directory", GOOD[:-30], changed(**{"xl/workbook.xml": nameless}),
    changed(**{"xl/a.zip": lambda _: "x"})])
def test_a_bid_with_a_hostile_workbook_is_still_told_of(world, data, monkeypatch):
    lot, company = world.lots(world.published_tender())[0], world.company()
    companies = [company, world.company(), world.company()]
    for one in companies:
        sealed = world.seal(lot, one, 150, price=data)
        world.declare(lot, one, sealed)
        world.send(one, sealed)
        one.bids[lot.id] = sealed
    world.past_deadline(lot)
    world.authorise(lot)
    for one in companies:
        world.give_own(lot, one)
    world.tick()
    (told,) = bills_view(world.session, company.bids[lot.id].declaration["bid"])
    assert told["bill"] is None and told["problem"]
    monkeypatch.setattr(reading, "MOST_FILES", 0)
    (told,) = bills_view(world.session, company.bids[lot.id].declaration["bid"])
    assert told["problem"] == "tender.many", "what is not looked at is named"
