"""Which checkpoint gives a draw its seed, and whether all announced witnesses have cosigned it.

It is the first that holds the entry of the close (`draw.closed`, `selection.closed`,
`lottery.closed`, the last `invitation.watched`): fixed by the tree itself, not by a clock. All
four draws say beforehand by whose signatures it is (`announced`) and wait for them alike.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from audit.act import Act, wiring
from audit.reading import Signed, cosigners, first_checkpoint_holding
from kernel.canonical import time_text
from kernel.db import Installation

from . import draw
from .inviting.model import InvitationDraw
from .lottery.model import LotteryDraw
from .model import Draw
from .refusals import DRAW_WAITS
from .services.model import ServiceDraw

WITNESS_WAIT = timedelta(hours=24)
"""How long a draw waits for a witness that does not answer, from the close of revealing; then
it is void, and the entry names who was silent. A number of ours, no law's."""

KINDS = (Draw, ServiceDraw, InvitationDraw, LotteryDraw)
AnyDraw = Draw | ServiceDraw | InvitationDraw | LotteryDraw


def announced(ctx: Act) -> dict[str, object]:
    """What every announcement says of its seed: the log, its key, the witnesses, and since when."""
    return {"log_origin": ctx.session.get_one(Installation, 1).log_origin,
            "log_vkey": wiring().settings["log_vkey"],
            "witnesses": [str(one) for one in cosigners()], "announced_at": time_text(ctx.now)}


def seed_checkpoint(session: Session, drawn: AnyDraw) -> Signed | None:
    """The checkpoint of a closed draw; None until it is signed."""
    return drawn.closed_entry and first_checkpoint_holding(session, drawn.closed_entry)


def silent_witnesses(drawn: AnyDraw, checkpoint: Signed) -> list[str]:
    """The announced witnesses that have not cosigned the draw's checkpoint, by name."""
    return draw.absent_witnesses(checkpoint.note, json.loads(drawn.announcement))


def ready(session: Session, drawn: AnyDraw, now: datetime) -> bool:
    """Whether a closed draw can be held now, or be given up because a witness stays silent."""
    found = seed_checkpoint(session, drawn)
    return found is not None and (
        now >= drawn.closed_at + WITNESS_WAIT or not silent_witnesses(drawn, found))


def ripe(session: Session, drawn: AnyDraw, now: datetime) -> Signed:
    """The checkpoint of a closed draw that can be held now. Raises DRAW_WAITS."""
    found = seed_checkpoint(session, drawn)
    if found is None or not ready(session, drawn, now):
        raise DRAW_WAITS()
    return found


def awaited_checkpoints(connection: Connection) -> list[int]:
    """Sizes of checkpoints that a draw waits for and some announced witness has not cosigned.

    The sequencer shows them to a witness that returns before it shows anything larger: a
    witness never cosigns a smaller tree after a larger one.
    """
    session = Session(bind=connection)
    waiting = [drawn for kind in KINDS for drawn in session.scalars(select(kind).where(
        kind.closed_at.is_not(None), kind.drawn_at.is_(None), kind.voided_at.is_(None)))]
    found = {one.size for drawn in waiting if (one := seed_checkpoint(session, drawn))
             and silent_witnesses(drawn, one)}
    return sorted(found)
