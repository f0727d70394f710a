"""A company's signing key: made here, bound to the company, never sent."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.canonical import b64, sha256, unb64
from people.rules import key_statement

from .. import declaration
from ..wire import call
from .places import write_whole


def new_key(path: Path) -> str:
    """Make an Ed25519 signing key in a file of its owner's alone; return the public key."""
    seed = os.urandom(32)
    write_whole(Path(path), b64(seed) + "\n", new=True)
    return declaration.sign({"type": "", "log_origin": ""}, seed)[0]


def read_key(path: Path) -> bytes:
    """The 32-byte seed that `new_key` wrote."""
    return unb64(Path(path).read_text(encoding="ascii").strip(), 32)


def bind_key(wire, signing_seed: bytes) -> dict:
    """Bind a signing key to one's company; the session needs a fresh second factor."""
    who = call(wire, "GET", "/session")
    key = Ed25519PrivateKey.from_private_bytes(signing_seed)
    public = key.public_key().public_bytes_raw()
    said = key_statement(who["log_origin"], who["account_id"], public)
    return call(wire, "POST", "/signing-keys",
                {"public_key": b64(public), "proof": b64(key.sign(said))},
                key="bind-" + sha256(public).hex())
