"""Routes of the bill of quantities as a workbook: in, out, and a priced one checked."""

from __future__ import annotations

import io

from flask import Response

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import allow
from people.exchange import reading as session

from .. import acts, bills, files, reading, schemas, sheet_writer, workbook
from .book import api


def _workbook(data: bytes, name: str) -> Response:
    answer = Response(data, mimetype=files.XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@api.get("/bill-template", audience="open")
def bill_template(actor: Actor) -> Response:
    """An empty workbook with the headings of a bill of quantities, to be filled in and sent."""
    return _workbook(sheet_writer.write(bills.SHEET, bills.COLUMNS, []), "bill.xlsx")


@api.put("/lots/<lot_id>/bill", action="project.edit", returns=schemas.LotOut, raw=True,
         limit=workbook.LIMIT, matched=True)
def import_bill(actor: Actor, body: bytes, lot_id: str, if_match: int | None):
    """Replace the bill of quantities of a draft lot by a workbook's; every error by its cell."""
    allow("project.edit", lot_id=lot_id)
    return acts.set_items(actor, lot_id, if_match=if_match, items=bills.read(io.BytesIO(body), len(body)))


@api.get("/lots/<lot_id>/bill", action="notice.view")
def export_bill(actor: Actor, lot_id: str) -> Response:
    """The bill of quantities as a workbook with empty prices, for tenderers to fill in."""
    lot = reading.lot(session(), lot_id)
    rows = [[item.code, item.description, item.unit, item.quantity, None, None]
            for item in reading.items_of(session(), lot_id)]
    rows.append([bills.CLOSING, None, None, None, None, None])
    return _workbook(sheet_writer.write(bills.SHEET, bills.PRICED, rows), f"{lot.section_code}.xlsx")


@api.post("/lots/<lot_id>/bill/check", audience="self", returns=schemas.BillOut, raw=True,
          limit=workbook.LIMIT)
def check_bill(actor: Actor, body: bytes, lot_id: str):
    """Check a priced bill against the lot's; nothing of it, nor that it was asked, is kept.

    `yangguang bid bill check` does the same on one's own machine, where no price is shown to
    anybody.
    """
    if reading.lot_facts(session(), lot_id).published is None:
        raise NOT_FOUND()
    ours = [bills.Line.of(item) for item in reading.items_of(session(), lot_id)]
    ceiling = reading.lot(session(), lot_id).price_ceiling_fen
    return bills.check(ours, bills.read_priced(io.BytesIO(body), len(body)), ceiling)
