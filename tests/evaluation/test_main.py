import json

from evaluation.__main__ import main

from .test_draw import held


def test_a_stranger_checks_a_draw(tmp_path, capsys):
    document = held()
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert main([str(path)]) == 0
    said = capsys.readouterr().out
    assert document["seed"] in said and "left out: b2" in said and "seat 5" in said
    path.write_text(json.dumps(document | {"coefficient": "0.99"}), encoding="utf-8")
    assert main([str(path)]) == 1 and "coefficient" in capsys.readouterr().out
    path.write_text('{"v":1,"v":1}', encoding="utf-8")
    assert main([str(path)]) == 1
    assert main([str(tmp_path / "none")]) == 1 and main([]) == 2
