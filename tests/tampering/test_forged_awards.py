"""The malicious operator: every forgery of a table, rewritten end to end under the platform's own
keys, is refused by the check that must see it; and by whoever kept one older checkpoint."""

import shutil
from pathlib import Path

import pytest

from portal.verify import command
from tests.portal.test_verify import made  # noqa: F401 - one played tender, notice to contract

from .award_cases import PANEL, PUBLIC, UNSEEN
from .forger import Forger

KEPT = ("a_ceiling_that_nobody_approved", "another_time_of_receipt", "fewer_seats",
        "a_dearer_winner", "a_contract_of_another_award")
"""Forgeries that are also held against a checkpoint that somebody kept, one of each stage."""


@pytest.fixture
def forger(made, tmp_path):  # noqa: F811
    return Forger(made.public, made.panel, Path(made.settings.data) / "keys", tmp_path)


def test_what_was_rewritten_without_a_change_is_the_same(made, forger):  # noqa: F811
    """So what the forgeries are refused for is the forgery."""
    folder = forger.write()
    findings = command.check(folder, against=forger.honest, panel=command.read_panel(forger.panel))
    assert findings.problems == []
    assert (folder / "record/checkpoint").read_bytes() == forger.honest
    assert (folder / "evidence.note").read_bytes() == (made.public / "evidence.note").read_bytes()


@pytest.mark.parametrize("name", PUBLIC)
def test_everybody_sees_the_forgery(forger, name):
    forge, words = PUBLIC[name]
    forge(forger)
    folder = forger.write()
    found = command.check(folder).problems
    assert any(words in one for one in found), (words, found)
    if name in KEPT:
        old = command.check(folder, against=forger.honest).problems
        assert "does not continue the older one" in old[0], old


@pytest.mark.parametrize("name", PANEL)
def test_who_has_the_panel_s_papers_sees_the_forgery(forger, name):
    forge, words = PANEL[name]
    forge(forger)
    found = command.check(forger.write(), panel=command.read_panel(forger.panel)).problems
    assert any(words in one for one in found), (words, found)


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_can_see_in_the_folder_is_said_to_be_so(forger, name):
    """docs/assurance.md names these: only an older checkpoint or a holder's receipt shows them."""
    forge, words = UNSEEN[name]
    forge(forger)
    folder = forger.write()
    findings = command.check(folder)
    assert findings.problems == []
    assert any(words in one.en for one in findings.unchecked), findings.unchecked
    assert "does not continue the older one" in command.check(
        folder, against=forger.honest).problems[0]


def test_the_sheets_may_be_left_out_and_that_is_said(made, tmp_path):  # noqa: F811
    panel = shutil.copytree(made.panel, tmp_path / "panel")
    (panel / "lot1-sheets.json").unlink()
    findings = command.check(made.public, panel=command.read_panel(panel))
    assert findings.problems == []
    assert any("without the sheets whole" in one.en for one in findings.unchecked)
