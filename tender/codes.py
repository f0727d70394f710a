"""The codes a project carries (rulebook §8.1): 23-character section code, deal code, OCID.

The meaning of the section code's parts is remembered, not read; its grammar is. The check
character of the 统一交易标识码 has no published rule: ours is that of GB 32100 over the
alphanumerics, and is marked as local.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date

from people.uscc import SYMBOLS

OCID_PREFIX = "ocds-yg2026"
"""An OCDS prefix is registered by each publisher; this one marks an unregistered installation."""

SECTION = re.compile(r"\A([A-Z])(\d{6})([0-9A-Z]{4})([0-9A-Z]{6})([0-9A-Z]{3})([0-9A-Z]{3})\Z")
DEAL = re.compile(r"\A([A-Z]\d{2})-([0-9A-Z]{18})-(\d{8})-(\d{6})-([0-9A-Z])\Z")
REGION = re.compile(r"\A[1-9]\d{5}\Z")

DEAL_CLASS = {"works": "A99", "goods": "D01", "services": "D02"}


@dataclass(frozen=True)
class SectionCode:
    """A section code taken apart (worked example ID-2)."""

    prefix: str
    region: str
    platform: str
    serial: str
    tender: str
    section: str

    @property
    def project_code(self) -> str:
        """The first 17 characters."""
        return self.prefix + self.region + self.platform + self.serial

    @property
    def tender_code(self) -> str:
        """The first 20 characters (招标项目编号)."""
        return self.project_code + self.tender

    def __str__(self) -> str:
        return self.tender_code + self.section


def read_section(text: str) -> SectionCode:
    """Take a section code apart; ValueError when it is none."""
    match = SECTION.match(text)
    if match is None:
        raise ValueError("not a section code")
    return SectionCode(*match.groups())


def tender_code(region: str, platform: str = "YG01") -> str:
    """A fresh 20-character code; the serial is random, so that it tells no count."""
    serial = "".join(secrets.choice(SYMBOLS) for _ in range(6))
    return f"E{region}{platform}{serial}001"


def section_code(tender: str, number: int) -> str:
    """The 23-character code of lot `number` (1-999) of a tender."""
    return f"{tender}{number:03d}"


def check_character(text: str) -> str:
    """The mod-31 check over the alphanumerics of `text`, weights 3^i as in GB 32100."""
    symbols = [symbol for symbol in text if symbol.isalnum()]
    total = sum(pow(3, place, 31) * _value(symbol) for place, symbol in enumerate(symbols))
    return SYMBOLS[(31 - total % 31) % 31]


def _value(symbol: str) -> int:
    # Letters outside the 31 symbols take their ordinal, so that every code has a check.
    found = SYMBOLS.find(symbol)
    return found if found >= 0 else ord(symbol) % 31


def deal_code(category: str, operator_uscc: str, day: date) -> str:
    """A fresh 统一交易标识码 for a lot of `category`."""
    body = (f"{DEAL_CLASS[category]}-{operator_uscc}-{day:%Y%m%d}-"
            f"{secrets.randbelow(10**6):06d}")
    return f"{body}-{check_character(body)}"


def deal_code_valid(text: str) -> bool:
    """Whether a deal code has our grammar and our local check character."""
    return bool(DEAL.match(text)) and check_character(text[:-1]) == text[-1]


def ocid(tender_id: str, prefix: str = OCID_PREFIX) -> str:
    """The open contracting id of a tender."""
    return f"{prefix}-{tender_id}"
