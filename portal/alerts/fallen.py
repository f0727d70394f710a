"""Letters about an award that may fall: to the winner that it is heard, and what was decided; to who
follows that its agreement is awaited, or that it is awarded.

Written within the act, to people whom each company itself vouched for, at an address that they
confirmed. What a letter says is its own company's; no act fails for want of mail.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from evaluation.defaulting import acts, reading
from evaluation.defaulting.model import AwardDefault
from evaluation.model import Award
from evaluation.validity.reading import bound_until
from kernel.canonical import time_text
from people.digests import seal
from people.model import Account, Party
from tender.model import Lot, Tender
from tender.notices import read
from tender.timetable import beijing_day

from ..site import site_address
from . import letters
from .invited import reachable
from .model import Letter, MailAddress

ABOUT = ("award.default_proposed", "award.default_dropped", "award.cancelled")
"""What such letters are about: they go to who speaks for a company."""


def tell(session: Session, row: AwardDefault, what: str, now: datetime) -> None:
    """Write the letters of one step of a proposal (`proposed`, `dropped`, `cancelled`), in the act's
    transaction."""
    if wiring().settings["mail"] is None:
        return
    lot = session.get_one(Lot, row.lot_id)
    tender = session.get_one(Tender, lot.tender_id)
    about = ABOUT[("proposed", "dropped", "cancelled").index(what)]
    said = {row.party_id: what} | _others(session, lot, row, what, now)
    rows = session.execute(
        select(Account.id, Party.id.label("party_id"), Party.name)
        .join(Party, Party.id == Account.party_id)
        .join(MailAddress, MailAddress.account_id == Account.id)
        .where(Party.id.in_(said), MailAddress.confirmed_at.is_not(None), *reachable(now))
        .order_by(Account.id))
    for one in rows:
        subject, body = letters.award(
            one.name, tender.title, lot.title, said[one.party_id],
            read("time", time_text(row.heard_until))["zh"],
            f"{site_address()}/desk/lots/{lot.id}/award")
        session.add(Letter(account_id=one.id, about=about, subject=subject, body=seal(body),
                           state="waiting", created_at=now, next_try_at=now))


def _others(session: Session, lot: Lot, row: AwardDefault, what: str,
            now: datetime) -> dict[str, str]:
    """Who follows: asked to agree where its bid is no longer valid, told that it is awarded."""
    if what == "cancelled":
        return {session.get_one(Award, row.successor_id).party_id: "awarded"} \
            if row.successor_id else {}
    award = session.get_one(Award, row.award_id)
    follows = reading.successor(session, lot.id, award) if row.plan == "next" else None
    if what == "proposed" and follows is not None \
            and beijing_day(now) > bound_until(session, lot, follows.bid_id):
        return {follows.party_id: "agreement"}
    return {}


acts.tellers.append(tell)
