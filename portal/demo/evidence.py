"""What the story leaves behind: the evidence anybody may have, with what its tenderers hold."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.model import BidVersion
from kernel.db import db
from people.model import Party
from portal import evidence, openapi
from portal.factory import create_app
from portal.verify.folder import pretty

from .cast import COMPANIES
from .story import Story
from .web import Person


def gather(story: Story) -> None:
    """Write the evidence folder; the panel's keys go to the stage, as theirs alone."""
    folder, stage = story.stage.evidence, story.stage.folder
    names = {person.ids["party"]: key for key, person in story.cast.companies.items()}
    result = Person(story.platform).get(f"/lots/{story.lots[0]}/result")
    story.summary |= {
        "tender": story.tender["id"],
        "ocid": story.tender["ocid"],
        "lots": story.lots,
        "winner": COMPANIES[story.winner],
        "amount_fen": result["award"]["winner"]["price_fen"],
        "bids": {bid["bid"]: bid for bid in story.record["record"]["bids"]},
    }
    wish = evidence.Wish(
        name_of=lambda party: names[party.id],
        sealed=True,
        panel=stage / "panel",
        receipts=_receipts(story),
        more={"summary.json": pretty(evidence.plain(story.summary))},
    )
    with create_app(story.stage.settings).app_context():
        session = db.session()
        wish.declarations = _declarations(session, story, names)
        story.counted = evidence.write(
            session, story.tender["id"], folder, wish, story.stage.address
        )
        (stage / "openapi.json").write_text(pretty(openapi.document()), "utf-8")
        session.rollback()


def gather_village(story: Story) -> None:
    """The village tender's own evidence, beside the platform's folder on the stage."""
    stage, lot = story.stage.folder, story.village_lot
    names = {person.ids["party"]: key for key, person in story.cast.companies.items()}
    wish = evidence.Wish(
        name_of=lambda party: names[party.id], sealed=True, panel=stage / "village-panel",
        receipts={f"{key}-lot1": desk.receipts(lot) for key, desk in story.desks.items()
                  if lot in desk.sealed})
    with create_app(story.stage.settings).app_context():
        session = db.session()
        for version in session.scalars(select(BidVersion).where(BidVersion.lot_id == lot)):
            wish.declarations[f"{names[version.party_id]}-lot1-v{version.version}"] = version
        evidence.write(session, story.village_tender, stage / "village", wish,
                       story.stage.address)
        session.rollback()


def _receipts(story: Story) -> dict[str, dict]:
    """What each company's program gets of its own bids."""
    return {
        f"{key}-lot{number}": desk.receipts(lot)
        for key, desk in story.desks.items()
        for number, lot in enumerate(story.lots, 1)
        if lot in desk.sealed
    }


def _declarations(session: Session, story: Story, names: dict[str, str]) -> dict[str, BidVersion]:
    """Every version that its company declared, withdrawn and refused ones too."""
    found = {}
    for version in session.scalars(select(BidVersion).where(BidVersion.lot_id.in_(story.lots))):
        key = names[session.get_one(Party, version.party_id).id]
        number = story.lots.index(version.lot_id) + 1
        found[f"{key}-lot{number}-v{version.version}"] = version
    return found

