"""RFC 3161 tokens, checked: no database and no network, so that a stranger's program has it too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import TimeStampResponse, VerifierBuilder, decode_timestamp_response


class BadAuthority(ValueError):
    """The authority's address or certificates cannot be used; the message says why."""


class BadStamp(ValueError):
    """The token is none for these bytes by these certificates; the message says why."""


@dataclass(frozen=True)
class Stamp:
    """A token that verified, and the time it names."""

    token: bytes
    at: datetime


def believed_by(pem: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM file, by which a token is believed. Raises BadAuthority."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadAuthority(f"not certificates in PEM: {error}") from error


def _builder(found: list[x509.Certificate]) -> VerifierBuilder:
    roots = [one for one in found if one.issuer == one.subject]
    return VerifierBuilder(roots=roots or found,
                           intermediates=[one for one in found if one not in roots] if roots else [])


def verify(token: bytes, data: bytes, pem: bytes, nonce: int | None = None) -> Stamp:
    """Check a TimeStampResp (DER) over `data` by the certificates in `pem`; raises BadStamp.

    `nonce`: the one sent, where the asker checks; nobody else knows it.
    """
    believed = believed_by(pem)
    builder = _builder(believed)
    try:
        answer = decode_timestamp_response(token)
        if answer.as_bytes() != token:
            raise BadStamp("the token has another spelling")
        if nonce is not None:
            builder = builder.nonce(nonce)
        builder.build().verify_message(answer, data)
        _check_form(answer, believed)
        return Stamp(token, answer.tst_info.gen_time.astimezone(UTC))
    except BadStamp:
        raise
    except Exception as error:
        # The library lets many kinds of error through for strange bytes; none of them is a token.
        raise BadStamp(str(error)) from error


def token_time(token: bytes, data: bytes) -> datetime:
    """The time that a TimeStampResp (DER) over `data` names, its signature not looked at.

    Raises BadStamp where it is none, or over something else.
    """
    try:
        found = decode_timestamp_response(token).tst_info
        if found.message_imprint.message != hashlib.sha256(data).digest():
            raise BadStamp("the token is over something else")
        return found.gen_time.astimezone(UTC)
    except BadStamp:
        raise
    except Exception as error:
        # As above: strange bytes let many kinds of error through.
        raise BadStamp(str(error)) from error


def _check_form(answer: TimeStampResponse, believed: list[x509.Certificate]) -> None:
    """What the library lets pass: other version numbers, and a signer's certificate beside the
    token that differs from the believed one of the same issuer and number."""
    signed = answer.signed_data
    if signed.version != 3 or [one.version for one in signed.signer_infos] != [1]:
        raise BadStamp("the token's structures have other versions")
    names = {(one.issuer, one.serial_number): one for one in believed}
    for encoded in signed.certificates:
        one = x509.load_der_x509_certificate(encoded)
        if names.get((one.issuer, one.serial_number), one) != one:
            raise BadStamp("the signer's certificate is not the believed one")
