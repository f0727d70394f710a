"""Q05: a table of passwords, and hashes that are argon2id with a cost one may choose."""

import pytest

from kernel.refusal import Refused
from people.passwords import Hashed, matches, prepare, problem

COST = (1, 8, 1)
ALWAYS_REFUSED = ["", "Zx9!kQ2", "x" * 129, "password", "Password1!", "P@ssw0rd", "Passw0rd123",
                  "Qwerty123!", "Admin@123", "Abc12345", "1qaz2wsx", "Aa123456", "aaaaaaaa",
                  "Welcome2024!", "iloveyou2", "Summer2026!", "19800101", "abcabcabc", "Liming#2026x",
                  "Zx9!kkQ2\x00ab"]
COMPLEXITY_REFUSED = ["correct horse battery", "vvxkqpwzrt", "四十二只白鹭上青天去"]
ACCEPTED = ["Zx9!kkQ2", "Tr0ub4dor&3", "黄河之水天上来奔流A1", "Jinhua-Lu-88",
            "Zq4 mur " * 12 + "x"]


@pytest.mark.parametrize("password", ALWAYS_REFUSED)
@pytest.mark.parametrize("complexity", [True, False])
def test_refused_either_way(password, complexity):
    assert problem(password, "liming", complexity=complexity)
    with pytest.raises(Refused):
        prepare(password, "liming", COST, complexity=complexity)


@pytest.mark.parametrize("password", COMPLEXITY_REFUSED)
def test_refused_only_where_complexity_counts(password):
    assert problem(password, "liming")
    assert problem(password, "liming", complexity=False) is None


@pytest.mark.parametrize("password", ACCEPTED)
def test_accepted(password):
    assert problem(password, "liming") is None
    hashed = prepare(password, "liming", COST)
    assert hashed.text.startswith("$argon2id$") and password not in repr(hashed)
    assert matches(hashed.text, password, COST)
    assert not matches(hashed.text, password + "x", COST)


def test_no_hash_matches_nothing_and_a_broken_one_neither():
    assert not matches(None, "anything", COST)
    assert not matches("$argon2id$broken", "anything", COST)
    assert Hashed("x").text == "x"


def test_composed_and_decomposed_letters_are_one_password():
    hashed = prepare("Caf\u00e9-Ren-77", "liming", COST)
    assert matches(hashed.text, "Cafe\u0301-Ren-77", COST)
