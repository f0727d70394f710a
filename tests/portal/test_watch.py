"""The program that follows the feed: each change once it is handled, and again if it was not."""

from __future__ import annotations

import json
import threading
import time

import pytest
from werkzeug.serving import make_server

from portal import watch
from portal.webhooks import signing

pytestmark = pytest.mark.usefixtures("no_officials")


@pytest.mark.parametrize("database", ["sqlite"])
def test_watching(world, tmp_path, capsys):
    world.published_tender()
    world.tick()
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address, cursor = f"http://127.0.0.1:{server.port}", tmp_path / "cursor"
        once = [address, "--once", "--cursor-file", str(cursor)]
        assert watch.main([*once, "--exec", "false"]) == 1 and not cursor.exists()
        assert watch.main([*once]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert json.loads(lines[-1])["type"] == "notice.approved"
        assert watch.main(once) == 0 and capsys.readouterr().out == ""
        cursor.write_text("9-" + "0" * 32)
        assert watch.main(once) == 2
    finally:
        server.shutdown()
        thread.join()


def test_verifying(tmp_path, capsys):
    secret, body = signing.spelled(b"x" * 32), b'{"type":"a.b"}'
    headers = signing.signed([secret], "1", int(time.time()), body)
    for name, data in (("body", body), ("secret", secret.encode()), ("headers", "\n".join(
            f"{key}: {value}" for key, value in headers.items()).encode())):
        (tmp_path / name).write_bytes(data)
    words = ["--verify", str(tmp_path / "body"), "--headers", str(tmp_path / "headers"),
             "--secret-file", str(tmp_path / "secret")]
    assert watch.main(words) == 0
    (tmp_path / "body").write_bytes(body + b" ")
    assert watch.main(words) == 1
    assert "WRONG" in capsys.readouterr().out
