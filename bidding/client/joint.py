"""A consortium's file on its members' machines: each adds its own signature, none goes anywhere.

What a company signed here is noted in its profile folder, so that it does not stand in two bids of
a lot by mistake (实施条例 37). Another machine's notes are not known; the opening judges in the end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from kernel.files import write_whole

from .. import consortium
from ..consortium import BadConsortium
from ..sealing import Terms
from .notice import Notice
from .places import make_folder

AGREEMENT_LIMIT = 64 << 20
"""Bytes of the agreement's file at most; the browser hashes it at once."""


def begin(path: Path, agreement: Path, members: Iterable[tuple[str, str]]) -> dict:
    """Begin a consortium's file: the agreement's hash, then (credit code, duty), the lead first."""
    if Path(path).exists():
        raise FileExistsError(f"{path} is there already; sign it without --agreement")
    if not 0 < Path(agreement).stat().st_size <= AGREEMENT_LIMIT:
        raise BadConsortium("the agreement is empty, or larger than 64 MiB",
                            "共同投标协议为空，或大于 64 MiB")
    made = consortium.check_members({"agreement": _hash(agreement), "members": [
        {"uscc": uscc, "duty": duty} for uscc, duty in members]})
    _write(path, made)
    return made


def sign(path: Path, terms: Terms, own: str, seed: bytes) -> dict:
    """Add one member's signature to the file; return what stands in it. ValueError if it is none."""
    said = consortium.check_members(json.loads(Path(path).read_text(encoding="utf-8")))
    members = said["members"]
    value = consortium.statement(terms.log_origin, terms.tender, terms.lot, said["agreement"], members)
    if own not in {one["uscc"] for one in members}:
        raise BadConsortium(f"{own} is no member of this consortium", f"{own} 不是该联合体的成员")
    made = {"agreement": said["agreement"], "members": [
        consortium.signed(value, own, seed) if one["uscc"] == own else one for one in members]}
    _write(path, made)
    return made


def load(path: Path) -> dict:
    """A consortium's file that every member has signed; ValueError where one has not."""
    return consortium.check(json.loads(Path(path).read_text(encoding="utf-8")))


def fits(value: dict, notice: Notice, tenderer: str, files: Iterable[Path]) -> None:
    """Refuse, before anything is sealed, a joint bid that the opening would reject, or whose
    agreement is not among its files (招标投标法 31). Raises BadConsortium."""
    terms = notice.terms
    consortium.fits(value, tenderer=tenderer, asked=_asked(notice), log_origin=terms.log_origin,
                    tender=terms.tender, lot=terms.lot)
    if not any(0 < Path(one).stat().st_size <= AGREEMENT_LIMIT
               and _hash(one) == value["agreement"] for one in files):
        raise BadConsortium("the agreement is not among the bid's files (招标投标法 31)",
                            "投标文件中没有该共同投标协议（招标投标法 31）")


def _asked(notice: Notice) -> dict | None:
    """What the approved notice asks of the lot's tenderers; None where no approval is known."""
    content = notice.approved.get("content")
    if not content:
        return None
    asked = content.get("more", {}).get("requirements", ())
    return next((one for one in asked if one["lot"] == notice.terms.lot), {"consortium": False})


def refuse_double(profile: Path, lot: str, uscc: str, members: Iterable[str] = ()) -> None:
    """Refuse a bid of a company that signed, on this machine, to bid with others in this lot.

    `members`: with whom it bids now, itself among them; none where it bids alone. Raises
    BadConsortium, which names the others.
    """
    for others in _noted(profile, lot).get(uscc, ()):
        if set(others) != set(members):
            with_whom = "、".join(sorted(set(others) - {uscc}))
            raise BadConsortium(
                f"{uscc} signed to bid in this lot with {with_whom}: all bids in which a unit "
                "stands twice are invalid (实施条例 37). If that consortium was given up, repeat "
                "with --despite-consortium",
                f"{uscc} 已签名与 {with_whom} 联合投标本标段：同一单位参加两份投标的，均无效（实施条例 37）。"
                "确已放弃该联合体的，加 --despite-consortium 重试")


def note(profile: Path, lot: str, uscc: str, members: Iterable[str]) -> None:
    """Remember that a company signed to bid with these members in this lot, itself among them."""
    noted = _noted(profile, lot)
    own, with_whom = noted.setdefault(uscc, []), sorted(members)
    if with_whom not in own:
        own.append(with_whom)
    place = _place(profile, lot)
    make_folder(place.parent)
    write_whole(place, json.dumps(noted) + "\n")


def _place(profile: Path, lot: str) -> Path:
    return Path(profile) / "consortia" / f"{hashlib.sha256(lot.encode()).hexdigest()[:32]}.json"


def _noted(profile: Path, lot: str) -> dict[str, list[list[str]]]:
    place = _place(profile, lot)
    return json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}


def _hash(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, said: dict) -> None:
    write_whole(Path(path), json.dumps(said, ensure_ascii=False, indent=2) + "\n")
