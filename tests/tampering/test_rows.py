"""Rows changed behind the platform's back: `yangguang admin fsck` names the first affected object."""

import re

import pytest

from portal import admin

from . import later  # noqa: F401 - declares its cases
from .cases import CASES


def test_nothing_is_found_where_nothing_was_done(insider):
    assert insider.found() == []


@pytest.mark.parametrize("name", CASES)
def test_a_row_was_changed(insider, name):
    function, pattern = CASES[name]
    affected = function(insider)
    found = insider.found(3)
    wanted = pattern.replace("{}", re.escape(str(affected)))
    assert found, "nothing was found"
    assert any(re.search(wanted, fault) for fault in found), (wanted, found)


def test_the_command_says_so(played, capsys):
    assert admin.fsck(played.settings) == 0
    assert "says what the record says" in capsys.readouterr().out


def block_of(insider):
    row = insider.connection.exec_driver_sql(
        "SELECT b.hash, s.bid_id FROM bid_block b JOIN bid_part p ON p.id = b.part_id "
        "JOIN standing_bid s ON s.version_id = p.version_id ORDER BY b.hash").first()
    return insider.world.app.extensions["yangguang"].store.path(row[0]), row[1]


@pytest.mark.parametrize("how,said", [("flip", "is damaged"), ("cut", "is damaged"),
                                      ("remove", "is missing")])
def test_a_stored_block_was_changed(insider, how, said):
    path, bid = block_of(insider)
    data = path.read_bytes()
    path.chmod(0o600)
    try:
        if how == "remove":
            path.unlink()
        else:
            path.write_bytes(data[:-1] + (bytes([data[-1] ^ 1]) if how == "flip" else b""))
        assert any(fault.startswith(f"bid {bid} part") and said in fault
                   for fault in insider.found())
    finally:
        path.write_bytes(data)
    assert insider.found() == []
