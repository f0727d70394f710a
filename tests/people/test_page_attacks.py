"""Forged forms, addresses that lead out, fields and names no page of ours sends: each is refused."""

import io
import json
import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bidding.model.bids import Bid
from people.authentication import COOKIE, csrf_token
from people.forms import read
from people.inside import tell
from people.pagebook import PAGES
from people.pages import local

ELSEWHERE = ({"Origin": "https://evil.example"}, {"Origin": "null"},
             {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"})


class Forger:
    """Sends forms that no page of ours drew; with `token`, as that session with its own token."""

    def __init__(self, world, token=None):
        self.client = world.app.test_client(use_cookies=False)
        self.headers = {"Accept": "text/html"}
        self.own = []
        if token:
            self.headers["Cookie"] = f"{COOKIE}={token}"
            with world.app.app_context():
                self.own = [("_csrf", csrf_token(token)), ("_back", "/desk/account"),
                            ("_form", "POST /password")]

    def send(self, path, *pairs, **headers):
        named = {name for name, _ in pairs}
        body = urlencode([one for one in self.own if one[0] not in named] + list(pairs))
        return self.client.post(path, data=body, headers=self.headers | headers,
                                content_type="application/x-www-form-urlencoded")

    def get(self, path, **headers):
        return self.client.get(path, headers=self.headers | headers)


@pytest.fixture
def member(world):
    return world.account("tenderer")


@pytest.fixture
def forger(world, member):
    return Forger(world, world.session_token(member))


@pytest.mark.parametrize("address", ["/en//evil.example", "/en/en//evil.example",
                                     "/en/en/en//evil.example/x", "/en/\\evil.example"])
def test_no_way_back_leads_out_below_english(address):
    assert local(address) == ""


def test_a_form_that_names_a_way_out_leads_nowhere_else(forger):
    for field in ("_next", "_back"):
        for root in ("", "/en"):
            answer = forger.send(f"{root}/act/sessions", ("_method", "DELETE"),
                                 (field, "/en//evil.example"))
            assert answer.status_code == 303 and "evil" not in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/en//evil.example", "/en/%5Cevil.example", "/en///evil.example"])
def test_the_link_to_the_other_language_stays_here(world, path):
    text = Forger(world).get(path).get_data(as_text=True)
    assert "evil.example" in text, "the page names its own address in the other language"
    assert 'href="/evil.example"' in text or 'href="/%5Cevil.example"' in text


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nothing_of_a_form_from_elsewhere_is_shown_again(world, elsewhere):
    """A page of another site could else have its words stand in a form behind our own way in."""
    typed = json.dumps({"back": "/desk/account", "form": "POST /password",
                        "pairs": [["remark", "smuggled"]]})
    stranger = Forger(world)
    for answer in (stranger.send("/sign-in", ("login", "x"), ("password", "x"), ("_typed", typed),
                                 **elsewhere),
                   stranger.send("/activate", ("code", "smuggled"), ("password", "x"),
                                 ("factor", "new"), ("otpauth", "otpauth://totp/smuggled"),
                                 **elsewhere)):
        assert answer.status_code == 403 and "smuggled" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("otpauth", ["javascript:alert(1)", "", "otpauth://totp/" + "x" * 5000])
def test_a_second_factor_is_shown_only_as_the_platform_sends_it(world, otpauth):
    answer = Forger(world).send("/activate", ("code", "yga_x"), ("password", "x"),
                                ("factor", "new"), ("otpauth", otpauth))
    assert answer.status_code == 400 and "javascript:" not in answer.get_data(as_text=True)
    assert 'name="code"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("pair", [
    ("_key", "a\r\nX-Evil: b"), ("_match", 'a\nb'), ("_key", "中文"), ("old:json", '"\\ud800"'),
    ("old:json", '{"\\ud800": 1}'), ("old:json", "[" * 100_000),
    ("old:json", '{"a":' * 480 + "1" + "}" * 480), ("9" * 5000, "x"), ("a." + "9" * 5000, "x"),
    ("old:json", '{"%s": 1}' % ("9" * 5000)), ("old.²", "x"), ("old.٣", "x")])
def test_fields_that_no_page_sends_are_refused(forger, pair):
    answer = forger.send("/act/saved-searches", pair)
    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Security-Policy"]


def test_a_list_s_numbers_are_plain_and_few():
    assert read([("a.1", "y"), ("a.0", "x"), ("b.999999999", "z")])[0] == {
        "a": ["x", "y"], "b": ["z"]}
    assert read([("a." + "9" * 5000, "x")])[0] == {"a": {"9" * 5000: "x"}}


@pytest.mark.parametrize("page", ["registered", "factor", "token", "activation-code"])
def test_a_page_shows_only_the_answer_it_is_for(forger, page):
    answer = forger.send("/act/sessions", ("_method", "DELETE"), ("_shows", page))
    assert answer.status_code == 303


@pytest.mark.parametrize("typed", [
    "[" * 100_000, "9" * 5000, "[]", '{"back":"/desk","form":"","pairs":null}',
    '{"back":"/desk/account","form":"POST /password","pairs":[["remark","\\ud800"]]}'])
def test_what_was_not_typed_here_is_forgotten_at_sign_in(world, member, typed):
    login, password, secret = world.password(member)
    world.advance(seconds=31)
    answer = Forger(world).send("/sign-in", ("login", login), ("password", password),
                                ("totp", world.code(secret)), ("_typed", typed))
    assert answer.status_code == 303 and answer.headers["Location"] == "/desk"


@pytest.mark.parametrize("host", ["evil.example", "a?b", "[", "a b", "@"])
def test_a_name_that_is_none_of_ours_is_refused_to_browsers_too(world, host):
    for path in ("/", "/desk", "/sign-in", "/nowhere"):
        assert Forger(world).get(path, Host=host).status_code == 400


def test_a_page_that_holds_a_form_token_is_kept_nowhere(world, forger):
    for path in ("/register", "/en/register"):
        answer = forger.get(path)
        assert forger.own[0][1] in answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"
        assert Forger(world).get(path).headers["Cache-Control"] == "no-cache"


def test_a_file_too_large_for_its_route_is_not_read(world):
    """What a browser sends waits on disk; the route's limit is judged before it takes memory."""
    with world.app.test_request_context("/act/x", method="POST"):
        fits = io.BytesIO(b'{"login": "nobody", "password": "x"}')
        assert tell("POST", "/session", data=fits).status == 401, "it is read and understood"
        large = io.BytesIO(b"x" * (3 << 20))
        assert tell("POST", "/session", data=large).status == 413
        assert (fits.tell(), large.tell()) == (36, 0)


def test_who_is_not_signed_in_sends_no_large_file(world, forger):
    def upload(who):
        return who.client.post("/act/nowhere", headers=who.headers, data={
            **dict(who.own), "_file": (io.BytesIO(b"x" * (17 << 20)), "a.zip")}).status_code

    assert (upload(Forger(world)), upload(forger)) == (413, 404)


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_uploaded_file_is_saved_and_never_a_page_of_ours(world):
    tender = world.draft_tender(document=False)
    clerk = world.client(world.clerk)
    for name in ("a.html", "a.svg", "a.xhtml", "a.pdf.html"):
        answer = clerk.post(f"/tenders/{tender.id}/documents?name={name}", data=b"<svg onload=x()>")
        assert answer.status_code in (415, 422), (name, answer.status_code)
    text = b"<!doctype html><script>alert(1)</script>"
    for name in ("a.txt", "a%22%0d%0aSet-Cookie%3a%20x%3dy.txt", "..%2f..%2fa.txt", "%e2%80%aetxt.txt"):
        made = clerk.post(f"/tenders/{tender.id}/documents?name={name}", data=text)
        text += b" "
        if made.status_code in (400, 422):
            continue
        assert made.status_code == 201, made.json
        found = clerk.get(made.json["url"])
        assert found.status_code == 200 and found.mimetype == "text/plain"
        assert found.headers["Content-Disposition"].startswith("attachment")
        assert found.headers["Content-Security-Policy"].startswith("sandbox")
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in found.headers and "\n" not in str(dict(found.headers))


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_page_of_what_one_may_not_know_is_the_page_of_what_does_not_exist(world):
    """Every page of the desk × ids of another unit's draft and another company's bid."""
    hidden = world.draft_tender()
    lot = world.lots(hidden)[0]
    world.sealed_bid(world.lots(world.published_tender())[0])
    bid = world.session.scalars(select(Bid.id)).one()
    ids = {"tender_id": hidden.id, "lot_id": lot.id, "bid_id": bid}
    nobody = "f" * 32
    tried = 0
    for actor in (world.account("buyer"), world.company().actor):
        token = world.session_token(actor)
        for page in PAGES:
            names = re.findall(r"<(?:\w+:)?(\w+)>", page.rule)
            if page.audience != "self" or page.method != "GET" or not names \
                    or not set(names) <= ids.keys():
                continue
            seen = []
            for known in (True, False):
                path = page.rule
                for name in names:
                    path = re.sub(rf"<(?:\w+:)?{name}>", ids[name] if known else nobody, path)
                answer = Forger(world, token).get(path)
                text = answer.get_data(as_text=True)
                for name in names:
                    text = text.replace(ids[name], "#").replace(nobody, "#")
                seen.append((answer.status_code, re.sub(r'value="[0-9a-f]{32,64}"', "", text)))
            tried += 1
            assert seen[0][0] == seen[1][0] >= 400, (page.rule, seen[0][0], seen[1][0])
            assert seen[0][1] == seen[1][1], page.rule
    assert tried > 30, tried
