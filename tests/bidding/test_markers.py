"""Before the opening no plaintext of any bid is anywhere on the server (I01, Q26)."""

import gzip
import io
import logging
import os
import tempfile
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path

import pytest

from audit.act import wiring
from bidding import blocks
from kernel.db import db
from tests import postgres

from .markers import files_under, hunt, seen


def _zip(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
    return buffer.getvalue()


@pytest.mark.parametrize("leave", [
    lambda m: b"x" + m + b"y", lambda m: m.hex().encode(), lambda m: m.hex().upper().encode(),
    lambda m: b64encode(b"a" + m + b"b"), lambda m: b64encode(b"ab" + m), lambda m: b64encode(m),
    lambda m: b64encode(b"abc" + m + b"xyz").decode().encode("utf-16"),
    lambda m: m.hex().encode("ascii").decode().encode("utf-16"),
    lambda m: b"junk" + zlib.compress(b"a" * 100 + m), lambda m: gzip.compress(m.hex().encode()),
    lambda m: b"junk" + _zip(b"before " + m),
], ids=[str(number) for number in range(11)])
def test_the_hunter_finds_what_is_planted(leave):
    marker = os.urandom(32)
    assert seen(leave(marker), marker)
    assert not seen(leave(os.urandom(32)), marker)


def database_dump(world):
    """Every row of every table as text, binary columns as they are."""
    db.session.rollback()
    for table in db.metadata.sorted_tables:
        for row in world.raw(f'SELECT * FROM "{table.name}"'):
            for value in row:
                if value is not None:
                    data = value if isinstance(value, bytes) else bytes(value) if isinstance(
                        value, memoryview) else str(value).encode("utf-8", "surrogatepass")
                    yield f"table {table.name}", data


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder that Python's temporary files go to, so that it can be looked through."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_no_plaintext_before_the_opening_and_the_hunter_could_see_it(world, temporary, caplog):
    caplog.set_level(logging.DEBUG)
    lot = world.lots(world.published_tender())[0]
    markers, companies = [], []
    for _ in range(3):
        company, marker = world.company(), os.urandom(32)
        sealed = world.seal(lot, company, files=os.urandom(5 << 20) + marker + os.urandom(99),
                            price=b"price " + marker)
        folder = sealed.files["form"].parent.parent
        assert hunt(files_under(folder), [marker]), "the marker is in the company's own files"
        wire = world.wire(company)
        answer = wire.client.post(f"/lots/{lot.id}/bids", json={
            "declaration": declaration_text(sealed), "wraps": sealed.wraps,
            **company.sign(sealed.declaration)})
        assert answer.status_code == 201
        for part, number, data in world.blocks(sealed):
            sent = wire.patch(sealed.declaration["bid"], part, number * blocks.BLOCK, data)
            assert sent.status_code in (200, 204)
        company.bids[lot.id] = sealed
        companies.append(company)
        markers += [marker, *sealed.seeds.values()]
    leaky = world.company()
    plain_marker = os.urandom(32)
    sealed = world.seal(lot, leaky)
    world.declare(lot, leaky, sealed)
    size = sealed.declaration["parts"][1]["size"]
    plain = (b"%PDF-1.7 " + plain_marker + bytes(size))[:size]
    assert world.wire(leaky).patch(
        sealed.declaration["bid"], "technical", 0, plain).status_code == 422
    markers.append(plain_marker)
    world.past_deadline(lot)
    world.authorise(lot)

    def everywhere():
        yield from files_under(world.settings.folder, temporary_only(temporary, companies))
        yield from database_dump(world)
        yield "logs", caplog.text.encode()

    places = list(everywhere())
    assert any(wiring().store.root.name in place for place, _ in places)
    assert any(place == "table bid_part" for place, _ in places)
    assert hunt(places, markers) == []
    if world.postgres:
        # Its own files too: tables, the write-ahead log, what was deleted and not yet cleared.
        own = list(files_under(postgres.server().data))
        assert any("pg_wal" in place for place, _ in own)
        assert not [place for place, data in own for marker in markers
                    if marker in data or marker.hex().encode() in data
                    or b64encode(marker).rstrip(b"=")[:-1] in data]
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    # The hunter is not blind: the keys that were given are now in the database.
    assert hunt(database_dump(world), markers)


def temporary_only(folder: Path, companies) -> Path:
    """Python's temporary folder; the companies' own disks lie elsewhere."""
    for company in companies:
        for sealed in company.bids.values():
            assert folder not in sealed.files["form"].parents
    return folder


def declaration_text(sealed) -> str:
    from kernel.canonical import jcs

    return jcs(sealed.declaration).decode()
