"""The register of village works, and lists of payments to hold against it."""

from __future__ import annotations

from types import SimpleNamespace

from sqlalchemy import insert, select, tuple_

from audit.act import Act, act
from kernel.canonical import jcs, sha256
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.model import Party
from people.refusals import STALE
from tender import sheets

from .. import reading
from ..model import Ledger, Payment, Work
from ..refusals import WORK_CODE

FIELDS = ("village", "name", "year", "funding", "amount_fen", "contractor", "contractor_uscc",
          "code", "state")
CHANGING = ("funding", "amount_fen", "contractor", "contractor_uscc", "code", "state")
"""What may change of an entry: which work it is may not."""

PAID = ("id", "number", "payer", "payer_uscc", "payee", "payee_uscc", "amount_fen", "day",
        "purpose", "code")
"""What the record binds of a line of a list."""

LAW = "“三清一促”村级工程清查; 规则 §9"


@act("work.entered", law=LAW, action="works.enter")
def enter_work(ctx: Act, **fields) -> Work:
    """Enter a village work of one's own unit, tendered or not. Raises WORK_CODE, WORK_REPEATED."""
    ctx.permit()
    _check_code(ctx, fields["code"])
    work = Work(id=new_id(), entered_at=ctx.now, version=1, **_own(ctx), **fields)
    ctx.session.add(work)
    ctx.session.flush()
    ctx.record(work.id, _facts(work), party_id=work.party_id)
    return work


@act("work.changed", law=LAW, action="works.amend")
def change_work(ctx: Act, work_id: str, *, if_match: int, **changes) -> Work:
    """Change what became of a work: contractor, amount, code, state. Raises WORK_CODE, STALE."""
    work = ctx.session.scalars(select(Work).where(Work.id == work_id).with_for_update()
                               .execution_options(populate_existing=True)).one_or_none()
    if work is None:
        raise NOT_FOUND()
    ctx.permit(owner=work.party_id)
    if work.version != if_match:
        raise STALE(version=work.version)
    _check_code(ctx, changes.get("code", ""))
    before = row_hash(work)
    for name in CHANGING:
        if name in changes:
            setattr(work, name, changes[name])
    work.version += 1
    ctx.record(work.id, _facts(work) | {"before_hash": before}, party_id=work.party_id)
    return work


@act("works.imported", law=LAW, action="works.enter")
def import_works(ctx: Act, *, table: sheets.Table, file_hash: str) -> dict[str, object]:
    """Enter all works of a workbook, or none. Raises SHEET_WRONG with every error by its cell."""
    ctx.permit()
    own = _own(ctx)
    problems = _repeated(ctx, own["party_id"], table) + _unknown(ctx, table)
    sheets.refuse(problems)
    rows = [{"id": new_id(), "entered_at": ctx.now, "version": 1, **own,
             **{name: row.values[name] for name in FIELDS}} for row in table.rows]
    ctx.session.execute(insert(Work), rows)
    ctx.record(own["party_id"], {
        "file_hash": file_hash, "works": len(rows), "rows_hash": rows_hash(
            {row["id"]: row_hash(SimpleNamespace(**row)) for row in rows}),
        "amount_fen": sum(row["amount_fen"] for row in rows)}, party_id=own["party_id"])
    return {"count": len(rows), "amount_fen": sum(row["amount_fen"] for row in rows),
            "file_hash": file_hash}


@act("ledger.imported", law="区级平台之外无交易; 规则 §10", action="works.watch")
def import_ledger(ctx: Act, *, region: str, kind: str, table: sheets.Table,
                  file_hash: str) -> Ledger:
    """Import a list of payments or contracts, to find what went past the platform.

    Raises LEDGER_REPEATED.
    """
    ctx.permit(region=region)
    ledger = Ledger(id=new_id(), region=region, kind=kind, file_hash=file_hash,
                    lines=len(table.rows), imported_at=ctx.now)
    ctx.session.add(ledger)
    ctx.session.flush()
    lines = [{"id": new_id(), "ledger_id": ledger.id, "number": row.number, **row.values,
              "day": row.values["day"].isoformat()} for row in table.rows]
    ctx.session.execute(insert(Payment), lines)
    ctx.record(ledger.id, {"file_hash": file_hash, "kind": kind, "region": region,
                           "lines": ledger.lines,
                           "lines_hash": lines_hash(SimpleNamespace(**one) for one in lines)})
    return ledger


def row_hash(work) -> str:
    """SHA-256 over what the register says of a work, in canonical JSON."""
    return sha256(jcs({name: getattr(work, name) for name in ("id", *FIELDS)})).hex()


def rows_hash(hashes: dict[str, str]) -> str:
    """SHA-256 over the hashes of an import's works by their ids."""
    return sha256(jcs(hashes)).hex()


def lines_hash(lines) -> str:
    """SHA-256 over the lines of a list in the order of the sheet, in canonical JSON."""
    return sha256(jcs([[getattr(one, name) for name in PAID] for one in sorted(
        lines, key=lambda one: one.number)])).hex()


def _own(ctx: Act) -> dict[str, str]:
    party = ctx.session.get_one(Party, ctx.actor.party_id)
    return {"party_id": party.id, "region": party.region[:6]}


def _check_code(ctx: Act, code: str) -> None:
    if code and not reading.known_codes(ctx.session, [code]):
        raise WORK_CODE(code=code)


def _facts(work: Work) -> dict[str, object]:
    return {name: getattr(work, name) for name in FIELDS} | {"version": work.version}


def _repeated(ctx: Act, party_id: str, table: sheets.Table) -> list[sheets.Problem]:
    """Lines that are in the register already, or twice in the sheet."""
    keys = [tuple(row.values[name] for name in ("village", "year", "name")) for row in table.rows]
    known = {tuple(row) for row in ctx.session.execute(
        select(Work.village, Work.year, Work.name).where(
            Work.party_id == party_id,
            tuple_(Work.village, Work.year, Work.name).in_(sorted(set(keys)))))}
    problems, seen = [], {}
    for row, key in zip(table.rows, keys, strict=True):
        cell = table.cell(row, "name")
        if key in known:
            problems.append(sheets.Problem(cell, "该工程已登记。", "It is in the register."))
        elif key in seen:
            problems.append(sheets.Problem(cell, f"与 {seen[key]} 重复。",
                                           f"The same as {seen[key]}."))
        seen.setdefault(key, cell)
    return problems


def _unknown(ctx: Act, table: sheets.Table) -> list[sheets.Problem]:
    said = {row.values["code"] for row in table.rows if row.values["code"]}
    missing = said - reading.known_codes(ctx.session, said)
    return [sheets.Problem(table.cell(row, "code"), "平台上没有此编号。",
                           "The platform knows no such code.")
            for row in table.rows if row.values["code"] in missing]
