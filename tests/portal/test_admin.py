"""What the operator's commands do beyond the acts they call."""

import os
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from audit.act import wiring
from kernel.canonical import parse_time
from portal import admin

DAY = 86400


def test_only_what_no_row_refers_to_is_collected(world, installation, capsys):
    """A document and the blocks of a bid stay; an old object of nobody's goes, a new one not yet."""
    tender = world.published_tender()
    world.sealed_bid(world.lots(tender)[0])
    store = wiring().store
    referred = set(store.names())
    old, young = store.put(b"left by a crash"), store.put(b"its row is about to be written")
    for name in (*referred, old):
        os.utime(store.path(name), (time.time() - 2 * DAY,) * 2)
    admin.collect(installation)
    assert set(store.names()) == referred | {young}
    assert "1 objects" in capsys.readouterr().out


def test_a_first_administrators_code_stands_alone_and_is_explained_beside_it(world, installation,
                                                                             capsys):
    """A script reads the code from standard output; a person reads what to do with it."""
    admin.first(installation, SimpleNamespace(
        role="audit_admin", login="first.audit", name="张三", id_number="PASSPORT21",
        unit="某区政务服务中心", uscc="11330703MA20000198"))
    said = capsys.readouterr()
    assert said.out.startswith("yga_") and said.out.count("\n") == 1
    assert "POST /api/v1/activation/completion" in said.err and said.out.strip() not in said.err


def test_the_time_of_a_demonstration_moves_forward_only(world, installation, capsys):
    """By seconds or to a moment; what it is then is printed, and the refusal ends the program."""
    before = world.now
    admin.forward(installation, None, 3600)
    said = parse_time(capsys.readouterr().out.strip())
    assert timedelta(hours=1) <= said - before < timedelta(hours=1, minutes=1)
    admin.forward(installation, "2026-03-05T01:00:00Z", None)
    assert capsys.readouterr().out.startswith("2026-03-05T01:00:00")
    world.clock._said = datetime.min.replace(tzinfo=UTC)
    assert world.now >= datetime(2026, 3, 5, 1, tzinfo=UTC)
    with pytest.raises(SystemExit):
        admin.forward(installation, "2026-03-01T01:00:00Z", None)
