import json

import pytest

from evaluation.__main__ import main

from .test_draw import LOG, WITNESSES, held


def test_a_stranger_checks_a_draw(tmp_path, capsys):
    document = held()
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert main(["verify", str(path)]) == 0
    said = capsys.readouterr().out
    assert document["seed"] in said and "left out: b2" in said and "seat 5" in said
    for number, ticket in enumerate(document["substitutes"], 1):
        assert f"substitute {number}  {ticket}" in said
    assert document["substitutes"] and "--record and --history say" in said
    pinned = ["--log-vkey", str(LOG.verifier)]
    for one in WITNESSES:
        pinned += ["--witness-vkey", str(one.cosigner)]
    assert main(["verify", str(path), *pinned]) == 0
    assert "document's own" not in capsys.readouterr().out
    assert main(["verify", str(path), *pinned[:-2]]) == 1
    assert "announced witnesses" in capsys.readouterr().out
    path.write_text(json.dumps(document | {"coefficient": "0.99"}), encoding="utf-8")
    assert main(["verify", str(path)]) == 1 and "coefficient" in capsys.readouterr().out
    path.write_text('{"v":1,"v":1}', encoding="utf-8")
    assert main(["verify", str(path)]) == 1


def test_what_cannot_be_checked(tmp_path):
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(held()), encoding="utf-8")
    assert main(["verify", str(tmp_path / "none")]) == 2 and main([]) == 2
    assert main(["verify", str(path), "--log-vkey", "junk"]) == 2
    assert main(["verify", str(path), "--history", str(path)]) == 2
    assert main(["verify", str(path), "--record", str(tmp_path / "none")]) == 2


def test_a_draw_without_witnesses_says_that_it_could_be_ground(tmp_path, capsys):
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(held(witnesses=[])), encoding="utf-8")
    assert main(["verify", str(path)]) == 0
    assert "again and again" in capsys.readouterr().out


@pytest.mark.parametrize("stride", [7, pytest.param(1, marks=pytest.mark.faults)])
def test_every_byte_of_the_file_counts(tmp_path, capsys, stride):
    text = json.dumps(held(people=6), separators=(",", ":"), ensure_ascii=False)
    data, path, quiet = text.encode(), tmp_path / "draw.json", []
    for place in range(0, len(data), stride):
        for bit in (0, 5, 7):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1:])
            if main(["verify", str(path)]) != 1:
                quiet.append((place, data[max(0, place - 20):place + 20]))
    capsys.readouterr()
    assert quiet == []
