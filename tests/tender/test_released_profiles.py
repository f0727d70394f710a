"""Profiles that a database may hold are never edited: what is new comes as a new version."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete

from kernel.canonical import jcs, sha256
from kernel.db import db
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from portal.migrate import lay_profiles
from tender import profile
from tender.model import RuleProfile

RELEASED = {
    "below-2026-2": "3470ed35361d1895cfb9de453a04d3ea8588deae35f76cd70b771ee0e4ecbb6a",
    "govproc-2026-1": "ae6e7d158de98609ee7a0bf95c6b0056856072ee377ccc807ad130ecc236a2b0",
    "intermediary-2026-1": "50ddac4ae8009cab58a4051b3cce828a77eaa8a096d1cb84446a059f423ab22a",
    "statutory-2026-1": "5b2aec6cf9a63bcc98cda540fa9a54c65f5806caa89d0e3e8f525d0a8d8b7aa5",
    "village-2026-1": "2e5da37a6acf637e222ea12d32a674be00b1381636928085430a356e2f6720cc",
    "below-2026-3": "7f3f6b602530abe131b1e21283071422f6a1cfc1910ed80dea39756672bf57fc",
    "govproc-2026-3": "4d01c43ca578a72b7c2cca5d8aa6e399f38c7d237d1015556e8b284396555b45",
    "statutory-2026-2": "778e524771c9aa7ea19785ee7a3e78625f0993ca6b5c3b3f8ead3bff6bce2109",
    "village-2026-2": "18e3e22c0c94cf5347a59582992b012ac73d4125f2e7ec86f4b4258a8224b43f",
}
"""Every version ever given away, with the SHA-256 of its canonical form. Only add to it."""


@pytest.mark.parametrize("name", RELEASED)
def test_a_version_once_released_stays_to_the_letter(name):
    (found,) = [one for one in profile.shipped() if one["id"] == name]
    assert sha256(jcs(found)).hex() == RELEASED[name], "put what is new into a new version"


def test_every_version_shipped_is_among_those_released():
    assert {one["id"] for one in profile.shipped()} == RELEASED.keys()


def test_the_newest_version_of_a_regime_holds_and_lacks_no_number_of_an_older():
    day = date(2026, 6, 1)
    for one in profile.shipped():
        newest = profile.shipped_for(one["regime"], day)
        assert newest["version"] >= one["version"]
        assert one["numbers"].keys() <= newest["numbers"].keys()


def test_an_older_database_gets_the_new_versions_and_stays_consistent(world):
    """A database as an older program left it: its rows stay, the new ones lie beside them."""
    newer = {"below-2026-3", "govproc-2026-3", "statutory-2026-2", "village-2026-2"}
    with world._raw.begin() as connection:
        connection.execute(delete(RuleProfile).where(RuleProfile.id.in_(newer)))
    assert held() == RELEASED.keys() - newer
    assert list(rows(db.session, list(entries(db.session)))) == []
    with world._raw.begin() as connection:
        lay_profiles(connection)
    assert held() == RELEASED.keys()
    assert list(rows(db.session, list(entries(db.session)))) == []


def held() -> set[str]:
    db.session.rollback()
    return {row.id for row in db.session.query(RuleProfile) if row.body_hash == RELEASED[row.id]}
