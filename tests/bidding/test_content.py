"""Reading a sealed part from its blocks: at any place, believed only after its hash."""

import errno
import hashlib
import io
import os

import pytest

from bidding import age, blocks, content, suites
from bidding.content import BadContent, Ciphertext

CLASSIC = suites.get("intl-x25519-1")


class Shelf:
    """Blocks by their hash; counts how often each is read."""

    def __init__(self, data, monkey=None):
        self.blocks = {}
        self.hashes = []
        self.reads = 0
        for start in range(0, len(data), blocks.BLOCK):
            block = data[start:start + blocks.BLOCK]
            self.hashes.append(hashlib.sha256(block).hexdigest())
            self.blocks[self.hashes[-1]] = block

    def open(self, name):
        self.reads += 1
        if name not in self.blocks:
            raise FileNotFoundError(name)
        return io.BytesIO(self.blocks[name])


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 1000)


def test_any_place_and_each_block_read_once_in_order(small_blocks):
    data = os.urandom(5500)
    shelf = Shelf(data)
    sealed = Ciphertext(shelf.open, shelf.hashes, len(data))
    for offset, length in [(0, 5500), (999, 2), (0, 1), (5499, 100), (1000, 3000), (6000, 5)]:
        assert sealed.read_at(offset, length) == data[offset:offset + length]
    shelf.reads = 0
    fresh = Ciphertext(shelf.open, shelf.hashes, len(data))
    assert b"".join(fresh.read_at(n, 70) for n in range(0, 5500, 70)) == data
    assert shelf.reads == 6


@pytest.mark.parametrize("spoil", ["flip", "shorten", "lengthen", "remove", "swap"])
def test_a_block_that_is_not_what_was_received_is_never_given(small_blocks, spoil):
    data = os.urandom(3000)
    shelf = Shelf(data)
    name = shelf.hashes[1]
    block = shelf.blocks[name]
    if spoil == "remove":
        del shelf.blocks[name]
    else:
        shelf.blocks[name] = {"flip": bytes([block[0] ^ 1]) + block[1:], "shorten": block[:-1],
                              "lengthen": block + b"x",
                              "swap": shelf.blocks[shelf.hashes[2]]}[spoil]
    sealed = Ciphertext(shelf.open, shelf.hashes, len(data))
    assert sealed.read_at(0, 1000) == data[:1000]
    with pytest.raises(age.Damaged):
        sealed.read_at(900, 200)
    assert sealed.read_at(2000, 1000) == data[2000:]


def test_a_part_that_holds_no_archive_is_named_so():
    seed = CLASSIC.generate()
    for plain, code in ((b"", "archive"), (b"x" * 2048, "archive"), (bytes(2048), "archive")):
        data = age.seal(plain, [CLASSIC.recipient_of(seed)])
        shelf = Shelf(data)
        with pytest.raises(BadContent) as caught:
            content.examine(Ciphertext(shelf.open, shelf.hashes, len(data)),
                            CLASSIC.identity(seed), {}, "")
        assert caught.value.code == code
    other = age.seal(b"x", [CLASSIC.recipient_of(CLASSIC.generate())])
    shelf = Shelf(other)
    with pytest.raises(BadContent) as caught:
        content.examine(Ciphertext(shelf.open, shelf.hashes, len(other)),
                        CLASSIC.identity(seed), {}, "")
    assert caught.value.code == "header"


class Failing:
    """A store whose next reads fail with these errors, one after the other."""

    def __init__(self, data: bytes, *errors: int):
        self.data, self.errors = data, list(errors)

    def open(self, _name: str):
        if self.errors:
            number = self.errors.pop(0)
            raise OSError(number, os.strerror(number))
        return io.BytesIO(self.data)


@pytest.mark.parametrize(("errors", "outcome"), [
    ((), bytes), ((errno.EIO,), bytes), ((errno.EIO, errno.EMFILE), bytes),
    ((errno.EIO,) * 3, age.Damaged), ((errno.ENOENT,), age.Damaged),
    ((errno.EMFILE,) * 3, OSError), ((errno.ENOMEM,) * 3, OSError)])
def test_a_read_that_failed_once_is_no_finding(errors, outcome):
    data = bytes(1000)
    sealed = Ciphertext(Failing(data, *errors).open, [hashlib.sha256(data).hexdigest()], 1000)
    if outcome is bytes:
        assert sealed.read_at(0, 1000) == data
    else:
        with pytest.raises(outcome):
            sealed.read_at(0, 1000)
