"""A company's signing key: made here, bound to the company, never sent.

Or the key of a certificate of its own, that an authority has issued (people.x509).
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.canonical import b64, sha256, unb64
from kernel.files import write_whole
from people import x509
from people.rules import key_statement

from .. import declaration
from ..wire import call


def new_key(path: Path) -> str:
    """Make an Ed25519 signing key in a file of its owner's alone; return the public key."""
    seed = os.urandom(32)
    write_whole(Path(path), b64(seed) + "\n", new=True)
    return declaration.sign({"type": "", "log_origin": ""}, seed)[0]


def read_key(path: Path) -> bytes:
    """The 32-byte seed that `new_key` wrote. Raises ValueError for another file."""
    try:
        return unb64(Path(path).read_bytes().decode("ascii").strip(), 32)
    except ValueError as error:
        raise ValueError(f"{path} is no signing key as `yangguang bid new-key` writes it; for the "
                         "key of a certificate give --certificate too") from error


def signer(key: Path, certificate: Path | None = None,
           password_file: Path | None = None) -> bytes | x509.CertifiedKey:
    """Who signs: the key of `new_key`, or with `certificate` (a PEM chain, its own first) a PEM
    private key. An encrypted one's password is in a file, or asked for at a terminal.

    Raises BadCertificate, ValueError, OSError.
    """
    if certificate is None:
        return read_key(key)
    password = None
    if password_file is not None:
        password = Path(password_file).read_bytes().rstrip(b"\r\n")
    elif b"ENCRYPTED" in Path(key).read_bytes()[:4096]:
        if not sys.stdin.isatty():
            raise ValueError(f"{key} is encrypted: give --key-password-file")
        password = getpass.getpass(f"Password of {key}: ").encode()
    return x509.CertifiedKey.read(key, certificate, password)


def bind_key(wire, signing_seed: bytes) -> dict:
    """Bind a signing key to one's company; the session needs a fresh second factor."""
    who = call(wire, "GET", "/session")
    key = Ed25519PrivateKey.from_private_bytes(signing_seed)
    public = key.public_key().public_bytes_raw()
    said = key_statement(who["log_origin"], who["account_id"], public)
    return call(wire, "POST", "/signing-keys",
                {"public_key": b64(public), "proof": b64(key.sign(said))},
                key="bind-" + sha256(public).hex())
