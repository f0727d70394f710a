"""Once a day each guarantor's ledger is compared with ours, and what differs is recorded (Q90).

The comparison in full, numbers and sums, is a sheet in the installation's own folder
`reconciliation/DAY/GUARANTOR.json`; the record holds its hash and how much differs, read by
supervisor and auditor alone, and comes out under cover: before an opening even a sum would
tell who bids.

If we die after the sheet and before the entry, the next round writes both again. A guarantor
that does not answer is asked again later the same day; then that day has no entry.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from audit.act import wiring
from audit.actor import CLOCK
from kernel.canonical import jcs, sha256
from kernel.db import db
from kernel.files import write_whole
from kernel.refusal import Refused
from tender.timetable import BEIJING, beijing_day

from . import gateway, reading
from .acts import reconcile
from .model import Guarantor
from .reconciliation import sheet

log = logging.getLogger("yangguang.guarantees")

FROM = timedelta(hours=2)
"""After midnight in Beijing: the day's books are closed, and nobody waits for anything else."""
AGAIN = timedelta(minutes=30)
"""After this a guarantor that did not answer is asked once more."""

_settled: dict[str, datetime] = {}
"""Guarantor → until when it need not be looked at. Only spares work: the act judges anew."""


def reconcile_all(now: datetime) -> None:
    """Compare with every guarantor that was not compared with today."""
    start = datetime.combine(beijing_day(now), datetime.min.time(), BEIJING)
    if now < start + FROM:
        return
    guarantors = [(one.party_id, one.api_base, one.credential_ref)
                  for one in db.session.scalars(select(Guarantor).order_by(Guarantor.party_id))
                  if _settled.get(one.party_id, now) <= now]
    done = reading.reconciled(db.session, beijing_day(now)) if guarantors else set()
    db.session.rollback()
    for guarantor_id, address, ref in guarantors:
        _settled[guarantor_id] = start + timedelta(days=1) + FROM
        if guarantor_id in done:
            continue
        try:
            _one(guarantor_id, address, ref, now)
        except gateway.Unheard as error:
            _settled[guarantor_id] = now + AGAIN
            log.warning("guarantor %s: its ledger is not to be had: %s", guarantor_id, error)


def _one(guarantor_id: str, address: str, ref: str, now: datetime) -> None:
    session, day = db.session, beijing_day(now)
    before = reading.lines(session, guarantor_id)
    session.rollback()  # no transaction is open while a guarantor is asked
    theirs = gateway.ledger(address, gateway.credential(wiring().settings["keys"], ref))
    after = reading.lines(session, guarantor_id)
    late = [one.guarantee.instrument_no for one in reading.overdue(session, now)
            if one.guarantee.guarantor_id == guarantor_id]
    session.rollback()
    found = sheet(day, before, theirs, after, late)
    text = jcs(found)
    path = Path(wiring().settings["sheets"]) / day.isoformat() / f"{guarantor_id}.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, text)
    differences, overdue = len(found["differences"]), len(found["overdue"])
    try:
        reconcile(CLOCK, guarantor_id, day=day, sheet_hash=sha256(text).hex(),
                  differences=differences, overdue=overdue)
    except Refused as refused:
        log.info("guarantor %s: %s", guarantor_id, refused.word.code)
    if differences or overdue:
        log.error("guarantor %s: %d differences, %d releases overdue; see the sheet of %s",
                  guarantor_id, differences, overdue, day)
