"""Sealing on the tenderer's own disk: nothing is sent, and what is there is whole.

A bid is sealed in a folder beside its place and moved there by one rename once every part was
opened again as the opening will. If we die before, the next run removes what was begun.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from kernel.files import sync_folder
from people import x509

from .. import content, declaration, manifest, sealing, suites
from ..manifest import Form
from .notice import Notice, load_notice

KEY_FILE = "bid.key"
NOTICE_FILE = "notice.json"


def seal(notice: Notice, uscc: str, signing: bytes | x509.CertifiedKey, form: Form, technical: list[Path],
         price: list[Path], folder: Path, *, replaces: Path | None = None,
         progress: Callable[[str, int], None] = lambda part, size: None) -> dict:
    """Seal a bid into `folder` and write its key file there; return what the key file holds.

    `folder` must not hold anything yet. `replaces` is the folder of the version that stands; the
    new one follows it and is signed by the same key, or the platform will refuse it.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; seal into a new folder")
    making = folder.with_name(folder.name + ".sealing")
    shutil.rmtree(making, ignore_errors=True)  # begun by a run that died; never declared
    bid, version, previous = None, 1, None
    if replaces is not None:
        before = load(replaces)["declaration"]
        bid, version = before["bid"], before["version"] + 1
        previous = declaration.digest(before)
    manifest.read_form(form.to_json())
    sealed = sealing.seal(notice.terms, uscc, form, technical, price, making, bid=bid,
                          version=version, previous=previous, progress=progress)
    look_again(sealed)
    signature = declaration.sign(sealed.declaration, signing)
    sealing.write_key_file(making / KEY_FILE, sealed, notice.terms, signature)
    notice.save(making / NOTICE_FILE)
    if folder.exists():
        folder.rmdir()
    os.replace(making, folder)
    sync_folder(folder.parent)
    return load(folder)


class _OnDisk:
    def __init__(self, path: Path):
        self._file = open(path, "rb")  # noqa: SIM115
        self.size = os.fstat(self._file.fileno()).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(length)

    def close(self) -> None:
        self._file.close()


def look_again(sealed: sealing.Sealed) -> None:
    """Open every sealed part as the opening will; a fault is better found now than then."""
    for part in sealed.declaration["parts"]:
        binding = {name: sealed.declaration[name] for name in (
            "log_origin", "tender", "lot", "bid", "tenderer", "version")}
        on_disk = _OnDisk(sealed.files[part["part"]])
        try:
            content.examine(on_disk, suites.of_recipient(part["recipient"]).identity(sealed.seeds[part["part"]]),
                            {**binding, "part": part["part"]}, part["manifest_hash"])
        finally:
            on_disk.close()


def load(folder: Path) -> dict:
    """What the key file of a sealed bid holds: declaration, wraps, seeds, own shares."""
    return sealing.read_key_file(Path(folder) / KEY_FILE)


def load_notice_of(folder: Path) -> Notice:
    """The notice that a bid in this folder was sealed for."""
    return load_notice(Path(folder) / NOTICE_FILE)


def unseal(folder: Path, target: Path) -> dict[str, list[str]]:
    """Decrypt one's own sealed bid into `target`, part by part; the names written.

    Needs no server: the key file and the sealed parts are enough.
    """
    kept = load(folder)
    written: dict[str, list[str]] = {}
    for part in kept["declaration"]["parts"]:
        name = part["part"]
        binding = {key: kept["declaration"][key] for key in (
            "log_origin", "tender", "lot", "bid", "tenderer", "version")} | {"part": name}
        on_disk = _OnDisk(Path(folder) / f"{name}.age")
        identity = suites.of_recipient(part["recipient"]).identity(kept["seeds"][name])
        try:
            place = Path(target) / name
            place.mkdir(parents=True, exist_ok=True)
            found, _ = content.examine(on_disk, identity, binding, part["manifest_hash"])
            for file in found:
                with open(place / file["name"], "wb") as out:
                    out.writelines(content.stream(on_disk, identity, file))
                written.setdefault(name, []).append(file["name"])
        finally:
            on_disk.close()
    return written
