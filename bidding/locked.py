"""Secrets of a service at rest: locked under a passphrase that does not lie beside them.

Each secret is a file `NAME.locked` of one JSON object: scrypt's numbers and salt, a nonce, and
the secret under ChaCha20-Poly1305 whose associated data is the secret's name. Who copies the
folder or its backup has nothing without the passphrase; who rules the running machine has all.

The passphrase comes from the credential `yangguang-passphrase` of systemd (LoadCredential= or
LoadCredentialEncrypted=, which can bind it to the machine's TPM), from a file given by name, or
from a terminal. Never from the environment, which children inherit, nor the command line.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kernel.canonical import b64, jcs, unb64
from kernel.files import write_whole

CREDENTIAL = "yangguang-passphrase"
LEAST = 12
"""Characters of a passphrase."""
COST = {"n": 1 << 15, "r": 8, "p": 1}
"""scrypt: 32 MiB and some 0.1 s for each guess."""


class WrongPassphrase(ValueError):
    """The passphrase opens nothing here, or the file was changed."""


def passphrase(file: Path | None, environ: Mapping[str, str]) -> str:
    """The passphrase of this service. Raises ValueError where there is none, or a bad one."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if file is None and folder and (Path(folder) / CREDENTIAL).exists():
        file = Path(folder) / CREDENTIAL
    elif file is not None and os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ValueError(f"{file} may be read by others: chmod 600 it, or choose a new passphrase")
    if file is not None:
        text = file.read_text("utf-8").strip("\r\n")
    elif sys.stdin.isatty():
        text = getpass.getpass("Passphrase of the folder: ")
    else:
        raise ValueError(f"no passphrase: give --passphrase-file, or the systemd credential "
                         f"{CREDENTIAL}")
    if len(text) < LEAST:
        raise ValueError(f"the passphrase is shorter than {LEAST} characters")
    return text


class Locker:
    """The secrets of one folder under one passphrase; each is unlocked once a process."""

    def __init__(self, folder: Path, phrase: str):
        self._folder, self._phrase = Path(folder), phrase
        self._open: dict[str, bytes] = {}

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.locked"

    def has(self, name: str) -> bool:
        """Whether there is such a secret."""
        return self._path(name).exists()

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret that is not there yet. Raises FileExistsError."""
        head = {"v": 1, "name": name, "kdf": "scrypt", **COST, "salt": b64(os.urandom(16))}
        nonce = os.urandom(12)
        box = ChaCha20Poly1305(_key(self._phrase, head)).encrypt(nonce, secret, jcs(head))
        write_whole(self._path(name), json.dumps({**head, "nonce": b64(nonce), "box": b64(box)}),
                    new=True)

    def get(self, name: str) -> bytes:
        """A secret. Raises WrongPassphrase, OSError."""
        if name not in self._open:
            self._open[name] = self._unlock(name)
        return self._open[name]

    def _unlock(self, name: str) -> bytes:
        try:
            head = json.loads(self._path(name).read_text("utf-8"))
            nonce, box = unb64(head.pop("nonce"), 12), unb64(head.pop("box"))
            if head != {"v": 1, "name": name, "kdf": "scrypt", **COST, "salt": head.get("salt")}:
                raise WrongPassphrase(f"{self._path(name)} is locked in a way not known here")
            return ChaCha20Poly1305(_key(self._phrase, head)).decrypt(nonce, box, jcs(head))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidTag) as error:
            raise WrongPassphrase(f"{self._path(name)}: another passphrase, or not as it was "
                                  "written") from error


def _key(phrase: str, head: dict) -> bytes:
    return hashlib.scrypt(phrase.encode(), salt=unb64(head["salt"], 16), dklen=32,
                          maxmem=128 << 20, **COST)
