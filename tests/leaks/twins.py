"""Two worlds that differ in the bids of others alone, played alike and watched alike (Q24).

World A has three bids in a lot, world B has four, of companies with other names and in other
sizes, one of them replaced, one more withdrawn, a security lodged, and attempts that were
refused. After every tick somebody outside fetches the public tree; at two moments every GET route and page
is read by every role but the owners. What differs in status, headers or body, apart from random
ids, hashes and places in the tree, is a leak.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote

from audit import checkpoint, leaf, tiles
from kernel.canonical import jcs
from kernel.refusal import Refused
from supervision.acts import answer_objection, file_objection
from supervision.complaints.course_filing import file_course_complaint
from supervision.complaints.filing import file_complaint
from supervision.complaints.handling import accept_complaint
from supervision.model import Objection
from tender.acts import answer_award_objection, ask_question, object_to_award
from tests.supervision.test_course_complaints import service
from tests.tender.test_direct import allowed, approve, stated
from tests.world import START

RANDOM = (
    (re.compile(rb"index \d+(?:\\n[A-Za-z0-9+/]{43}=)*"), b"#place"),
    (re.compile(rb"[0-9a-f]{32,128}"), b"#id"),
    (re.compile(rb"[A-Za-z0-9+/_-]{40,}={0,2}"), b"#bytes"),
    (re.compile(rb"age1[0-9a-z]+"), b"#key"),
    (re.compile(rb"req-[0-9a-f]+"), b"#request"),
    (re.compile(rb"(?<=<code>#bytes \xe2\x80\xa6 )[0-9a-z]{16}(?=</code>)"), b"#end"),
    (re.compile(rb"E330703YG[0-9A-Z]{8}"), b"#code"),
    (re.compile(rb'(receipt_number":"|class="code">|data-slot="receipt">|[A-Z] )[0-9a-f]{8}(?=["<\n])'),
     rb"\1#short"),
)
"""Random fields: an entry's place and path in a proof, ids, hashes, signatures, keys; and what is
cut short of one to be read aloud."""

PLACES = re.compile(rb'("(?:i|position|index)":)\d+')
"""A leaf's place in its tick is random."""
SPOTS = re.compile(rb'/record/entries/\d+[^<]*<|<code>[0-9a-f]{8}</code>|cursor=[^"&]+'
                   rb'|<td class="num">\d+<')
"""The same on a page, where an id is cut short."""

OWN = "/desk/account/log"
LISTS = {"/record/entries", "/admin/log", "/admin/log/events", "/admin/log/security", OWN}
"""Pages of entries and events in their log's order, which is random within a tick: which of one
moment stand on the first page and which on the next is random, too. They are turned to the last and
compared as one, as often as it takes: a public one by who is not signed in, in each language by
somebody, one's own by each."""
ROW = re.compile(rb"<tr.*?</tr>", re.DOTALL)
NEXT = re.compile(r'href="([^"]+)"[^>]*>(?:更早的|Older|Earlier)</a>'
                  r'|action="/read(/admin/log/security[?][^"]+)"')
LOGS = ("/administration-log", "/administration-log/events", "/security-log", "/sign-ins")
"""The same lists of the interface."""
WATCHED = b"securitylog.read"
"""Reading that log writes an event of this moment, which comes in a place at random: behind what
was read, or before."""

HEADERS = {"X-Request-Id", "Date"}
"""Random by name; of all others the value counts, random ids in it aside."""

TREE = "/api/v1/record/"

COMPLAINED = {"facts": "招标人与他人串通。", "claims": "请调查。"}

CASES = ("", " (of a direct award)", " (of a service)")
"""What is complained of: a lot, and what has none; their routes are read of each."""

FEW = ("anonymous", "rival", "buyer", "opener", "official", "supervisor", "guarantor",
       "audit_admin")
"""The roles whose views differ most; the others are read too under `-m faults`."""


@dataclass
class Seen:
    """What one world showed."""

    tree: list[tuple] = field(default_factory=list)
    """After each tick: (size, time of the last leaf, leaves by time of tick)."""
    answers: dict[tuple[str, str, str], tuple] = field(default_factory=dict)
    """(moment, role, route) → (status, headers, body)."""


class Play:
    """One world's course. `more` adds what world B has; `only` these routes are read, or all;
    by `roles`, or all."""

    def __init__(self, world, more: bool, only: tuple[str, ...] = (),
                 roles: tuple[str, ...] = ()):
        self.world, self.more, self.only, self.seen = world, more, only, Seen()
        self.asking = roles
        world.salt = "twin00"
        world.freeze(START)
        self.size, self.clients = 0, {}
        self._people()

    def _people(self) -> None:
        world, long = self.world, "A" if not self.more else "另一家名字长得多的建设集团有限公司"
        world.guarantor()
        world.buyer_unit()
        self.rival, self.outside = world.company("同行建设"), world.company("旁观建设")
        self.hidden = [world.company(f"{long}{number}") for number in range(4)]
        self.asker = self.hidden[1 if self.more else 3].actor
        self.roles = {
            "anonymous": None, "rival": self.rival.actor, "outside": self.outside.actor,
            "buyer": world.clerk, "other buyer": world.account("buyer"),
            "opener": world.account("opener"), "expert": world.account("expert"),
            "awarder": world.account("awarder"), "supervisor": world.supervisor,
            "other supervisor": world.account("supervisor", region="110000"),
            "guarantor": world.account("guarantor", world.party("guarantor")),
            **{name: world.admin(name) for name in ("sys_admin", "sec_admin", "audit_admin")}}
        self.tender = world.published_tender()
        self.lot = world.lots(self.tender)[0]
        world.advance(minutes=1)  # notices of one moment stand in the order of their ids
        self.courses()
        self.roles["official"] = world.officials[0]
        # New signing keys cool for a day (A3.2); nobody bids before.
        world.advance(hours=25)
        self.minute()

    def minute(self) -> None:
        """A minute passes, the clock ticks, and somebody outside looks at the tree."""
        self.world.advance(seconds=60 - self.world.now.second)
        self.world.tick(record=True)
        self.look()

    def look(self) -> None:
        """Fetch the checkpoint and all leaves since the last one, as anybody may."""
        client = self.world.client()
        head = checkpoint.head_of(checkpoint.note.parse(client.get("/record/checkpoint").data))
        ticks: Counter[str] = Counter()
        for index in range(self.size // 256, -(-head.size // 256)):
            width = min(256, head.size - index * 256)
            bundle = client.get("/record/" + tiles.tile_path("entries", index, width)).data
            for place, entry in enumerate(tiles.unpack(bundle), index * 256):
                if place >= self.size:
                    ticks[leaf.read(entry)[0]] += 1
        self.size = head.size
        self.seen.tree.append((head.size, tuple(sorted(ticks.items()))))

    def read_everything(self, moment: str) -> None:
        """Every GET route and page, by every role."""
        world = self.world
        bid = self.hidden[1].bids[self.lot.id].declaration["bid"] if self.more else \
            secrets.token_hex(16)
        known = {"lot_id": self.lot.id, "tender_id": self.tender.id, "bid_id": bid,
                 "complaint_id": self.complaints[0], "award_id": self.award,
                 "service_id": self.service, "objection_id": self.objection,
                 "party_id": self.hidden[1].party_id, "part": "technical", "number": "1",
                 "name": quote("施工组织设计.pdf"), "version": "1",
                 "document_id": world.raw("SELECT id FROM document")[0][0]}
        rules = sorted({rule.rule for rule in world.app.url_map.iter_rules()
                        if "GET" in rule.methods and rule.endpoint != "static"
                        and (not self.only or rule.rule in self.only)})
        asked = [(rule, place) for rule in rules for place in range(
            len(CASES) if "<complaint_id>" in rule else 1)]
        for rule, place in asked:
            known["complaint_id"] = self.complaints[place]
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: known.get(m[1], secrets.token_hex(16)),
                          rule)
            if rule.endswith(("/record", *LOGS)):
                path += "?limit=200"
            if rule.startswith(TREE + "disclosed"):
                path = TREE + "disclosed/000.jsonl"
            elif rule.startswith(TREE + "tile"):
                continue
            page = not path.startswith("/api/")
            for role, root in self.readers(page):
                client = self.client(role, self.roles[role])
                answer = client.open("/" + root + path if page else path, method="GET",
                                     headers={"Accept": "text/html"} if page else {})
                body = answer.data
                if path.startswith("/api/") and rule.endswith(LOGS) and answer.status_code == 200:
                    body = self.listed(client, path, body)
                if rule in LISTS and answer.status_code == 200:
                    body = self.turned(client, body, role in ("anonymous", "audit_admin") or root
                                       or rule == OWN)
                if rule.startswith(TREE + "disclosed"):  # which file an entry is in is random too
                    others = [client.get(f"/record/disclosed/{number:03}.jsonl")
                              for number in range(1, -(-self.size // 256))]
                    body += b"".join(one.data for one in others if one.status_code == 200)
                unlike = {"Content-Length"} if page or "/record" in rule or "/notice" in rule \
                    or rule.endswith(LOGS) else set()
                self.seen.answers[moment, role, root + rule + CASES[place]] = (
                    answer.status_code,
                    tuple(sorted((name, bare(value.encode())) for name, value in answer.headers
                                 if name not in HEADERS | unlike)),
                    plain(rule, body))

    @staticmethod
    def listed(client, path: str, body: bytes) -> bytes:
        """A list of the interface, read to its end."""
        said = json.loads(body)
        while cursor := said.get("next"):
            more = client.get(f"{path}&cursor={quote(cursor)}").json
            said = {"items": said["items"] + more["items"], "next": more["next"]}
        return jcs(said | {"items": [one for one in said["items"]
                                     if one.get("action") != WATCHED.decode()]})

    @staticmethod
    def turned(client, body: bytes, whole) -> bytes:
        """A list's first page without its rows, and where it is read `whole` all of the rows."""
        rest, rows = ROW.sub(b"", body), ROW.findall(body)
        while whole and (found := NEXT.search(html.unescape(body.decode()))):
            body = client.open("/" + (found[1] or found[2]), method="GET",
                               headers={"Accept": "text/html"}).data
            rows += ROW.findall(body)
        return b"\n".join([rest, *(sorted(SPOTS.sub(b"#", bare(row)) for row in rows
                                          if WATCHED not in row) if whole
                                   else [str(len(rows)).encode()])])

    def readers(self, page: bool) -> list[tuple[str, str]]:
        """Who reads, below which root: each role, and a page in English by two of them."""
        roles = [role for role in self.roles if not self.asking or role in self.asking]
        return [(role, "") for role in roles] + [
            (role, "/en") for role in roles if page and role in ("anonymous", "buyer")]

    def client(self, role: str, actor):
        """One client for each role, so that its session is made once."""
        return self.clients.setdefault(role, self.world.client(actor))

    # what the two worlds have, and what only the second

    def bid(self, company, size: int = 3000) -> None:
        """A bid of technical files of `size` bytes."""
        self.world.sealed_bid(self.lot, company, files=secrets.token_bytes(size),
                              price=secrets.token_bytes(size // 2))

    def refused(self) -> None:
        """Attempts that are refused: a stranger's declaration, by the network and by the act,
        and a request without the right."""
        world, company, other = self.world, self.hidden[3], self.hidden[2]
        sealed = world.seal(self.lot, company)
        elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}  # the log counts by address
        answer = self.client("refused", other.actor).post(
            f"/api/v1/lots/{self.lot.id}/bids", **elsewhere, json={
                "declaration": jcs(sealed.declaration).decode(), "wraps": sealed.wraps,
                **other.sign(sealed.declaration)})
        assert 400 <= answer.status_code < 500, answer.text
        answer = self.client("refused", other.actor).get("/api/v1/security-log",
                                                                  **elsewhere)
        assert 400 <= answer.status_code < 500, answer.text
        try:
            world.declare(self.lot, self.hidden[0], sealed)
        except Refused:
            return
        raise AssertionError("a stranger's declaration was taken")

    def courses(self) -> None:
        """A direct award and a service, and complaints of both: of the award's result, which was
        objected to in vain, and of a service; the latter is accepted, so the buyer is shown it.

        A day before the lot's: cases in a list stand in the order of their days, not of their ids.
        """
        world = self.world
        allowed(world)
        self.award, said = stated(world)
        approve(world, self.award, said)
        world.advance(minutes=1)
        self.objection = object_to_award(self.asker, self.award, argument="未比较即发包",
                                         remedy="请公开比选").id
        answer_award_objection(world.clerk, self.objection, outcome="rejected", text="价格合理。")
        self.service = service(world, self.rival, world.company("陪标咨询")).id
        self.complaints = [file_course_complaint(
            self.asker, kind, about, subject=subject, **COMPLAINED).id for kind, about, subject in (
                ("direct_award", self.award, "result"), ("service", self.service, "conduct"))]
        accept_complaint(world.fresh(world.supervisor), None, self.complaints[1],
                         document_no="督受1")

    def run(self) -> Seen:
        """The whole course; what was seen of it."""
        world, more = self.world, self.more
        one, other, third = self.hidden[0], self.hidden[1], self.hidden[2]
        self.bid(self.rival)
        self.bid(one, 9000 if more else 3000)
        self.bid(third, 400 if more else 3000)
        self.minute()
        if more:
            self.bid(other, 20_000)
            world.lodged(self.lot, other.actor)
        self.minute()
        if more:
            self.refused()
            self.bid(self.hidden[3], 500)
            sealed = world.replacement(self.lot, other)
            world.redeclare(other, sealed)
            world.send(other, sealed)
            other.bids[self.lot.id] = sealed
        # Who asks is nobody's to know (in world A one of no role that reads); that somebody asks, the buyer must see.
        ask_question(self.asker, self.lot.id, text="有无图纸？")
        file_objection(self.asker, self.lot.id,
                       argument="资格条件与项目规模不相适应", remedy="请删除该条件")
        # Who complains is nobody's to know; what of, the supervisor must see.
        self.complaints.insert(0, file_complaint(self.asker, self.lot.id, subject="conduct",
                                                 **COMPLAINED).id)
        self.minute()
        self.read_everything("bidding")
        objection = world.session.query(Objection).one()  # else the deadline would be moved
        answer_objection(world.clerk, self.lot.id, objection.id, outcome="rejected",
                         text="条件与项目规模相适应。")
        if more:
            world.withdraw(self.lot, self.hidden[3])
            self.refused()
        for _ in range(3):
            self.minute()
        deadline = world.lots(self.tender)[0].deadline
        world.advance(to=deadline.replace(second=0) - world.now.__class__.resolution * 240_000_000)
        for _ in range(3):
            self.minute()
        if more:  # after the last beat: what waits comes out with the close
            sealed = world.replacement(self.lot, other)
            world.redeclare(other, sealed)
            world.send(other, sealed)
            other.bids[self.lot.id] = sealed
        world.advance(to=deadline)
        self.minute()
        if more:  # too late, after the close
            self.refused()
        self.read_everything("closed")
        for _ in range(3):
            self.minute()
        world.authorise(self.lot)
        self.minute()
        for company in (self.rival, one, third, *([other] if more else [])):
            world.give_own(self.lot, company)
        return self.seen


def bare(data: bytes) -> bytes:
    """The bytes without what is random in them."""
    for pattern, name in RANDOM:
        data = pattern.sub(name, data)
    return data


def plain(rule: str, body: bytes) -> bytes:
    """A body without what is random: ids, hashes, the places of leaves in their tick, and with
    them the order of entries and of what was made in the same frozen moment."""
    if rule.endswith("/record/export") and body[:2] == b'{"':
        try:
            lines = [json.loads(line) for line in body.splitlines()]
        except ValueError:
            return bare(body)
        return b"\n".join(sorted(proven(line["proof"]) for line in lines[1:] if "proof" in line))
    if "/record/disclosed" in rule:
        return b"\n".join(sorted(PLACES.sub(rb"\1#", bare(line)) for line in body.splitlines()))
    if rule.endswith("/trail"):  # a page of the record
        return b"\n".join(sorted(SPOTS.sub(b"#", bare(one))
                                 for one in re.split(rb"<li[^>]*>|</li>|</ol>", body)))
    if b"<!doctype html>" in body[:40].lower():
        return SPOTS.sub(b"#", bare(body))
    try:
        value = json.loads(body)
    except ValueError:
        return bare(body)
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return bare(body)
    items = sorted(PLACES.sub(rb"\1#", bare(jcs(one))) for one in value.pop("items"))
    value["next"] = value.get("next") is not None
    return b"\n".join([*items, bare(jcs(value))])


def proven(text: str) -> bytes:
    """The record in a `.tlog-proof`, without what is random."""
    extra = next(line for line in text.splitlines() if line.startswith("extra "))
    return bare(base64.b64decode(extra[6:])[32:])


def leaks(first: Seen, second: Seen) -> list[str]:
    """What tells the two worlds apart, in words."""
    found = [f"tick {number}: the tree shows {one}, and {other}"
             for number, (one, other) in enumerate(zip(first.tree, second.tree, strict=True))
             if one != other]
    assert first.answers.keys() == second.answers.keys()
    for key, one in first.answers.items():
        other = second.answers[key]
        for name, left, right in zip(("status", "headers", "body"), one, other, strict=True):
            if left != right:
                found.append(f"{' · '.join(key)}: {name} {_apart(left, right)}")
    return found


def _apart(left, right) -> str:
    if isinstance(left, bytes):
        at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
                  min(len(left), len(right)))
        return f"{left[max(at - 40, 0):at + 60]!r} / {right[max(at - 40, 0):at + 60]!r}"
    return f"{left} / {right}"
