"""Letters about a longer validity: that one is asked to stay bound, and what came of it.

Only after the opening, when who has bid is public. Written down within the act, to people of each
company that is asked, of whom it itself vouched for, at an address that they confirmed. What a
letter says is its own company's; no act fails for want of mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from evaluation.validity import acts
from evaluation.validity.model import ValidityRequest
from kernel.canonical import time_text
from people.digests import seal
from people.model import Account, Party
from tender.model import Lot, Tender
from tender.notices import read

from ..site import site_address
from . import letters
from .invited import reachable
from .model import Letter, MailAddress

ASKED, CONCLUDED = "validity.asked", "validity.concluded"
ABOUT = (ASKED, CONCLUDED)
"""What such letters are about: they go to who speaks for a company."""


def tell(session: Session, request: ValidityRequest, bids: Mapping[str, str],
         outcomes: Mapping[str, str] | None, now: datetime) -> None:
    """Write the letters to those asked (`bids`: bid → company), or with `outcomes` (by bid, words
    of letters.CONCLUDED) of what came of it, in the act's transaction."""
    if wiring().settings["mail"] is None:
        return
    lot = session.get_one(Lot, request.lot_id)
    tender = session.get_one(Tender, lot.tender_id)
    url, until = f"{site_address()}/desk/lots/{lot.id}/validity", request.until.isoformat()
    bid_of = {party: bid for bid, party in bids.items()}
    rows = session.execute(
        select(Account.id, Party.id.label("party_id"), Party.name)
        .join(Party, Party.id == Account.party_id)
        .join(MailAddress, MailAddress.account_id == Account.id)
        .where(Party.id.in_(bid_of), MailAddress.confirmed_at.is_not(None), *reachable(now))
        .order_by(Account.id))
    for row in rows:
        subject, body = letters.extension(
            row.name, tender.title, lot.title, until,
            read("time", time_text(request.answer_by))["zh"], url) if outcomes is None \
            else letters.extended(row.name, tender.title, lot.title,
                                  outcomes[bid_of[row.party_id]], until, url)
        session.add(Letter(account_id=row.id, about=ASKED if outcomes is None else CONCLUDED,
                           subject=subject, body=seal(body), state="waiting", created_at=now,
                           next_try_at=now))


acts.tellers.append(tell)
