"""What a company states of itself, once for all tenders; who is barred, entered by two people.

Nothing here names a lot or a bid: that a company keeps its papers in order tells nobody where it
will tender. The statements are read by the company itself, and by the people who judge its bids
once they are opened (bidding/reading/standing.py).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import jcs, sha256
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.acts.own import own_account
from people.digests import keyed
from people.model import Account, Party
from people.rules import id_number as checked_number

from ..companies import validity
from ..method_refusals import LICENCE_OVER, LICENCE_PERIOD
from ..model import CompanyRelation, Debarment, Licence
from ..refusals import DEBARMENT_DECIDED, DEBARMENT_PERIOD, DEBARMENT_SAME_PERSON, STATEMENT_GONE
from ..timetable import beijing_day
from .papers import must_be_kept


def _own_company(ctx: Act) -> Account:
    account = own_account(ctx)
    if ctx.session.get(Party, account.party_id).kind != "tenderer" or account.vouched_at is None:
        raise DENIED()
    return account


@act("company.licence_declared", law="招标投标法 26; 建筑法 26", by=("self",), disclose="party",
     veiled=True)
def declare_licence(ctx: Act, *, valid_from: date, valid_until: date | None, **fields) -> Licence:
    """Declare a licence of one's own company, with the hash of its evidence, a paper that it keeps
    here. Raises PAPER_MISSING, LICENCE_PERIOD, LICENCE_OVER."""
    account = _own_company(ctx)
    if valid_until is not None and valid_until < valid_from:
        raise LICENCE_PERIOD()
    if validity(valid_from, valid_until, beijing_day(ctx.now)) == "over":
        raise LICENCE_OVER(until=valid_until.isoformat())
    must_be_kept(ctx.session, account.party_id, [fields["evidence_hash"]])
    row = Licence(id=new_id(), party_id=account.party_id, declared_at=ctx.now,
                  valid_from=valid_from.isoformat(),
                  valid_until=valid_until.isoformat() if valid_until else "", **fields)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"evidence_hash": row.evidence_hash, "statement_hash": statement_hash(row)},
               party_id=account.party_id)
    return row


@act("company.relation_declared", law="实施条例 34", by=("self",), disclose="party", veiled=True)
def declare_relation(ctx: Act, *, kind: str, other: str) -> CompanyRelation:
    """Declare who heads one's own company (by identity number, of which a keyed digest is kept),
    or a unit it controls, manages, is controlled or managed by."""
    account = _own_company(ctx)
    known = keyed("principal", checked_number(other).encode()) if kind == "principal" else other
    row = CompanyRelation(id=new_id(), party_id=account.party_id, kind=kind, other=known,
                          declared_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"kind": kind, "statement_hash": statement_hash(row)},
               party_id=account.party_id)
    return row


@act("company.statement_withdrawn", law="招标投标法 26", by=("self",), disclose="party", veiled=True)
def withdraw_statement(ctx: Act, statement_id: str) -> Licence | CompanyRelation:
    """Take back a licence or relation that one's own company declared; what was judged stays."""
    account = _own_company(ctx)
    row = next((found for table in (Licence, CompanyRelation) if (found := ctx.session.get(
        table, statement_id, with_for_update=True, populate_existing=True)) is not None), None)
    if row is None or row.party_id != account.party_id:
        raise NOT_FOUND()
    if row.withdrawn_at is not None:
        raise STATEMENT_GONE()
    row.withdrawn_at = ctx.now
    ctx.record(row.id, party_id=account.party_id)
    return row


@act("debarment.proposed", law="招标投标法 53, 54, 60; 实施条例 67, 68", action="profile.propose")
def propose_debarment(ctx: Act, *, region: str, from_day: date, until_day: date,
                      **fields) -> Debarment:
    """Enter an authority's decision that bars a unit from tendering; it waits for approval."""
    ctx.permit(region=region)
    if ctx.actor.person_id is None:
        raise DENIED()
    if until_day < from_day:
        raise DEBARMENT_PERIOD()
    row = Debarment(id=new_id(), region=region, from_day=from_day.isoformat(),
                    until_day=until_day.isoformat(), proposed_at=ctx.now,
                    proposed_by=ctx.actor.account_id, proposed_person=ctx.actor.person_id, **fields)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, _facts(row))
    return row


@act("debarment.approved", law="招标投标法 53, 54, 60; 规则：两人决定", action="profile.approve",
     fresh=True)
def approve_debarment(ctx: Act, debarment_id: str) -> Debarment:
    """Put a debarment on the public list; never by the person who entered it."""
    row = ctx.session.scalars(
        select(Debarment).where(Debarment.id == debarment_id).with_for_update()
        .execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NOT_FOUND()
    ctx.permit(region=row.region)
    if row.approved_at is not None:
        raise DEBARMENT_DECIDED()
    if ctx.actor.person_id is None or ctx.actor.person_id == row.proposed_person:
        raise DEBARMENT_SAME_PERSON()
    row.approved_at, row.approved_by = ctx.now, ctx.actor.account_id
    ctx.record(row.id, _facts(row) | {"proposed_by": row.proposed_by})
    return row


STATED = {"licence": ("kind", "grade", "number", "valid_from", "valid_until", "evidence_hash"),
          "company_relation": ("kind", "other")}


def statement_hash(row, table: str = "") -> str:
    """SHA-256 over what a licence or relation states, in canonical JSON; `row`: one of them, or
    with the columns of `table`."""
    return sha256(jcs({name: getattr(row, name) for name in (
        "id", "party_id", *STATED[table or row.__tablename__])})).hex()


def debarment_hash(row) -> str:
    """SHA-256 over whom a debarment names, who decided it and why, in canonical JSON."""
    return sha256(jcs({name: getattr(row, name) for name in ("name", "authority", "reason")})).hex()


def _facts(row: Debarment) -> dict[str, object]:
    return {"uscc": row.uscc, "document_no": row.document_no, "region": row.region,
            "nationwide": row.nationwide, "from": row.from_day, "until": row.until_day,
            "text_hash": debarment_hash(row)}
