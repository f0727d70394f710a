"""What a tender leaves behind, so that a stranger can check it with other people's tools.

`yangguang admin evidence` writes this folder for any tender, the demonstration for its own; the
format is docs/formats/evidence.md, the check `yangguang verify`. It holds what everybody may
read. Receipts belong to who holds them: those of bids that were opened are here, because the
opening record names them; others only where their holders hand them in. Ciphertexts of the
technical and price parts are left out unless asked for, and their keys are never in it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

import audit.reading
from audit.act import wiring
from audit.keys import verifier
from audit.model import TimeStamp
from bidding import reading as bidding_reading
from bidding import suites
from bidding.model import BidPart, BidPlace, BidVersion, OpenedPart, PlainFile
from evaluation import reading as judged
from evaluation.inviting import reading as inviting
from evaluation.lottery import reading as lotteries
from kernel.canonical import b64, jcs, time_text, unb64
from kernel.refusal import Refused
from people.model import Party
from tender import invited
from tender.model import Lot, Notice
from tender.reading import published_notices

from . import record
from .ocds import exact, releases
from .verify.folder import INDEX, KIND, measure, pretty
from .verify.published import stem as notice_stem

PIECE = 1 << 20


@dataclass
class Wish:
    """What is asked for beyond what is always written."""

    name_of: Callable[[Party], str] = lambda party: party.uscc
    """What a company's files are called."""
    sealed: bool = False
    """The ciphertexts of the technical and price parts too."""
    panel: Path | None = None
    """A folder for the keys of all parts and the evaluation reports: supervisor and panel only."""
    receipts: dict[str, dict] = field(default_factory=dict)
    """Stem (`NAME-lotN`) → what the holders' programs got from `GET /bids/…/receipts`."""
    declarations: dict[str, BidVersion] = field(default_factory=dict)
    """Stem (`NAME-lotN-vM`) → a version whose declaration its holder hands in."""
    more: dict[str, str] = field(default_factory=dict)
    """Further files, by name."""


def write(session: Session, tender_id: str, folder: Path, wish: Wish, base: str) -> dict:
    """Write the evidence of a tender to `folder`, replacing an older one; return the counts.

    `base` is the site's address, for the OCDS package. Raises UNPUBLISHED and NOT_FOUND.
    """
    making = folder.with_name(folder.name + ".new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    size, disclosed = record.copy(making / "record")
    lots = list(session.scalars(select(Lot).where(Lot.tender_id == tender_id)
                                .order_by(Lot.number)))
    _keys(making)
    _stamps(session, making)
    _notices(session, tender_id, lots, making)
    count = {"size": size, "disclosed": disclosed, "parts": 0, "bytes": 0}
    for lot in lots:
        _lot(session, lot, making, wish, count)
    for stem, found in wish.receipts.items():
        receipts(found, making / "receipts" / stem)
    for stem, version in wish.declarations.items():
        declared(making / "receipts" / stem, version)
    now = wiring().clock.now(session.connection())
    package = releases.release_package(session, tender_id, now, base=base)
    _put(making / "ocds" / "release-package.json", exact.dumps(package))
    for name, text in wish.more.items():
        _put(making / name, text)
    _index(making, tender_id, time_text(now), count)
    if folder.exists():
        shutil.rmtree(folder)
    making.rename(folder)
    return count


def _keys(folder: Path) -> None:
    keys = {f"{name}.vkey": f"{verifier(wiring().settings['keys'], name)}\n"
            for name in ("log", "platform")}
    keys |= {path.name: path.read_text() for path in (folder / "record").glob("witness*.vkey")}
    for name, text in keys.items():
        _put(folder / name, text)
        _put(folder / "receipts" / name, text)


def _stamps(session: Session, folder: Path) -> None:
    """Every RFC 3161 token with the checkpoint it is over, and the authority's certificates."""
    stamping = wiring().settings.get("stamping")
    if stamping is None:
        return
    (folder / "tsa.pem").write_bytes(stamping.authority.pem)
    sizes = session.scalars(select(TimeStamp.size).distinct().order_by(TimeStamp.size))
    for size in sizes.all():
        found = audit.reading.stamp(session, size - 1)
        _put(folder / "stamps" / f"{size}.checkpoint", found.note)
        (folder / "stamps" / f"{size}.tsr").write_bytes(found.token)


def _notices(session: Session, tender_id: str, lots: list[Lot], folder: Path) -> None:
    for notice in session.scalars(select(Notice).where(
            Notice.tender_id == tender_id, Notice.published_at.is_not(None))
            .order_by(Notice.number)):
        _put(folder / "notices" / f"notice-{notice.number}.json", notice.content)
    numbers = {lot.id: lot.number for lot in lots}
    for one in published_notices(session, tender_id):
        name = notice_stem(one.kind, numbers.get(one.lot_id), one.number, one.version)
        _put(folder / f"{name}.json", one.content)
        _put(folder / f"{name}.note", one.signature)
    for lot in lots:
        if lot.policy is not None and lot.policy_hash:
            _put(folder / "policies" / f"lot{lot.number}.json", jcs(lot.policy).decode())
        if lot.profile is not None:
            _put(folder / "profiles" / f"lot{lot.number}.json", jcs(lot.profile).decode())


def _lot(session: Session, lot: Lot, folder: Path, wish: Wish, count: dict) -> None:
    stage, _ = record.stage(session, lot.id)
    _closing(session, lot, folder)
    for number, drawn in enumerate(judged.draws_of(session, lot.id), 1):
        if drawn.document:
            _put(folder / "draws" / f"lot{lot.number}-{number}.json",
                 pretty(plain(judged.draw_page(session, drawn, drawn.announced_at)["document"])))
    for number, drawn in enumerate(lotteries.draws_of(session, lot.id), 1):
        if drawn.document:
            _put(folder / "draws" / f"lot{lot.number}-lottery-{number}.json",
                 pretty(json.loads(drawn.document)))
    if stage in ("sealed", "ended"):
        return
    if lot.method == "invite":
        said = invited.list_of(session, lot.id)
        _put(folder / "invitations" / f"lot{lot.number}.json", jcs(
            {name: said[name] for name in ("lot_id", "salt", "invitees")}).decode())
    if invited.is_drawn(lot):
        _put(folder / "invitations" / f"lot{lot.number}-draws.json",
             jcs(inviting.evidence(session, lot.id)).decode())
    page = bidding_reading.record_view(session, lot.id)
    for name, one in ((f"lot{lot.number}", page), (f"lot{lot.number}-prices", page["prices"])):
        if one:
            _put(folder / "openings" / f"{name}.json", pretty(plain(
                {key: one[key] for key in ("lot_id", "record", "record_hash", "signatures")})))
    for row in page["record"]["bids"]:
        version = session.scalars(select(BidVersion).where(
            BidVersion.bid_id == row["bid"], BidVersion.declaration_hash == row["declaration"]
        ).order_by(BidVersion.declared_at.desc())).first()
        name = wish.name_of(session.get_one(Party, version.party_id))
        _bid(session, f"{name}-lot{lot.number}", version, folder, wish, count)
    _put(folder / "results" / f"lot{lot.number}.json",
         pretty(plain(judged.result(session, lot.id) | {"draw": None})))
    if wish.panel:
        try:
            content = judged.concluded_report(session, lot.id)["report"]
            _put(wish.panel / f"lot{lot.number}-report.json", pretty(content))
            _put(wish.panel / f"lot{lot.number}-sheets.json", pretty(judged.sheets_of(session, lot)))
        except Refused:
            pass


def _closing(session: Session, lot: Lot, folder: Path) -> None:
    """The first checkpoint by which a quorum of witnesses saw the lot's last close."""
    closed = bidding_reading.last_closing(session, lot.id)
    try:
        position = closed and audit.reading.disclosure(session, closed.entry_id).position
    except Refused:  # it waits for its place in the record
        return
    seen = audit.reading.cosigned(session, position) if closed else None
    if seen is not None:
        _put(folder / "closings" / f"lot{lot.number}.checkpoint", seen.note)


def _bid(session: Session, stem: str, version: BidVersion, folder: Path, wish: Wish,
         count: dict) -> None:
    """One bid that stood at the opening: declaration, receipt, paths, opened parts."""
    own = folder / "receipts" / f"{stem}-v{version.version}"
    declared(own, version)
    found = bidding_reading.receipts_view(session, bidding_reading.bid(session, version.bid_id))
    _promises(own, next(one for one in found["versions"]
                        if one["declaration_hash"] == version.declaration_hash
                        and one["version"] == version.version),
              {one["promise"]: one for one in found["receipts"]})
    places = {row.purpose: row.place for row in session.scalars(
        select(BidPlace).where(BidPlace.version_id == version.id).order_by(BidPlace.round))}
    _put(_file(own, "paths.json"), pretty(places))
    suite = suites.get(json.loads(version.declaration)["suite"])
    for opened, part, given in session.execute(
            select(OpenedPart, BidPart, PlainFile).join(BidPart, BidPart.id == OpenedPart.part_id)
            .outerjoin(PlainFile, (PlainFile.version_id == BidPart.version_id)
                       & (PlainFile.part == BidPart.part) & (PlainFile.seed == OpenedPart.seed))
            .where(BidPart.version_id == version.id)):
        public = part.part == "form"
        name = f"{stem}-{part.part}"
        key = suite.identity_text(unb64(opened.seed, 32)) + "\n"
        if public or wish.sealed:
            count["parts"] += 1
            count["bytes"] += _ciphertext(session, part, folder / "bids" / f"{name}.age")
        if given is not None:  # no key came for it, its content did
            if public or wish.panel:
                place = folder / "bids" if public else wish.panel
                _pour(bidding_reading.plain_archive(given), place / f"{name}.tar")
        elif public:
            _put(folder / "bids" / f"{name}.key", key)
        elif wish.panel:
            _put(wish.panel / f"{name}.key", key)


def declared(own: Path, version: BidVersion) -> None:
    """The declaration as it was signed, and the signature."""
    key = {"certificate": version.certificate} if version.certificate else version.key
    _put(_file(own, "declaration.json"), version.declaration)
    _put(_file(own, "signature.json"), pretty({"key": key, "signature": version.signature}))


def receipts(found: dict, own: Path) -> None:
    """What a holder's program got of its bids in a lot, as files; `own` is `…/NAME-lotN`."""
    whole = {one["promise"]: one for one in found["receipts"]}
    for version in found["versions"]:
        _promises(own.with_name(f"{own.name}-v{version['version']}"), version, whole)
    for number, refusal in enumerate(found["refusals"], 1):
        _receipt(_file(own, f"refusal{number}"), "txt", refusal["receipt"])


def _promises(own: Path, version: dict, whole: dict[str, dict]) -> None:
    """The receipt of a version, and that of its end."""
    if version["receipt"]:
        _receipt(own, "receipt.txt", whole[version["receipt"]])
    if version["ending"]:
        _receipt(_file(own, "ending"), "txt", whole[version["ending"]])


def _receipt(own: Path, ending: str, receipt: dict) -> None:
    """One receipt (bidding.receipt) as files that other programs read."""
    _put(_file(own, ending), receipt["promise"])
    if receipt["proof"]:
        _put(_file(own, "tlog-proof"), receipt["proof"])
        _file(own, "leaf").write_bytes(unb64(receipt["leaf"]))
    if receipt["place"]:
        _put(_file(own, "place.json"), pretty(receipt["place"]))


def _ciphertext(session: Session, part: BidPart, path: Path) -> int:
    sealed = bidding_reading.ciphertext_of(session, part)
    _pour(_pieces(sealed), path)
    return sealed.size


def _pour(pieces: Iterable[bytes], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.writelines(pieces)


def _pieces(sealed) -> Iterable[bytes]:
    return (sealed.read_at(offset, PIECE) for offset in range(0, sealed.size, PIECE))


def _index(folder: Path, tender_id: str, now: str, count: dict) -> None:
    """Sign the list of all files, and what the record in it is."""
    head, _ = audit.reading.published(audit.reading.Folder(folder / "record"))
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith("record/"):
            size, digest = measure(path)
            files[name] = {"size": size, "sha256": digest}
    value = {"v": 1, "type": KIND, "log_origin": head.origin, "tender": tender_id, "made_at": now,
             "quorum": audit.reading.witnesses_required(), "files": files,
             "record": {"size": head.size, "root": b64(head.root),
                        "disclosed": count["disclosed"]}}
    _put(folder / INDEX, wiring().platform_key.sign(jcs(value).decode() + "\n"))


def plain(value: object) -> object:
    """JSON without times: they become text."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return time_text(value) if hasattr(value, "astimezone") else value


def _file(own: Path, ending: str) -> Path:
    return own.with_name(f"{own.name}.{ending}")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
