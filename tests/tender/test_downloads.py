"""Documents are for everybody, and nothing anywhere knows who took them (办法 20; 条例 22)."""

from __future__ import annotations

import hashlib
import logging

from kernel.db import Base
from people.model import SecurityEvent


def everything(world) -> dict[str, list]:
    """Every row of every table."""
    return {name: sorted(map(repr, world.raw(f'SELECT * FROM "{name}"')))
            for name in Base.metadata.tables if name not in ("installation", "login_session")}


def test_nobody_signs_in_and_no_table_and_no_log_knows(world, caplog):
    tender = world.published_tender()
    document = world.client().get(f"/tenders/{tender.id}").json["documents"][0]
    address = f"/tenders/{tender.id}/documents/{document['id']}/content"
    company = world.company()
    world.client(company.actor).get("/session")
    before = everything(world)
    with caplog.at_level(logging.DEBUG):
        for who in (None, company.actor, world.clerk):
            client = world.client(who)
            whole = client.get(address)
            assert whole.status_code == 200 and whole.headers["Accept-Ranges"] == "bytes"
            assert hashlib.sha256(whole.data).hexdigest() == document["hash"]
            assert whole.headers["ETag"] == f'"{document["hash"]}"'
            assert "Set-Cookie" not in whole.headers
            half = len(whole.data) // 2
            parts = [client.get(address, headers={"Range": span, "If-Range": whole.headers["ETag"]})
                     for span in (f"bytes=0-{half - 1}", f"bytes={half}-")]
            assert [part.status_code for part in parts] == [206, 206]
            assert b"".join(part.data for part in parts) == whole.data
            assert client.get(address, headers={
                "If-None-Match": whole.headers["ETag"]}).status_code == 304
            assert client.get(address, headers={
                "Range": f"bytes={len(whole.data)}-"}).status_code == 416
    assert everything(world) == before
    assert not [line for line in caplog.messages if document["id"] in line or address in line]
    assert SecurityEvent.__tablename__ in before
