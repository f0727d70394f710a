"""What the story leaves behind, so that a stranger can check it with other people's tools."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from audit.keys import verifier
from bidding import reading as bidding_reading
from bidding import suites
from bidding.model import BidPart, BidVersion, OpenedPart
from kernel.canonical import unb64
from kernel.db import db
from portal import openapi, record
from portal.factory import create_app
from portal.ocds import exact, releases

from . import outsiders
from .cast import COMPANIES
from .story import Story
from .web import Person

PIECE = 1 << 20


def gather(story: Story) -> None:
    """Write `record/`, `bids/`, `receipts/`, `ocds/`, the draw, the result and `summary.json`."""
    folder = story.stage.folder
    receipts(story, folder / "receipts")
    anybody = Person(story.platform)
    result = anybody.get(f"/lots/{story.lots[0]}/result")
    _write(folder / "draw.json", _text(result["draw"]))
    _write(folder / "result.json", _text(result))
    _write(folder / "opening-record.json", _text(story.record))
    with create_app(story.stage.settings).app_context():
        session = db.session()
        size, disclosed = record.copy(folder / "record")
        outsiders.gather(session, story.stage, folder)
        count = opened_parts(session, story, folder / "bids")
        declarations(session, story, folder / "receipts")
        now = wiring().clock.now(session.connection())
        package = releases.release_package(
            session, story.tender["id"], now, base=story.stage.address
        )
        _write(folder / "ocds" / "release-package.json", exact.dumps(package))
        _write(folder / "openapi.json", _text(openapi.document()))
        session.rollback()
    story.summary |= {
        "tender": story.tender["id"],
        "ocid": story.tender["ocid"],
        "lots": story.lots,
        "record": {"size": size, "disclosed": disclosed},
        "opened_parts": count["parts"],
        "opened_bytes": count["bytes"],
        "winner": COMPANIES[story.winner],
        "amount_fen": story.summary["award"]["price_fen"],
        "bids": {bid["bid"]: bid for bid in story.record["record"]["bids"]},
    }
    _write(folder / "summary.json", _text(story.summary))


def receipts(story: Story, folder: Path) -> None:
    """Every promise, refusals included, and where the record holds it the proof with its leaf."""
    for key, desk in story.desks.items():
        for number, lot in enumerate(story.lots, 1):
            if lot in desk.sealed:
                _receipts(desk.receipts(lot), f"{key}-lot{number}", folder)
    with create_app(story.stage.settings).app_context():
        for name in ("log", "platform"):
            _write(folder / f"{name}.vkey", f"{verifier(wiring().settings['keys'], name)}\n")


def _receipts(found: dict, name: str, folder: Path) -> None:
    for version in found["versions"]:
        stem = f"{name}-v{version['version']}"
        for kind in ("receipt", "ending"):
            if version[kind]:
                _write(folder / f"{stem}.{kind}.txt", version[kind])
        if version["proof"]:
            _write(folder / f"{stem}.tlog-proof", version["proof"])
            (folder / f"{stem}.leaf").write_bytes(unb64(version["leaf"]))
    for number, refusal in enumerate(found["refusals"], 1):
        _write(folder / f"{name}-refusal{number}.txt", refusal["promise"])
    if found["closing"]:
        _write(folder / f"{name}.closing.json", _text(found["closing"]))


def declarations(session: Session, story: Story, folder: Path) -> None:
    """Every declaration as it was signed: its SHA-256 is the hash that receipts name, and it
    names the hash of each part's ciphertext."""
    for key, desk in story.desks.items():
        for number, lot in enumerate(story.lots, 1):
            for version in session.scalars(
                select(BidVersion).where(BidVersion.bid_id == desk.bids.get(lot, ""))
            ):
                stem = f"{key}-lot{number}-v{version.version}"
                _write(folder / f"{stem}.declaration.json", version.declaration)


def opened_parts(session: Session, story: Story, folder: Path) -> dict[str, int]:
    """Every opened part as `KEY-part.age` with `KEY-part.key`, as Debian's age reads them."""
    folder.mkdir()
    names = {person.ids["party"]: key for key, person in story.cast.companies.items()}
    count = {"parts": 0, "bytes": 0}
    for opened in bidding_reading.opened_bids(session, story.lots[0]):
        rows = session.execute(
            select(OpenedPart, BidPart)
            .join(BidPart, BidPart.id == OpenedPart.part_id)
            .where(OpenedPart.bid_id == opened.bid_id)
        )
        for part, sealed in rows:
            stem = folder / f"{names[opened.party_id]}-{sealed.part}"
            ciphertext = bidding_reading.ciphertext_of(session, sealed)
            with open(stem.with_suffix(".age"), "wb") as file:
                file.writelines(
                    ciphertext.read_at(offset, PIECE) for offset in range(0, ciphertext.size, PIECE)
                )
            suite = suites.of_recipient(sealed.recipient)
            _write(stem.with_suffix(".key"), suite.identity_text(unb64(part.seed)) + "\n")
            count["parts"] += 1
            count["bytes"] += ciphertext.size
    return count


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
