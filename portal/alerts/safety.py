"""Letters about the safety of one's account: a recovery code made or used, a factor replaced.

Written down within the act, to an address that its owner confirmed; what the letter says names
nobody else, no code and no tender. No act fails for want of mail.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from audit.act import wiring
from kernel.canonical import time_text
from kernel.db import new_id
from people.acts import recovery
from people.digests import seal
from tender.notices import read

from ..site import site_address
from . import letters
from .model import Letter, MailAddress


def write(session: Session, account_id: str, happened: str, now: datetime) -> None:
    """Write the letter of what `happened` (an act's name), in the act's transaction."""
    address = session.get(MailAddress, account_id)
    if wiring().settings["mail"] is None or address is None or not address.address \
            or address.confirmed_at is None:
        return
    subject, body = letters.safety(happened, read("time", time_text(now))["zh"],
                                   f"{site_address()}/desk/account/recovery")
    session.add(Letter(id=new_id(), account_id=account_id, about=happened, subject=subject,
                       body=seal(body), state="waiting", created_at=now, next_try_at=now))


recovery.tellers.append(write)
