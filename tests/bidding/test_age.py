"""The container against the C2SP vectors, Debian's age and pyrage, both ways."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pyrage
import pytest

from bidding import age, bech32, suites
from bidding.recipients import NotRecipient

CLASSIC = suites.get("intl-x25519-1")

ROOT = Path(__file__).parents[2]
PACKAGE = Path(os.environ.get("CCTV_AGE", ROOT / "node_modules/cctv-age"))
SIZES = [0, 1, 100, age.CHUNK - 1, age.CHUNK, age.CHUNK + 1, 2 * age.CHUNK, 5 * age.CHUNK + 7]


def vectors():
    """Name, header lines and age file of every vector of the npm package, if it is there."""
    source = PACKAGE / "index.js"
    if not source.exists():
        return
    text = source.read_text()
    for name, data in re.findall(r'var (\w+)_default = __toBinary\("([^"]*)"\)', text):
        head, body = base64.b64decode(data).split(b"\n\n", 1)
        fields = [line.split(": ", 1) for line in head.decode().split("\n")]
        if ("compressed", "zlib") in map(tuple, fields):
            body = zlib.decompress(body)
        yield name, fields, body


def applicable(fields) -> bool:
    keys = dict(fields)
    return "armored" not in keys and "passphrase" not in keys


def opener(text: str):
    suite = suites.of_identity(text)
    return suite.identity(suite.seed_of(text))


def outcome(body: bytes, openers) -> tuple[str, str]:
    digest = hashlib.sha256()
    try:
        opened = age.Opened(lambda offset, n: body[offset:offset + n], len(body), openers)
    except age.NotAge:
        return "header failure", ""
    except age.NoMatch:
        return "no match", ""
    except age.WrongMac:
        return "HMAC failure", ""
    try:
        for chunk in opened.chunks():
            digest.update(chunk)
    except age.Damaged:
        return "payload failure", digest.hexdigest()
    return "success", digest.hexdigest()


def test_cctv_vectors():
    found = list(vectors())
    if not found:
        pytest.skip(f"npm package cctv-age is not at {PACKAGE}")
    tried = wrong = 0
    for name, fields, body in found:
        if not applicable(fields):
            continue
        keys = dict(fields)
        openers = [opener(value) for key, value in fields if key == "identity"]
        result, digest = outcome(body, openers)
        tried += 1
        if result != keys["expect"] or ("payload" in keys and digest != keys["payload"]
                                        and result in ("success", "payload failure")):
            wrong += 1
            print(name, keys["expect"], "got", result, keys.get("comment"))
    print(f"{tried} of {len(found)} vectors apply")
    assert tried == 85 and wrong == 0


@pytest.mark.parametrize("size", SIZES)
def test_round_trip_and_pyrage_both_ways(size):
    seed, data = CLASSIC.generate(), os.urandom(size)
    sealed = age.seal(data, [CLASSIC.recipient_of(seed)])
    assert age.unseal(sealed, [CLASSIC.identity(seed)]) == data
    header = age.parse_header(sealed).length
    assert len(sealed) == header + 16 + size + age.TAG * max(1, -(-size // age.CHUNK))
    assert age.plain_size(age.parse_header(sealed).length, len(sealed)) == size
    identity = pyrage.x25519.Identity.from_str(CLASSIC.identity_text(seed))
    assert str(identity.to_public()) == CLASSIC.recipient_of(seed)
    assert pyrage.decrypt(sealed, [identity]) == data
    theirs = pyrage.encrypt(data, [identity.to_public()])
    assert age.unseal(theirs, [CLASSIC.identity(seed)]) == data


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age is not installed")
@pytest.mark.parametrize("size", [0, 1, age.CHUNK, 3 * age.CHUNK + 5])
def test_debian_age_both_ways(size, tmp_path):
    seed, other, data = CLASSIC.generate(), CLASSIC.generate(), os.urandom(size)
    key = tmp_path / "key"
    key.write_text(CLASSIC.identity_text(seed) + "\n")
    ours = tmp_path / "ours.age"
    ours.write_bytes(age.seal(data, [CLASSIC.recipient_of(other), CLASSIC.recipient_of(seed)]))
    plain = subprocess.run(["age", "-d", "-i", key, ours], capture_output=True, check=True)
    assert plain.stdout == data
    theirs = subprocess.run(["age", "-r", CLASSIC.recipient_of(other), "-r", CLASSIC.recipient_of(seed)],
                            input=data, capture_output=True, check=True).stdout
    assert age.unseal(theirs, [CLASSIC.identity(seed)]) == data


@pytest.mark.parametrize("suite", suites.SUITES.values(), ids=lambda suite: suite.name)
def test_a_stream_written_in_any_pieces_is_the_same_plain_text(suite):
    seed, data = suite.generate(), os.urandom(4 * age.CHUNK + 123)
    for piece in (1000, age.CHUNK - 1, age.CHUNK, age.CHUNK + 1, 200_000, len(data)):
        parts = []
        sealer = age.Sealer(parts.append, [suite.recipient_of(seed)])
        for start in range(0, len(data), piece):
            sealer.write(data[start:start + piece])
        sealer.close()
        assert age.unseal(b"".join(parts), [suite.identity(seed)]) == data


@pytest.mark.parametrize("suite", suites.SUITES.values(), ids=lambda suite: suite.name)
def test_any_place_can_be_read(suite):
    seed, data = suite.generate(), os.urandom(3 * age.CHUNK + 5)
    sealed = age.seal(data, [suite.recipient_of(seed)])
    opened = age.Opened(lambda o, n: sealed[o:o + n], len(sealed), [suite.identity(seed)])
    for offset, length in [(0, 10), (age.CHUNK - 3, 7), (age.CHUNK, age.CHUNK), (100, len(data)),
                           (3 * age.CHUNK, 5), (len(data), 9)]:
        assert opened.read(offset, length) == data[offset:offset + length]


@pytest.mark.parametrize("suite", suites.SUITES.values(), ids=lambda suite: suite.name)
def test_every_flipped_byte_is_found(suite):
    seed, data = suite.generate(), os.urandom(300)
    sealed = age.seal(data, [suite.recipient_of(seed)])
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((age.NotAge, age.NoMatch, age.WrongMac, age.Damaged)):
            age.unseal(bytes(changed), [suite.identity(seed)])


@pytest.mark.parametrize("suite", suites.SUITES.values(), ids=lambda suite: suite.name)
def test_cut_swapped_and_lengthened_chunks_are_found(suite):
    seed, data = suite.generate(), os.urandom(3 * age.CHUNK)
    sealed = age.seal(data, [suite.recipient_of(seed)])
    start, step = age.parse_header(sealed).length + 16, age.CHUNK + age.TAG
    first, second = sealed[start:start + step], sealed[start + step:start + 2 * step]
    swapped = sealed[:start] + second + first + sealed[start + 2 * step:]
    for broken in (sealed[:-step], sealed[:-1], sealed + b"\0", sealed + sealed[-step:], swapped):
        with pytest.raises(age.Damaged):
            age.unseal(broken, [suite.identity(seed)])


@pytest.mark.parametrize("data", [b"", b"age-encryption.org/v1", b"%PDF-1.7\n", b"PK\3\4" * 2000,
                                  b"age-encryption.org/v2\n-> X25519", b"\0" * 5000])
def test_what_is_not_sealed_is_not_a_header(data):
    with pytest.raises(age.NotAge):
        age.parse_header(data)


@pytest.mark.parametrize("suite", suites.SUITES.values(), ids=lambda suite: suite.name)
def test_bech32_is_strict(suite):
    text = suite.recipient_of(suite.generate())
    for wrong in (text[:-1], text.upper(), text[:5] + "b" + text[6:], text.replace("age1", "agf1", 1),
                  "age1", "age1pq1", text[:10] + text[10:].upper(), ""):
        with pytest.raises(NotRecipient):
            suite.check_recipient(wrong)


def spelled_plainly(prefix: str, data: bytes) -> str:
    """Bech32 word by word, as BIP 173 has it."""
    bits = "".join(f"{byte:08b}" for byte in data)
    words = [int(bits[at:at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]
    state = 1
    for word in [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + words + [0] * 6:
        top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ word
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            state ^= generator if top >> i & 1 else 0
    words += [(state ^ 1) >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[word] for word in words)


@pytest.mark.parametrize("size", [0, 1, 2, 31, 32, 627, 628, 629, 630, 631, 1216, 1267, 1268, 1300, 2000])
def test_bech32_of_every_length_is_that_of_the_plain_way(size):
    data = os.urandom(size)
    for prefix in ("age", "age1pq"):
        text = bech32.encode(prefix, data)
        assert text == spelled_plainly(prefix, data)
        assert bech32.decode(prefix, text) == data
        for at in (len(prefix) + 1, len(text) - 1):
            other = text[:at] + ("q" if text[at] != "q" else "p") + text[at + 1:]
            with pytest.raises(bech32.NotBech32):
                bech32.decode(prefix, other)


def test_bech32_takes_no_letter_that_is_none_of_it():
    """The Kelvin sign is a k in small letters: a second spelling of one identity."""
    text = bech32.encode("age-secret-key-", bytes(32)).upper()
    assert bech32.decode("age-secret-key-", text) == bytes(32)
    for wrong in (text.replace("K", "\u212a", 1), text.replace("S", "\u017f", 1)):
        with pytest.raises(bech32.NotBech32):
            bech32.decode("age-secret-key-", wrong)
