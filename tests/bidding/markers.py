"""Looks for a secret in every form it may have been left behind in (assurance Q26).

A marker is 32 random bytes. Looked for: as it is, in base64 at each of its three alignments,
in hex of both cases, as UTF-16 of its base64 and hex, and inside anything that inflates
(zlib, gzip, raw deflate behind a zip header).
"""

from __future__ import annotations

import base64
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_STREAM = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04")
INFLATE_MOST = 64 << 20


def forms(marker: bytes) -> dict[str, bytes]:
    """Every spelling of the marker that is looked for."""
    found = {"raw": marker, "hex": marker.hex().encode(), "HEX": marker.hex().upper().encode()}
    for shift in range(3):
        # What comes before and after changes the outer characters, so they are cut off.
        text = base64.b64encode(bytes(shift) + marker)[(0, 2, 3)[shift]:].rstrip(b"=")[:-1]
        found[f"base64+{shift}"] = text
        found[f"base64url+{shift}"] = text.replace(b"+", b"-").replace(b"/", b"_")
    for name in ("hex", "base64+0", "base64+1", "base64+2"):
        found[f"utf-16 {name}"] = found[name].decode().encode("utf-16-le")
    return found


def inflated(data: bytes) -> Iterator[bytes]:
    """What each compressed stream inside `data` holds."""
    whole = memoryview(data)
    for match in _STREAM.finditer(data):
        start, kind = match.start(), match.group()
        window, offset = (zlib.MAX_WBITS | 32, 0) if kind[:1] != b"P" else (-zlib.MAX_WBITS, 30)
        if kind[:1] == b"P" and len(data) >= start + 30:
            offset = 30 + int.from_bytes(data[start + 26:start + 28], "little") \
                + int.from_bytes(data[start + 28:start + 30], "little")
        try:
            plain = zlib.decompressobj(window).decompress(whole[start + offset:], INFLATE_MOST)
        except zlib.error:
            continue
        if plain:
            yield plain


def seen(data: bytes, marker: bytes) -> set[str]:
    """In which forms `data` holds the marker."""
    return {form for form, _ in _seen(data, {b"": forms(marker)})}


def _seen(data: bytes, spelled: dict[bytes, dict[str, bytes]]) -> set[tuple[str, bytes]]:
    """Which markers `data` holds in which forms; whatever inflates is inflated once for all."""
    found = set()
    for prefix, text in itertools.chain([("", data)], (("inflated ", one) for one in inflated(data))):
        found |= {(prefix + name, marker) for marker, spellings in spelled.items()
                  for name, spelling in spellings.items() if spelling in text}
    return found


def files_under(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every readable file below the folders with its content."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()


def hunt(places: Iterable[tuple[str, bytes]],
         markers: Iterable[bytes]) -> list[tuple[str, str, bytes]]:
    """(place, form, marker) wherever one of the markers is found."""
    spelled = {marker: forms(marker) for marker in markers}
    return [(place, form, marker) for place, data in places
            for form, marker in sorted(_seen(data, spelled))]
