"""Routes of the bidding documents and of the bill of quantities."""

from __future__ import annotations

import re
import tempfile
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, send_file
from sqlalchemy import select

from audit.act import wiring
from audit.actor import Actor
from kernel.db import db
from kernel.refusal import NOT_FOUND
from people.edge import allow, page
from people.exchange import reading as session
from people.settled import PARAMETERS, settled

from .. import acts, files, schemas
from ..model import Document, Item
from ..refusals import FILE_DAMAGED
from ..scanned import STORED, header_of
from .book import api

ITEMS_LIMIT = 8 * 1024 * 1024


@api.post("/tenders/<tender_id>/documents", action="project.edit", query=schemas.DocumentQuery,
          returns=schemas.DocumentOut, status=201, stream=True, limit=files.LIMIT)
def add_document(actor: Actor, body: BinaryIO, query, tender_id: str):
    """Add a file to the bidding documents of a draft; its kind is told by its content."""
    allow("project.edit", tender_id=tender_id)
    return acts.add_document(actor, tender_id, kind=query["kind"],
                             **stored(body, query["name"]))


def stored(body: BinaryIO, wished: str) -> dict[str, object]:
    """Take a file in, check what it is and keep it: {name, media_type, size, digest}."""
    limit = min(files.LIMIT, settled(db.session(), PARAMETERS)["document_mib"] << 20)
    db.session.rollback()  # no transaction stays open while a slow sender sends
    name = files.clean_name(wished)
    with tempfile.TemporaryFile(dir=wiring().store.root / "tmp") as spool:
        size = files.spool(body, spool, limit)
        media_type = files.media_type(spool, size, name)
        spool.seek(0)
        digest, size = wiring().store.put_stream(spool, files.LIMIT)
    return {"name": name, "media_type": media_type, "size": size, "digest": digest}


@api.delete("/tenders/<tender_id>/documents/<document_id>", action="project.edit",
            returns=schemas.TenderOut)
def remove_document(actor: Actor, tender_id: str, document_id: str):
    """Take a file out of a draft's bidding documents again."""
    return acts.remove_document(actor, tender_id, document_id)


@api.get("/tenders/<tender_id>/documents/<document_id>/content", action="tenderdoc.download")
def download_document(actor: Actor, tender_id: str, document_id: str) -> Response:
    """A file of the bidding documents; open to all, and nobody keeps a list of who took it."""
    document = session().get(Document, document_id)
    if document is None or document.tender_id != tender_id:
        raise NOT_FOUND()
    return send_document(document)


def send_document(document, cache: str = "no-cache") -> Response:
    """The file to be saved, never shown in place by a browser, with what a virus scanner said of
    it; FILE_DAMAGED.

    `document`: a row with hash, name, media_type and size. `cache`: `no-store` for what is not
    everybody's.
    """
    path = wiring().store.path(document.hash)
    if not path.exists() or path.stat().st_size != document.size:
        raise FILE_DAMAGED()
    answer = send_file(path, mimetype=document.media_type,
                       as_attachment=True, download_name=document.name, conditional=True,
                       etag=document.hash, last_modified=0)
    if not document.name.isascii():
        answer.headers["Content-Disposition"] = saved_as(document.name)
    answer.headers["Yangguang-Scan"] = header_of(session(), STORED, document.hash)
    answer.headers["Cache-Control"] = cache
    del answer.headers["Last-Modified"]
    return answer


def saved_as(name: str) -> str:
    """The Content-Disposition under which a file is saved by its name; a program that does not read
    `filename*` (curl -OJ) gets document.pdf for 公告.pdf, not a hidden `.pdf`."""
    ending = PurePosixPath(name).suffix
    plain = name if re.fullmatch(r"[\w-][\w.-]*", name, re.ASCII) else "document" + (
        ending if re.fullmatch(r"\.\w+", ending, re.ASCII) else "")
    return f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"


@api.put("/lots/<lot_id>/items", action="project.edit", body=schemas.ItemsIn,
         returns=schemas.LotOut, limit=ITEMS_LIMIT, matched=True)
def set_items(actor: Actor, body, lot_id: str, if_match: int | None):
    """Replace the bill of quantities of a draft lot."""
    return acts.set_items(actor, lot_id, if_match=if_match, **body)


@api.get("/lots/<lot_id>/items", action="notice.view", returns=schemas.ItemOut, many=True)
def list_items(actor: Actor, lot_id: str):
    """The lot's bill of quantities, by position."""
    return page(session(), select(Item).where(Item.lot_id == lot_id), Item.position)
