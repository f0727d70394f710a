"""RFC 3161 with a real authority (`openssl ts`) on loopback: kept only when it verifies."""

import socket
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import checkpoint, model, reading, timestamps, tlogproof
from audit.timestamps import Authority, BadAuthority, BadStamp, Stamping
from portal.demo import tsa

pytestmark = pytest.mark.skipif(tsa.missing(), reason="openssl is missing; ./dev test installs it")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tsa.Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def url(made):
    server = tsa.server(made)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/tsa"
    server.shutdown()
    server.server_close()


@pytest.fixture
def authority(url, made):
    return Authority(url, made.pem.read_bytes(), patience=60)


def test_a_token_verifies_here_and_by_openssl(authority, made, tmp_path):
    before = datetime.now(UTC)
    stamp = authority.stamp(b"checkpoint")
    assert before - timedelta(seconds=1) < stamp.at <= datetime.now(UTC)
    assert timestamps.verify(stamp.token, b"checkpoint", made.pem.read_bytes()) == stamp
    (tmp_path / "t").write_bytes(stamp.token)
    (tmp_path / "d").write_bytes(b"checkpoint")
    done = subprocess.run(["openssl", "ts", "-verify", "-in", tmp_path / "t", "-data", tmp_path / "d",
                           "-CAfile", made.folder / "root.pem"], capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout + done.stderr


def test_every_flip_of_a_token_is_found(authority, made):
    pem = made.pem.read_bytes()
    token = authority.stamp(b"checkpoint").token
    # OpenSSL takes the algorithm from the key, not from the field beside the signature; what is
    # written there is not signed and says nothing.
    ignored = token.rindex(bytes.fromhex("06082a8648ce3d040302"))
    quiet = []
    for place in sorted(set(range(len(token))) - set(range(ignored, ignored + 10))):
        for bit in (0, 5, 7):
            broken = token[:place] + bytes([token[place] ^ 1 << bit]) + token[place + 1:]
            try:
                timestamps.verify(broken, b"checkpoint", pem)
                quiet.append((place, bit))
            except BadStamp:
                pass
    assert quiet == []


def test_other_bytes_other_roots_and_replays_are_refused(authority, made, tmp_path):
    stamp = authority.stamp(b"checkpoint")
    with pytest.raises(BadStamp):
        timestamps.verify(stamp.token, b"another", made.pem.read_bytes())
    other = tsa.Authority(tmp_path / "other")
    with pytest.raises(BadStamp):
        timestamps.verify(stamp.token, b"checkpoint", other.pem.read_bytes())
    authority._post = lambda body: stamp.token  # an old answer to a new question
    with pytest.raises(BadStamp, match="[Nn]once"):
        authority.stamp(b"checkpoint")


def test_what_is_no_authority_is_said_at_start(made, tmp_path):
    for address, pem in (("ftp://h", made.pem), ("http://h:65536", made.pem), ("http://h", tmp_path / "none"),
                         ("http://h", made.folder / "serial")):
        with pytest.raises(BadAuthority):
            timestamps.configured(address, str(pem), 60)
    assert timestamps.configured("", "", 60) is None


def tick(log, stamping):
    log.next_tick(stamping=stamping)
    stamping.wait(120)


def stamps(log):
    with log.plain.connect() as connection:
        return connection.execute(select(
            model.TimeStamp.size, model.TimeStamp.purpose).order_by(
                model.TimeStamp.size, model.TimeStamp.purpose)).all()


def test_closes_openings_and_intervals_are_stamped(log, authority, made):
    stamping = Stamping(authority, timedelta(hours=1))
    log.add(3)
    tick(log, stamping)
    tick(log, stamping)
    assert stamps(log) == [(3, "interval")]
    log.add(2)
    tick(log, stamping)
    ids = log.add(1, type="lot.closed")
    tick(log, stamping)
    log.add(4)
    tick(log, stamping)
    assert stamps(log) == [(3, "interval"), (6, "close")], "the first checkpoint that holds it"
    log.add(1, type="opening.authorised")
    tick(log, stamping)
    tick(log, stamping)
    assert stamps(log)[-1] == (11, "authorisation")
    with Session(log.engine) as session:
        text, token = reading.stamped_proof(session, ids[0], log.another().folder)
        proven = tlogproof.verify(text, reading.leaf_of(session, ids[0]), log.keys.log.verifier)
        assert proven.head.size == 6
        own = checkpoint.own(tlogproof.parse(text).checkpoint)
        assert timestamps.verify(token, own, made.pem.read_bytes())
        assert reading.time_stamp(session, 11) is None


def test_a_dead_or_silent_authority_costs_a_tick_nothing(log, made, authority):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(OSError):
            Authority(address, made.pem.read_bytes(), patience=0.1).stamp(b"checkpoint")
        stamping = Stamping(Authority(address, made.pem.read_bytes(), patience=300),
                            timedelta(hours=1))
        log.add(3)
        for _ in range(5):
            log.add(1)
            log.next_tick(stamping=stamping)
            assert stamping._thread.is_alive(), "the tick waited for the answer"
    stamping.wait(60)  # with its socket the silent one is gone
    assert stamping.trouble and stamps(log) == []
    stamping.authority, stamping._resume = authority, 0
    tick(log, stamping)
    tick(log, stamping)
    assert [row.purpose for row in stamps(log)] == ["interval"], "asked again later"


def test_a_token_that_does_not_verify_is_not_kept(log, authority, tmp_path):
    authority.pem = tsa.Authority(tmp_path / "other").pem.read_bytes()
    stamping = Stamping(authority, timedelta(hours=1))
    log.add(3)
    tick(log, stamping)
    tick(log, stamping)
    assert stamping.trouble and stamps(log) == []
