"""The tenderer's program stops before it seals what the notice in hand forbids."""

import json

import pytest

from bidding.client import limits
from bidding.client.commands import main
from bidding.client.keys import new_key

from .test_sealer_modules import notice

LOT = {"price_ceiling_fen": 185_000_000, "period_days_max": 120, "limits": {"bid_bytes": 3}}


@pytest.mark.parametrize("price, days, content, said", [
    (185_000_001, 120, b"x", ("above the ceiling ¥1,850,000.00", "高于最高投标限价 ¥1,850,000.00")),
    (1, 121, b"x", ("longer than the 120 allowed", "超过公告规定的 120 天")),
    (1, 0, b"x", ("above nothing", "必须大于零")), (-1, 1, b"x", ("above nothing", "必须大于零")),
    (1, 1, b"four", ("4 bytes", "共 4 字节")),
])
def test_what_a_notice_forbids_is_said_in_both_languages(tmp_path, price, days, content, said):
    paper = tmp_path / "a.pdf"
    paper.write_bytes(content)
    with pytest.raises(limits.BeyondNotice) as caught:
        limits.within(LOT, price, days, [paper])
    assert all(one in str(caught.value) for one in (*said, "--despite-notice"))


def test_what_it_allows_or_does_not_say_passes(tmp_path):
    paper = tmp_path / "a.pdf"
    paper.write_bytes(b"x")
    limits.within(LOT, 185_000_000, 120, [paper])
    limits.within({"limits": None}, 10**14, 9999, [paper])


def test_no_bid_beyond_the_notice_is_sealed_unless_one_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("YANGGUANG_PROFILE", str(tmp_path / "profile"))
    lot, _, _ = notice("intl-x25519-1")
    kept, paper = tmp_path / "notice.json", tmp_path / "a.pdf"
    kept.write_text(json.dumps(lot | LOT | {"limits": None}))
    paper.write_bytes(b"x")
    new_key(tmp_path / "key")
    asked = ["seal", "--notice", str(kept), "--uscc", "91330703MA2TERTA3E",
             "--key", str(tmp_path / "key"), "--price-fen", "999999999999", "--period-days", "9999",
             "--quality", "合格", "--leader", "l", "--technical", str(paper), "--price", str(paper),
             "--out", str(tmp_path / "bid")]
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert "高于最高投标限价" in said and "longer than the 120 allowed" in said
    assert not (tmp_path / "bid").exists()
    assert main([*asked, "--despite-notice"]) == 0
