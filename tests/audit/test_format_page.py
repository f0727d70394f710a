"""docs/formats/record.md says what the code does."""

import re
from pathlib import Path

from audit import checkpoint, disclosed, leaf, tlogproof
from audit.note import Verifier
from kernel.canonical import b64, parse

PAGE = (Path(__file__).resolve().parents[2] / "docs/formats/record.md").read_text("utf-8")


def block(kind):
    [found] = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return found


def test_the_example_verifies():
    key = Verifier.parse(block("vkey").strip())
    head = checkpoint.read(block("checkpoint"), key)
    entry = block("leaf").strip().encode()
    assert len(entry) == leaf.LENGTH
    proven = tlogproof.verify(block("tlog-proof"), entry, key)
    assert proven.head == head and (proven.index, head.size) == (1, 3)
    [(position, _, record)] = disclosed.read(
        block("disclosed").encode(), 0, [b"", b64(leaf.read(entry)[1]).encode(), b""])
    assert (position, record) == (1, proven.record)
    assert set(record) == set(parse(jcs_fields()))


def jcs_fields():
    return ('{"v":1,"type":"","at":"","actor":{},"law":"","subject":"","tender":null,"lot":null,'
            '"party":null,"facts":{}}')


def test_the_table_of_readers_is_the_code_s():
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$", PAGE, re.MULTILINE))
    when = {"at once": "sealed", "when the lot is opened": "opened", "with the award": "awarded"}
    for kind, text in rows.items():
        stages = [stage for stage, classes in disclosed.PUBLIC.items() if kind in classes]
        assert (stages[0] if stages else None) == when.get(text.strip())
    from audit.act import DISCLOSE

    assert set(rows) == set(DISCLOSE)
