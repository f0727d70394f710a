"""The bill of quantities as a table, and a tenderer's priced bill checked against it. Pure.

A priced bill must have our lines in our order, with our units and quantities, and nothing else.
Its arithmetic is corrected as 评标委员会和评标方法暂行规定 (令 12) 19 says: the unit price prevails
over the total, unless its decimal point is plainly in the wrong place; then a person decides.
Money is whole fen; an amount is the exact product, rounded half up to the fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import BinaryIO

from . import rules, sheets
from .sheets import Column, Row, Table

SHEET = "工程量清单"
CLOSING = "合计"
LAW = "评标委员会和评标方法暂行规定 19"

_CODE = Column("code", ("项目编码", "编码", "code"), "code", most=40)
_DESCRIPTION = Column("description", ("项目名称", "名称", "description"), most=500)
_UNIT = Column("unit", ("计量单位", "单位", "unit"), most=20)
_QUANTITY = Column("quantity", ("工程量", "数量", "quantity"), "decimal", places=6)
COLUMNS = (Column("code", _CODE.heads, "code", most=40, unique=True), _DESCRIPTION, _UNIT, _QUANTITY)
"""A buyer's bill."""
PRICED = (_CODE, _DESCRIPTION, _UNIT, _QUANTITY,
          Column("unit_price", ("综合单价(元)", "综合单价", "单价", "unit price"), "fen"),
          Column("amount", ("合价(元)", "合价", "amount"), "fen", stored=True,
                 high=sheets.MAX_YUAN))
"""A tenderer's priced bill; what a formula stored as an amount is read, because it is checked."""


@dataclass(frozen=True)
class Line:
    """A line of our bill. `quantity` is exact."""

    code: str
    description: str
    unit: str
    quantity: Decimal

    @classmethod
    def of(cls, item) -> Line:
        """The line of an item with those columns, its quantity a decimal text."""
        return cls(item.code, item.description, item.unit, Decimal(item.quantity))


@dataclass(frozen=True)
class Finding:
    """What differs at a cell. `code` says what it is, `kind` what follows from it: `wrong` (not
    our bill), `corrected` (arithmetic, put right), `decide` (a person must)."""

    cell: str
    code: str
    kind: str
    zh: str
    en: str
    stated_fen: int | None = None
    right_fen: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What the check found. `stated_fen` is the bill's own total, `corrected_fen` the total after
    arithmetic correction; both None where the bill is not ours."""

    findings: tuple[Finding, ...]
    lines: int
    stated_fen: int | None
    corrected_fen: int | None

    @property
    def ours(self) -> bool:
        """Whether it is our bill, line by line."""
        return not any(one.kind == "wrong" for one in self.findings)

    @property
    def clean(self) -> bool:
        """Whether nothing was found at all."""
        return not self.findings


def read(file: BinaryIO, size: int) -> list[dict[str, str]]:
    """A buyer's bill as items {code, description, unit, quantity}; refuses as sheets.table does."""
    table = sheets.table(file, size, COLUMNS, rows=rules.MAX_ITEMS, sheet=SHEET)
    return [row.values | {"quantity": _text(row.values["quantity"])} for row in table.rows]


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"


def read_priced(file: BinaryIO, size: int) -> Table:
    """A priced bill; every cell that is malformed refuses as sheets.table does."""
    return sheets.table(file, size, PRICED, rows=rules.MAX_ITEMS, sheet=SHEET, closing=CLOSING)


def amount(unit_price_fen: int, quantity: Decimal) -> int:
    """Unit price × quantity in whole fen, rounded half up."""
    return int((unit_price_fen * quantity).to_integral_value(ROUND_HALF_UP))


def check(ours: Sequence[Line], priced: Table, ceiling_fen: int = 0) -> Verdict:
    """Compare a priced bill with ours line by line, then its arithmetic.

    `ceiling_fen`: the lot's price ceiling, 0 where there is none.
    """
    findings = [one for place in range(max(len(ours), len(priced.rows)))
                for one in _line(ours, priced, place)]
    if findings:
        return Verdict(tuple(findings), len(priced.rows), None, None)
    right = 0
    for line, row in zip(ours, priced.rows, strict=True):
        fen, found = _arithmetic(line, priced, row)
        right += fen
        findings += found
    findings += _total(priced, right)
    stated = priced.closing.values["amount"] if priced.closing else None
    if ceiling_fen and right > ceiling_fen:
        findings.append(Finding(_end(priced), "bill.over-ceiling", "decide",
                                "修正后的总价超过最高投标限价（实施条例 51）。",
                                "The corrected total is above the price ceiling.",
                                right, ceiling_fen))
    return Verdict(tuple(findings), len(priced.rows), stated, right)


def _line(ours: Sequence[Line], priced: Table, place: int) -> Iterable[Finding]:
    if place >= len(priced.rows):
        line = ours[place]
        yield Finding(_end(priced), "bill.line-missing", "wrong",
                      f"缺少第 {place + 1} 行 {line.code}。", f"Line {place + 1}, {line.code}, is missing.")
        return
    row = priced.rows[place]
    if place >= len(ours):
        yield Finding(priced.cell(row, "code"), "bill.line-more", "wrong",
                      "清单中没有此行。", "The bill has no such line.")
        return
    line, said = ours[place], row.values
    if said["code"] != line.code:
        elsewhere = any(other.code == said["code"] for other in ours)
        yield Finding(priced.cell(row, "code"),
                      "bill.order" if elsewhere else "bill.line-other", "wrong",
                      f"此处应为 {line.code}" + ("（顺序不同）。" if elsewhere else "。"),
                      f"Here belongs {line.code}" + (" (another order)." if elsewhere else "."))
        return
    for key, zh, en in (("description", "项目名称", "description"), ("unit", "计量单位", "unit"),
                        ("quantity", "工程量", "quantity")):
        if said[key] != getattr(line, key):
            shown = str(getattr(line, key))[:60]
            yield Finding(priced.cell(row, key), f"bill.{key}", "wrong",
                          f"{zh}应为“{shown}”。", f"The {en} is “{shown}”.")


def _arithmetic(line: Line, priced: Table, row: Row) -> tuple[int, list[Finding]]:
    right, stated = amount(row.values["unit_price"], line.quantity), row.values["amount"]
    if stated == right:
        return right, []
    cell = priced.cell(row, "amount")
    if slipped(row.values["unit_price"], line.quantity, stated):
        return stated, [Finding(
            priced.cell(row, "unit_price"), "bill.decimal-point", "decide",
            f"单价小数点似有错位：合价 {_yuan(stated)} 与单价相差十的整数次方，暂以合价为准（{LAW}）。",
            "The unit price's decimal point seems to be in the wrong place; for now the amount "
            f"{_yuan(stated)} stands.", stated, right)]
    return right, [Finding(cell, "bill.amount", "corrected",
                           f"合价应为 {_yuan(right)}，单价为准（{LAW}）。",
                           f"Unit price × quantity is {_yuan(right)}; the unit price prevails.",
                           stated, right)]


def slipped(unit_price_fen: int, quantity: Decimal, stated_fen: int) -> bool:
    """Whether the stated amount is what a unit price ten, a hundred … times as large or as small
    would give: the decimal slip that 令 12, 19 excepts."""
    return bool(unit_price_fen and quantity) and any(
        amount(int(moved), quantity) == stated_fen
        for power in (-4, -3, -2, -1, 1, 2, 3, 4)
        if (moved := Decimal(unit_price_fen).scaleb(power)) == moved.to_integral_value())


def _total(priced: Table, right: int) -> list[Finding]:
    if priced.closing is None or priced.closing.values["amount"] is None:
        return [Finding(_end(priced), "bill.total-missing", "wrong",
                        f"缺少“{CLOSING}”行或其金额。", f"The closing line “{CLOSING}” has no amount.",
                        None, right)]
    stated = priced.closing.values["amount"]
    if stated == right:
        return []
    return [Finding(priced.cell(priced.closing, "amount"), "bill.total", "corrected",
                    f"总价应为 {_yuan(right)}，以单价为准修正（{LAW}）。",
                    f"The total is {_yuan(right)} after correction by the unit prices.",
                    stated, right)]


def _end(priced: Table) -> str:
    row = priced.closing or Row(priced.rows[-1].number + 1, {})
    return priced.cell(row, "amount")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"

