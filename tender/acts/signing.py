"""A notice signed by the platform's key, of whatever has notices of its own."""

from __future__ import annotations

from collections.abc import Iterable

from audit.act import Act, wiring
from kernel.canonical import sha256
from kernel.db import Installation

from .. import notices
from ..notices import Section


def signed(ctx: Act, kind: str, heading: dict[str, object],
           sections: Iterable[Section]) -> dict[str, object]:
    """The columns of a notice: its kind, canonical content and hash, the signature, the time."""
    body = notices.content(kind, heading, sections)
    digest = sha256(body).hex()
    origin = ctx.session.get_one(Installation, 1).log_origin
    return {"kind": kind, "content": body.decode(), "content_hash": digest,
            "published_at": ctx.now, "signature": notices.sign(notices.statement(
                origin, {**heading, "kind": kind}, digest), wiring().platform_key)}
