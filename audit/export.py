"""A copy of the record for anybody: the tiles of one checkpoint and what may be read by all; or,
for supervisor and auditor, all that no sealed lot and no unfinished judgement holds back.

The copy is what `python -m audit verify` checks. It is made beside its place and moved there
whole.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from . import cover, disclosed
from .folder import Folder
from .model import Disclosure, SealedSpan
from .note import Verifier
from .reading import LotStage, published
from .tiles import ENTRIES, WIDTH, all_tiles, tile_path


def export(session: Session, source: Path, target: Path, vkey: Verifier,
           stage: LotStage, whole: bool = False) -> tuple[int, int]:
    """Write the record to the folder `target`, replacing an older copy.

    `source` is the published folder; `whole` writes what supervisor and auditor may read.
    Returns (entries, records disclosed). Raises UNPUBLISHED.
    """
    folder, target = Folder(source), Path(target)
    head, note = published(folder)
    making = target.with_name(target.name + ".new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for level, index, width in all_tiles(head.size):
        for kind in (level, ENTRIES) if level == 0 else (level,):
            _put(making / tile_path(kind, index, width), folder.tile(kind, index, width))
    count = 0
    for index, lines in bundles(session, 0, head.size, stage, whole):
        _put(making / disclosed.path(index), b"".join(lines))
        count += len(lines)
    _put(making / "log.vkey", f"{vkey}\n".encode())
    for path in folder.root.glob("witness*.vkey"):
        _put(making / path.name, path.read_bytes())
    _put(making / "checkpoint", note.encode())
    if target.exists():
        shutil.rmtree(target)
    making.rename(target)
    return head.size, count


def bundles(session: Session, low: int, high: int, stage: LotStage,
            whole: bool = False) -> Iterator[tuple[int, list[bytes]]]:
    """(number of the bundle, lines) of what everybody, or with `whole` supervisor and auditor,
    may read of positions `low` to `high` - 1."""
    classes = disclosed.TRUSTED if whole else disclosed.PUBLIC
    stages: dict[str, str] = {}
    covered = covered_from(session)
    rows = session.execute(
        select(Disclosure.position, Disclosure.lot_id, Disclosure.disclose, Disclosure.record,
               Disclosure.salt)
        .where(Disclosure.position >= low, Disclosure.position < high,
               Disclosure.disclose.in_({*classes["awarded"], cover.CLASS}))
        .order_by(Disclosure.position).execution_options(yield_per=4096))
    for index, group in groupby(rows, key=lambda row: row.position // WIDTH):
        lines = []
        for row in group:
            if row.lot_id is not None and row.lot_id not in stages:
                stages[row.lot_id] = stage(session, row.lot_id)[0]
            if row.disclose == cover.CLASS:
                shown = row.position < covered and row.record.encode() == disclosed.COVER
            elif row.lot_id is None:
                shown = row.disclose == "public" or (whole and row.position < covered)
            else:
                shown = row.disclose in classes[stages[row.lot_id]]
            if shown:
                lines.append(disclosed.line(row.position, row.record.encode(), row.salt))
        if lines:
            yield index, lines


def covered_from(session: Session) -> int | float:
    """The position from which on cover is not disclosed, because a lot that was sealed there is
    still sealed; infinity when no lot is."""
    first = session.scalar(select(func.min(SealedSpan.since)).where(SealedSpan.until.is_(None)))
    return math.inf if first is None else first


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
