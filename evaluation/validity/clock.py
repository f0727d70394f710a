"""What of an extended validity waits for time: requests whose answers are in or whose time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from audit.act import Due
from tender.lifecycle import Phase
from tender.reading import phase_of

from . import reading, rules
from .acts import conclude_extension


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Requests to conclude; of a suspended lot once it goes on."""
    for one in reading.open_requests(session):
        said = {bid: row.agreed for bid, row in reading.answers(session, one.id).items()}
        if rules.ready(reading.asked(session, one.lot_id), said, one.answer_by, now) \
                and phase_of(session, one.lot_id, now) is not Phase.SUSPENDED:
            yield Due(min(one.answer_by, now), conclude_extension, (one.lot_id, one.id))
