"""A lottery is drawn among who passed its report: a platform that leaves one out is seen."""

import pytest

from evaluation import draw, rules
from portal.verify import ranked
from portal.verify.entries import Entries
from portal.verify.findings import Findings

LOT, DRAW, SALT = "a" * 32, "b" * 32, bytes(range(32))
BIDS = [letter * 32 for letter in "1234"]
REPORT = {"lot": LOT, "judged_by": "screen", "passed": BIDS[:3], "bids": [{"bid": one}
                                                                         for one in BIDS]}


def found(out, lapsed=(), bids=BIDS, report=REPORT) -> list[str]:
    """What is wrong with a draw that keeps `out` out of `bids`, where `lapsed` had lapsed."""
    pool = [{"ticket": draw.ticket(DRAW, SALT, one), "excluded": "failed_the_screen"
             if one in out else None} for one in bids]
    document = {"draw": DRAW, "announcement": {
        "lot": LOT, "lottery": "L", "announced_at": "2026-03-01T00:00:00.000Z",
        "report_hash": rules.digest(report), "pool": sorted(pool, key=lambda one: one["ticket"])}}
    entries = Entries(None, None, [
        (0, {"type": "validity.concluded", "lot": LOT, "at": "2026-02-28T00:00:00.000Z",
             "facts": {"lapsed": [{"bid": one, "uscc": "", "why": ""} for one in lapsed]}}),
        (1, {"type": "lottery.drawn", "lot": LOT, "subject": DRAW,
             "facts": {"salt": SALT.hex(), "draw_hash": "c"}})])
    findings = Findings()
    ranked.pool(findings, "report", REPORT, document, entries)
    return [str(one) for one in findings.problems]


def test_all_who_passed_are_in_the_draw_and_nobody_else():
    assert found(BIDS[3:]) == []
    assert found(BIDS[2:], lapsed=BIDS[2:3]) == []


@pytest.mark.parametrize("wrong", [
    {"out": BIDS[2:]}, {"out": []}, {"out": BIDS[3:], "bids": BIDS[1:]},
    {"out": BIDS[3:], "lapsed": BIDS[:1]}, {"out": BIDS[3:], "report": REPORT | {"lot": "d" * 32}}])
def test_another_pool_or_report_is_seen(wrong):
    assert len(found(**wrong)) == 1


def test_without_its_salt_nobody_can_tell():
    findings = Findings()
    ranked.pool(findings, "report", REPORT, {"draw": DRAW, "announcement": {
        "report_hash": rules.digest(REPORT), "announced_at": "", "pool": []}},
        Entries(None, None, []))
    assert len(findings.problems) == 1
