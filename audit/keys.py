"""The installation's own keys: the log's, which only the sequencer loads, and the platform's.

In the key folder (mode 0700): `log.skey` and `platform.skey` (mode 0600), and beside them
`log.vkey` and `platform.vkey`, which are for everybody. The log's key is named as the log's
origin, the platform's as origin + `/platform`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .note import BadNote, Signer, Verifier, read_vkey


class BadKey(RuntimeError):
    """A key is missing, too widely readable or not the one expected; the message says which."""


@dataclass(frozen=True)
class Keys:
    """What the sequencer's process holds."""

    log: Signer
    platform: Signer

    @classmethod
    def make(cls, folder: Path, origin: str) -> Keys:
        """Make whichever key is missing, never replace one, and load both."""
        folder = Path(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        for name, title in (("log", origin), ("platform", f"{origin}/platform")):
            secret = folder / f"{name}.skey"
            if not secret.exists():
                # The private key first: if we die here, its public half is made from it below.
                _write(secret, Signer.generate(title).secret_text(), 0o600)
            _write(folder / f"{name}.vkey", str(_load(secret).verifier), 0o644)
        keys = cls.load(folder)
        if keys.log.name != origin:
            raise BadKey(f"the log's key is {keys.log.name}'s, not {origin}'s")
        return keys

    @classmethod
    def load(cls, folder: Path) -> Keys:
        """Load both private keys. Raises BadKey."""
        return cls(_load(Path(folder) / "log.skey"), platform_key(folder))


def platform_key(folder: Path) -> Signer:
    """The key that signs promises; every worker holds it. Raises BadKey."""
    return _load(Path(folder) / "platform.skey")


def verifier(folder: Path, name: str = "log") -> Verifier:
    """The public key `log` or `platform` of a key folder. Raises BadKey."""
    path = Path(folder) / f"{name}.vkey"
    try:
        return read_vkey(path.read_bytes())
    except (OSError, BadNote) as error:
        raise BadKey(f"{path}: {error}") from error


def _load(path: Path) -> Signer:
    try:
        if path.stat().st_mode & 0o077:
            raise BadKey(f"{path} can be read by others; its mode must be 0600")
        return Signer.parse(path.read_text("utf-8").rstrip("\n"))
    except (OSError, BadNote, ValueError) as error:
        raise BadKey(f"{path}: {error}") from error


def _write(path: Path, line: str, mode: int) -> None:
    temporary = path.with_suffix(path.suffix + ".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
