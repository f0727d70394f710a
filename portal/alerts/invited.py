"""Letters to those invited to a lot: that they are, and each deadline that takes the place of one.

Who is invited is known to nobody else before the opening (ADR 11), so a letter goes to people of
that company alone, of whom the company itself vouched for, at an address that they confirmed. It
names no other company and no number of them. Written down by the tick when the act is committed;
each person is told a deadline of a lot once, by a key of the table.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, exists, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.act import side_write
from kernel.canonical import time_text
from kernel.db import db, new_id
from people.digests import seal
from people.model import Account, Party
from tender.lifecycle import Phase
from tender.model import Invitee, Lot, LotOutcome, Tender
from tender.notices import read
from tender.reading import phase_of

from ..site import site_address
from . import letters
from .model import InvitationLetter, Letter, MailAddress

MOST = 500
"""Letters that one round writes at most."""


def live(now: datetime) -> list:
    """The conditions under which an account gets letters at all."""
    return [Account.disabled_at.is_(None),
            or_(Account.expires_at.is_(None), Account.expires_at > now)]


def reachable(now: datetime) -> list:
    """The conditions under which it gets those of its company, which vouched for it."""
    return [*live(now), Account.vouched_at.is_not(None)]


def gather(now: datetime) -> int:
    """Write down the letters that those invited have not had; how many."""
    session = db.session()
    told = exists().where(InvitationLetter.lot_id == Lot.id,
                          InvitationLetter.account_id == Account.id,
                          InvitationLetter.deadline == Lot.deadline)
    out = exists().where(LotOutcome.lot_id == Lot.id, LotOutcome.outcome == "published")
    rows = session.execute(
        select(Lot.id.label("lot_id"), Lot.deadline, Lot.title.label("lot_title"), Tender.title,
               Tender.id.label("tender_id"), Account.id.label("account_id"), Party.name)
        .join(Tender, Tender.id == Lot.tender_id).join(Invitee, Invitee.lot_id == Lot.id)
        .join(Party, Party.uscc == Invitee.uscc).join(Account, Account.party_id == Party.id)
        .join(MailAddress, MailAddress.account_id == Account.id)
        .where(Lot.method == "invite", Lot.deadline > now, out, ~told,
               MailAddress.confirmed_at.is_not(None), *reachable(now))
        .order_by(Lot.deadline).limit(MOST)).all()
    bidding = {one: phase_of(session, one, now) is Phase.BIDDING
               for one in {row.lot_id for row in rows}}
    session.rollback()
    return sum(_write(row, now) for row in rows if bidding[row.lot_id])


def _write(row: Row, now: datetime) -> bool:
    letter_id = new_id()
    try:
        with side_write() as session:
            before = session.scalar(select(exists().where(
                InvitationLetter.lot_id == row.lot_id,
                InvitationLetter.account_id == row.account_id)))
            session.execute(insert(InvitationLetter).values(
                lot_id=row.lot_id, account_id=row.account_id, deadline=row.deadline,
                letter_id=letter_id))
            subject, body = letters.invitation(
                row.name, row.title, row.lot_title, read("time", time_text(row.deadline))["zh"],
                f"{site_address()}/tenders/{row.tender_id}", moved=before)
            session.execute(insert(Letter).values(
                id=letter_id, account_id=row.account_id, lot_id=row.lot_id, subject=subject,
                body=seal(body), state="waiting", created_at=now, next_try_at=now))
    except IntegrityError:
        return False  # Another tick was here.
    return True


def stands(session: Session, letter: Letter, now: datetime) -> bool:
    """Whether a waiting letter is still true and for who may read it: the lot takes bids until the
    deadline it says, and the company still stands for the account."""
    told = session.scalars(select(InvitationLetter.deadline).where(
        InvitationLetter.letter_id == letter.id)).first()
    lot = session.get(Lot, letter.lot_id, populate_existing=True)
    return session.scalar(select(exists().where(
        Account.id == letter.account_id, *reachable(now)))) and lot.deadline == told \
        and phase_of(session, lot.id, now) is Phase.BIDDING
