"""Objects that people sign: their bytes, by which keys, whether a signature is good. Pure.

Signed bytes are `yangguang/v1/` ‖ type ‖ LF ‖ log_origin ‖ LF ‖ JCS, so that no signature can be
shown for another purpose or another platform (docs/formats/signatures.md).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.canonical import NotCanonical, b64, jcs, sha256, unb64

from . import x509

DOMAIN = b"yangguang/v1/"

Key = str | dict[str, str]
"""Who signed: a registered Ed25519 key (base64), or {"certificate": PEM chain}."""


def signed_bytes(value: dict) -> bytes:
    """The bytes that are signed for an object that has `type` and `log_origin`."""
    head = DOMAIN + value["type"].encode() + b"\n" + value["log_origin"].encode() + b"\n"
    return head + jcs(value)


def sign(value: dict, signer: bytes | x509.CertifiedKey) -> tuple[Key, str]:
    """Sign an object with an Ed25519 key (32-byte seed) or a certified key: (key, signature)."""
    if isinstance(signer, x509.CertifiedKey):
        return {"certificate": signer.chain}, b64(signer.sign(signed_bytes(value)))
    key = Ed25519PrivateKey.from_private_bytes(signer)
    return b64(key.public_key().public_bytes_raw()), b64(key.sign(signed_bytes(value)))


def verify(value: dict, key: Key, signature: str) -> bool:
    """Whether `signature` (base64) is that of `key` over the object.

    Whether the key is registered, or the certificate is believed and names this company, is
    another question: `people.x509.check` and the register answer it.
    """
    try:
        if isinstance(key, dict):
            certificate = x509.parse_chain(key["certificate"])[0]
            return x509.signed_by(certificate, unb64(signature), signed_bytes(value))
        public = Ed25519PublicKey.from_public_bytes(unb64(key, 32))
        public.verify(unb64(signature, 64), signed_bytes(value))
    except (NotCanonical, InvalidSignature, KeyError, ValueError):
        return False
    return True


def fingerprint(key: Key) -> str:
    """What a key is told by: SHA-256, hex, of its 32 bytes, or of the certificate's public key.

    Raises NotCanonical, BadCertificate.
    """
    if isinstance(key, dict):
        return sha256(x509.public_der(x509.parse_chain(key["certificate"])[0])).hex()
    return sha256(unb64(key, 32)).hex()
