"""Bech32 (BIP 173, without its length limit), the spelling of age recipients and identities."""

from __future__ import annotations

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_LETTERS = _CHARSET.encode()
_VALUES = bytes.maketrans(_LETTERS, bytes(range(32)))
_DIGITS = str.maketrans(_CHARSET, "0123456789abcdefghijklmnopqrstuv")


class NotBech32(ValueError):
    """The text is not the Bech32 spelling of a value with the expected prefix."""


def encode(prefix: str, data: bytes) -> str:
    """Spell `data` in lower-case Bech32 after `prefix`."""
    words = _words(data)
    checksum = _polymod(_expand(prefix) + bytes([*words, 0, 0, 0, 0, 0, 0])) ^ 1
    words += [(checksum >> 5 * (5 - i)) & 31 for i in range(6)]
    return prefix + "1" + "".join(_CHARSET[word] for word in words)


def decode(prefix: str, text: str) -> bytes:
    """Read Bech32 with exactly `prefix`, all in one case; raises NotBech32."""
    if text != text.lower() and text != text.upper():
        raise NotBech32("mixed case")
    # ASCII before it is put in small letters: of the Kelvin sign that makes a k.
    head, one, tail = text.lower().rpartition("1")
    if not text.isascii() or not one or head != prefix.lower() or len(tail) < 6 \
            or (letters := tail.encode()).translate(None, _LETTERS):
        raise NotBech32("wrong prefix or characters")
    if _polymod(_expand(head) + letters.translate(_VALUES)) != 1:
        raise NotBech32("wrong checksum")
    return _octets(tail[:-6])


def _expand(prefix: str) -> bytes:
    return bytes([ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix])


def _feedback(top: int) -> int:
    state = top << 20
    for _ in range(2):
        low, state = state >> 25, (state & 0x1FFFFFF) << 5
        for i, generator in enumerate(_GENERATOR):
            if low >> i & 1:
                state ^= generator
    return state


_FEEDBACK = tuple(map(_feedback, range(1024)))
"""What the ten bits that leave the state put back: a hybrid recipient has some 1,950 words, and two
are taken at a time."""


_PERIOD = 1023
"""The length of the code: so many words on, a word puts into the state what it put in here."""


def _polymod(words: bytes) -> int:
    """The checksum's state after these words of five bits."""
    words, state = b"\1" + words, 0
    while len(words) > _PERIOD:
        ahead, words = words[:-_PERIOD], words[-_PERIOD:]
        words = (int.from_bytes(ahead) ^ int.from_bytes(words)).to_bytes(max(len(ahead), _PERIOD))
    pairs = iter(words if len(words) % 2 == 0 else b"\0" + words)
    for first, second in zip(pairs, pairs, strict=True):
        state = (state & 0xFFFFF) << 10 ^ first << 5 ^ second ^ _FEEDBACK[state >> 20]
    return state


def _words(data: bytes) -> list[int]:
    """Bytes as groups of five bits, the last one filled with zeros."""
    count = -(-len(data) * 8 // 5)
    whole = int.from_bytes(data) << count * 5 - len(data) * 8
    return [whole >> 5 * (count - 1 - place) & 31 for place in range(count)]


def _octets(text: str) -> bytes:
    """The bytes that letters of five bits spell; what is left over must be fewer than five zeros."""
    length, rest = divmod(len(text) * 5, 8)
    value = int(text.translate(_DIGITS) or "0", 32)
    if rest >= 5 or value & (1 << rest) - 1:
        raise NotBech32("stray bits")
    return (value >> rest).to_bytes(length)
