"""Shamir's secret sharing over GF(256), in the layout of HashiCorp Vault.

A share is one byte of y for each byte of the secret, followed by one byte x. The field is
that of AES (x^8 + x^4 + x^3 + x + 1). PyPI pyshamir and npm shamir-secret-sharing combine
these shares, and ours theirs.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence


def _tables() -> tuple[list[int], list[int]]:
    power, log, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        power[exponent] = power[exponent + 255] = value
        log[value] = exponent
        value ^= value << 1  # times 3, a generator of the multiplicative group
        if value & 0x100:
            value ^= 0x11B
    return power, log


_POWER, _LOG = _tables()


class BadShares(ValueError):
    """The shares cannot belong to one secret: different lengths, or the same x twice."""


def split(secret: bytes, threshold: int, count: int) -> list[bytes]:
    """Deal `count` shares of which any `threshold` give `secret` back, fewer give nothing."""
    if not 1 <= threshold <= count <= 255 or not secret:
        raise ValueError("need 1 <= threshold <= count <= 255 and a secret")
    xs = secrets.SystemRandom().sample(range(1, 256), count)
    polynomials = [bytes([byte]) + secrets.token_bytes(threshold - 1) for byte in secret]
    return [bytes(_evaluate(p, x) for p in polynomials) + bytes([x]) for x in xs]


def combine(shares: Sequence[bytes]) -> bytes:
    """Give the secret back from at least the threshold of shares.

    With too few, or with a false one among them, the answer is noise: who combines must
    compare it with something known (here: the recipient of the bid key). Raises BadShares.
    """
    length = len(shares[0]) if shares else 0
    xs = [share[-1] for share in shares if share]
    if length < 2 or any(len(share) != length for share in shares):
        raise BadShares("shares of different or no length")
    if len(set(xs)) != len(shares) or 0 in xs:
        raise BadShares("the same share twice")
    weights = [_weight(x, xs) for x in xs]
    secret = bytearray(length - 1)
    for share, weight in zip(shares, weights, strict=True):
        for place in range(length - 1):
            secret[place] ^= _times(share[place], weight)
    return bytes(secret)


def _times(a: int, b: int) -> int:
    return _POWER[_LOG[a] + _LOG[b]] if a and b else 0


def _evaluate(polynomial: bytes, x: int) -> int:
    value = 0
    for coefficient in reversed(polynomial):
        value = _times(value, x) ^ coefficient
    return value


def _weight(x: int, xs: Sequence[int]) -> int:
    """Lagrange's weight of the share at `x`, for the value at 0."""
    weight = 1
    for other in xs:
        if other != x:
            weight = _times(weight, _POWER[_LOG[other] - _LOG[other ^ x] + 255])
    return weight
