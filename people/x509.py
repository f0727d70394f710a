"""Certificates of 电子认证: who signs for a company under a key that a CA vouches for (电子签名法 13, 16).

A signer shows a PEM chain, its own certificate first. It counts when the chain leads to a
configured root, every certificate is valid at the time of the act and on no revocation list,
its key may sign, and its subject names exactly one unified social credit code. Nothing is
fetched: roots and lists are what the operator put into the folder. What is not understood is
refused: an unknown critical extension, a missing or stale list, a weak key.

Two kinds of key (sealed-bid A3.2): ECDSA P-256 with SHA-256, the signature 64 bytes r ‖ s;
RSA of 2048 bits or more, PSS with SHA-256, MGF1-SHA-256 and 32 bytes of salt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from kernel.canonical import b64, sha256
from kernel.refusal import Refused

from . import uscc

MOST_PEM = 48 * 1024
"""Characters in a chain; five RSA certificates need about 12,000."""
MOST_CERTIFICATES = 5
RSA_BITS = (2048, 8192)

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n")
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_KNOWN_CRITICAL = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE,
                   ExtensionOID.EXTENDED_KEY_USAGE}
_SIGNING_PURPOSES = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION,
                     ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
                     x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")}  # documentSigning, RFC 9336
_SUBJECT = (
    ("organizationIdentifier", NameOID.ORGANIZATION_IDENTIFIER,
     re.compile(r"\A(?:NTRCN-)?([0-9A-Z]{18})\Z")),
    ("serialNumber", NameOID.SERIAL_NUMBER, re.compile(r"\A([0-9A-Z]{18})\Z")),
    ("OU", NameOID.ORGANIZATIONAL_UNIT_NAME,
     re.compile(r"\A(?:统一社会信用代码|USCC)[:：=]([0-9A-Z]{18})\Z")),
)
"""Where a subject names its unit: ETSI EN 319 412-1 first, then what Chinese CAs write. A bare
OU is anybody's free text, so it must say what it is."""

_MALFORMED = (ValueError, TypeError, KeyError, UnsupportedAlgorithm, x509.DuplicateExtension,
              x509.InvalidVersion, x509.UnsupportedGeneralNameType, x509.AttributeNotFound)
"""What the library raises over bytes that are no certificate or list."""


class BadCertificate(ValueError):
    """The certificate does not count; the message says why."""


@dataclass(frozen=True)
class Authorities:
    """The roots that are believed and the revocation lists at hand."""

    roots: tuple[x509.Certificate, ...] = ()
    lists: tuple[x509.CertificateRevocationList, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Authorities:
        """Read `roots/*.pem` and `crl/*.pem`. Raises BadCertificate naming the file at fault."""
        found = []
        for kind in ("roots", "crl"):
            paths = sorted((Path(folder) / kind).glob("*.pem"))
            found.append(tuple((path, path.stat().st_mtime_ns, path.stat().st_size)
                               for path in paths))
        return _authorities(*found)


@lru_cache(maxsize=2)
def _authorities(roots: tuple, lists: tuple) -> Authorities:
    """The files as they were when they last changed: a bid in the last minute reads none."""
    found: list[x509.Certificate] = []
    for path, *_ in roots:
        found += _of_file(path, x509.load_pem_x509_certificates)
    return Authorities(tuple(found), tuple(
        _of_file(path, x509.load_pem_x509_crl) for path, *_ in lists))


def _of_file(path: Path, load):
    try:
        return load(path.read_bytes())
    except _MALFORMED as error:
        raise BadCertificate(f"{path.name} cannot be read: {error}") from error


@dataclass(frozen=True)
class Certified:
    """A certificate that counts at the time it was asked for."""

    certificate: x509.Certificate
    uscc: str
    attribute: str
    """The attribute of the subject that named the unit."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def pin(self) -> str:
        """SHA-256 of its public key (SubjectPublicKeyInfo) in base64: a renewed certificate for
        the same key has the same."""
        return b64(sha256(public_der(self.certificate)))

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this certificate's key's over `message`."""
        return signed_by(self.certificate, signature, message)


def check(chain: str, authorities: Authorities, at: datetime) -> Certified:
    """The signer of a PEM chain, valid at `at`. Raises BadCertificate."""
    try:
        return _check(parse_chain(chain), authorities, at)
    except _MALFORMED as error:
        if isinstance(error, BadCertificate):
            raise
        raise BadCertificate(f"it cannot be read: {error}") from error


def parse_chain(text: str) -> list[x509.Certificate]:
    """The certificates of a chain in its one spelling (PEM of 64 columns, nothing between).

    Raises BadCertificate.
    """
    if not isinstance(text, str) or len(text) > MOST_PEM or not text.isascii():
        raise BadCertificate("not a PEM text of at most 48 KiB")
    blocks = _BLOCK.findall(text)
    if not 1 <= len(blocks) <= MOST_CERTIFICATES or "".join(blocks) != text:
        raise BadCertificate("not a plain sequence of one to five PEM certificates")
    try:
        found = [x509.load_pem_x509_certificate(block.encode()) for block in blocks]
        spelled = "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in found)
    except _MALFORMED as error:
        raise BadCertificate(f"it cannot be read: {error}") from error
    if spelled != text:
        raise BadCertificate("another spelling of PEM than 64 columns")
    for one in found:
        # The bits of a signature are whole bytes; the library would take any count of unused ones.
        if not one.public_bytes(serialization.Encoding.DER).endswith(b"\0" + one.signature):
            raise BadCertificate("another spelling of a signature than whole bytes")
    return found


def _check(chain: list[x509.Certificate], authorities: Authorities, at: datetime) -> Certified:
    leaf = chain[0]
    path = _path(chain, authorities.roots)
    for depth, (certificate, issuer) in enumerate(pairwise(path)):
        _in_time(certificate, at)
        _issued(certificate, issuer, depth)
        _not_revoked(certificate, issuer, authorities.lists, at)
    _in_time(path[-1], at)
    _may_sign(leaf)
    _strong(leaf)
    code, attribute = unit_of(leaf)
    return Certified(leaf, code, attribute)


def _path(chain: list[x509.Certificate],
          roots: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The chain completed by its root; the root itself may or may not be shown."""
    roots = tuple(roots)
    if chain[-1] in roots:
        if len(chain) == 1:
            raise BadCertificate("a root signs no bids")
        return chain
    for root in roots:
        if root.subject == chain[-1].issuer and _signature_fits(chain[-1], root):
            return [*chain, root]
    raise BadCertificate("the chain leads to no root that is believed here")


def _signature_fits(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_MALFORMED):
        return False
    return True


def _in_time(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise BadCertificate("a certificate is not yet, or no longer, valid at the time of the act")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, depth: int) -> None:
    """`depth`: how many CA certificates stand between the signer's and this issuer."""
    if not _signature_fits(certificate, issuer):
        raise BadCertificate("a certificate is not signed by the next one of the chain")
    if not isinstance(certificate.signature_hash_algorithm, _HASHES):
        raise BadCertificate("a certificate is signed with a hash that is too weak")
    for one in (certificate, issuer):
        if one.version is not x509.Version.v3:
            raise BadCertificate("a certificate is not of version 3")
        strange = [item.oid.dotted_string for item in one.extensions
                   if item.critical and item.oid not in _KNOWN_CRITICAL]
        if strange:
            raise BadCertificate(f"critical extension {strange[0]} is not understood")
    basic, usage = _extension(issuer, x509.BasicConstraints), _extension(issuer, x509.KeyUsage)
    if basic is None or not basic.ca or (usage is not None and not usage.key_cert_sign):
        raise BadCertificate("an issuer of the chain is no certificate authority")
    if basic.path_length is not None and depth > basic.path_length:
        raise BadCertificate("the chain is longer than an authority in it allows")
    _strong(issuer, curves=(ec.SECP256R1, ec.SECP384R1))


def _not_revoked(certificate: x509.Certificate, issuer: x509.Certificate,
                 lists: Iterable[x509.CertificateRevocationList], at: datetime) -> None:
    """Refuse what a list names, and what no list of its issuer speaks for at `at`."""
    usage = _extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        raise BadCertificate("an issuer of the chain may not sign revocation lists")
    current = False
    for one in lists:
        if one.issuer != issuer.subject or not _list_fits(one, issuer):
            continue
        named = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if named is not None and named.revocation_date_utc <= at:
            raise BadCertificate("a certificate of the chain is revoked")
        until = one.next_update_utc
        current = current or (until is not None and one.last_update_utc <= at < until)
    if not current:
        raise BadCertificate("no current revocation list of an issuer is at hand")


def _list_fits(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether it is a whole list of this issuer: no delta, no part, nothing not understood."""
    try:
        return (isinstance(one.signature_hash_algorithm, _HASHES)
                and not any(item.critical for item in one.extensions)
                and one.is_signature_valid(issuer.public_key()))
    except (InvalidSignature, *_MALFORMED):
        return False


def _may_sign(leaf: x509.Certificate) -> None:
    basic, usage = _extension(leaf, x509.BasicConstraints), _extension(leaf, x509.KeyUsage)
    purposes = _extension(leaf, x509.ExtendedKeyUsage)
    if basic is not None and basic.ca:
        raise BadCertificate("a certificate authority signs no bids")
    if usage is None or not (usage.digital_signature or usage.content_commitment):
        raise BadCertificate("its key is not for signatures (key usage)")
    if purposes is not None and not _SIGNING_PURPOSES & set(purposes):
        raise BadCertificate("its key is not for signatures (extended key usage)")


def _strong(certificate: x509.Certificate, curves: tuple = (ec.SECP256R1,)) -> None:
    key = certificate.public_key()
    fits = (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, curves)) or (
        isinstance(key, rsa.RSAPublicKey) and RSA_BITS[0] <= key.key_size <= RSA_BITS[1])
    if not fits:
        raise BadCertificate("its key is neither ECDSA P-256 nor RSA of 2048 bits or more")


def unit_of(certificate: x509.Certificate) -> tuple[str, str]:
    """(unified social credit code, attribute) of the subject. Raises BadCertificate."""
    found: dict[str, str] = {}
    for attribute, oid, pattern in _SUBJECT:
        for item in certificate.subject.get_attributes_for_oid(oid):
            match = pattern.match(item.value) if isinstance(item.value, str) else None
            try:
                if match:
                    found.setdefault(uscc.checked(match.group(1)), attribute)
            except Refused:
                continue
    if len(found) != 1:
        raise BadCertificate("its subject names no unified social credit code" if not found
                             else "its subject names two different units")
    return next(iter(found.items()))


def _extension(certificate: x509.Certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def public_der(certificate: x509.Certificate) -> bytes:
    """Its public key (SubjectPublicKeyInfo, DER)."""
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def signed_by(certificate: x509.Certificate, signature: bytes, message: bytes) -> bool:
    """Whether the key of `certificate` signed `message`; says nothing of who stands behind it."""
    try:
        key = certificate.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            if len(signature) != 64 or not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER):
                return False
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, _PSS, hashes.SHA256())
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


class CertifiedKey:
    """A private key with its chain: the signer's own side, on the signer's own machine."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, chain: str):
        self.private, self.chain = private, chain
        if public_der(parse_chain(chain)[0]) != private.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo):
            raise BadCertificate("the key is not the certificate's")

    @classmethod
    def read(cls, key: Path, chain: Path, password: bytes | None = None) -> CertifiedKey:
        """Read a PEM private key and a PEM chain. Raises BadCertificate."""
        private = _of_file(Path(key), lambda data: serialization.load_pem_private_key(
            data, password))
        found = _of_file(Path(chain), x509.load_pem_x509_certificates)
        return cls(private, "".join(
            one.public_bytes(serialization.Encoding.PEM).decode() for one in found))

    def sign(self, message: bytes) -> bytes:
        """The signature in the form of the key: raw r ‖ s, or PSS."""
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32) + s.to_bytes(32)
        return self.private.sign(message, _PSS, hashes.SHA256())
