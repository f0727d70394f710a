"""A security that lasts longer, because the bid it stands for does (30号令 29).

The guarantor signs the instrument anew: the same in every word but for the day it is valid until,
which is later, and the time of issue. Cash does not end by itself and is never prolonged. The row
of the security stays as it was lodged; what lasts longer is added beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from audit.act import Act, act
from kernel.canonical import sha256

from . import refusals
from .acts import schedule_release, signed_by, standing_of, unsigned
from .instrument import Instrument, read_instrument
from .lifecycle import Cause
from .model import Guarantee, Prolongation
from .reading import valid_until


@act("guarantee.prolonged", law="实施条例 26; 工程建设项目施工招标投标办法 29", disclose="never",
     veiled=True)
def prolong(ctx: Act, guarantee_id: str, *, instrument: str, signature: str) -> Prolongation:
    """Take a guarantor's signed instrument under which a standing security lasts longer. Only ever
    part of a tenderer's agreement to stay bound.

    Raises guarantee.* words; `guarantee.other-terms` where anything but its end is changed.
    """
    guarantee = ctx.session.get_one(Guarantee, guarantee_id)
    read = unsigned(instrument)
    signed_by(ctx.session, read, instrument, signature)
    check_prolonged(read_instrument(guarantee.instrument.encode()), read,
                    valid_until(ctx.session, guarantee), ctx.now)
    row = Prolongation(guarantee_id=guarantee_id, valid_until=read.valid_until,
                       instrument=instrument, signature=signature, taken_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"guarantee": guarantee_id, "valid_until": read.valid_until.isoformat(),
                        "instrument_hash": sha256(instrument.encode()).hex()},
               lot_id=guarantee.lot_id, party_id=guarantee.party_id)
    return row


def check_prolonged(before: Instrument, after: Instrument, standing: date | None,
                    now: datetime) -> None:
    """Refuse an instrument that is not the one before with a later end, or is not issued yet."""
    if standing is None or after.valid_until is None or after.valid_until <= standing:
        raise refusals.NOT_LONGER(valid_until=standing.isoformat() if standing else "—")
    if replace(after, issued_at=before.issued_at, valid_until=before.valid_until) != before:
        raise refusals.OTHER_TERMS()
    if after.issued_at > now:
        raise refusals.NOT_YET()


def standing_securities(session: Session, lot_id: str, behind: Iterable[str]) -> list[Guarantee]:
    """The securities that stand for the companies behind a bid, in their order."""
    rows = [standing_of(session, lot_id, party_id) for party_id in behind]
    return [session.get_one(Guarantee, row.guarantee_id) for row in rows if row is not None]


def extension_refused(ctx: Act, lot_id: str, behind: Iterable[str]) -> None:
    """A tenderer did not agree to stay bound (30号令 29): the securities of all `behind` its bid go
    back, in the time of one that withdrew. Joins the caller's act; does nothing where none stands."""
    for party_id in behind:
        standing = standing_of(ctx.session, lot_id, party_id, lock=True)
        if standing is not None:
            schedule_release(ctx, standing.guarantee_id, Cause.EXTENSION_REFUSED.value, ctx.now)
