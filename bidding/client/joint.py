"""A consortium's file on its members' machines: each adds its own signature, none goes anywhere."""

from __future__ import annotations

import json
from pathlib import Path

from kernel.files import write_whole

from .. import consortium
from ..sealing import Terms


def sign(path: Path, terms: Terms, own: str, seed: bytes) -> dict:
    """Add one member's signature to the file; return what stands in it. ValueError if it is none."""
    said = json.loads(Path(path).read_text(encoding="utf-8"))
    members = said["members"]
    value = consortium.statement(terms.log_origin, terms.tender, terms.lot, said["agreement"], members)
    if own not in {one["uscc"] for one in members}:
        raise ValueError(f"{own} is no member of this consortium")
    made = {"agreement": said["agreement"], "members": [
        consortium.signed(value, own, seed) if one["uscc"] == own else one for one in members]}
    write_whole(Path(path), json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    return made


def load(path: Path) -> dict:
    """A consortium's file that every member has signed; ValueError where one has not."""
    return consortium.check(json.loads(Path(path).read_text(encoding="utf-8")))
