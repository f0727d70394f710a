"""The one clear line, the folders of each system, the pinned keys: no server needed."""

import json
import sys
from datetime import timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from audit import note
from bidding import client, promise
from bidding.client import places, show
from bidding.client.standing import LINES, standing
from kernel.canonical import parse_time

NOW = parse_time("2026-03-02T01:00:00.000Z")
DIGEST = "ab" * 32
PLATFORM, LOG = (note.Signer.generate(f"{name}.example") for name in ("platform", "log"))


def receipt(digest=DIGEST, kind="bid-receipt") -> str:
    declared = {"suite": "s", "tender": "t", "lot": "l", "bid": "b", "log_origin": "o"}
    return promise.sign(promise.receipt(declared, digest, NOW, NOW + timedelta(days=1), kind),
                        PLATFORM)


def at(hours=0, **given):
    made = standing(DIGEST, NOW + timedelta(hours=hours), PLATFORM.verifier, LOG.verifier,
                    **{"version": None, "receipts": None, **given})
    return made.name, made.alarm


def told(state, **more):
    return {"versions": [{"declaration_hash": DIGEST, "state": state, **more}],
            "refusals": more.get("refusals", ())}


def test_each_state_has_one_line():
    assert at() == ("draft", False)
    parts = [{"offset": 5, "size": 9}, {"offset": 0, "size": 1}]
    assert at(version={"state": "DECLARED", "parts": parts}) == ("sending", False)
    assert at(receipts=told("DECLARED", refusals=[{"code": "bid.late"}])) == ("late", True)
    assert at(receipt=receipt()) == ("submitted", False), "our own receipt is enough"
    assert at(5, receipts=told("SUBMITTED", receipt=receipt())) == ("submitted", False)
    assert at(7, receipts=told("SUBMITTED", receipt=receipt())) == ("overdue", True)
    assert at(receipts=told("SUBMITTED", receipt=receipt("cd" * 32))) == ("doubtful", True)
    assert at(receipts=told("SUBMITTED", receipt=receipt(kind="bid-withdrawal-receipt"))) \
        == ("doubtful", True)
    assert at(receipts=told("SUBMITTED", receipt="x")) == ("doubtful", True)
    assert at(receipts=told("SUBMITTED", receipt=receipt(), proof="x", leaf="")) \
        == ("doubtful", True), "a false proof is worse than none"
    for state, name in (("REPLACED", "replaced"), ("WITHDRAWN", "withdrawn"), ("OPENED", "opened"),
                        ("DEEMED_WITHDRAWN", "late"), ("RETURNED", "returned"),
                        ("REJECTED", "rejected"), ("UNOPENED", "unopened")):
        assert at(receipts=told(state))[0] == name
    assert "NOT submitted" in LINES["draft"][1] and "未递交" in LINES["sending"][0]
    assert {name for name, (zh, en) in LINES.items() if not zh or not en} == set()


def test_a_receipt_under_another_key_is_no_receipt():
    other = note.Signer.generate("platform.example")
    made = standing(DIGEST, NOW, other.verifier, LOG.verifier, version=None, receipts=None,
                    receipt=receipt())
    assert made.name == "doubtful"


@pytest.mark.parametrize(("system", "environ", "home", "expected"), [
    ("linux", {}, "/home/a", PurePosixPath("/home/a/.config/yangguang")),
    ("linux", {"XDG_CONFIG_HOME": "/x"}, "/home/a", PurePosixPath("/x/yangguang")),
    ("linux", {"XDG_CONFIG_HOME": "x"}, "/home/a", PurePosixPath("/home/a/.config/yangguang")),
    ("darwin", {}, "/Users/a", PurePosixPath("/Users/a/Library/Application Support/Yangguang")),
    ("win32", {"APPDATA": r"C:\Users\a\AppData\Roaming"}, r"C:\Users\a",
     PureWindowsPath(r"C:\Users\a\AppData\Roaming\Yangguang")),
    ("win32", {}, r"C:\Users\a", PureWindowsPath(r"C:\Users\a\AppData\Roaming\Yangguang")),
    ("win32", {"YANGGUANG_PROFILE": r"D:\keys"}, "", PureWindowsPath(r"D:\keys")),
    ("linux", {"YANGGUANG_PROFILE": "/media/stick"}, "", PurePosixPath("/media/stick")),
])
def test_each_system_has_its_folder(system, environ, home, expected):
    assert places.profile(system, environ, home) == expected


def test_nothing_here_needs_unix_to_be_imported():
    for path in Path(client.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "fcntl" not in text and "import pwd" not in text and "os.pread" not in text, path
        assert len(text.splitlines()) < 400


class Screen:
    def __init__(self, terminal):
        self.text, self.terminal = "", terminal

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_a_bar_is_drawn_on_a_terminal_only(monkeypatch):
    monkeypatch.setattr(show, "EVERY_SECONDS", 0)
    for terminal in (True, False):
        bar = show.Bar("sealing", 200, out=(screen := Screen(terminal)))
        bar.add(100)
        bar.add(150)
        bar.end()
        assert (" 50 %" in screen.text and "100 %" in screen.text) is terminal
        assert bool(screen.text) is terminal


def pinned(log=None, platform=None):
    from types import SimpleNamespace

    log = log or LOG
    return client.Notice(SimpleNamespace(log_origin=log.verifier.name), {"seal": {
        "log_vkey": str(log.verifier), "platform_vkey": str((platform or PLATFORM).verifier)}})


def test_the_key_met_first_is_kept_and_another_is_an_alarm(tmp_path):
    assert client.trust(pinned(), tmp_path) == "first use"
    assert client.trust(pinned(), tmp_path) == "known"
    other = note.Signer.generate("log.example")
    for changed in (pinned(log=other), pinned(platform=other)):
        with pytest.raises(client.Distrust, match="other keys than before") as told:
            client.trust(changed, tmp_path)
        assert all(one in str(told.value) for one in (
            str(tmp_path), "remove that file", "tell the supervisor", "请删除上述文件", "监督机构"))
    with pytest.raises(client.Distrust, match="not the one that was given"):
        client.trust(pinned(), tmp_path / "b", str(other.verifier))
    assert client.trust(pinned(), tmp_path / "c", str(LOG.verifier) + "\n") == "given"
    (kept,) = (tmp_path / "logs").iterdir()
    assert json.loads(kept.read_text())["log"] == str(LOG.verifier) and sys.platform
