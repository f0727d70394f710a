"""The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload, core, creation, checksum).

One part of a declared version is one upload; its address is known beforehand, so that creation
makes nothing. Two things go beyond the letter: the offset moves in whole blocks of 4 MiB (a
body that ends inside one is taken up to the border before), and the PATCH that completes the
bid answers 200 with the receipt in its body, where the protocol would say 204.
`X-HTTP-Method-Override` is not read: a second way to say what a request is serves smuggling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Flask, Response, request

from kernel.canonical import NotCanonical, unb64
from kernel.refusal import MALFORMED
from people.exchange import current
from people.refusals import MEDIA

from . import blocks
from .refusals import TUS_VERSION

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum"
TYPE = "application/offset+octet-stream"
RULE = "/bids/<bid_id>/versions/<version>/parts/<part>/upload"

_NUMBER = re.compile(r"\A(?:0|[1-9][0-9]{0,17})\Z")


@dataclass(frozen=True)
class Piece:
    """What a PATCH says of its body: where it begins, how long it is, its SHA-256 (hex)."""

    offset: int
    length: int
    sha256: str | None


def number(name: str) -> int:
    """The header `name` as a whole number; MALFORMED when it is missing or none."""
    text = request.headers.get(name, "")
    if not _NUMBER.match(text):
        raise MALFORMED(problem=name)
    return int(text)


def speak() -> None:
    """Refuse (412) what does not speak tus 1.0.0."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise TUS_VERSION(version=VERSION)


def piece() -> Piece:
    """The headers of a PATCH; refuses another content type and a checksum we cannot hold to.

    A checksum speaks of one body that is kept or dropped as a whole: one block, therefore.
    """
    speak()
    if request.mimetype != TYPE:
        raise MEDIA(expected=TYPE)
    length = number("Content-Length")
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return Piece(number("Upload-Offset"), length, None)
    algorithm, _, text = said.partition(" ")
    if algorithm != "sha256" or length > blocks.BLOCK:
        raise MALFORMED(problem="Upload-Checksum: sha256, of a body of one block at most")
    try:
        return Piece(number("Upload-Offset"), length, unb64(text, 32).hex())
    except NotCanonical as error:
        raise MALFORMED(problem="Upload-Checksum") from error


def answer(status: int, offset: int, size: int) -> Response:
    """An answer that says by its headers how far an upload has come."""
    said = Response(status=status, headers={"Upload-Offset": str(offset),
                                            "Upload-Length": str(size),
                                            "Cache-Control": "no-store"})
    if status == 201:
        said.headers["Location"] = request.path
    return said


def tell_offset(offset: int) -> None:
    """Put the offset beside the body of the answer that is being made."""
    current().headers["Upload-Offset"] = str(offset)


def install(app: Flask) -> None:
    """Every answer of an upload's address, refusals too, says what it speaks."""

    @app.after_request
    def says(answered: Response) -> Response:
        rule = request.url_rule
        if rule is not None and rule.rule.endswith(RULE):
            answered.headers["Tus-Resumable"] = VERSION
            if request.method == "OPTIONS" or answered.status_code == 412:
                answered.headers["Tus-Version"] = VERSION
                answered.headers["Tus-Extension"] = EXTENSIONS
                answered.headers["Tus-Checksum-Algorithm"] = "sha256"
        return answered

