"""A published tender as JSON, and its publication, against a bare Flask on the same server."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest

from kernel.db import db
from people.door import MOST
from tender import acts
from tests import postgres
from tests.served import free_port, running

from .load import processor
from .measure import ROOT, median

pytestmark = pytest.mark.bench

ROUNDS, SECONDS, CONNECTIONS = 3, 3, 8
TURNS, PUBLISHED, INSERTS = 5, 10, 200
"""Of publications and of bare inserts in a turn: an insert is too small for the system's clock of a
processor, which ticks a hundred times a second."""


@contextlib.contextmanager
def bare(world, workers: int) -> Iterator[tuple[int, int]]:
    """The bare application on the same server program, same kind of workers: (port, pid)."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "benchmarks.bare_flask:app", "--bind",
               f"127.0.0.1:{port}", "--workers", str(workers), "--worker-class", "gthread",
               "--threads", str(MOST + 2), "--no-control-socket", "--log-level", "warning"]
    with running(world.settings, command, port=str(port)) as (_, process):
        yield port, process.pid


def asked(port: int, path: str, pids: list[int]) -> tuple[float, float, float]:
    """(answers a second, milliseconds of those processes' processor each, median ms)."""
    before, began = [processor(pid) for pid in pids], time.perf_counter()
    said = subprocess.run([sys.executable, "-m", "benchmarks.load", str(port), path,
                           str(CONNECTIONS), str(SECONDS)], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, text=True).stdout.split()
    took = time.perf_counter() - began
    spent = sum(processor(pid) for pid in pids) - sum(before)
    rate = float(said[0])
    assert took < SECONDS * 3
    return rate, spent * 1000 / (rate * SECONDS), float(said[1])


def test_a_published_tender_against_a_bare_document(world, tmp_path, monkeypatch):
    """The same document by both, by turns; its share of requests a second, by clock and by
    processor (the database's own counted with ours)."""
    tender = world.published_tender(lots=1)
    path = f"/api/v1/tenders/{tender.id}"
    file = tmp_path / "document.json"
    file.write_bytes(world.client().get(f"/tenders/{tender.id}").data)
    monkeypatch.setenv("BARE_DOCUMENT", str(file))
    monkeypatch.setenv("BARE_DATABASE", world.settings.migration_url)
    db.session.remove()
    db.engine.dispose()
    found: dict[str, list[tuple[float, float, float]]] = {}
    with running(world.settings) as (address, ours), bare(world, 2) as (port, other):
        our_port = int(address.rpartition(":")[2])
        mine = [ours.pid] + ([postgres.server().pid] if world.postgres else [])
        turns = {"ours": (our_port, path, mine), "the same document": (port, "/document", [other]),
                 "the least JSON": (port, "/little", [other])}
        for port, path, _ in turns.values():  # the server listens before its workers are ready
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                assert answer.status == 200
        for turn in range(ROUNDS + 1):
            for name, one in turns.items():
                seen = asked(*one)
                if turn:
                    found.setdefault(name, []).append(seen)
    print(f"\nBENCH a tender, {file.stat().st_size} bytes, {'PostgreSQL' if world.postgres else 'SQLite'}")
    rates = {name: [median([one[at] for one in rounds]) for at in range(3)]
             for name, rounds in found.items()}
    for name, (rate, cost, middle) in rates.items():
        print(f"{name:20} {rate:7.0f}/s  {cost:.3f} ms of processor  median {middle:.1f} ms  "
              f"clock {rates['ours'][0] / rate:.2f}  processor {cost / rates['ours'][1]:.2f}")
    assert rates["ours"][0] >= 0.35 * rates["the same document"][0]


def test_publishing_a_tender_of_two_lots_against_a_bare_insert(world, tmp_path, monkeypatch):
    """One request each, by turns; processor of the server's processes. The target is of the leanest
    insert there is; what one takes through schemas and the ORM stands beside it."""
    waiting = []
    for number in range((TURNS + 1) * PUBLISHED):
        if number % 15 == 0:
            world._buyer_unit = None  # of one buyer they would soon look like one project
        draft = world.draft_tender(2)
        world.before_publishing(draft)
        notice = acts.submit_notice(world.clerk, draft.id)
        if number % 15 == 0:
            token = world.session_token(world.chief, fresh=True)
        waiting.append((draft.id, notice.content_hash, token))
    world.raw("CREATE TABLE bare_row (id varchar(32) PRIMARY KEY, body text)")
    file = tmp_path / "document.json"
    file.write_text("{}")
    monkeypatch.setenv("BARE_DOCUMENT", str(file))
    monkeypatch.setenv("BARE_DATABASE", world.settings.migration_url)
    db.session.remove()
    db.engine.dispose()
    with running(world.settings, workers="1") as (address, ours), bare(world, 1) as (port, other):
        ports = {"ours": int(address.rpartition(":")[2]), "bare": port, "mapped": port}
        pids = {"ours": ours.pid, "bare": other, "mapped": other}
        body = {"body": "x" * 2000}
        send = {
            "ours": lambda line, n: _post(
                line, f"/api/v1/tenders/{waiting[n][0]}/notice/approval",
                {"content_hash": waiting[n][1]}, Authorization=f"Bearer {waiting[n][2]}",
                **{"Idempotency-Key": f"publish-{n:08}"}),
            "bare": lambda line, n: _post(line, "/rows", body),
            "mapped": lambda line, n: _post(line, "/mapped-rows", body)}
        data, spent = postgres.server().pid if world.postgres else 0, dict.fromkeys(
            send, (0.0, 0.0))
        for turn in range(TURNS + 1):
            for name, many in (("bare", INSERTS), ("mapped", INSERTS), ("ours", PUBLISHED)):
                line = http.client.HTTPConnection("127.0.0.1", ports[name])
                before = processor(pids[name]), data and processor(data)
                for number in range(turn * many, (turn + 1) * many):
                    send[name](line, number)
                if turn:  # the first warms both
                    spent[name] = tuple(
                        had + (now - was) * 1000 / (TURNS * many) for had, now, was in zip(
                            spent[name], (processor(pids[name]), data and processor(data)),
                            before, strict=True))
    ours_cpu, ours_data = spent["ours"]
    print(f"\nBENCH publishing, {'PostgreSQL' if world.postgres else 'SQLite'}: {ours_cpu:.2f} ms "
          f"(+ database {ours_data:.2f})")
    for name in ("bare", "mapped"):
        cpu, its_data = spent[name]
        print(f"{name} insert {cpu:.2f} (+ {its_data:.2f}): {ours_cpu / cpu:.1f} x, with the "
              f"database's {(ours_cpu + ours_data) / (cpu + its_data):.1f} x (target 12)")
    assert ours_cpu / spent["bare"][0] <= 12


def _post(line: http.client.HTTPConnection, path: str, body: dict, **headers: str) -> None:
    line.request("POST", path, json.dumps(body),
                 {"Content-Type": "application/json", **headers})
    answer = line.getresponse()
    said = answer.read()
    assert answer.status == 201, (answer.status, said[:300])
