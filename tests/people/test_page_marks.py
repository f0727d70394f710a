"""Words of people that look like code: put into every field through real acts, then every page that
links lead to is read. None of them becomes an element, an attribute, a link that runs."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.reader import Reader
from tests.worlds.tender import PDF

MARK = "\"'><xz onxz=1>{{7*7}}</script><!--"
MOST = 70
"""Pages that one reader opens."""


class Judge(HTMLParser):
    """Finds what no page of ours has."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.links, self.wrong, self.text, self._script = [], [], [], False

    def handle_starttag(self, tag, attrs):
        self._script = tag == "script"
        for name, value in attrs:
            if name.startswith("on") or name == "style" or name == "srcdoc":
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name in ("href", "src", "action", "formaction", "data") and value:
                if re.match(r"[\s\x00-\x20]*(javascript|vbscript|data):", value, re.IGNORECASE):
                    self.wrong.append(f"<{tag} {name}={value!r}>")
                if name == "href" and tag == "a":
                    self.links.append(value)
        if tag == "xz" or (tag == "script" and "src" not in dict(attrs)):
            self.wrong.append(f"<{tag} {attrs}>")

    def handle_comment(self, data):
        self.wrong.append(f"<!--{data[:60]}")

    def handle_data(self, data):
        self.text.append(data)


def crawl(world, actor, *roots, english=False):
    """Read what links lead to from `roots`: (pages read, pages that hold the mark as text)."""
    reader = Reader(world.app, world.session_token(actor) if actor else None)
    todo, seen, marked = list(roots), set(), 0
    while todo and len(seen) < MOST:
        address = todo.pop(0)
        shape = re.sub(r"[0-9a-f]{32}|[0-9]+", "#", address.partition("#")[0])
        if shape in seen:
            continue
        seen.add(shape)
        reader.get(address, root="/en" if english else "")
        if "html" not in reader.headers.get("Content-Type", ""):
            continue
        judge = Judge()
        judge.feed(reader.text)
        assert judge.wrong == [], (address, judge.wrong[:3])
        assert reader.status < 500, address
        marked += "<xz onxz" in "".join(judge.text)
        for link in judge.links:
            parts = urlsplit(link)
            if not parts.netloc and not parts.path.startswith(("/api", "/static/", "/reference/")):
                todo.append(re.sub(r"\A/en(?=/|\Z)", "", link) or "/")
    return seen, marked


@pytest.fixture
def marked(world):
    """A world whose people write nothing else; its actors by name."""
    unit = world.buyer_unit()
    world.raw("UPDATE party SET name = :name WHERE id = :id", name=MARK, id=unit.id)
    company = world.company(name=MARK)
    draft = world.draft_tender(title=MARK, quality=MARK)
    world.add_document(draft, data=PDF.replace(b"obj<<", b"obj<</A(1)"), name=f"{MARK.replace('/', '')}.pdf")
    clerk = world.client(world.clerk)
    version = clerk.get(f"/tenders/{draft.id}").headers["ETag"]
    said = clerk.patch(f"/tenders/{draft.id}", json={"title": MARK, "description": MARK},
                       headers={"If-Match": version})
    assert said.status_code == 200, said.json
    tender = world.published_tender(title=MARK, quality=MARK)
    lot = world.lots(tender)[0]
    client = world.client(company.actor)
    made = [world.client(world.company().actor).post(f"/lots/{lot.id}/questions", json={"text": MARK * 3}),
            client.post("/tokens", json={"name": MARK, "actions": ["notice.view"],
                                         "expires_at": "2026-03-09T00:00:00Z"}),
            clerk.post("/works", json={"village": MARK, "name": MARK, "year": 2026,
                                       "funding": MARK, "amount_fen": 12_000_000}),
            clerk.post("/plans", json={"title": MARK, "region": "330703", "category": "works",
                                       "estimate_fen": 100_000_000, "expected": "2027-03"})]
    assert {one.status_code for one in made} == {201}, [one.json for one in made]
    question = made[0].json["id"]
    answered = clerk.post(f"/questions/{question}/answer", json={"text": MARK * 3})
    assert answered.status_code < 300, answered.json
    sec = world.client(world.admin("sec_admin"))
    login = sec.get("/session").json["login"]
    assert sec.post("/session-endings", json={"login": world.client(company.actor).get(
        "/session").json["login"], "reason": MARK}).status_code == 204
    assert sec.post("/policy/proposals", json={
        "password_min": 9, "password_complexity": True, "guesses_free": 5, "factor_for_all": False,
        "admin_networks": [], "why": MARK}, headers={"If-Match": '"0"'}).status_code == 201 and login
    world.tick(record=True)
    return company.actor, tender, lot


@pytest.mark.parametrize("database", ["sqlite"])
def test_no_word_of_anybody_becomes_part_of_a_page(world, marked):
    company, tender, lot = marked
    readers = {None: ("/", "/tenders", f"/tenders/{tender.id}", "/works", "/calendar", "/record"),
               company: ("/desk", f"/desk/lots/{lot.id}/bid", "/desk/account/log",
                         "/desk/account/tokens"),
               world.clerk: ("/desk", "/desk/tenders"),
               world.admin("sec_admin"): ("/admin", "/admin/policy"),
               world.admin("audit_admin"): ("/admin", "/admin/log", "/admin/log/events")}
    for number, (actor, roots) in enumerate(readers.items()):
        seen, found = crawl(world, actor, *roots, english=number % 2 == 1)
        assert len(seen) > 5 and found, (actor, seen)
