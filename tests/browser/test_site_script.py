"""What every page's script does, before an answer that is held back for as long as is wanted."""

import pytest
from playwright.sync_api import expect

from .conftest import LONG
from .sealing import ROOT

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang=en><body data-now=2026-01-01T00:00:00Z><p id=stale hidden></p>
<div id=x data-live=1>{}</div><form method=post action=/act><button>go</button></form>
<script>document.addEventListener('looked', () => location.reload())</script>
<script type=module src=/site.js></script>"""


def test_no_look_at_what_changed_takes_the_place_of_a_form_s_answer(chromium):
    """A page that draws itself anew when it changed (an official's) lost what it was told."""
    context = chromium.new_context()
    context.set_default_timeout(LONG)
    page, held = context.new_page(), []

    def answer(route):
        address = route.request.url
        if address.endswith("/site.js"):
            route.fulfill(path=ROOT / "portal/static/portal/site.js", content_type="text/javascript")
        elif address.endswith("/time"):
            route.fulfill(json={"now": "2026-01-01T00:00:00Z"})
        elif route.request.method == "POST":
            held.append(route)
        else:
            route.fulfill(body=PAGE.format("after" if held else "before"), content_type="text/html")

    page.route("**/*", answer)
    page.goto("http://page.test/")
    with page.expect_request("**/act"):
        page.get_by_role("button").click(no_wait_after=True)
    page.wait_for_timeout(2500)  # two looks, where it looked
    held[0].fulfill(body="<h1>done</h1>", content_type="text/html")
    expect(page.locator("h1")).to_have_text("done")
    context.close()
