"""A certificate authority for tests: roots, intermediates, signers, revocation lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from people.x509 import Authorities, CertifiedKey

NOW = datetime(2027, 3, 1, 4, tzinfo=UTC)
YEAR = timedelta(days=365)
USAGE = dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment",
                       "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
                       "encipher_only", "decipher_only"), False)


def p256():
    """A fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048):
    """An RSA key, made once for each size."""
    return rsa.generate_private_key(65537, bits)


def pem(*certificates) -> str:
    """A chain."""
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


class Authority:
    """One authority: its key, its certificate, and those it issues."""

    def __init__(self, name: str, parent: Authority | None = None, *, now: datetime = NOW,
                 path_length: int | None = None, key=None, ca: bool = True, **usage):
        self.key, self.now = key or p256(), now
        self.name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
                               x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (parent or self).issue(
            self.name, self.key, ca=ca, path_length=path_length,
            usage=usage or {"key_cert_sign": True, "crl_sign": True})

    def issue(self, subject: x509.Name, key, *, ca: bool = False, path_length=None, usage=None,
              start=None, end=None, extra=(), digest=None, basic: bool = True):
        """A certificate signed by this authority."""
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(start or self.now - YEAR)
                   .not_valid_after(end or self.now + YEAR))
        if basic:
            builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
        if usage is not False:
            usage = {**USAGE, **(usage or {"digital_signature": True})}
            builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, digest or hashes.SHA256())

    def signer(self, uscc: str, key=None, *, subject=None, chain=(), **more) -> CertifiedKey:
        """A company's key with its certificate; `chain` follows it."""
        key = key or p256()
        name = subject or organisation(uscc)
        return CertifiedKey(key, pem(self.issue(name, key, **more), *chain))

    def crl(self, *revoked, start=None, end=None, key=None, digest=None, extra=()):
        """A revocation list naming `revoked` certificates."""
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self.name)
                   .last_update(start or self.now - timedelta(days=1))
                   .next_update(end or self.now + timedelta(days=30)))
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(one.serial_number)
                .revocation_date(self.now - timedelta(hours=1)).build())
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(key or self.key, digest or hashes.SHA256())


def organisation(uscc: str, *, serial: str | None = None, unit: str | None = None) -> x509.Name:
    """A subject with organizationIdentifier, and what else is given."""
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
             x509.NameAttribute(NameOID.ORGANIZATION_NAME, "浙江某建设有限公司")]
    if uscc:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRCN-{uscc}"))
    if serial:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    if unit:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name(parts)


def believed(*authorities: Authority, lists=None) -> Authorities:
    """The first authority as the root, and a current list of each."""
    return Authorities((authorities[0].certificate,), tuple(
        [one.crl() for one in authorities] if lists is None else lists))


def install(folder: Path, *authorities: Authority, lists=None) -> None:
    """Write what YANGGUANG_CA names: the first authority as the root, a list of each."""
    for name in ("roots", "crl"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "roots" / "root.pem").write_text(pem(authorities[0].certificate))
    lists = [one.crl() for one in authorities] if lists is None else lists
    for number, one in enumerate(lists):
        (folder / "crl" / f"{number}.pem").write_bytes(
            one.public_bytes(serialization.Encoding.PEM))
