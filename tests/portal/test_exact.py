"""Amounts are written digit for digit; words for money and time are what the trade writes."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import show
from portal.ocds import exact


@given(st.integers(min_value=0, max_value=10**17))
def test_every_amount_comes_back_to_the_fen(fen):
    text = exact.dumps({"amount": exact.yuan(fen)})
    assert "e" not in text.partition(":")[2].lower()
    back = json.loads(text, parse_float=Decimal, parse_int=Decimal)["amount"]
    assert back * 100 == fen


def test_an_amount_that_no_double_can_hold():
    assert exact.dumps(exact.yuan(99999999999999999)) == "999999999999999.99"
    assert exact.dumps(exact.yuan(123456789012300)) == "1234567890123.00"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
                    max_leaves=20))
def test_everything_else_is_plain_json(value):
    assert json.loads(exact.dumps(value)) == value


@pytest.mark.parametrize("value", [1.5, {1: 2}, object(), b"x", {"a": [0.1]}])
def test_what_has_no_exact_form_is_refused(value):
    with pytest.raises(TypeError):
        exact.dumps(value)


@pytest.mark.parametrize("text", ["NaN", "Infinity"])
def test_no_number_is_refused(text):
    with pytest.raises(ValueError):
        exact.dumps(Decimal(text))


@pytest.mark.parametrize("fen,words", [
    (0, "零元整"), (1, "壹分"), (10, "壹角整"), (14, "壹角肆分"), (100, "壹元整"),
    (1000, "壹拾元整"), (140950, "壹仟肆佰零玖元伍角整"), (600714, "陆仟零柒元壹角肆分"),
    (168032, "壹仟陆佰捌拾元叁角贰分"), (10700053, "壹拾万柒仟元伍角叁分"),
    (1640902, "壹万陆仟肆佰零玖元零贰分"), (32504, "叁佰贰拾伍元零肆分"),
    (100_000_000_00, "壹亿元整"), (100_000_001_00, "壹亿零壹元整"),
    (100_010_000_00, "壹亿零壹万元整"), (1_0000_0000_0000_00, "壹万亿元整"),
    (1_0001_0000_0000_00, "壹万零壹亿元整"), (362088000, "叁佰陆拾贰万零捌佰捌拾元整"),
])
def test_amounts_in_words(fen, words):
    assert show.capital(fen) == words


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_amounts_in_words_can_be_read_back(fen):
    assert _read(show.capital(fen)) == fen


def _read(words: str) -> int:
    """The amount that the words say, read by the grammar and not by our writer."""
    whole, _, rest = words.rpartition("元") if "元" in words else ("", "", words)
    fen = 0
    for number, mark in ((10, "角"), (1, "分")):
        if mark in rest:
            digit, rest = rest.split(mark, 1)
            fen += number * show.DIGITS.index(digit[-1])
    total = section = digit = high = 0
    for sign in whole:
        if sign in show.DIGITS:
            digit = show.DIGITS.index(sign)
        elif sign in "拾佰仟":
            section, digit = section + digit * 10 ** ("拾佰仟".index(sign) + 1), 0
        elif sign == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        else:
            high, total, section, digit = (total + section + digit) * 10**8, 0, 0, 0
    return (high + total + section + digit) * 100 + fen


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_amounts_that_have_no_words(fen):
    with pytest.raises(ValueError):
        show.capital(fen)


def test_money_and_times():
    assert show.money(123456789) == "¥1,234,567.89"
    assert show.money(5) == "¥0.05"
    moment = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert show.beijing(moment) == "2026-12-01 00:00:00"
    assert show.weekday(moment) == "周二"
    assert show.iso(moment) == "2026-12-01T00:00:00.000+08:00"
    assert show.beijing(moment.replace(microsecond=999000)) == "2026-12-01 00:00:00.999"
    assert show.size(1 << 20) == "1.0 MiB" and show.size(1023) == "1023 B"
