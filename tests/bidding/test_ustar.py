"""The inside of a part: read by any tar, written by nobody else's."""

import io
import math
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding import ustar

FILES = [b"", b"x", b"a" * 512, b"b" * 513, bytes(range(256)) * 40]


def archive(files=FILES, manifest=b"{}"):
    parts = []
    tar = ustar.Writer(parts.append)
    for data in files:
        tar.begin(len(data))
        tar.write(data)
    tar.finish(manifest)
    return b"".join(parts)


def members(data):
    return ustar.read_members(lambda offset, length: data[offset:offset + length], len(data))


def test_round_trip_and_the_standard_library_reads_it():
    data = archive()
    found = members(data)
    assert [m.name for m in found] == ["0001", "0002", "0003", "0004", "0005", "manifest.json"]
    assert [data[m.offset:m.offset + m.size] for m in found] == [*FILES, b"{}"]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        theirs = tar.getmembers()
    assert [(m.name, m.size, m.mode, m.mtime, m.isreg()) for m in theirs] == \
        [(m.name, m.size, 0o644, 0, True) for m in found]
    assert len(data) == ustar.padme(len(data))


@given(st.integers(1, 2**40))
def test_padme_leaks_few_bits_and_costs_at_most_twelve_percent(size):
    padded = ustar.padme(size)
    exponent = math.floor(math.log2(size))
    low = exponent - (math.floor(math.log2(exponent)) + 1 if exponent else 0)
    assert size <= padded <= size * 1.12 + 1 and ustar.padme(padded) == padded
    assert padded % (1 << max(0, low)) == 0


def forged(change):
    """An archive whose first header is changed, its checksum made right again."""
    data = bytearray(archive())
    block = data[:512]
    change(block)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    data[:512] = block
    return bytes(data)


def put(offset, value):
    def change(block):
        block[offset:offset + len(value)] = value
    return change


@pytest.mark.parametrize("name,change", [
    ("symbolic link", put(156, b"2")), ("hard link", put(156, b"1")), ("device", put(156, b"3")),
    ("folder", put(156, b"5")), ("fifo", put(156, b"6")), ("old regular", put(156, b"\0")),
    ("pax header", put(156, b"x")), ("global pax", put(156, b"g")), ("long name", put(156, b"L")),
    ("sparse", put(156, b"S")), ("path up", put(0, b"../x")), ("absolute", put(0, b"/0001")),
    ("other name", put(0, b"0002")), ("set-uid", put(100, b"0004755\0")),
    ("time", put(136, b"00000000001\0")), ("owner", put(108, b"0000001\0")),
    ("owner's name", put(265, b"root")), ("link name", put(157, b"/etc/passwd")),
    ("prefix", put(345, b"../..")), ("base-256 size", put(124, b"\x80" + bytes(10) + b"\1")),
    ("huge size", put(124, b"77777777777\0")), ("negative size", put(124, b"-0000000001\0")),
    ("blank size", put(124, b"           \0")), ("gnu magic", put(257, b"ustar  \0")),
    ("rubbish behind", put(511, b"\1")),
])
def test_every_forged_header_is_refused(name, change):
    with pytest.raises(ustar.NotOurs):
        members(forged(change))


def test_wrong_checksum_is_refused():
    data = bytearray(archive())
    data[148] ^= 1
    with pytest.raises(ustar.NotOurs):
        members(bytes(data))


def test_same_name_twice_missing_manifest_and_cut_archives_are_refused():
    one = ustar.header("0001", 0)
    end = bytes(1024)
    for body in (one + one, one, b"", ustar.header("manifest.json", 0) + one):
        data = body + end
        with pytest.raises(ustar.NotOurs):
            members(data + bytes(ustar.padme(len(data)) - len(data)))
    whole = archive()
    for length in (0, 100, 512, 600, len(whole) - 512, len(whole) - 1):
        with pytest.raises(ustar.NotOurs):
            members(whole[:length])


def test_every_byte_outside_the_contents_has_one_value():
    data = archive()
    inside = {place for m in members(data) for place in range(m.offset, m.offset + m.size)}
    outside = [place for place in range(len(data)) if place not in inside]
    for place in outside[::7]:
        changed = bytearray(data)
        changed[place] ^= 4
        with pytest.raises(ustar.NotOurs):
            members(bytes(changed))


def test_more_padding_than_padme_is_refused():
    with pytest.raises(ustar.NotOurs):
        members(archive() + bytes(512))


def test_a_file_that_grows_or_shrinks_while_sealed_is_an_error():
    tar = ustar.Writer(lambda data: None)
    tar.begin(5)
    with pytest.raises(ustar.NotOurs):
        tar.write(b"123456")
    tar = ustar.Writer(lambda data: None)
    tar.begin(5)
    tar.write(b"123")
    with pytest.raises(ustar.NotOurs):
        tar.finish(b"{}")
