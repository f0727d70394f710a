"""The record's routes, with what only the books above `audit` know: how far a lot has come."""

from __future__ import annotations

import json
from pathlib import Path

from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

import audit.api
import tender.reading
from audit import disclosed
from audit.act import wiring
from audit.actor import Actor
from audit.export import export
from audit.model import SealedSpan
from audit.note import Verifier
from audit.reading import closed_to, lot_entries
from kernel.db import db
from people.edge import Book, allow, page
from people.fields import Out
from people.model import Account, Party

api = Book("audit")


def stage(session: Session, lot_id: str) -> tuple[str, str]:
    """(how far a lot has come, as `audit.disclosed.PUBLIC` names it; the tender's id). A lot that
    failed or was terminated before its opening stays sealed while its cover is kept."""
    outcomes = tender.reading.lot_facts(session, lot_id).outcomes
    how_far = next((name for name in ("awarded", "opened") if name in outcomes), "sealed")
    if how_far == "opened" and outcomes.keys() & {"failed", "terminated"}:
        how_far = "over"
    elif how_far == "sealed" and covered_no_more(session, lot_id):
        how_far = "ended"
    return how_far, tender.reading.lot(session, lot_id).tender_id


def covered_no_more(session: Session, lot_id: str) -> bool:
    """Whether the sequencer has seen the lot leave the sealed ones."""
    span = session.get(SealedSpan, lot_id)
    return span is not None and span.until is not None


def copy(target: Path, whole: bool = False) -> tuple[int, int]:
    """Write the record, as far as everybody may read it, to the folder `target`; with `whole` as
    far as supervisor and auditor may.

    (entries, records disclosed). What `python -m audit verify` checks. Raises UNPUBLISHED.
    """
    settings = wiring().settings
    db.session.rollback()
    return export(db.session(), settings["record"], target,
                  Verifier.parse(str(settings["log_vkey"])), stage, whole)


OFFICE = ("buyer", "agency", "supervisor")
"""Kinds of party whose accounts a lot's trail names at any time."""

BIDDING = ("tenderer", "guarantor")
"""Of these it says the kind alone, and nothing before the opening: who asked, objected or complained
stands in the same trail and is nobody's to read off it."""


class ActorOut(Out):
    """Who stands behind an account that a lot's trail holds."""

    account = fields.String()
    kind = fields.String()
    name = fields.String()


@api.get("/lots/<lot_id>/record/actors", action="audit.read_lot", sensitive=True, returns=ActorOut,
         many=True)
def record_actors(actor: Actor, lot_id: str):
    """The parties behind the accounts of a lot's trail, as far as its stage lets them be known."""
    how_far, tender_id = stage(db.session, lot_id)
    rows = db.session.scalars(lot_entries(lot_id, tender_id, disclosed.TRUSTED[how_far],
                                          closed_to(db.session, actor, lot_id)))
    acting = {(json.loads(row.record).get("actor") or {}).get("account") for row in rows}
    known = select(Account.id, Party.kind, Party.name).join(
        Party, Party.id == Account.party_id).where(Account.id.in_(acting - {None}))
    if how_far == "sealed":
        known = known.where(Party.kind.in_(OFFICE))
    elif how_far == "opened":  # nobody who may judge
        known = known.where(Party.kind.in_(OFFICE + BIDDING))
    return [{"account": own, "kind": kind, "name": "" if kind in BIDDING else name}
            for own, kind, name in db.session.execute(known.order_by(Account.id))]


audit.api.declare(api, stage=stage, page=page, allow=allow)
