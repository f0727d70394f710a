"""A lottery in the hands of a malicious operator: every forgery rewritten end to end is refused."""

from pathlib import Path

import pytest

from evaluation import acts
from evaluation.lottery import acts as drawing
from portal.verify import command
from tender import reading as tenders
from tests.evaluation.test_inquiry import HASH, bid_of, opened
from tests.evaluation.test_lottery import PRICES, contributed
from tests.portal.courses import settle
from tests.portal.test_verify_courses import make
from tests.worlds.tender import lottery_fields

from .forger import Forger
from .lottery_cases import PANEL, SEEN


def lottery(world, _folder):
    """From the notice to the contract: three pass the screen of five."""
    lot = opened(world, PRICES, **lottery_fields())
    companies = {bid_of(lot, one): one for one in world.companies}
    bids = list(companies)
    world.screen(lot, {bids[3]: "资质证书已过期"})
    settle(world)
    contributed(world, drawing.announce_lottery(world.clerk, lot.id), {
        companies[bids[0]].actor: b"\1" * 32, world.supervisor: b"\2" * 32})
    acts.publish_candidates(world.clerk, lot.id)
    world.advance(to=tenders.lot(world.session, lot.id).publicity_ends)
    award = acts.confirm_award(world.chief, lot.id)
    acts.register_contract(world.clerk, lot.id, amount_fen=award.price_fen, signed_at=world.now,
                           document_hash=HASH)
    return lot


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, installation_keys, sqlite_template):
    return make(lottery, tmp_path_factory, installation_keys, sqlite_template)


@pytest.fixture
def forger(drawn, tmp_path):
    return Forger(drawn.public, drawn.panel, Path(drawn.public.parent / "data/keys"), tmp_path)


def test_what_was_rewritten_without_a_change_is_the_same(forger):
    findings = command.check(forger.write(), against=forger.honest,
                             panel=command.read_panel(forger.panel))
    assert findings.problems == []


@pytest.mark.parametrize("name", SEEN)
def test_everybody_sees_the_forgery(forger, name):
    forge, words = SEEN[name]
    forge(forger)
    found = command.check(forger.write()).problems
    assert any(words in one for one in found), (words, found)


@pytest.mark.parametrize("name", PANEL)
def test_who_has_the_panel_s_papers_sees_the_forgery(forger, name):
    forge, words = PANEL[name]
    forge(forger)
    folder = forger.write()
    found = command.check(folder, panel=command.read_panel(forger.panel)).problems
    assert any(words in one for one in found), (words, found)
    if name == "one_who_passed_is_left_out":
        assert all(one.startswith("--panel") for one in found), \
            f"it is so consistent that the panel's papers alone show it: {found}"
