"""A priced bill checked on the tenderer's own machine: no price leaves it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from kernel.refusal import Refused
from tender import bills

from ..wire import call


def read_items(wire, lot_id: str) -> dict:
    """A published lot's bill and ceiling, as `save` keeps it and `check` takes it."""
    lot, items, cursor = call(wire, "GET", f"/lots/{lot_id}"), [], ""
    while cursor is not None:
        page = call(wire, "GET", f"/lots/{lot_id}/items?limit=200" + (
            f"&cursor={cursor}" if cursor else ""))
        items += page["items"]
        cursor = page["next"]
    return {"lot": lot["id"], "price_ceiling_fen": lot["price_ceiling_fen"], "items": items}


def load_items(path: Path) -> dict:
    """A bill that was kept as a file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def check(kept: dict, priced: Path, form_fen: int | None = None) -> dict:
    """What is found in a priced bill, held against the form's price too where that is given;
    `clean` where nothing is. Unreadable raises ValueError that names the cells."""
    ours = [bills.Line(one["code"], one["description"], one["unit"],
                       bills.Decimal(one["quantity"])) for one in kept["items"]]
    with Path(priced).open("rb") as file:
        try:
            table = bills.read_priced(file, Path(priced).stat().st_size)
        except Refused as refused:
            cells = "; ".join(f"{one['cell']} {one['zh']} {one['en']}"
                              for one in refused.facts.get("problems", ())[:20])
            raise ValueError(f"{Path(priced).name}: {refused.text('en')} {refused.text('zh')} "
                             f"{cells}".strip()) from refused
    verdict = bills.check(ours, table, int(kept["price_ceiling_fen"]), form_fen)
    return {"ours": verdict.ours, "clean": verdict.clean, "lines": verdict.lines,
            "stated_fen": verdict.stated_fen, "corrected_fen": verdict.corrected_fen,
            "findings": [asdict(one) for one in verdict.findings]}


def before_sealing(kept: dict, lot: str, priced: Iterable[Path], form_fen: int) -> list[str]:
    """What speaks against sealing these files, a line each, by cell: every workbook is held
    against the lot's bill and the form's price. ValueError where one cannot be read, none is
    there, or the bill that was kept is another lot's."""
    if kept["lot"] != lot:
        raise ValueError("the bill that was kept is another lot's; 所保存的清单属于另一标段")
    sheets = [one for one in map(Path, priced) if one.suffix.lower() == ".xlsx"]
    if not sheets:
        raise ValueError("there is no workbook (.xlsx) among the price files; 商务标中没有清单工作簿")
    return [f"{path.name} {one['cell']} {one['code']}: {one['zh']} {one['en']}"
            for path in sheets for one in check(kept, path, form_fen)["findings"]]
