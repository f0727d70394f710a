"""统一社会信用代码: the code of a unit (GB 32100-2015), with its inner code (GB 11714-1997).

Eighteen characters: one of the registering department, one of the kind of unit, six of the
administrative division, nine of the main identifier (an organisation code with a check of its
own), and a check character. Letters I, O, S, V and Z do not occur.
"""

from __future__ import annotations

from .refusals import USCC_INVALID

SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
MAIN_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_VALUE = {symbol: value for value, symbol in enumerate(SYMBOLS)}


def check_character(first: str) -> str:
    """The 18th character for the first 17 (GB 32100 §4.3): symbol (31 − Σ WᵢCᵢ mod 31) mod 31."""
    total = sum(weight * _VALUE[symbol] for weight, symbol in zip(WEIGHTS, first, strict=True))
    return SYMBOLS[(31 - total % 31) % 31]


def main_check_character(first: str) -> str:
    """The 9th character of a main identifier for its first 8 (GB 11714): 11 − Σ WᵢCᵢ mod 11.

    Ten is written X and eleven 0; a letter counts from A = 10 to Z = 35.
    """
    total = sum(weight * int(symbol, 36)
                for weight, symbol in zip(MAIN_WEIGHTS, first, strict=True))
    return "0123456789X0"[11 - total % 11]


def checked(code: str) -> str:
    """The code in upper case, when it is valid; else raises `party.uscc` with what is wrong."""
    upper = code.upper() if code.isascii() else code
    if len(upper) != 18:
        raise USCC_INVALID(problem="not 18 characters / 不是十八位")
    strange = sorted(set(upper) - set(SYMBOLS))
    if strange:
        raise USCC_INVALID(problem=f"character not allowed / 含有不允许的字符: {strange[0]!r}")
    if not upper[2:8].isdigit():
        raise USCC_INVALID(problem="the division is not six digits / 行政区划码不是数字")
    if main_check_character(upper[8:16]) != upper[16]:
        raise USCC_INVALID(problem="check character of the organisation code / 主体标识码校验不符")
    if check_character(upper[:17]) != upper[17]:
        raise USCC_INVALID(problem="check character / 校验码不符")
    return upper


def completed(prefix: str, main: str) -> str:
    """The whole code for eight characters of prefix and eight of main identifier (for examples)."""
    code = prefix + main + main_check_character(main)
    return code + check_character(code)
