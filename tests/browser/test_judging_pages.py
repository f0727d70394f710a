"""A draw's contributor and an expert of its panel in a real browser."""

import base64
import hashlib

import pytest
from playwright.sync_api import expect

from evaluation import reading
from tests.evaluation.conftest import fiat

from .test_hall_pages import person, place, world

__all__ = ["fiat", "person", "place", "world"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"])]


def test_a_nonce_is_made_and_revealed_here_and_a_panel_scores(world, person, tmp_path):
    lot = world.opened_by_fiat({"A": 385_000_000, "B": 384_000_000, "C": 383_000_000})
    drawn = world.announced_draw(lot)
    path = f"/desk/lots/{lot.id}/draws"
    buyer, watcher = person(world.clerk), person(world.supervisor)
    files = {}
    for name, one in (("buyer", buyer), ("watcher", watcher)):
        if one is buyer:
            one.looked_at(path, "draw-commit")
        one.on_time()
        page = one.go(path)
        expect(page.locator("[data-nonce]")).to_have_attribute("data-ready", "1")
        with page.expect_download() as saved:
            page.get_by_role("button", name="生成随机数并保存").click()
        files[name] = tmp_path / name
        saved.value.save_as(files[name])
        page.get_by_role("button", name="提交承诺").first.click()
        one.sees("承诺已收到")
        one.sees(hashlib.sha256(base64.b64decode(files[name].read_text())).hexdigest())
    world.advance(to=drawn.commit_by)
    world.draw_round()
    buyer.looked_at(path, "draw-reveal")
    # One reveals from the device, the other from the file, on another device.
    buyer.on_time()
    page = buyer.go(path)
    expect(page.locator("[data-nonce]")).to_have_attribute("data-ready", "1")
    page.get_by_role("button", name="公开随机数").click()
    buyer.sees("随机数已公开")
    away = person(world.supervisor)
    page = away.go(path)
    expect(page.locator("[data-nonce]")).to_have_attribute("data-ready", "1")
    page.get_by_role("button", name="公开随机数").click()
    away.sees("这台设备里没有这个随机数")
    page.locator("[data-read]").set_input_files(files["buyer"])
    page.get_by_role("button", name="公开随机数").click()
    away.sees("这不是承诺时的随机数")
    page.locator("[data-read]").set_input_files(files["watcher"])
    page.get_by_role("button", name="公开随机数").click()
    away.sees("随机数已公开")
    world.advance(to=drawn.reveal_by)
    world.draw_round()
    world.session.expire_all()
    assert [one.contributor for one in reading.contributions(world.session, drawn.id)
            if one.nonce is None] == []

    expert = person(world.panel(lot)[0])
    expert.looked_at("/desk", "expert-desk")
    path = f"/desk/lots/{lot.id}/sheet"
    expert.looked_at(path, "sheet-accept")
    expert.on_time()
    expert.go(path).get_by_role("button", name="没有利害关系，接受").click()
    expert.sees("声明已收到")
    expert.looked_at(path, "sheet-score")
