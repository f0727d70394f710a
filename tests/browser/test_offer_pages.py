"""A supplier's offer in a mini-competition through pages alone: sealed in the browser, its opening
saved and read back, revealed from the device or from the file; the price in no request before."""

import hashlib
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from evaluation.frameworks.model import CalloffOffer
from portal.tick import tick
from tests.evaluation.test_frameworks import Frame

from .test_hall_pages import person, place, world
from .test_public_pages import violations

__all__ = ["person", "place", "world"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"])]

RANDOM = re.compile(r"[0-9a-f]{32,}|[\w-]{40,}|127\.0\.0\.1:\d+")


class Seat:
    """One supplier's window, and every word that left it."""

    def __init__(self, window):
        self.window, self.sent = window, []
        window.context.on("request", lambda asked: self.sent.append(
            asked.url + (asked.post_data or "") + str(asked.headers)))

    def go(self, path):
        self.window.on_time()
        page = self.window.go(path)
        expect(page.locator("[data-offer]")).to_have_attribute("data-ready", "1")
        return page

    def sealed(self, path, price, folder):
        """Seal an offer of `price` yuan as far as its file is saved; the page, the file."""
        page = self.go(path)
        page.locator("#offer-price").fill(price)
        with page.expect_download() as saved:
            page.locator("[data-do=seal]").click()
        file = folder / saved.value.suggested_filename
        saved.value.save_as(file)
        return page, file

    def told(self, *words) -> list[str]:
        """What left it with one of the words in it. A short one may stand by chance in an id, a
        token, a hash or a port: there it says nothing."""
        return [one for one in self.sent if any(
            word in (one if len(word) > 32 else RANDOM.sub("", one)) for word in words)]


def test_an_offer_is_sealed_and_revealed_in_the_browser(world, person, tmp_path):
    frame = Frame(world)
    (one, _), (two, _), _ = frame.suppliers
    until = world.now + timedelta(hours=30)
    called = frame.call("mini", offers_until=until)
    path = f"/desk/calloffs/{called.id}"
    first, second = Seat(person(one)), Seat(person(two))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()

    # What does not stand is said before anything is made; a file of one's own is asked for.
    first.window.looked_at(path, "offer-fill")
    page = first.go(path)
    page.locator("#offer-price").fill("2,800.01")
    page.locator("[data-do=seal]").click()
    first.window.sees("高于贵单位的协议价合计")
    proposal = tmp_path / "方案.pdf"
    proposal.write_bytes(b"%PDF-1.7 plan")
    page.locator("#offer-proposal").set_input_files(proposal)
    page.locator("#offer-price").fill("2,687.43")
    with page.expect_download() as saved:
        page.locator("[data-do=seal]").click()
    file = tmp_path / "one" / saved.value.suggested_filename
    saved.value.save_as(file)
    first.window.sees("还没有递交")
    other = tmp_path / "other.json"
    other.write_text(file.read_text().replace("268743", "268744"))
    page.locator("#offer-file").set_input_files(other)
    first.window.sees("这不是已递交的那份报价的揭示文件")
    expect(page.locator("[data-step=send]")).to_be_hidden()
    # A page left and opened again is where it was; the file shows that its owner has it.
    page = first.go(path)
    page.locator("#offer-file").set_input_files(file)
    expect(page.locator("[data-step=send] [data-price]")).to_have_text("2687.43")
    assert violations(page) == []
    page.get_by_role("button", name="递交封存的报价").click()
    first.window.sees("封存的报价已收到")
    seal = hashlib.sha256(file.read_bytes()).hexdigest()
    first.window.sees(seal)
    first.window.sees("这台设备里存有揭示内容")

    page, theirs = second.sealed("/en" + path, "2600", tmp_path / "two")
    page.locator("#offer-file").set_input_files(theirs)
    page.get_by_role("button", name="Hand the sealed offer in").click()
    second.window.sees("Your sealed offer is in")

    # Neither price nor salt is in anything that left the browsers, nor with the platform.
    assert first.told("commitment=" + seal), "the seal itself went"
    assert first.told("2687", "2,687", "268743", file.read_text()[-90:-20]) == []
    assert second.told("2600", "260000") == []
    world.session.rollback()
    assert {(row.price_fen, row.salt) for row in world.session.query(CalloffOffer)} == {(None, None)}

    first.window.looked_at(path, "offer-kept")
    world.advance(to=until)
    tick()
    # The one on the device that sealed it, the other from the file, on another device.
    page = first.go(path)
    expect(page.locator("#offer-open [data-price]")).to_have_text("2687.43")
    first.window.looked_at(path, "offer-reveal")
    page = first.go(path)
    page.get_by_role("button", name="揭示报价").click()
    first.window.sees("报价已揭示")
    elsewhere = Seat(person(two))
    page = elsewhere.go(path)
    expect(page.locator("#offer-open")).to_be_hidden()
    page.locator("#offer-file").set_input_files(file)
    elsewhere.window.sees("这是另一笔采购或另一单位的揭示文件")
    page.locator("#offer-file").set_input_files(theirs)
    expect(page.locator("#offer-open [data-price]")).to_have_text("2600.00")
    page.get_by_role("button", name="揭示报价").click()
    elsewhere.window.sees("报价已揭示")
    world.advance(hours=25)
    tick()
    first.window.on_time()
    first.window.go(path)
    first.window.sees("2,600")
