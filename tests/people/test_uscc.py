"""GB 32100 and GB 11714: worked example ID-1, and what any change of a character does."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusal import Refused
from people import uscc

EXAMPLES = Path(__file__).parents[2].parent / "shared" / "oracles" / "worked-examples.json"

VALID = ["91330703MA2TERTA3E", "91360732MA38K2P465", "11330703002600173X", "N2330703MF0081A72U"]
INVALID = ["91360732MA38K2P466", "91360732M3A8K2P465", "I1360732MA38K2P465", "91360732MA38K2P46",
           "", "91360732MA38K2P4655", "９1360732MA38K2P465", "91360732MA38K2P46ı",
           "91360732MA38K2P46\n"]

codes = st.builds(
    uscc.completed,
    st.builds(lambda head, division: head + division, st.text(uscc.SYMBOLS, min_size=2, max_size=2),
              st.text("0123456789", min_size=6, max_size=6)),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))


@pytest.mark.parametrize("code", VALID)
def test_valid_codes_are_taken_and_lower_case_is_raised(code):
    assert uscc.checked(code) == code
    assert uscc.checked(code.lower()) == code


@pytest.mark.parametrize("code", INVALID)
def test_invalid_codes_are_refused_with_the_standard(code):
    with pytest.raises(Refused) as refused:
        uscc.checked(code)
    assert refused.value.word.code == "party.uscc" and "GB 32100" in refused.value.word.law


def test_worked_example_id_1():
    if not EXAMPLES.exists():
        pytest.skip("the worked examples lie outside the repository")
    case = next(case for case in json.loads(EXAMPLES.read_text("utf-8"))["cases"]
                if case["id"] == "ID-1")
    for sample in case["expected"]["valid"]:
        first = sample["code"][:17]
        total = sum(w * uscc.SYMBOLS.index(c) for w, c in zip(uscc.WEIGHTS, first, strict=True))
        assert total == sample["weighted_sum"] and total % 31 == sample["mod31"]
        assert uscc.check_character(first) == sample["check_char"]
        assert uscc.completed(sample["prefix"], sample["main_id_9"][:8]) == sample["code"]
        assert uscc.checked(sample["code"]) == sample["code"]
    for code in case["expected"]["invalid"]:
        if code == code.upper():
            with pytest.raises(Refused):
                uscc.checked(code)


@pytest.mark.parametrize(("first", "check"), [("0" * 17, "0"), ("0" * 16 + "1", "3"),
                                              ("1" + "0" * 16, "Y")])
def test_a_remainder_of_nought_is_written_as_nought(first, check):
    """By hand: the weights begin with 1 and end with 28; 31 − 0 has no symbol and is 0."""
    assert uscc.check_character(first) == check


@given(codes, st.integers(0, 17), st.sampled_from(uscc.SYMBOLS))
def test_no_single_wrong_character_passes(code, place, symbol):
    assert uscc.checked(code) == code
    changed = code[:place] + symbol + code[place + 1:]
    if changed != code:
        with pytest.raises(Refused):
            uscc.checked(changed)


@given(codes, st.integers(0, 16))
def test_no_two_neighbours_exchanged_pass(code, place):
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2:]
    # 31 is prime and neighbouring weights differ, so only equal neighbours can pass.
    if changed != code:
        with pytest.raises(Refused):
            uscc.checked(changed)


@given(st.text(max_size=24))
def test_any_text_is_answered(text):
    try:
        uscc.checked(text)
    except Refused as refused:
        assert refused.word.code == "party.uscc"
