"""The installation's own keys: the log's, which only the sequencer loads, and the platform's.

In the key folder (mode 0700): `log.skey` and `platform.skey` (mode 0600), and beside them
`log.vkey` and `platform.vkey`, which are for everybody. The log's key is named as the log's
origin, the platform's as origin + `/platform`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.files import write_whole

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
                write_whole(secret, Signer.generate(title).secret_text() + "\n")
            write_whole(folder / f"{name}.vkey", f"{_load(secret).verifier}\n", mode=0o644)
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
