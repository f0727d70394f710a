"""The JSON routes of securities. Before the opening they tell nobody but the parties of one."""

from __future__ import annotations

from kernel.db import db
from kernel.refusal import NOT_FOUND
from people.edge import Book, allow

from . import acts, reading, schemas

api = Book("guarantees")


@api.post("/lots/<lot_id>/guarantees", action="guarantee.submit", body=schemas.LodgeIn,
          returns=schemas.GuaranteeOut, status=201)
def lodge(actor, body, lot_id):
    """Lodge a signed instrument as security for a lot, before or after the bid."""
    return acts.lodge(actor, lot_id, **body)


@api.get("/lots/<lot_id>/guarantees", action="guarantee.list", returns=schemas.RevealedOut,
         many=True)
def revealed(actor, lot_id):
    """Which tenderers have lodged security; only after the opening."""
    return reading.revealed(db.session, lot_id)


@api.get("/lots/<lot_id>/guarantees/mine", action="guarantee.view_own",
         returns=schemas.GuaranteeOut, many=True)
def mine(actor, lot_id):
    """The securities that one lodged, or issued, in a lot."""
    return reading.own(db.session, lot_id, actor.party_id)


@api.get("/guarantees/<guarantee_id>", action="guarantee.view_own", returns=schemas.GuaranteeOut)
def view(actor, guarantee_id):
    """One security that one lodged or issued, and what has become of it."""
    found = reading.held(db.session, guarantee_id)
    if found is None or actor.party_id not in (found.party.id, found.guarantor.id):
        raise NOT_FOUND()
    allow("guarantee.view_own", lot_id=found.lot_id, owner=actor.party_id)
    return found


@api.post("/guarantees/<guarantee_id>/release-confirmation", action="guarantee.release_confirm",
          body=schemas.ConfirmIn, returns=schemas.ConfirmationOut)
def confirm(actor, body, guarantee_id):
    """Confirm under the guarantor's signature that a release was carried out."""
    return acts.confirm_release(actor, guarantee_id, **body)
