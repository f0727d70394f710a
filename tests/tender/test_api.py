"""The routes of the invitation over HTTP: what a client sends, sees, and is refused."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from kernel.canonical import time_text
from tender.api.documents import saved_as

from ..worlds.tender import PDF, lot_fields
from .test_files import bomb, office


def lot_json(world, **over) -> dict:
    fields = lot_fields(world.now, **over)
    if fields.get("deadline"):
        fields["deadline"] = time_text(fields["deadline"])
    return {name: value for name, value in fields.items() if value is not None}


def tender_json(world, **over) -> dict:
    return {"title": "某镇道路修复工程", "region": "330703", "lots": [lot_json(world)]} | over


@pytest.fixture
def buyer(world):
    world.buyer_unit()
    return world.client(world.clerk)


def problem(answer) -> str:
    assert answer.mimetype == "application/problem+json", answer.data
    return answer.json["code"]


def test_a_tender_over_http_from_draft_to_bidding(world, buyer):
    made = buyer.post("/tenders", json=tender_json(world))
    assert made.status_code == 201, made.json
    tender = made.json
    lot = tender["lots"][0]
    assert tender["phase"] == "DRAFT" and tender["status"] == "planning"
    assert "project.edit" in tender["allowed_actions"]
    assert world.client().get(f"/tenders/{tender['id']}").status_code == 404
    sent = buyer.post(f"/tenders/{tender['id']}/documents?name=%E6%8B%9B%E6%A0%87.pdf", data=PDF)
    assert sent.status_code == 201, sent.json
    items = {"items": [{"code": "1", "description": "土方", "unit": "m3", "quantity": "12.50"}]}
    put = buyer.put(f"/lots/{lot['id']}/items", json=items)
    assert put.status_code == 200 and put.json["items_count"] == 1
    world.before_publishing(world.tender(tender["id"]))
    notice = buyer.post(f"/tenders/{tender['id']}/notice")
    assert notice.status_code == 201, notice.json
    assert notice.json["content"]["lots"][0]["id"] == lot["id"]
    chief = world.client(world.chief)
    approved = chief.post(f"/tenders/{tender['id']}/notice/approval",
                          json={"content_hash": notice.json["content_hash"]})
    assert approved.status_code == 201, approved.json
    public = world.client()
    seen = public.get(f"/lots/{lot['id']}").json
    assert seen["phase"] == "BIDDING" and seen["status"] == "active"
    assert seen["suite"] == "intl-pq-1" and seen["seal"]["log_origin"]
    assert seen["seal"]["log_vkey"] and seen["seal"]["platform_vkey"]
    assert seen["deadline"] == seen["opening_at"] and seen["deadline"].endswith("Z")
    assert seen["profile"]["id"] == "below-2026-3"
    assert seen["guarantee"]["kinds"] == ["bank-guarantee", "cash-deposit"]
    listed = public.get("/tenders").json["items"]
    assert [one["id"] for one in listed] == [tender["id"]]
    assert public.get(f"/lots/{lot['id']}/items").json["items"][0]["quantity"] == "12.5"


def test_the_deadline_is_the_same_wherever_it_is_shown(world):
    """Q41: one stored deadline, one epoch, in every rendering."""
    tender = world.published_tender(lots=2)
    public = world.client()
    shown = public.get(f"/tenders/{tender.id}").json
    listed = public.get("/tenders").json["items"][0]
    notice = public.get(f"/tenders/{tender.id}/notice").json
    for place, lot in enumerate(world.lots(tender)):
        deadline = time_text(lot.deadline)
        assert shown["lots"][place]["deadline"] == deadline
        assert listed["lots"][place]["deadline"] == deadline
        assert notice["content"]["lots"][place]["deadline"] == deadline
        assert public.get(f"/lots/{lot.id}").json["deadline"] == deadline


def test_what_is_the_platforms_cannot_be_sent(world, buyer):
    for field in ("status", "phase", "owner", "buyer_id", "id", "ocid", "version",
                  "published_at", "created_by"):
        answer = buyer.post("/tenders", json=tender_json(world, **{field: "x"}))
        assert answer.status_code == 422 and field in answer.get_data(True), answer.json
    for field in ("policy", "policy_hash", "profile", "publicity_ends", "section_code",
                  "opening_at", "number", "phase"):
        answer = buyer.post("/tenders", json=tender_json(
            world, lots=[lot_json(world) | {field: "x"}]))
        assert answer.status_code == 422 and field in answer.get_data(True), answer.json
    assert world.entries("tender.created") == []


VALUES = [
    ({"deadline": "2026-03-20T17:00:00"}, 422), ({"deadline": "2026-03-20"}, 422),
    ({"deadline": "2026-02-30T17:00:00+08:00"}, 422), ({"deadline": 1774000000}, 422),
    ({"deadline": "2026-03-20T25:00:00+08:00"}, 422), ({"deadline": "soon"}, 422),
    ({"deadline": "2026-03-05T17:00:00+08:00"}, 422),
    ({"deadline": "1990-04-15T02:30:00+08:00"}, 422), ({"deadline": None}, 422),
    ({"estimate_fen": -1}, 422), ({"estimate_fen": 0}, 422), ({"estimate_fen": "100"}, 422),
    ({"estimate_fen": True}, 422), ({"price_ceiling_fen": -1}, 422),
    ({"estimate_fen": 10**15 + 1}, 422), ({"estimate_fen": 400_000_000}, 422),
    ({"guarantee": {"amount_fen": 7_970_001}}, 422), ({"guarantee": {"amount_fen": -1}}, 422),
    ({"guarantee": {"amount_fen": 1, "kinds": ["cash-deposit"]}}, 422),
    ({"regime": "statutory"}, 422), ({"regime": "provincial"}, 422), ({"regime": "none"}, 422),
    ({"suite": "plain"}, 422), ({"title": "a\u202eb"}, 422), ({"title": ""}, 422),
    ({"title": "长" * 201}, 422), ({"category": "magic"}, 422),
    ({"criteria": {"factors": [{"code": "a", "title": "a", "max": "NaN"}]}}, 422),
    ({"criteria": {"factors": [{"code": "a", "title": "a", "max": "101"}]}}, 422),
    ({"criteria": {"factors": [{"code": "a", "title": "a", "max": "1e2"}]}}, 422),
    ({"publicity_days": 5}, 200), ({"deadline": "2026-03-31T17:00:00+08:00"}, 200),
]


def test_bad_values_are_refused_and_good_ones_kept(world, buyer):
    tender = world.draft_tender(items=0, document=False)
    (own,) = world.lots(tender)
    version = tender.version
    for lot, status in VALUES:
        answer = buyer.patch(f"/tenders/{tender.id}", json={"lots": [{"id": own.id} | lot]},
                             headers={"If-Match": f'"{version}"'})
        assert answer.status_code == status, (lot, answer.json)
        version += status == 200
    assert world.tender(tender.id).version == version


BODIES = [
    b'{"title": NaN}', b'{"title": "a", "title": "b"}', b'{"title": 1e400}', b"[" * 40,
    b'{"lots": [{"estimate_fen": 1.5}]}', b"\xff\xfe", b"null", b'{"title": "\\ud800"}',
    b'{"version": ' + b"9" * 400 + b"}",
]


def test_what_is_not_strict_json_is_refused(world, buyer):
    for body in BODIES:
        answer = buyer.post("/tenders", data=body, content_type="application/json")
        assert answer.status_code == (422 if body == b"null" else 400), (body, answer.json)


def test_the_law_is_named_with_the_refusal(world, buyer):
    answer = buyer.post("/tenders", json=tender_json(
        world, lots=[lot_json(world) | {"deadline": "2026-03-05T17:00:00+08:00"}]))
    assert problem(answer) == "lot.deadline-early"
    assert "招标投标法 24" in answer.json["law"]
    assert answer.json["facts"]["earliest"].startswith("2026-03-12T")
    assert answer.json["detail"]["zh"] and answer.json["do"]["en"]


def test_two_editors_and_an_etag(world, buyer):
    tender = world.draft_tender(items=0, document=False)
    seen = buyer.get(f"/tenders/{tender.id}")
    etag = seen.headers["ETag"]
    assert buyer.patch(f"/tenders/{tender.id}", json={"title": "甲"}).status_code == 428
    first = buyer.patch(f"/tenders/{tender.id}", json={"title": "甲"}, headers={"If-Match": etag})
    assert first.status_code == 200 and first.headers["ETag"] != etag
    late = world.client(world.chief).patch(f"/tenders/{tender.id}", json={"title": "乙"},
                                           headers={"If-Match": etag})
    assert late.status_code == 412 and problem(late) == "version.stale"


def test_a_repeated_creation_makes_one_tender(world, buyer):
    body = tender_json(world)
    first, again = (buyer.post("/tenders", json=body, key="k" * 32) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json["id"] == again.json["id"]
    assert len(world.entries("tender.created")) == 1


def test_a_draft_is_seen_by_its_unit_and_its_supervisor_only(world):
    tender = world.draft_tender()
    (lot,) = world.lots(tender)
    inside = [world.clerk, world.chief, world.account("supervisor", region="330703")]
    outside = [None, world.account("buyer"), world.account("tenderer"),
               world.account("supervisor", region="360732")]
    paths = [f"/tenders/{tender.id}", f"/lots/{lot.id}", f"/lots/{lot.id}/items"]
    for path in paths:
        assert [world.client(who).get(path).status_code for who in inside] == [200] * 3, path
        assert [world.client(who).get(path).status_code for who in outside] == [404] * 4, path
    assert world.client().get("/tenders").json["items"] == []
    mine = world.client(world.chief).get("/tenders?mine=true").json["items"]
    assert [one["id"] for one in mine] == [tender.id]
    assert world.client(outside[1]).get("/tenders?mine=true").json["items"] == []


def test_a_supervisor_with_one_factor_has_no_jurisdiction(world):
    tender = world.draft_tender(items=0, document=False)
    supervisor = world.account("supervisor", region="330703")
    weak = world.session_token(supervisor, second_factor=False)
    answer = world.client().get(f"/tenders/{tender.id}",
                                headers={"Authorization": f"Bearer {weak}"})
    assert answer.status_code == 404


def test_the_public_list_in_pages(world):
    made = {world.published_tender(items=1).id for _ in range(3)}
    public, seen, cursor = world.client(), [], ""
    for _ in range(4):
        page = public.get(f"/tenders?limit=1{cursor}").json
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == 3 and set(seen) == made
    assert public.get("/tenders?cursor=zzz").status_code == 400
    assert public.get("/tenders?limit=0").status_code == 400


def test_a_document_is_downloaded_whole_or_in_part_and_never_shown(world):
    tender = world.published_tender()
    public = world.client()
    (document,) = public.get(f"/tenders/{tender.id}").json["documents"]
    answer = public.get(document["url"])
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
    assert len(answer.data) == document["size"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["ETag"] == f'"{document["hash"]}"'
    assert "Last-Modified" not in answer.headers and "Set-Cookie" not in answer.headers
    part = public.get(document["url"], headers={"Range": "bytes=0-4"})
    assert part.status_code == 206 and part.data == b"%PDF-"
    same = public.get(document["url"], headers={"If-None-Match": f'"{document["hash"]}"'})
    assert same.status_code == 304
    beyond = public.get(document["url"], headers={"Range": "bytes=999999-"})
    assert beyond.status_code == 416


def test_a_document_is_reached_through_its_own_tender_only(world):
    draft, published = world.draft_tender(), world.published_tender()
    hidden = world.client(world.clerk).get(f"/tenders/{draft.id}").json["documents"][0]
    public = world.client()
    for path in (hidden["url"], f"/tenders/{published.id}/documents/{hidden['id']}/content"):
        assert public.get(path).status_code == 404


def test_a_missing_or_cut_file_is_said_and_is_no_error(world):
    tender = world.published_tender()
    public, store = world.client(), world.app.extensions["yangguang"].store
    (document,) = public.get(f"/tenders/{tender.id}").json["documents"]
    path = store.path(document["hash"])
    path.write_bytes(path.read_bytes()[:-1])
    assert problem(public.get(document["url"])) == "document.damaged"
    path.unlink()
    assert problem(public.get(document["url"])) == "document.damaged"


HOSTILE = [
    ("a.pdf", b"MZ program", "document.type"),
    ("a.xlsx", bomb(data=bytes(30 << 20)), "document.archive"),
    ("a.xlsx", bomb(b"../../etc/cron.d/x"), "document.archive"),
    ("a.html", b"<script>alert(1)</script>", "document.type"),
    ("a.pdf", PDF + office(), "document.type"),
]


def test_hostile_files_are_refused_and_nothing_is_stored(world, buyer):
    tender = world.draft_tender(items=0, document=False)
    store = world.app.extensions["yangguang"].store
    for name, data, code in HOSTILE:
        answer = buyer.post(f"/tenders/{tender.id}/documents?name={name}", data=data)
        assert answer.status_code == 422 and problem(answer) == code
    assert list(store.names()) == [] and list((store.root / "tmp").iterdir()) == []


def test_a_hostile_name_becomes_a_harmless_one(world, buyer):
    tender = world.draft_tender(items=0, document=False)
    answer = buyer.post(f"/tenders/{tender.id}/documents", data=PDF, query_string={
        "name": "../../x\u202efdp.\"; filename=evil.exe;.pdf"})
    assert answer.status_code == 201, answer.json
    assert "/" not in answer.json["name"] and "\u202e" not in answer.json["name"]
    got = buyer.get(answer.json["url"])
    assert "evil.exe" not in got.headers["Content-Disposition"].split("filename=")[-1].split(
        ".pdf")[0] or ";" not in answer.json["name"]


def test_a_chinese_name_has_a_name_for_programs_that_read_ascii_alone(world, buyer):
    tender = world.draft_tender(items=0, document=False)
    made = buyer.post(f"/tenders/{tender.id}/documents", data=PDF, query_string={"name": "公告.pdf"})
    assert buyer.get(made.json["url"]).headers["Content-Disposition"] \
        == "attachment; filename=document.pdf; filename*=UTF-8''%E5%85%AC%E5%91%8A.pdf"
    assert [saved_as(name).split("; ")[1] for name in ("清单", "a.清单", "a\n.pdf", "plan-1.pdf")] \
        == [f"filename={one}" for one in ("document", "document", "document.pdf", "plan-1.pdf")]


def test_a_file_above_the_limit_is_refused_before_it_is_read(world, buyer):
    tender = world.draft_tender(items=0, document=False)
    answer = buyer.post(f"/tenders/{tender.id}/documents?name=a.pdf", data=b"x",
                        environ_overrides={"CONTENT_LENGTH": str(10 * 2**30)})
    assert answer.status_code == 413


class Long(io.RawIOBase):
    """So many bytes of plain text that are never in memory together."""

    def __init__(self, size: int):
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = min(len(buffer), self.left)
        buffer[:count] = b"a" * count
        self.left -= count
        return count


def sending(stream: Long, size: int) -> dict:
    """A request whose body is `stream` and that claims `size` bytes."""
    return {"wsgi.input": io.BufferedReader(stream), "CONTENT_LENGTH": str(size)}


def test_a_large_file_is_streamed(world, buyer):
    tender, size = world.draft_tender(items=0, document=False), 48 << 20
    tracemalloc.start()
    answer = buyer.post(f"/tenders/{tender.id}/documents?name=long.txt",
                        environ_overrides=sending(Long(size), size))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 201 and answer.json["size"] == size
    assert peak < 20 << 20


def test_a_cut_upload_leaves_nothing(world, buyer):
    tender, size = world.draft_tender(items=0, document=False), 3 << 20
    store = world.app.extensions["yangguang"].store
    answer = buyer.post(f"/tenders/{tender.id}/documents?name=cut.txt",
                        environ_overrides=sending(Long(size - 1), size))
    assert 400 <= answer.status_code < 500
    assert list(store.names()) == [] and list((store.root / "tmp").iterdir()) == []
    assert world.entries("document.added") == []


def test_a_stranger_cannot_fill_the_store(world):
    tender = world.draft_tender(items=0, document=False)
    store = world.app.extensions["yangguang"].store
    for who in (None, world.account("tenderer"), world.account("buyer")):
        answer = world.client(who).post(f"/tenders/{tender.id}/documents?name=a.pdf", data=PDF)
        assert answer.status_code == 404
    assert list(store.names()) == []


def test_an_incomplete_notice_lists_what_is_missing(world, buyer):
    tender = world.draft_tender(items=0, document=False)
    answer = buyer.post(f"/tenders/{tender.id}/notice")
    assert answer.status_code == 422 and problem(answer) == "notice.incomplete"
    fields = {one["field"] for one in answer.json["facts"]["findings"]}
    assert {"documents", "lots[1].items"} <= fields


def test_a_question_over_http_hides_its_asker_from_all(world, buyer):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    asker, rival = world.account("tenderer"), world.account("tenderer")
    asked = world.client(asker).post(f"/lots/{lot.id}/questions", json={"text": "厚度？"})
    assert asked.status_code == 201, asked.json
    path = f"/lots/{lot.id}/questions"
    assert world.client(rival).get(path).json["items"] == []
    (waiting,) = buyer.get(path).json["items"]
    assert waiting["answer"] is None
    done = buyer.post(f"/questions/{waiting['id']}/answer", json={"text": "二十厘米"})
    assert done.status_code == 201, done.json
    supervisor = world.account("supervisor", region="330703")
    for who in (None, rival, asker, world.clerk, supervisor, world.admin("audit_admin")):
        answer = world.client(who).get(path)
        (shown,) = answer.json["items"]
        assert shown["answer"] == "二十厘米"
        assert set(shown) == {"id", "lot_id", "text", "answer", "answered_at", "allowed_actions"}
        text = json.dumps(answer.json)
        for secret in (asker.party_id, asker.account_id, asker.person_id):
            assert secret not in text


def test_the_asker_of_a_waiting_question_is_not_told_by_the_buyers_view(world, buyer):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    for company in (world.account("tenderer"), world.account("tenderer")):
        world.client(company).post(f"/lots/{lot.id}/questions", json={"text": "同一个问题"})
    shown = buyer.get(f"/lots/{lot.id}/questions").json["items"]
    different = {key for key in shown[0] if shown[0][key] != shown[1][key]}
    assert different == {"id"}


def test_there_is_no_way_to_shorten_a_deadline_or_list_downloaders(world, buyer):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    for method, path in [("POST", f"/lots/{lot.id}/deadline"), ("PUT", f"/lots/{lot.id}"),
                         ("PATCH", f"/lots/{lot.id}"), ("DELETE", f"/tenders/{tender.id}"),
                         ("GET", f"/tenders/{tender.id}/downloads"),
                         ("GET", f"/lots/{lot.id}/downloaders")]:
        assert buyer.open(path, method=method).status_code in (404, 405), path
    late = buyer.patch(f"/tenders/{tender.id}", headers={"If-Match": f'"{tender.version}"'},
                       json={"lots": [{"id": lot.id, "deadline": time_text(world.now)}]})
    assert late.status_code in (409, 422)
