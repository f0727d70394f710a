"""The record over HTTP: C2SP tlog-tiles under /api/v1/record, and what lots disclose.

`audit` lies below the edge, so the Book, its question of authority and what a lot's stage is
are handed in.
"""

from __future__ import annotations

from flask import Response

from kernel.canonical import b64
from kernel.db import db
from kernel.refusal import NOT_FOUND

from . import disclosed, export, reading, tiles
from .act import wiring
from .model import Disclosure
from .reading import LotStage
from .schemas import ConsistencyOut, ConsistencyQuery, EntryOut

FOREVER = "public, max-age=31536000, immutable"
SECONDS = "public, max-age=2"


def declare(book, *, stage: LotStage, page, allow) -> None:
    """Declare the record's routes on `book`.

    `page(session, statement, *columns)` cuts lists, `allow(action)` asks authority where no
    lot is named.
    """
    _tree(book, allow)
    _shown(book, stage)
    _lots(book, stage, page)


def _tree(book, allow) -> None:
    @book.get("/record/checkpoint", action="audit.checkpoint")
    def record_checkpoint(_actor):
        """The newest signed checkpoint (C2SP tlog-checkpoint)."""
        allow("audit.checkpoint")
        return _text(reading.published()[1], SECONDS)

    @book.get("/record/consistency", action="audit.checkpoint", query=ConsistencyQuery,
              returns=ConsistencyOut)
    def record_consistency(_actor, query):
        """Proof that the tree at `to` continues that at `from`."""
        allow("audit.checkpoint")
        old = int(query["old"])
        new = int(query["new"]) if "new" in query else None
        size, proof, note = reading.consistency_proof(old, new)
        return {"old": old, "new": size, "proof": [b64(value) for value in proof],
                "checkpoint": note}

    @book.get("/record/log.vkey", audience="open")
    def record_key(_actor):
        """The key that checks checkpoints."""
        return _text(f"{wiring().settings['log_vkey']}\n", SECONDS)

    @book.get("/record/witness<int:number>.vkey", audience="open")
    def record_witness(_actor, number):
        """The key that checks the cosignatures of one witness; they are numbered from 1."""
        keys = reading.cosigners()
        if not 1 <= number <= len(keys):
            raise NOT_FOUND()
        return _text(f"{keys[number - 1]}\n", SECONDS)

    @book.get("/record/tile/<path:name>", audience="open")
    def record_tile(_actor, name):
        """A tile or an entry bundle (C2SP tlog-tiles)."""
        try:
            path = f"tile/{name}"
            tiles.read_path(path)
            data = reading.published_folder().read(path)
        except (tiles.NotTiles, FileNotFoundError):
            raise NOT_FOUND() from None
        answer = Response(data, mimetype="application/octet-stream")
        answer.headers["Cache-Control"] = FOREVER
        return answer


def _shown(book, stage: LotStage) -> None:
    @book.get("/record/disclosed/<path:name>", audience="open")
    def record_disclosed(_actor, name):
        """What the leaves of one bundle commit to, as far as everybody may read it."""
        index = disclosed.index_of(f"disclosed/{name}")
        if index is None:
            raise NOT_FOUND()
        end = min(reading.published()[0].size, (index + 1) * tiles.WIDTH)
        for _, lines in export.bundles(db.session(), index * tiles.WIDTH, end, stage):
            answer = Response(b"".join(lines), mimetype="application/jsonl")
            answer.headers["Cache-Control"] = SECONDS
            return answer
        raise NOT_FOUND()

    @book.get("/record/platform.vkey", audience="open")
    def platform_key(_actor):
        """The key that checks promises and receipts."""
        return _text(f"{wiring().settings['platform_vkey']}\n", SECONDS)


def _lots(book, stage: LotStage, page) -> None:
    @book.get("/lots/<lot_id>/record", action="audit.read_lot", sensitive=True, returns=EntryOut, many=True)
    def lot_record(actor, lot_id):
        """The entries of a lot, as far as its stage lets them be read."""
        how_far, tender_id = stage(db.session, lot_id)
        return page(db.session, reading.lot_entries(
            lot_id, tender_id, disclosed.TRUSTED[how_far],
            reading.closed_to(db.session, actor, lot_id)), Disclosure.position)

    @book.get("/lots/<lot_id>/record/export", action="audit.export", sensitive=True)
    def lot_record_export(actor, lot_id):
        """The same entries with their proofs, as JSON lines."""
        how_far, tender_id = stage(db.session, lot_id)
        lines = reading.export_lines(db.session, lot_id, tender_id, disclosed.TRUSTED[how_far],
                                     str(wiring().settings["log_vkey"]),
                                     without=reading.closed_to(db.session, actor, lot_id))
        answer = Response(b"".join(lines), mimetype="application/jsonl")
        answer.headers["Content-Disposition"] = f'attachment; filename="{lot_id}.jsonl"'
        return answer


def _text(text: str, cache: str) -> Response:
    answer = Response(text, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = cache
    return answer
