"""The bill of quantities as a table, and a tenderer's priced bill checked against it. Pure.

A priced bill must have our lines in our order, with our units and quantities, and nothing else.
Its arithmetic is corrected as 评标委员会和评标方法暂行规定 (令 12) 19 says: the unit price prevails
over the total, unless its decimal point is plainly in the wrong place; then a person decides.
Money is whole fen; an amount is the exact product, rounded half up to the fen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
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


def check(ours: Sequence[Line], priced: Table, ceiling_fen: int = 0,
          form_fen: int | None = None) -> Verdict:
    """Compare a priced bill with ours line by line, then its arithmetic, and its total with the
    form's price.

    `ceiling_fen`: the lot's price ceiling, 0 where there is none; `form_fen`: the price that the
    opening form states. A line that is missing or was moved does not make those after it wrong.
    """
    paired = _paired(ours, priced.rows)
    codes = {line.code for line in ours}
    found: list[tuple[int, int, Finding]] = []
    right = 0
    for row, at in zip(priced.rows, paired, strict=True):
        for place, one in enumerate(_line(ours, codes, priced, row, at)):
            found.append((row.number, place, one))
        if at is not None and row.values["quantity"] == ours[at].quantity:
            fen, wrong = _arithmetic(ours[at], priced, row)
            right += fen
            found += [(row.number, len(PRICED), one) for one in wrong]
    found += _misplaced(ours, priced, paired)
    findings = [one for _, _, one in sorted(found, key=lambda each: each[:2])]
    if any(one.kind == "wrong" for one in findings):
        findings += [one for one in _total(priced, right) if one.kind == "wrong"]
        findings += _form_price(priced, form_fen)
        return Verdict(tuple(findings), len(priced.rows), None, None)
    findings += _total(priced, right)
    findings += _form_price(priced, form_fen)
    stated = priced.closing.values["amount"] if priced.closing else None
    if ceiling_fen and right > ceiling_fen:
        findings.append(Finding(_end(priced), "bill.over-ceiling", "decide",
                                "修正后的总价超过最高投标限价（实施条例 51）。",
                                "The corrected total is above the price ceiling.",
                                right, ceiling_fen))
    return Verdict(tuple(findings), len(priced.rows), stated, right)


def _paired(ours: Sequence[Line], rows: Sequence[Row]) -> list[int | None]:
    """For each priced row the place of our line that it prices: the one with its code, else one
    that is the same but for the code."""
    by_code: dict[str, deque[int]] = {}
    for place, line in enumerate(ours):
        by_code.setdefault(line.code, deque()).append(place)
    paired = [places.popleft() if (places := by_code.get(row.values["code"])) else None
              for row in rows]
    free = sorted(place for places in by_code.values() for place in places)
    same: dict[tuple, deque[int]] = {}
    for place in free:
        line = ours[place]
        same.setdefault((line.description, line.unit, line.quantity), deque()).append(place)
    for at, row in enumerate(rows):
        key = tuple(row.values[name] for name in ("description", "unit", "quantity"))
        if paired[at] is None and same.get(key):
            paired[at] = same[key].popleft()
    return paired


def _line(ours: Sequence[Line], codes: set[str], priced: Table, row: Row,
          at: int | None) -> Iterable[Finding]:
    """What of one priced row is not our line; `codes`: those of all our lines."""
    said, code = row.values, priced.cell(row, "code")
    if at is None:
        twice = said["code"] in codes
        yield Finding(code, "bill.line-twice" if twice else "bill.line-more", "wrong",
                      "清单中此行只有一次。" if twice else "清单中没有此行。",
                      "The bill has this line once." if twice else "The bill has no such line.")
        return
    line = ours[at]
    if said["code"] != line.code:
        yield Finding(code, "bill.renumbered", "wrong", f"编码应为 {line.code}（内容与该行相同）。",
                      f"The code is {line.code}: all else is that line's.")
    for key, zh, en in (("description", "项目名称", "description"), ("unit", "计量单位", "unit"),
                        ("quantity", "工程量", "quantity")):
        if said[key] != getattr(line, key):
            shown = str(getattr(line, key))[:60]
            yield Finding(priced.cell(row, key), f"bill.{key}", "wrong",
                          f"{zh}应为“{shown}”。", f"The {en} is “{shown}”.")


def _misplaced(ours: Sequence[Line], priced: Table,
               paired: Sequence[int | None]) -> list[tuple[int, int, Finding]]:
    """The rows that stand elsewhere than in our bill, as few as say it; then our lines that are
    missing, each where it belongs."""
    held = _rising([place for place in paired if place is not None])
    found, stand = [], []
    for row, place in zip(priced.rows, paired, strict=True):
        if place is None:
            continue
        if place in held:
            stand.append((place, row))
            continue
        before = ours[place - 1].code if place else ""
        found.append((row.number, 0, Finding(
            priced.cell(row, "code"), "bill.order", "wrong",
            f"顺序不同：应在 {before} 之后。" if before else "顺序不同：应在最前。",
            f"Another order: it belongs after {before}." if before
            else "Another order: it belongs first.")))
    standing = [place for place, _ in stand]
    end = priced.closing.number if priced.closing else priced.rows[-1].number + 1
    for place in sorted(set(range(len(ours))) - {one for one in paired if one is not None}):
        after = bisect_left(standing, place)
        row = stand[after][1] if after < len(stand) else None
        found.append((row.number if row else end, -1, Finding(
            priced.cell(row, "code") if row else _end(priced), "bill.line-missing", "wrong",
            f"此处缺少第 {place + 1} 行 {ours[place].code}。",
            f"Line {place + 1}, {ours[place].code}, is missing here.")))
    return found


def _rising(places: Sequence[int]) -> set[int]:
    """The longest rising run among distinct numbers (patience sorting): what need not be moved."""
    tops: list[int] = []
    before: dict[int, int | None] = {}
    for one in places:
        at = bisect_left(tops, one)
        before[one] = tops[at - 1] if at else None
        tops[at:at + 1] = [one]
    held, one = set(), tops[-1] if tops else None
    while one is not None:
        held.add(one)
        one = before[one]
    return held


def _arithmetic(line: Line, priced: Table, row: Row) -> tuple[int, list[Finding]]:
    exact, stated = row.values["unit_price"] * line.quantity, row.values["amount"]
    right = amount(row.values["unit_price"], line.quantity)
    if stated == right:
        return right, []
    cell = priced.cell(row, "amount")
    if abs(stated - exact) < 1:
        return right, [Finding(
            cell, "bill.rounding", "corrected",
            f"合价应为 {_yuan(right)}：单价乘工程量，四舍五入到分（所填只差取整）。",
            f"Unit price × quantity, rounded half up to the fen, is {_yuan(right)}; what is stated "
            "was rounded otherwise.", stated, right)]
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
    added = sum(row.values["amount"] for row in priced.rows)
    zh, en = ("与所填各行之和一致，随各行修正", "it is the sum of the amounts as stated") \
        if stated == added else (f"所填各行之和为 {_yuan(added)}",
                                 f"the amounts as stated add up to {_yuan(added)}")
    return [Finding(priced.cell(priced.closing, "amount"), "bill.total", "corrected",
                    f"总价应为 {_yuan(right)}，以单价为准修正（{LAW}）；{zh}。",
                    f"The total is {_yuan(right)} after correction by the unit prices; {en}.",
                    stated, right)]


def _form_price(priced: Table, form_fen: int | None) -> list[Finding]:
    stated = priced.closing.values["amount"] if priced.closing else None
    if form_fen is None or stated is None or stated == form_fen:
        return []
    return [Finding(priced.cell(priced.closing, "amount"), "bill.form-price", "decide",
                    f"合计 {_yuan(stated)} 与开标一览表的报价 {_yuan(form_fen)} 不一致，按招标文件的规定处理。",
                    f"The total {_yuan(stated)} is not the form's price {_yuan(form_fen)}; the "
                    "documents say which stands.", stated, form_fen)]


def _end(priced: Table) -> str:
    row = priced.closing or Row(priced.rows[-1].number + 1, {})
    return priced.cell(row, "amount")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"

