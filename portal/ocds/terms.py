"""The fixed words of our releases: publisher, extensions, schemes, and the shape of a value."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from people.model import Party
from tender.timetable import BEIJING

from .exact import yuan

VERSION = "1.1"
LANGUAGE = "zh"
CURRENCY = "CNY"
USCC_SCHEME = "CN-USCC"
"""统一社会信用代码 (GB 32100). The public list of identifiers knows CN-SAIC, which covers companies
only; a township has a code too, and it comes from another register."""

SECTION_SCHEME = "CN-SECTION"
ITEM_SCHEME = "CN-GB50500"
"""The bill's item codes follow 建设工程工程量清单计价规范."""

REGISTERED = (
    "ocds_lots_extension/v1.1.5", "ocds_bid_extension/v1.1.5", "ocds_enquiry_extension/v1.1.5",
    "ocds_bidOpening_extension/master", "ocds_awardCriteria_extension/master",
    "ocds_submissionTerms_extension/master", "ocds_participationFee_extension/v1.1.5",
)
"""Registered extensions that our releases use, by repository and version."""

EXTENSIONS = tuple(
    f"https://raw.githubusercontent.com/open-contracting-extensions/{name}/extension.json"
    for name in REGISTERED)

TECHNIQUES = ("https://raw.githubusercontent.com/open-contracting-extensions/"
              "ocds_techniques_extension/master/extension.json")
"""Of framework agreements and their call-offs alone."""

OWN_EXTENSIONS = ("/static/portal/ocds/extension.json",
                  "/static/portal/ocds-objections/extension.json")
"""Our own small extensions, served by every installation: docs/ocds.md and
docs/formats/ocds-objections.md say what they add."""

SECURITY_WORDS = {"bank-guarantee": "银行保函", "cash-deposit": "现金"}


def value(fen: int) -> dict[str, object]:
    """An OCDS Value from integer fen: exact yuan with two decimals."""
    return {"amount": yuan(fen), "currency": CURRENCY}


def stamp(moment: datetime) -> str:
    """An OCDS date-time, with the offset of Beijing."""
    return moment.astimezone(BEIJING).isoformat(timespec="milliseconds")


def reference(party: Party) -> dict[str, str]:
    """An OCDS reference to an organization."""
    return {"id": f"{USCC_SCHEME}-{party.uscc}", "name": party.name}


def organization(party: Party, roles: list[str]) -> dict[str, object]:
    """An entry of `parties`."""
    return {**reference(party),
            "identifier": {"scheme": USCC_SCHEME, "id": party.uscc, "legalName": party.name},
            "address": {"region": party.region, "countryName": "中国"},
            "roles": roles}


def number(text: object) -> Decimal:
    """A decimal written as text, as a number."""
    return Decimal(str(text))
