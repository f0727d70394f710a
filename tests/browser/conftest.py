"""A real browser and a real server for it."""

from __future__ import annotations

import contextlib
import functools
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from kernel.db import db
from portal import headers
from portal.factory import create_app
from tests.world import World, WorldClock, as_started, settings_for

from .sealing import ROOT, Alone, Driven, Site, build, with_key

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PLACES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")


LONG = 90_000
"""Milliseconds that anything may take on a machine that is busy elsewhere."""


@pytest.fixture(scope="session", autouse=True)
def patience():
    """Every look waits, however busy the machine is, and so does every click and every page, whoever
    makes the context: Playwright's own half minute is short beside other work."""
    expect.set_options(timeout=LONG)
    # Not by a MonkeyPatch: while there is one that holds something, no outcome is kept (remembered).
    hasty = Browser.new_context, BrowserType.launch_persistent_context
    Browser.new_context, BrowserType.launch_persistent_context = map(patient, hasty)
    yield
    Browser.new_context, BrowserType.launch_persistent_context = hasty


def patient(made):
    """What makes a context, with our patience."""
    @functools.wraps(made)
    def call(*args, **more):
        context = made(*args, **more)
        context.set_default_timeout(LONG)
        return context

    return call


@pytest.fixture(scope="package", autouse=True)
def unhurried():
    """What a story does with one second factor may take a busy machine longer than the five
    minutes for which one is fresh; the world's clock runs meanwhile."""
    World.fresh_for = timedelta(days=1)
    yield
    del World.fresh_for


@pytest.fixture(scope="session")
def driver():
    """(Playwright, the path of the system's Chromium)."""
    path = next((found for found in map(shutil.which, PLACES) if found), None)
    if path is None:
        pytest.skip("chromium is missing")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright, path


@pytest.fixture(scope="session")
def chromium(driver):
    """The system's Chromium, without a window."""
    playwright, path = driver
    browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """What `./dev build` gives browsers, made anew from these sources."""
    return build(tmp_path_factory.mktemp("vendor"))


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_args) -> None:
        """Say nothing."""


@pytest.fixture
def site(app):
    """The application served on a free port of this machine; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@contextlib.contextmanager
def served_sealing(app, built, folder):
    """The application with the built module where the product serves it, and a page that drives
    it under the policy of the product's sealing pages."""
    (folder / "static").mkdir()
    (folder / "static" / "vendor").symlink_to(built)
    (folder / "static" / "portal").symlink_to(ROOT / "portal" / "static" / "portal")
    before, app.static_folder = app.static_folder, str(folder / "static")
    pages = {"/test/page": ("sealing_page.html", "text/html"),
             "/test/drive.js": ("drive.js", "text/javascript")}
    site = Site("")

    def serve(environ, start):
        if environ["REQUEST_METHOD"] == "PATCH" and "/technical/" in environ["PATH_INFO"]:
            offset = int(environ["HTTP_UPLOAD_OFFSET"])
            site.patches.append(offset)
            if site.held(offset):
                environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                start("503 Service Unavailable", [("Content-Length", "0")])
                return []
        name, kind = pages.get(environ["PATH_INFO"], (None, None))
        if name is None:
            return app.wsgi_app(environ, start)
        start("200 OK", [("Content-Type", kind), ("Content-Security-Policy", headers.SEALING)])
        return [Path(__file__).with_name(name).read_bytes()]

    server = make_server("127.0.0.1", 0, serve, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    thread.join()
    app.static_folder = before


@pytest.fixture(scope="package")
def shared(tmp_path_factory, installation_keys, sqlite_template, built):
    """One installation on SQLite for all tests of these folders, served; (world, site). Its clock only
    goes forward, so each test takes a lot and companies of its own."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "data").mkdir()
    shutil.copytree(installation_keys, folder / "data" / "keys")
    shutil.copy(sqlite_template, folder / "data" / "yangguang.db")
    settings = settings_for(folder / "data")
    app = create_app(settings, WorldClock())
    app.testing = True
    as_started()
    with app.app_context():
        world = World(app, settings)
        with served_sealing(app, built, folder) as site:
            yield world, site
        world.close()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(shared):
    """The world that these tests share."""
    return shared[0]


@pytest.fixture
def browse(driver, chromium, shared, tmp_path):
    """`browse(token)`: a window of the one browser, with a store of its own; with flags, or
    `alone`, a browser of its own on a profile on the disk."""
    opened = []

    def open_browser(token: str, *flags: str, alone: bool = False) -> Driven:
        made = Alone(*driver, tmp_path / f"profile-{len(opened)}", shared[1], [*FLAGS, *flags],
                     token) if alone or flags else Driven(chromium, shared[1], token)
        opened.append(made)
        return made

    yield open_browser
    for made in opened:
        made.close()


@pytest.fixture
def lot(world, request):
    marker = request.node.get_closest_marker("suite")
    more = {"suite": marker.args[0]} if marker else {}
    found = world.lots(world.published_tender(**more))[0]
    world.publish_record()
    return found


@pytest.fixture
def company(world):
    return world.company()


@pytest.fixture
def browser(world, company, browse):
    """A window of the company's, its signing key read in from the backup."""
    return with_key(browse(world.session_token(company.actor)), company)


@pytest.fixture
def lasting(world, company, browse):
    """The same with a profile on the disk, which outlives the browser."""
    return with_key(browse(world.session_token(company.actor), alone=True), company)


@pytest.fixture
def visit(chromium, site):
    """`visit(path, width=…, dark=…)`: an open page, with what its console said. A test's pages are
    one reader's, with one store, unless `another` opens it: processes of the browser for each would
    cost more than the page."""
    contexts = {}

    def open_page(path: str, *, width: int = 1280, dark: bool = False, another: bool = False):
        reader = width, dark, len(contexts) + 1 if another else 0
        if reader not in contexts:
            contexts[reader] = chromium.new_context(
                viewport={"width": width, "height": 900}, locale="zh-CN",
                color_scheme="dark" if dark else "light")
        page = contexts[reader].new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.said.append(request.url)
                if not request.url.startswith(site) else None)
        page.answer = page.goto(site + path)
        return page

    yield open_page
    for context in contexts.values():
        context.close()
