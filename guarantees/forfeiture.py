"""A bid guarantee that is not returned (不予退还; 实施条例 74): decided once, in the place of a release.

What is kept is decided here: whose security, how much, by which article, on which ground. It is
part of the act that is the cause and decided by that act's two persons. The claim on a bank
guarantee, and the transfer of cash, are the buyer's to make at the guarantor with what is printed
of this decision; the platform moves no money for it.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit.act import Act, act
from kernel.refusal import NOT_FOUND

from . import refusals
from .acts import standing_of
from .model import Forfeiture, Guarantee, Release, StandingGuarantee


@act("guarantee.forfeited", law="实施条例 74", disclose="party")
def forfeit(ctx: Act, guarantee_id: str, *, ground: str, law: str, cause: str) -> Forfeiture:
    """Keep a standing security for good, whole: it can no more be released. Joined by the act that
    is the cause (`cause`: the id of what was decided).

    Raises release.exists where its release is fixed.
    """
    guarantee = ctx.session.get(Guarantee, guarantee_id)
    if guarantee is None or ctx.parent is None:
        raise NOT_FOUND()
    gone = ctx.session.execute(delete(StandingGuarantee).where(
        StandingGuarantee.guarantee_id == guarantee_id))
    if gone.rowcount != 1 or ctx.session.scalar(
            select(Release.id).where(Release.guarantee_id == guarantee_id)):
        raise refusals.RELEASE_EXISTS()
    row = Forfeiture(guarantee_id=guarantee_id, amount_fen=guarantee.amount_fen, ground=ground,
                     payer_digest=guarantee.payer_digest, law=law, cause=cause,
                     forfeited_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(guarantee_id, {"amount_fen": row.amount_fen, "ground": ground, "law": law,
                              "cause": cause},
               lot_id=guarantee.lot_id, party_id=guarantee.party_id)
    return row


def forfeited_of(session: Session, cause: str) -> list[tuple[Forfeiture, Guarantee]]:
    """What one decision kept, by the number of the instrument."""
    return [(row.Forfeiture, row.Guarantee) for row in session.execute(
        select(Forfeiture, Guarantee).join(Guarantee, Guarantee.id == Forfeiture.guarantee_id)
        .where(Forfeiture.cause == cause).order_by(Guarantee.instrument_no))]


def standing_ids(ctx: Act, lot_id: str, behind: list[str]) -> list[str]:
    """The securities that stand for the companies behind a bid, locked, by their ids."""
    rows = [standing_of(ctx.session, lot_id, party_id, lock=True) for party_id in behind]
    return [row.guarantee_id for row in rows if row is not None]
