"""The offline sealer is named in the notice by its hash, and handed out to be saved."""

import hashlib

import pytest

from kernel.canonical import parse
from kernel.refusal import Refused
from portal import vendor
from tender import acts

DATA = b"<!doctype html><title>sealer</title>"
DIGEST = hashlib.sha256(DATA).hexdigest()


def test_what_was_not_built_is_not_named(tmp_path):
    assert vendor.offline_sealer(tmp_path) is None
    (tmp_path / vendor.OFFLINE_SEALER).write_bytes(DATA)
    assert vendor.offline_sealer(tmp_path) == {
        "sha256": DIGEST, "url": "/static/vendor/yangguang-sealer.html"}


@pytest.fixture
def offered(world, monkeypatch):
    """Says what this installation hands out."""
    def offer(digest):
        monkeypatch.setitem(world.app.extensions["yangguang"].settings, "offline_sealer",
                            digest and {"sha256": digest, "url": "/static/vendor/x.html"})
    return offer


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_notice_freezes_its_hash(world, offered, no_officials):
    offered(DIGEST)
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    (notice,) = world.raw("SELECT content FROM notice")
    assert parse(notice.content)["more"]["sealer"] == DIGEST
    view = world.client(None).get(f"/lots/{lot.id}").get_json()
    assert view["sealer"] == {"sha256": DIGEST, "url": "/static/vendor/x.html"}
    page = world.app.test_client().get(f"/tenders/{tender.id}").text
    assert '<a href="/static/vendor/x.html" download>' in page
    # Another build lies here now: the notice still names its own, and points nowhere wrong.
    offered("0" * 64)
    view = world.client(None).get(f"/lots/{lot.id}").get_json()
    assert view["sealer"] == {"sha256": DIGEST, "url": None}


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_unbuilt_installation_says_null(world, offered, no_officials):
    offered(None)
    lot = world.lots(world.published_tender())[0]
    assert world.client(None).get(f"/lots/{lot.id}").get_json()["sealer"] is None


@pytest.mark.parametrize("database", ["sqlite"])
def test_another_build_between_submission_and_approval_is_seen(world, offered, no_officials):
    offered(DIGEST)
    tender = world.draft_tender()
    notice = acts.submit_notice(world.clerk, tender.id)
    offered("0" * 64)
    with pytest.raises(Refused) as refused:
        acts.approve_notice(world.chief, tender.id, content_hash=notice.content_hash)
    assert refused.value.word.code == "notice.changed"


@pytest.mark.parametrize("database", ["sqlite"])
def test_it_is_handed_out_to_be_saved_and_never_run_here(world, tmp_path, monkeypatch):
    (tmp_path / "portal").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / vendor.OFFLINE_SEALER).write_bytes(DATA)
    (tmp_path / "vendor" / "sealer-worker.js").write_bytes(b"onmessage = null;")
    monkeypatch.setattr(world.app, "static_folder", str(tmp_path))
    browser = world.app.test_client()
    answer = browser.get("/static/vendor/yangguang-sealer.html")
    assert answer.data == DATA
    assert answer.headers["Content-Disposition"] == 'attachment; filename="yangguang-sealer.html"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    worker = browser.get("/static/vendor/sealer-worker.js")
    assert worker.mimetype == "text/javascript"
    assert worker.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert "connect-src" not in worker.headers["Content-Security-Policy"], "no network for it"
