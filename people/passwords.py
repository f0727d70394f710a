"""Passwords: what is refused, and argon2id (RFC 9106) for what is kept (Q05).

8 to 128 characters, any script. By default the complexity of 等保 (three of four kinds of
characters); one switch turns to the NIST way, where only length and commonness count. What
is common is known by rule: stems that head every leaked list, with the usual decorations.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .refusals import PASSWORD_WEAK

LOW, HIGH = 8, 128

STEMS = frozenset("""
 abc abcd access account admin administrator alexander amanda andrea andrew angel apple arsenal
 asdf asdfgh asdfghjkl ashley austin azerty baby bailey banana barcelona baseball basketball batman
 beijing bitch blink bond brandon buster butterfly carlos changeme charlie chelsea china cheese
 chocolate computer cookie corvette cowboy dallas daniel default demo dolphin donald dragon eagle
 elizabeth eminem england family ferrari flower football forever freedom friends fuckyou gateway
 george ginger golf google guest guitar hallo hannah harley heather hello hockey hunter iloveyou
 internet jasmine jennifer jessica jesus jordan joseph joshua justin killer lakers letmein liverpool
 login london love loveyou maggie manchester marina martin master matrix matthew merlin michael
 michelle midnight minecraft monkey monster mustang naruto natasha nicole nintendo ninja office
 oliver orange pass passw passwd password pepper phoenix pokemon police porsche prince princess
 purple qazwsx qazwsxedc qwe qweasd qweasdzxc qwert qwerty qwertyuiop rachel ranger robert root
 samantha samsung sandra secret secure server shadow shanghai silver snoopy soccer sophie spiderman
 starwars steelers success summer sunshine superman support sweet taylor temp tennis test tester
 thomas thunder tiger tigger tinkerbell tomcat toor trustno user user vanessa victoria welcome
 whatever william winner winter woaini xiaoming yang yangguang yankees zaq zaqwsx zhaobiao toubiao
 zhong zxc zxcvb zxcvbn zxcvbnm yellow spring autumn january february march april monday friday
 sunday company government tender bidding kaibiao pingbiao mima guanliyuan zhongguo
 """.split())  # noqa: SIM905  (a list of two hundred quoted words is harder to read)

ROWS = ("01234567890", "9876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba",
        "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
        "poiuytrewq", "mnbvcxz", "lkjhgfdsa", "147258369", "963852741", "159753", "5201314")
_LEET = str.maketrans("04135$@!7+", "oaiessaitt")
_DECORATION = re.compile(r"\A[\W\d_]*(.*?)[\W\d_]*\Z", re.DOTALL)


@dataclass(frozen=True)
class Hashed:
    """The hash of a password that met the rules; only `prepare` makes one."""

    text: str

    def __repr__(self) -> str:
        return "Hashed(…)"


def problem(password: str, login: str, *, complexity: bool = True, low: int = LOW) -> str | None:
    """What is wrong with a new password, in both languages; None when it is good."""
    if not low <= len(password) <= HIGH:
        return f"{low} to {HIGH} characters / 须为 {low} 至 {HIGH} 个字符"
    if any(unicodedata.category(symbol) in ("Cc", "Cs") for symbol in password):
        return "control characters / 含控制字符"
    lower = unicodedata.normalize("NFKC", password).lower()
    name = login.lower().partition("@")[0]
    if len(name) >= 3 and name in lower:
        return "it holds the login / 含有登录名"
    if len(set(lower)) < 5:
        return "too few different characters / 不同字符过少"
    if _common(lower):
        return "it is common / 过于常见"
    if complexity and _kinds(password) < 3:
        return ("three of: capitals, small letters, digits, others / "
                "大写、小写、数字、其他字符中至少三种")
    return None


def _kinds(password: str) -> int:
    kinds = set()
    for symbol in password:
        kinds.add("upper" if symbol.isupper() else "lower" if symbol.islower()
                  else "digit" if symbol.isdigit() else "other")
    return len(kinds)


def _common(lower: str) -> bool:
    if re.fullmatch(r"(?:19|20)\d{6}", lower) or re.fullmatch(r"\d{1,10}", lower):
        return True
    for half in range(1, len(lower) // 2 + 1):
        if len(lower) % half == 0 and lower == lower[:half] * (len(lower) // half) and half <= 4:
            return True
    bare = _DECORATION.sub(r"\1", lower)
    for text in {lower, lower.translate(_LEET), bare, bare.translate(_LEET)}:
        core = _DECORATION.sub(r"\1", text)
        for word in {text, core, re.sub(r"[\W\d_]+", "", text)}:
            if not word or word in STEMS or _row(word):
                return True
            for cut in range(2, len(word) - 1):
                if _known(word[:cut]) and _known(word[cut:]):
                    return True
    return False


def _known(word: str) -> bool:
    return word in STEMS or (len(word) >= 3 and _row(word)) or len(set(word)) == 1


def _row(word: str) -> bool:
    return len(word) >= 3 and any(word in row for row in ROWS)


def prepare(password: str, login: str, cost: tuple[int, int, int], *,
            complexity: bool = True, low: int = LOW) -> Hashed:
    """Hash a new password that meets the rules; raises `password.weak`.

    `cost`: argon2id's time, memory in KiB and lanes. Slow on purpose: never call it inside a
    transaction.
    """
    found = problem(password, login, complexity=complexity, low=low)
    if found:
        raise PASSWORD_WEAK(problem=found)
    return Hashed(_hasher(cost).hash(_normal(password)))


def matches(stored: str | None, password: str, cost: tuple[int, int, int]) -> bool:
    """Whether `password` is the stored one; as slow where none is stored (Q04)."""
    try:
        _hasher(cost).verify(stored or _nobodys(cost), _normal(password)[:HIGH * 4])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def _normal(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


@lru_cache
def _hasher(cost: tuple[int, int, int]) -> PasswordHasher:
    return PasswordHasher(time_cost=cost[0], memory_cost=cost[1], parallelism=cost[2])


@lru_cache
def _nobodys(cost: tuple[int, int, int]) -> str:
    return _hasher(cost).hash(secrets.token_bytes(16))
