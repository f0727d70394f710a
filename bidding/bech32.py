"""Bech32 (BIP 173, without its length limit), the spelling of age recipients and identities."""

from __future__ import annotations

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_VALUE = {letter: value for value, letter in enumerate(_CHARSET)}


class NotBech32(ValueError):
    """The text is not the Bech32 spelling of a value with the expected prefix."""


def encode(prefix: str, data: bytes) -> str:
    """Spell `data` in lower-case Bech32 after `prefix`."""
    words = _regroup(data, 8, 5, pad=True)
    checksum = _polymod([*_expand(prefix), *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [(checksum >> 5 * (5 - i)) & 31 for i in range(6)]
    return prefix + "1" + "".join(_CHARSET[word] for word in words)


def decode(prefix: str, text: str) -> bytes:
    """Read Bech32 with exactly `prefix`, all in one case; raises NotBech32."""
    if text != text.lower() and text != text.upper():
        raise NotBech32("mixed case")
    text = text.lower()
    head, one, tail = text.rpartition("1")
    if not one or head != prefix.lower() or len(tail) < 6 or set(tail) - set(_CHARSET):
        raise NotBech32("wrong prefix or characters")
    words = [_VALUE[letter] for letter in tail]
    if _polymod([*_expand(head), *words]) != 1:
        raise NotBech32("wrong checksum")
    return bytes(_regroup(words[:-6], 5, 8, pad=False))


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _feedback(top: int) -> int:
    value = 0
    for i, generator in enumerate(_GENERATOR):
        if top >> i & 1:
            value ^= generator
    return value


_FEEDBACK = tuple(map(_feedback, range(32)))
"""What the five bits that leave the state put back; a hybrid recipient has some 1,950 words."""


def _polymod(words: list[int]) -> int:
    state = 1
    for word in words:
        state = (state & 0x1FFFFFF) << 5 ^ word ^ _FEEDBACK[state >> 25]
    return state


def _regroup(data, width_in: int, width_out: int, *, pad: bool) -> list[int]:
    value = bits = 0
    result = []
    for item in data:
        value, bits = (value << width_in | item) & 0xFFFF, bits + width_in
        while bits >= width_out:
            bits -= width_out
            result.append(value >> bits & (1 << width_out) - 1)
    rest = value & (1 << bits) - 1
    if pad and bits:
        result.append(rest << width_out - bits & (1 << width_out) - 1)
    elif not pad and (bits >= width_in or rest):
        raise NotBech32("stray bits")
    return result
