"""A real browser and a real server for it."""

from __future__ import annotations

import shutil
import threading

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from .sealing import build

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PLACES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, without a window."""
    path = next((found for found in map(shutil.which, PLACES) if found), None)
    if path is None:
        pytest.skip("chromium is missing")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
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


@pytest.fixture
def visit(chromium, site):
    """`visit(path, width=…, dark=…)`: an open page, with what its console said."""
    contexts = []

    def open_page(path: str, *, width: int = 1280, dark: bool = False):
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-CN",
                                       color_scheme="dark" if dark else "light")
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.said.append(request.url)
                if not request.url.startswith(site) else None)
        page.answer = page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
