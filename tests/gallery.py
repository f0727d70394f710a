"""`./dev gallery`: a picture of every main page, in both languages, on a desk and on a telephone.

It plays the demonstration, opens each page in a real Chromium as the person whose page it is, and
writes `var/gallery/index.html` beside the pictures. A page that is wider than its window, that axe
finds fault with, or whose console speaks, is named and the command ends with 1.
"""

from __future__ import annotations

import argparse
import html
import json
import shutil
import sys
import urllib.request
from datetime import datetime
from pathlib import Path

import pyotp

from portal.demo import outsiders
from portal.demo.stage import Stage
from portal.demo.story import Story

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
LANGUAGES = {"zh": "", "en": "/en"}
PLACES = ("/usr/bin/chromium", "chromium")
FLAGS = ["--no-sandbox", "--disable-gpu"]


def pages_of(story: Story) -> dict[str, list[str]]:
    """The main pages, by the log-in whose pages they are ("" for everybody)."""
    done, lot = story.tender["id"], story.lots[0]
    lot_open, tender_open = story.summary["open_lot"], story.summary["open_tender"]
    draft = story.summary["draft"]
    return {
        "": ["/", "/tenders", f"/tenders/{tender_open}", f"/tenders/{done}", f"/lots/{lot}/hall",
             "/services", "/works", "/calendar", "/record", "/record/entries/0", "/record/compare",
             "/api", "/components", "/try", "/sign-in", "/register", "/recover", "/nowhere"],
        "company-c": ["/desk", f"/desk/lots/{lot_open}/bid", f"/desk/lots/{lot_open}/ask",
                      "/desk/bids", "/desk/searches", f"/desk/lots/{lot}/hall", "/desk/account"],
        "wang": ["/desk", "/desk/tenders", "/desk/tenders/new", f"/desk/tenders/{draft}",
                 f"/desk/tenders/{tender_open}", f"/desk/tenders/{tender_open}/questions",
                 f"/desk/tenders/{tender_open}/objections"],
        "official1": ["/desk", "/desk/openings", f"/desk/lots/{lot_open}/opening"],
        "sun": ["/desk", "/desk/supervision", f"/desk/lots/{lot}/trail"],
    }


def sign_in(context, address: str, person: dict) -> None:
    """Sign in through the page, as anybody does."""
    page = context.new_page()
    page.goto(address + "/sign-in")
    page.fill("#login", person["login"])
    page.fill("#password", person["password"])
    with urllib.request.urlopen(address + "/api/v1/time") as answer:
        now = json.load(answer)["now"]
    page.fill("#totp", pyotp.TOTP(person["totp_secret"]).at(datetime.fromisoformat(now)))
    with page.expect_navigation():
        page.click("main button")
    assert "/sign-in" not in page.url, f"{person['login']} did not come in"
    page.close()


def picture(context, address: str, path: str, root: str, size: str, target: Path) -> list[str]:
    """Take the page's picture; what is wrong with it."""
    from axe_playwright_python.sync_playwright import Axe

    page = context.new_page()
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}")
            if message.type in ("error", "warning") and "status of 404" not in message.text
            else None)
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    answer = page.goto(address + root + path, wait_until="load")
    page.wait_for_timeout(300)
    if answer.status != 200 and path != "/nowhere":
        said.append(f"status {answer.status}")
    wide = page.evaluate("document.documentElement.scrollWidth"
                         " - document.documentElement.clientWidth")
    if wide:
        said.append(f"{wide} px too wide")
    said += [f"axe {found['id']}: {found['nodes'][0]['html'][:120]}"
             for found in Axe().run(page).response["violations"]]
    page.screenshot(path=str(target), full_page=True)
    page.close()
    return said


def run(options: argparse.Namespace) -> int:
    """Play, look, write; the exit status."""
    from playwright.sync_api import sync_playwright

    target = Path(options.into)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    faults, shown = [], []
    browser_path = next(found for found in map(shutil.which, PLACES) if found)
    with Stage(Path(options.folder)) as stage, sync_playwright() as playwright:
        stage.command("migrate", "--create", "demo")
        outsiders.start(stage)
        stage.serve()
        story = Story(stage, 1)
        story.play()
        story.left_open()
        people = {one["login"]: one for one in json.loads(
            (stage.settings.folder / "demo-log-ins.json").read_text("utf-8"))["people"]}
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for login, paths in pages_of(story).items():
            context = browser.new_context(locale="zh-CN")
            if login:
                sign_in(context, stage.address, people[login])
            for number, path in enumerate(paths):
                for language, root in LANGUAGES.items():
                    for size in SIZES:
                        name = f"{login or 'everybody'}-{number:02}-{language}-{size}.png"
                        wrong = picture(context, stage.address, path, root, size, target / name)
                        faults += [f"{login or 'everybody'} {root}{path} {size}: {one}"
                                   for one in wrong]
                        shown.append((login or "everybody", root + path, size, name))
            context.close()
        browser.close()
    write_index(target, shown)
    print("\n".join(faults))
    print(f"{len(shown)} pictures in {target}, {len(faults)} faults")
    return 1 if faults else 0


def write_index(target: Path, shown: list[tuple[str, str, str, str]]) -> None:
    """One page with all of them."""
    rows = "".join(
        f'<figure><a href="{name}"><img loading="lazy" width="{320 if size == "desk" else 140}" '
        f'src="{name}" alt=""></a><figcaption>{html.escape(who)} · {html.escape(path)} · {size}'
        "</figcaption></figure>" for who, path, size, name in shown)
    (target / "index.html").write_text(
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Yangguang</title>'
        "<style>body{display:flex;flex-wrap:wrap;gap:1rem;font:14px system-ui}"
        f"figcaption{{max-width:20rem}}</style>{rows}", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default="var/gallery-demo")
    parser.add_argument("--into", default="var/gallery")
    sys.exit(run(parser.parse_args()))
