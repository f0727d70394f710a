"""Lists of those invited, against their hash and against the notice that two people approved."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from tender import invitation
from tender.invited import invitees_of
from tender.model import Invitation, Lot
from tender.reading import live_notice


def invitations(session: Session) -> Iterator[str]:
    """Every list is of its hash, and that of a published lot is the one in the notice."""
    for row, lot in session.execute(select(Invitation, Lot).join(
            Lot, Lot.id == Invitation.lot_id).order_by(Invitation.lot_id)):
        if invitation.commitment(lot.id, row.salt, invitees_of(session, lot.id)) != row.commitment:
            yield f"invitation {lot.id}: the companies invited are not those of its hash"
        notice = live_notice(session, lot.tender_id)
        if notice is None or notice.published_at is None or lot.method != "invite":
            continue
        said = json.loads(notice.content)["more"].get("invitations", ())
        if row.commitment not in {one["commitment"] for one in said if one["lot"] == lot.id}:
            yield f"invitation {lot.id}: is not the list that the approved notice names"
