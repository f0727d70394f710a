"""Routes of what companies state of themselves, and of the public list of debarments."""

from __future__ import annotations

from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people import uscc
from people.edge import page
from people.exchange import moment
from people.exchange import reading as session
from people.model import Party
from people.relations import own_party

from .. import acts, reading, schemas, standing
from ..model import CompanyRelation, Debarment, Licence
from .book import api


@api.get("/company", audience="self", returns=schemas.CompanyOut)
def own_company(actor: Actor):
    """What one's own company has declared of itself, what was withdrawn included."""
    found, own = {}, own_party(session(), actor, moment())
    for name, table in (("licences", Licence), ("relations", CompanyRelation)):
        found[name] = list(session().scalars(select(table).where(
            table.party_id == own).order_by(table.declared_at, table.id)))
    return found


@api.post("/company/licences", audience="self", body=schemas.LicenceIn,
          returns=schemas.LicenceOut, status=201)
def declare_licence(actor: Actor, body):
    """Declare a licence of one's own company."""
    return acts.declare_licence(actor, **body)


@api.post("/company/relations", audience="self", body=schemas.RelationIn,
          returns=schemas.RelationOut, status=201)
def declare_relation(actor: Actor, body):
    """Declare who heads one's own company, or a unit it is related to."""
    if body["kind"] != "principal":
        body["other"] = uscc.checked(body["other"])
    return acts.declare_relation(actor, **body)


@api.delete("/company/statements/<statement_id>", audience="self")
def withdraw_statement(actor: Actor, statement_id: str) -> None:
    """Take back a licence or relation that one's own company declared."""
    acts.withdraw_statement(actor, statement_id)


@api.get("/lots/<lot_id>/own-standing", audience="self", returns=schemas.StandingOut)
def own_standing(actor: Actor, lot_id: str):
    """How one's own company stands to a published lot by what it declared, before it bids; nobody
    else is told, and nothing is kept of the question."""
    lot, party_id = reading.lot(session(), lot_id), own_party(session(), actor, moment())
    if party_id is None or reading.lot_facts(session(), lot_id).published is None:
        raise NOT_FOUND()
    party = session().get_one(Party, party_id)
    return {"doubts": [*standing.uninvited(session(), lot, party),
                       *standing.doubts(session(), lot, [party])[party.uscc]]}


@api.post("/debarments", action="profile.propose", body=schemas.DebarmentIn,
          returns=schemas.DebarmentOut, status=201)
def propose_debarment(actor: Actor, body):
    """Enter an authority's decision that bars a unit from tendering."""
    return acts.propose_debarment(actor, **body)


@api.post("/debarments/<debarment_id>/approval", action="profile.approve",
          returns=schemas.DebarmentOut, status=201)
def approve_debarment(actor: Actor, debarment_id: str):
    """Put a debarment on the public list: another person than the one who entered it."""
    return acts.approve_debarment(actor, debarment_id)


@api.get("/debarments", audience="open", returns=schemas.DebarmentOut, many=True)
def list_debarments(actor: Actor):
    """The public list of units barred from tendering, newest first."""
    return page(session(), select(Debarment).where(Debarment.approved_at.is_not(None)),
                Debarment.proposed_at, Debarment.id, descending=True)
