"""Codes against their worked example, and codes we make."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender import codes

from .oracles import example


def test_id_2_a_section_code_taken_apart():
    case = example("ID-2")
    found = codes.read_section(case["inputs"]["code"])
    expected = case["expected"]
    assert found.region == expected["region6"] and found.platform == expected["platform4"]
    assert found.serial == expected["project_serial6"]
    assert found.project_code == expected["project_code17"]
    assert found.tender_code == expected["tender_project_code20"]
    assert str(found) == expected["section_code23"]


@given(st.integers(1, 999))
def test_our_section_codes_read_back(number):
    made = codes.section_code(codes.tender_code("330703"), number)
    assert len(made) == 23
    assert int(codes.read_section(made).section) == number


@pytest.mark.parametrize("text", ["", "E14090000G300206100100", "e14090000G3002061001003",
                                  "E14090000G3002061001003\n", "E1409A000G3002061001003"])
def test_other_texts_are_no_section_codes(text):
    with pytest.raises(ValueError):
        codes.read_section(text)


@pytest.mark.parametrize("category", ["works", "goods", "services"])
def test_deal_codes_carry_their_check(category):
    made = codes.deal_code(category, "11330703002600173X", date(2026, 12, 1))
    assert codes.deal_code_valid(made)
    for place, mark in enumerate(made):
        if mark.isdigit():
            changed = made[:place] + str((int(mark) + 1) % 10) + made[place + 1:]
            assert not codes.deal_code_valid(changed), place


def test_the_check_character_is_that_of_gb_32100():
    assert codes.check_character("91330703MA2TERTA3") == "E"
    assert codes.check_character("11330703002600173") == "X"
