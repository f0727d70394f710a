"""The witness: the statuses of the specification, one root for a size, whatever dies when."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit import proofs, tiles, witness
from audit.checkpoint import Head, sign
from audit.cosignature import Cosigner, CosignerKey, accepted
from audit.note import Signer
from audit.witness import Damaged, Witness
from kernel.canonical import b64

LOG = Signer("yangguang.example/test", bytes(range(32)))
OTHER = Signer("yangguang.example/test", bytes(32))
NOW = 1_800_000_000


def leaves(count, change=None):
    return [tiles.leaf_hash(b"%d" % (i if i != change else i + 1000)) for i in range(count)]


def note(count, change=None, signer=LOG, root=None):
    return sign(Head(signer.name, count, root or tiles.tree_hash(leaves(count, change))), signer)


def request(old, count, change=None, proof=None, signer=LOG):
    if proof is None:
        made = leaves(count, change)
        proof = (proofs.consistency(old, count, proofs.of_leaves(made))
                 if 0 < old < count else [])
    return "\n".join([f"old {old}", *map(b64, proof), "", note(count, change, signer)]).encode()


@pytest.fixture
def key():
    return CosignerKey("w.example/1", bytes(range(1, 33)))


@pytest.fixture
def make(tmp_path, key):
    return lambda now=lambda: NOW: Witness(tmp_path, key, [LOG.verifier], now)


def test_it_cosigns_what_continues(make, key):
    one = make()
    for old, count in ((0, 1), (1, 5), (5, 5), (5, 300)):
        answer = one.add_checkpoint(request(old, count))
        assert answer.status == 200, answer
        assert accepted(note(count), answer.body.encode(), key.cosigner)[1] == NOW


def test_the_statuses_of_the_specification(make, key):
    one = make()
    assert one.add_checkpoint(request(0, 5)).status == 200
    unknown = sign(Head("another.example/log", 9, bytes(32)), Signer("another.example/log", bytes(32)))
    assert one.add_checkpoint(f"old 5\n\n{unknown}".encode()).status == 404
    assert one.add_checkpoint(request(5, 9, signer=OTHER)).status == 403
    assert one.add_checkpoint(request(6, 5)).status == 400
    for old in (0, 4):
        answer = one.add_checkpoint(request(old, 9))
        assert (answer.status, answer.body, answer.kind) == (409, "5\n", "text/x.tlog.size")
    assert one.add_checkpoint(request(5, 5, change=2)).status == 409, "another root of that size"
    assert one.add_checkpoint(request(5, 9, change=2)).status == 422
    good = proofs.consistency(5, 9, proofs.of_leaves(leaves(9)))
    for proof in ([], good[:-1], [*good, bytes(32)], good[::-1]):
        assert one.add_checkpoint(request(5, 9, proof=proof)).status == 422
    assert one.add_checkpoint(request(5, 5, proof=[bytes(32)])).status == 422
    assert one.add_checkpoint(request(5, 9)).status == 200
    assert one.add_checkpoint(request(5, 5)).status == 409, "it goes nowhere back"


@pytest.mark.parametrize("body", [
    b"", b"old 0\n", b"old 00\n\nx", b"old -1\n\n", b"\xff\n\n", b"old 0 \n\nx\n1\n", b"old 1\nAA==\n\n",
    b"old 0\n\n" + b"a\n1\n\n", b"old 0\n" + b"A" * 43 + b"=\n\n"])
def test_what_is_no_request_is_refused_and_leaves_no_line(make, body, tmp_path):
    assert make().add_checkpoint(body).status == 400
    assert next(tmp_path.glob("*.history")).read_bytes() == b""


def test_too_many_hashes(make):
    assert make().add_checkpoint(request(0, 5, proof=[bytes(32)] * 64)).status == 400
    assert make().add_checkpoint(request(0, 5, proof=[bytes(32)] * 63)).status == 422


def test_a_size_has_one_cosignature_ever(make):
    times = iter(range(NOW, NOW + 1000))
    one = make(lambda: next(times))
    first = one.add_checkpoint(request(0, 5)).body
    assert [one.add_checkpoint(request(5, 5)).body for _ in range(3)] == [first] * 3
    assert make(lambda: next(times)).add_checkpoint(request(5, 5)).body == first


def test_its_times_never_go_back(make, key):
    times = iter([NOW, NOW - 500])
    one = make(lambda: next(times))
    one.add_checkpoint(request(0, 5))
    answer = one.add_checkpoint(request(5, 6))
    assert accepted(note(6), answer.body.encode(), key.cosigner)[1] == NOW


def test_of_two_at_once_for_one_old_size_only_one_wins(make):
    one = make()
    one.add_checkpoint(request(0, 5))
    bodies = [request(5, 6, change=change) for change in (None, 5)] * 8
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one.add_checkpoint, bodies))
    by_root = {kind: {answer.status for answer in answers[kind::2]} for kind in (0, 1)}
    assert {200} in [found & {200} for found in by_root.values()]
    assert sum(200 in found for found in by_root.values()) == 1, "two roots of one size"


def test_the_history_tells_every_checkpoint(make, tmp_path):
    one = make()
    for old, count in ((0, 3), (3, 5), (5, 8)):
        one.add_checkpoint(request(old, count))
    name = witness.history_name(LOG.name)
    assert one.history(name, 0).body.count("\n") == 3
    assert one.history(name, 3).body.startswith("5 ")
    assert one.history("0" * 64, 0).status == 404


@pytest.mark.parametrize("damage", [
    b"x\n", b"3 AAAA 5\n", b"", None])
def test_a_damaged_history_is_not_signed_over(make, tmp_path, damage):
    one = make()
    one.add_checkpoint(request(0, 3))
    one.add_checkpoint(request(3, 5))
    path = next(tmp_path.glob("*.history"))
    lines = path.read_bytes().splitlines(keepends=True)
    if damage is None:
        path.write_bytes(lines[1] + lines[0])
    elif damage:
        path.write_bytes(lines[0] + damage)
    else:
        path.write_bytes(lines[0] + lines[0])
    with pytest.raises(Damaged):
        make()


class Died(BaseException):
    """Stands for kill -9."""


CALLS = ("write", "fsync", "ftruncate")


def dying(monkeypatch, call, nth):
    """From now on the `nth` use of os.`call` kills; write may have written half."""
    real, count = getattr(os, call), iter(range(1000))

    def maybe(handle, *more):
        if next(count) == nth:
            if call == "write":
                real(handle, bytes(more[0])[:20])
            raise Died
        return real(handle, *more)

    monkeypatch.setattr(os, call, maybe)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nth", range(4))
def test_killed_at_any_call_it_never_signs_two_roots_of_a_size(make, key, monkeypatch, call, nth):
    """Two histories compete; whatever was answered before the death must bind after it."""
    given: dict[int, set[str]] = {}

    def ask(one, old, count, change):
        answer = one.add_checkpoint(request(old, count, change=change))
        if answer.status == 200:
            text = note(count, change)
            assert accepted(text, answer.body.encode(), key.cosigner)
            given.setdefault(count, set()).add(text)
        return answer.status

    with monkeypatch.context() as patch:
        dying(patch, call, nth)
        try:
            one = make()
            ask(one, 0, 5, None)
            ask(one, 5, 6, None)
            ask(one, 6, 7, None)
        except Died:
            pass
    again = make()
    size = again.histories[LOG.name].last.size if again.histories[LOG.name].last else 0
    for count in (5, 6, 7):
        ask(again, size, count, 2)
        ask(again, size, count, None)
    assert all(len(texts) == 1 for texts in given.values()), given
    assert all(count <= size or count in (5, 6, 7) for count in given)


def test_the_line_is_on_the_disk_before_the_key_is_used(make, monkeypatch):
    """No kill of a process shows a missing fsync; only the order of the calls does."""
    one, order = make(), []
    write, fsync = os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda handle, data: (
        order.append("write"), write(handle, data))[1])
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(CosignerKey, "cosign", lambda *_: order.append("sign") or "")
    one.add_checkpoint(request(0, 5))
    assert order == ["write", "fsync", "sign"]


# as a process


@pytest.fixture
def run(tmp_path):
    started = []

    def start(folder="w", listen="127.0.0.1:0"):
        (tmp_path / "log.vkey").write_text(f"{LOG.verifier}\n")
        child = subprocess.Popen(
            [sys.executable, "-m", "audit.witness", "--folder", str(tmp_path / folder),
             "--log-vkey", str(tmp_path / "log.vkey"), "--name", "w.example/7", "--listen", listen],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(child)
        vkey, listening = child.stdout.readline().strip(), child.stdout.readline().split()
        return child, vkey, f"http://{listening[-1]}" if listening else ""

    yield start
    for child in started:
        child.kill()
        child.wait()


def post(address, body):
    try:
        with urllib.request.urlopen(f"{address}/add-checkpoint", body, timeout=300) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_as_a_process_it_keeps_its_key_and_its_lines(run):
    child, vkey, address = run()
    assert post(address, request(0, 5))[0] == 200
    with urllib.request.urlopen(f"{address}/vkey", timeout=300) as answer:
        assert answer.read().decode().strip() == vkey
    second = run()[0]
    assert second.wait(60) == 2 and "another witness" in second.stderr.read()
    child.send_signal(signal.SIGKILL)
    child.wait()
    _, again, address = run()
    assert again == vkey and Cosigner.parse(vkey).name == "w.example/7"
    assert post(address, request(0, 9)) == (409, b"5\n")
    assert post(address, request(5, 9))[0] == 200
    assert post(address, b"x" * 70_000)[0] == 400


def test_killed_again_and_again_while_asked(run, tmp_path):
    """kill -9 at unplanned moments: the history stays whole and answers bind."""
    seen: dict[int, bytes] = {}
    size = 0
    for round_ in range(6):
        child, vkey, address = run()
        end = threading.Timer(0.01 + 0.03 * round_, child.kill)
        while child.poll() is None:
            try:
                status, body = post(address, request(size, size + 1))
            except (OSError, http.client.HTTPException):  # cut within its answer, too
                break
            if status == 409:
                size = int(body)
                continue
            assert status == 200
            size += 1
            assert seen.setdefault(size, body) == body
            if end.ident is None:  # however slow the machine, it has answered once
                end.start()
        child.wait()
    key = Cosigner.parse(vkey)
    assert len(seen) > 3
    for count, body in seen.items():
        assert accepted(note(count), body, key)


def test_it_needs_neither_flask_nor_sql():
    code = ("import audit.witness, sys; "
            "bad = {'flask', 'sqlalchemy', 'kernel.db'} & set(sys.modules); assert not bad, bad")
    subprocess.run([sys.executable, "-c", code], check=True)
