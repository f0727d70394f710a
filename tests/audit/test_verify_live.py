"""Verifying the folder that a sequencer is writing: no false alarm, and no pardon."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit import __main__ as program


@pytest.fixture
def live(quick, monkeypatch):
    """A record that has just come out; `between` is done in the pause before each further look."""
    quick.add(300)
    quick.sequencer.tick()
    pauses = []
    monkeypatch.setattr(program.time, "sleep", lambda _seconds: pauses and pauses.pop(0)())
    return quick, pauses


def test_a_tile_before_its_checkpoint_is_no_fault(live, capsys):
    quick, pauses = live
    root = Path(quick.folder)
    note = (root / "checkpoint").read_bytes()
    quick.add(300)
    quick.sequencer.tick()
    newer = (root / "checkpoint").read_bytes()
    (root / "checkpoint").write_bytes(note)  # as it was between the tiles and the checkpoint
    pauses.append(lambda: (root / "checkpoint").write_bytes(newer))
    assert program.main(["verify", str(root)]) == 0
    assert "600 entries" in capsys.readouterr().out


def test_what_stays_wrong_is_wrong(live, capsys):
    quick, _pauses = live
    tile = Path(quick.folder) / "tile/entries/000"
    data = bytearray(tile.read_bytes())
    data[100] = ord("B" if data[100] == ord("A") else "A")  # base64 still, of something else
    tile.write_bytes(data)
    assert program.main(["verify", str(quick.folder)]) == 1
    assert capsys.readouterr().out.startswith("WRONG tile/0/")


def test_who_never_stands_still_is_not_called_sound(live, capsys):
    quick, pauses = live
    root = Path(quick.folder)
    (root / "tile/0/x001").mkdir(parents=True, exist_ok=True)

    def stir(number):
        (root / f"stray{number}").write_bytes(b"")

    stir(0)
    pauses += [lambda number=number: stir(number) for number in range(1, program.TURNS + 1)]
    assert program.main(["verify", str(root)]) == 2
    assert "being written" in capsys.readouterr().err
