"""Routes of the register of village works, of payment lists, and of the figures."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO

from sqlalchemy import select

from audit.actor import Actor
from people.edge import allow, etag, page
from people.exchange import moment
from people.exchange import reading as session
from tender import sheets, workbook
from tender.sheets import Column

from .. import acts, reading, schemas
from ..model import Work
from .book import api

ROWS = 5000
STATES = {"立项": "planned", "在建": "building", "完工": "finished", "验收": "accepted"}

WORKS = (
    Column("village", ("村（社区）", "村", "village"), most=100),
    Column("name", ("工程名称", "name")),
    Column("year", ("年度", "year"), kind="whole", low=1992, high=2100),
    Column("funding", ("资金来源", "funding")),
    Column("amount_fen", ("金额（元）", "金额", "amount"), kind="fen", wan=True),
    Column("contractor", ("施工单位", "contractor"), required=False),
    Column("contractor_uscc", ("施工单位代码", "contractor code"), kind="code", required=False,
           most=18),
    Column("code", ("平台编号", "code"), kind="code", required=False, most=40),
    Column("state", ("状态", "state"), only=tuple(STATES)),
)
"""The columns of the register's template; 三清一促."""

PAYMENTS = (
    Column("payer", ("付款单位", "payer")),
    Column("payer_uscc", ("付款单位代码", "payer code"), kind="code", most=18),
    Column("payee", ("收款单位", "payee")),
    Column("payee_uscc", ("收款单位代码", "payee code"), kind="code", most=18),
    Column("amount_fen", ("金额（元）", "金额", "amount"), kind="fen", wan=True),
    Column("day", ("日期", "day"), kind="day"),
    Column("purpose", ("用途", "purpose"), required=False),
    Column("code", ("平台编号", "code"), kind="code", required=False, most=40),
)
"""The columns of a list of payments or contracts."""


def _read(body: BinaryIO, columns: tuple[Column, ...]) -> tuple[sheets.Table, str]:
    """A workbook as a table, optional texts empty instead of None, and its SHA-256."""
    data = body.read(workbook.LIMIT + 1)
    made = sheets.table(io.BytesIO(data), len(data), columns, rows=ROWS)
    for row in made.rows:
        for name in ("contractor", "contractor_uscc", "purpose", "code"):
            if name in row.values and row.values[name] is None:
                row.values[name] = ""
        if "state" in row.values:
            row.values["state"] = STATES[row.values["state"]]
    return made, hashlib.sha256(data).hexdigest()


@api.get("/works", audience="open", query=schemas.WorksQuery, returns=schemas.WorkOut, many=True)
def list_works(actor: Actor, query):
    """The register of village works, tendered or not: everybody reads it."""
    statement = select(Work)
    if "year" in query:
        statement = statement.where(Work.year == query["year"])
    if "region" in query:
        statement = statement.where(Work.region.startswith(query["region"], autoescape=True))
    if "village" in query:
        statement = statement.where(Work.village == query["village"])
    if "party_id" in query:
        statement = statement.where(Work.party_id == query["party_id"])
    if "tendered" in query:
        statement = statement.where((Work.code != "") == (query["tendered"] == "true"))
    return page(session(), statement, Work.entered_at, Work.id)


@api.get("/works/figures", audience="open", query=schemas.FiguresQuery,
         returns=schemas.FiguresOut)
def get_figures(actor: Actor, query):
    """Figures of a year and a place, computed now, each with its definition."""
    return reading.figures(session(), query["year"], query["region"], moment())


@api.get("/works/<work_id>", audience="open", returns=schemas.WorkOut)
def get_work(actor: Actor, work_id: str):
    """One work of the register."""
    found = reading.work(session(), work_id)
    etag(found.version)
    return found


@api.post("/works", action="works.enter", body=schemas.WorkIn, returns=schemas.WorkOut,
          status=201)
def enter_work(actor: Actor, body):
    """Enter a village work of one's own unit, tendered or not."""
    return acts.enter_work(actor, **body)


@api.patch("/works/<work_id>", action="works.amend", body=schemas.WorkEdit,
           returns=schemas.WorkOut, if_match=True)
def change_work(actor: Actor, body, work_id: str, if_match: int):
    """Change what became of a work; If-Match names the version it was read at."""
    return acts.change_work(actor, work_id, if_match=if_match, **body)


@api.post("/works/imports", action="works.enter", returns=schemas.WorksOut, status=201,
          stream=True, limit=workbook.LIMIT)
def import_works(actor: Actor, body: BinaryIO):
    """Enter a workbook of works, all or none; every error is named by its cell."""
    allow("works.enter")
    table, digest = _read(body, WORKS)
    return acts.import_works(actor, table=table, file_hash=digest)


@api.post("/payment-ledgers", action="works.watch", query=schemas.LedgerQuery,
          returns=schemas.LedgerOut, status=201, stream=True, limit=workbook.LIMIT)
def import_ledger(actor: Actor, body: BinaryIO, query):
    """Import a list of payments or contracts, to find what went past the platform."""
    allow("works.watch", region=query["region"])
    table, digest = _read(body, PAYMENTS)
    return acts.import_ledger(actor, table=table, file_hash=digest, **query)


@api.get("/payment-hits", action="works.watch", query=schemas.HitsQuery, returns=schemas.HitOut,
         many=True)
def list_hits(actor: Actor, query):
    """Payments that nothing on the platform explains (区级平台之外无交易)."""
    allow("works.watch", region=query["region"])
    return reading.hits(session(), query["region"], moment(), ledger_id=query.get("ledger_id"),
                        year=query.get("year"))
