"""One spelling for every value (RFC 8785), and strict reading."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel import canonical
from kernel.canonical import NotCanonical, jcs, parse, parse_canonical, parse_time, time_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20)


def test_the_sorting_example_of_rfc_8785():
    given_ = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert [item for item in json.loads(jcs(given_)).values()] == [2, 4, 6, 7, 1, 5, 3]


def test_strings_are_escaped_as_rfc_8785_says():
    assert jcs("\u20ac$\u000f\nA'B\"\\\\\"/\x7f") == (
        b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"')


@given(VALUES)
def test_what_is_written_is_read_back_and_is_canonical(value):
    assert parse_canonical(jcs(value)) == value


@settings(max_examples=40)
@given(VALUES)
def test_both_ways_of_ordering_write_the_same(value):
    assert jcs(value) == canonical._ENCODER.encode(canonical._ordered(value)).encode()


@given(st.dictionaries(st.text("abc", max_size=2), st.integers(0, 9)))
def test_the_order_of_insertion_says_nothing(value):
    assert jcs(value) == jcs(dict(reversed(value.items())))


@pytest.mark.parametrize("text", [
    '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', "NaN", "Infinity", "-Infinity", "1.0", "1e2", "1" + "0" * 400,
    "9007199254740993", "[" * 40 + "]" * 40, "[" * 100_000, '"\\ud800"', "", "{", "{'a':1}",
    '{"a":1}{"b":2}', b"\xff", b"\xef\xbb\xbf{}", "[1,]", "// x\n1", "01", "+1", '"\n"'])
def test_what_is_not_strict_json_is_refused(text):
    with pytest.raises(NotCanonical):
        parse(text)


@pytest.mark.parametrize("text", [b'{"b":1,"a":2}', b'{ "a":1}', b'{"a":1}\n', b'"\\u0041"', b"-0"])
def test_canonical_reading_takes_one_spelling_only(text):
    with pytest.raises(NotCanonical):
        parse_canonical(text)


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, {1: 2}, b"x", "\ud800", {"\udfff": 1}])
def test_what_has_no_canonical_form_is_refused(value):
    for whole in (value, [value], {"a": ["b", {"c": value}]}, {"ä": [value]}):
        with pytest.raises(NotCanonical):
            jcs(whole)


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: {"a": one}])
def test_a_value_is_no_deeper_than_allowed(wrap):
    value = {"leaf": "leaf"}
    for _ in range(canonical.MAX_DEPTH):
        value = wrap(value)
    assert jcs(value)
    with pytest.raises(NotCanonical):
        jcs(wrap(value))
    value = []
    value.append(value)
    with pytest.raises(NotCanonical):
        jcs(value)


@given(st.binary(max_size=64))
def test_base64_and_hex_have_one_spelling(data):
    text = canonical.b64(data)
    assert canonical.unb64(text) == data
    assert canonical.unhex(data.hex(), None) == data
    for other in (text + "=", text.rstrip("=") if "=" in text else text + "A", text + "\n", " " + text):
        with pytest.raises(NotCanonical):
            canonical.unb64(other)
    with pytest.raises(NotCanonical):
        canonical.unhex(data.hex().upper() + "0", None)


def test_stray_bits_in_base64_are_refused():
    with pytest.raises(NotCanonical):
        canonical.unb64("QR==")


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
       st.integers(-14 * 60, 14 * 60))
def test_times_round_trip_to_the_millisecond_from_any_zone(naive, minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_time(time_text(moment)) == canonical.truncate(moment.astimezone(UTC))


@pytest.mark.parametrize("text", [
    "2026-12-01T17:00:00", "2026-12-01", "2026-02-30T00:00:00Z", "2026-12-01 17:00:00Z",
    "2026-12-01T17:00:00+25:00", "2026-12-01T17:00:60Z", "2026-12-01T24:00:00Z", "20261201T170000Z",
    "2026-12-01T17:00:00.1234567Z", 1764608400, None, "2026-12-01T17:00:00Z\n", "٢026-12-01T17:00:00Z"])
def test_a_time_without_an_offset_or_that_does_not_exist_is_refused(text):
    with pytest.raises(NotCanonical):
        parse_time(text)


def test_a_naive_time_has_no_text():
    with pytest.raises(NotCanonical):
        time_text(datetime(2026, 12, 1))
