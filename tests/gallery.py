"""`./dev gallery`: pictures of every page, in both languages, on a desk, a telephone and paper.

It plays the demonstration, opens each page in a real Chromium as the person whose page it is, and
follows the links from there, until every kind of page has been seen. A page that is wider than its
window, that axe finds fault with, or whose console speaks, is said at once and written beside the
pictures: `var/gallery/faults.txt`, and under its page in `var/gallery/index.html`, both of which
grow while it works. The command ends with 1 when there is a fault.

`--again` serves what was played before instead of playing anew; `--only wang` opens the pages of
one log-in (`everybody` for the public ones).
"""

from __future__ import annotations

import argparse
import contextlib
import html
import json
import re
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyotp

from people.pagebook import PAGES
from portal import factory as _factory  # noqa: F401 - every package's pages are declared
from portal.demo import outsiders
from portal.demo.stage import Stage
from portal.demo.story import Story

DESK, PHONE, WIDE, PAPER = (1280, 900), (360, 780), (3840, 2000), (794, 1123)
LANGUAGES = {"zh": "", "en": "/en"}
PLACES = ("/usr/bin/chromium", "chromium")
FLAGS = ["--no-sandbox", "--disable-gpu"]
PRINTED = ("/tenders/*", "/lots/*/hall", "/desk/bids/*/receipt")
"""What people put on paper."""

ID = re.compile(r"(?<=/)(?:[0-9a-f]{32}|\d+)(?=/|$)")

@dataclass
class Shown:
    """One page: whose, where, its pictures and what is wrong with it."""

    who: str
    path: str
    pictures: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def kind(path: str) -> str:
    """A path without its query and what is counted or random in it."""
    path = ID.sub("*", path.partition("?")[0].partition("#")[0])
    return re.sub(r"^/reference/.*", "/reference/*", path)  # one book is enough: they are long


def seeds(known: dict) -> dict[str, list[str]]:
    """Where each log-in begins ("" for everybody); the rest is found by following links."""
    done, lot = known["tender"], known["lot"]
    new, new_lot, draft = known["open_tender"], known["open_lot"], known["draft"]
    return {
        "": ["/", "/tenders", f"/tenders/{new}", f"/tenders/{done}", f"/lots/{lot}/hall",
             f"/lots/{new_lot}/hall", "/tenders?q=%E6%97%A0%E6%AD%A4%E9%A1%B9%E7%9B%AE", "/try",
             "/activate", "/nowhere"],
        "company-c": ["/desk", f"/desk/lots/{new_lot}/bid", f"/desk/lots/{lot}/bid",
                      f"/desk/lots/{new_lot}/ask", f"/desk/lots/{new_lot}/security",
                      f"/desk/lots/{lot}/security", f"/desk/lots/{lot}/hall", "/desk/help"],
        "wang": ["/desk", "/desk/tenders", f"/desk/tenders/{draft}", f"/desk/tenders/{new}",
                 f"/desk/tenders/{done}", f"/desk/tenders/{new}/questions",
                 f"/desk/tenders/{done}/questions", f"/desk/tenders/{new}/amendments",
                 f"/desk/tenders/{new}/course"],
        "zhao": ["/desk"],
        "official1": ["/desk", f"/desk/lots/{new_lot}/opening", f"/desk/lots/{lot}/opening"],
        "sun": ["/desk", "/desk/supervision", f"/desk/lots/{lot}/trail",
                f"/desk/lots/{new_lot}/watch"],
    }


@contextlib.contextmanager
def served(folder: Path, again: bool) -> Iterator[tuple[Stage, dict, list[dict]]]:
    """The demonstration, played and served: (stage, what to look at, the log-ins)."""
    stage = Stage(folder)
    kept = stage.folder / "gallery.json"
    if again:
        try:
            stage.command("migrate")  # the program may have grown since
            stage.serve()
            yield stage, *_kept(stage, kept)
        finally:
            stage.end()
        return
    with stage:
        stage.command("migrate", "--create", "demo")
        outsiders.start(stage)
        stage.serve()
        story = Story(stage, 1)
        story.play()
        story.left_open()
        kept.write_text(json.dumps({
            "tender": story.tender["id"], "lot": story.lots[0],
            **{name: story.summary[name] for name in ("open_tender", "open_lot", "draft")}}))
        yield stage, *_kept(stage, kept)


def _kept(stage: Stage, kept: Path) -> tuple[dict, list[dict]]:
    people = (stage.settings.folder / "demo-log-ins.json").read_text("utf-8")
    return json.loads(kept.read_text()), json.loads(people)["people"]


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


def begin_amendment(context, address: str, tender: str) -> None:
    """Begin the amendment whose pages are to be seen, unless one is begun."""
    page = context.new_page()
    page.goto(f"{address}/desk/tenders/{tender}/amendments")
    reason = page.locator("form[action$='/amendments'] textarea")
    if reason.count():
        reason.first.fill("路面厚度按设计变更单第 3 号更正，其余不变。")
        with page.expect_navigation():
            page.locator("form[action$='/amendments'] button").first.click()
    page.close()


class Camera:
    """Takes the pictures of one person's pages and follows their links."""

    def __init__(self, gallery: Gallery, context, who: str, address: str):
        self.gallery, self.who, self.address = gallery, who, address
        self.page, self.said = context.new_page(), []
        self.page.set_default_timeout(60_000)
        self.page.on("console", lambda message: self.said.append(f"console: {message.text}")
                     if message.type in ("error", "warning")
                     and "status of 404" not in message.text else None)
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))

    def walk(self, paths: list[str]) -> None:
        """Picture these pages, and every kind of page that they lead to."""
        waiting = list(dict.fromkeys(paths))
        self.gallery.seen |= {kind(path) for path in waiting}
        while waiting:
            path = waiting.pop(0)
            for found in self.take(path):
                if self.gallery.wants(kind(found), self.who):
                    self.gallery.seen.add(kind(found))
                    waiting.append(found)

    def take(self, path: str) -> list[str]:
        """All pictures of one page; the addresses of the site that it leads to."""
        shown, found = Shown(self.who, path), []
        self.gallery.shown.append(shown)
        for language, root in LANGUAGES.items():
            self.said.clear()
            try:
                found += self._look(shown, language, root)
            except Exception as problem:  # noqa: BLE001 - one page must not cost the others
                self.said.append(f"{type(problem).__name__}: {problem}"[:300])
            for said in dict.fromkeys(self.said):
                self.gallery.fault(shown, f"{language}: {said}")
        self.gallery.write()
        return found

    def _look(self, shown: Shown, language: str, root: str) -> list[str]:
        page = self.page
        self._as(DESK)
        answer = page.goto(self.address + root + shown.path, wait_until="load")
        reason = page.locator("form[action*='/read/'] [name=reason]")
        if answer.status == 400 and reason.count():  # what is sensitive asks why it is read
            self._picture(shown, language, "asked")
            reason.fill("例行检查")
            with page.expect_navigation():
                page.click("form[action*='/read/'] button")
            self.said.clear()
        elif answer.status != 200 and shown.path != "/nowhere":
            self.said.append(f"status {answer.status}")
        page.wait_for_timeout(250)
        self._picture(shown, language, "desk")
        self._axe("desk")
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        self._as(PHONE)
        self._picture(shown, language, "phone")
        self._axe("phone")
        if language == "zh":
            self._as(DESK, dark=True)
            self._picture(shown, language, "dark")
            self._axe("dark", rules=["color-contrast"])
            self._as(WIDE)
            self._picture(shown, language, "wide")
            if kind(shown.path) in PRINTED:
                self._as(PAPER, media="print")
                self._picture(shown, language, "paper")
        return [one.removeprefix(self.address) for one in links
                if one.startswith(self.address + "/")]

    def _as(self, size: tuple[int, int], dark: bool = False, media: str = "screen") -> None:
        self.page.emulate_media(media=media, color_scheme="dark" if dark else "light")
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def _picture(self, shown: Shown, language: str, how: str) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth"
                                  " - document.documentElement.clientWidth")
        if wide > 0:
            self.said.append(f"{how}: {wide} px too wide")
        name = f"{self.gallery.shown.index(shown):03}-{language}-{how}.png"
        self.page.screenshot(path=str(self.gallery.target / name), full_page=how != "wide")
        shown.pictures.append(name)

    def _axe(self, how: str, rules: list[str] | None = None) -> None:
        from axe_playwright_python.sync_playwright import Axe

        options = {"runOnly": {"type": "rule", "values": rules}} if rules else None
        self.gallery.judged += 1
        for found in Axe().run(self.page, options=options).response["violations"]:
            self.said.append(f"{how}: axe {found['id']}: "
                             f"{[node['html'][:120] for node in found['nodes'][:3]]}")


class Gallery:
    """The pictures taken so far and what is wrong with them, in one folder."""

    def __init__(self, target: Path):
        self.target, self.shown, self.seen, self.judged = target, [], set(), 0
        self.faults = 0
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        self.rules = [(re.compile(re.sub(r"<int:\w+>", r"\\d+", re.sub(
            r"<\w+>", "[^/]+", page.rule))), page) for page in PAGES if page.method == "GET"]

    def wants(self, path: str, who: str) -> bool:
        """Whether this kind of page is one of ours, for this person, and not yet pictured."""
        page = next((page for rule, page in self.rules
                     if rule.fullmatch(path.replace("*", "0"))), None)
        own = page is not None and page.audience == "self"
        return page is not None and path not in self.seen and own == (who != "everybody")

    def missing(self) -> list[str]:
        """The pages that no link led to."""
        paths = [path.replace("*", "0") for path in self.seen]
        return sorted(page.rule for rule, page in self.rules
                      if not any(rule.fullmatch(path) for path in paths))

    def fault(self, shown: Shown, said: str) -> None:
        """Say what is wrong, now."""
        shown.faults.append(said)
        self.faults += 1
        line = f"{shown.who} {shown.path} {said}"
        print(line, flush=True)
        with open(self.target / "faults.txt", "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def write(self) -> None:
        """One page with all pictures so far, page by page."""
        parts = []
        for shown in self.shown:
            pictures = "".join(
                f'<a href="{name}"><img loading="lazy" height="360" src="{name}" alt="{name}">'
                "</a>" for name in shown.pictures)
            wrong = "".join(f"<li>{html.escape(said)}</li>" for said in shown.faults)
            parts.append(f"<h2>{html.escape(shown.who)} {html.escape(shown.path)}</h2>"
                         f"<div>{pictures}</div><ul>{wrong}</ul>")
        (self.target / "index.html").write_text(
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Yangguang</title>'
            "<style>body{font:15px system-ui;margin:1rem}div{display:flex;gap:1rem;"
            "overflow-x:auto;align-items:start}img{border:1px solid #bbb}li{color:#a11b1b}"
            f"</style><h1>{len(self.shown)}</h1>{''.join(parts)}", "utf-8")


def run(options: argparse.Namespace) -> int:
    """Play, look, write; the exit status."""
    from playwright.sync_api import sync_playwright

    gallery = Gallery(Path(options.into))
    browser_path = next(found for found in map(shutil.which, PLACES) if found)
    with served(Path(options.folder), options.again) as (stage, known, people), \
            sync_playwright() as playwright:
        begin = seeds(known)
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        logins = {one["login"]: one for one in people}
        for login in ["", *logins]:
            if options.only and (login or "everybody") not in options.only:
                continue
            person = logins.get(login)
            office = bool(person and person["admin"])
            address = stage.admin_address if office else stage.address
            context = browser.new_context(locale="zh-CN")
            if person:
                sign_in(context, address, person)
            if login == "wang":
                begin_amendment(context, address, known["open_tender"])
            paths = begin.get(login, ["/admin" if office else "/desk"])
            Camera(gallery, context, login or "everybody", address).walk(paths)
            context.close()
        browser.close()
    pictures = sum(len(one.pictures) for one in gallery.shown)
    if not options.only:
        print(f"not pictured: {', '.join(gallery.missing()) or 'none'}")
    print(f"{len(gallery.shown)} pages, {pictures} pictures in {gallery.target}, "
          f"axe {gallery.judged} times, {gallery.faults} faults")
    return 1 if gallery.faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default="var/gallery-demo")
    parser.add_argument("--into", default="var/gallery")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    sys.exit(run(parser.parse_args()))
