"""The edge, tried with a small book of its own: sizes, strict JSON, keys, versions, authority."""

import json
import threading
from types import SimpleNamespace

import pytest
from flask import Response
from marshmallow import fields, validate
from sqlalchemy import select

from audit.act import CATALOGUE, act
from kernel.db import new_id
from people import edge, paging
from people.edge import Book, allow
from people.fields import Base64, DecimalText, Flag, In, Money, Out, Text, Time
from people.model import IdempotencyKey, Party, SecurityEvent
from people.refusals import STALE


class NoteIn(In):
    text = Text(1, 20, required=True)
    amount_fen = Money()
    at = Time()
    ratio = DecimalText(places=2, low="0", high="1")
    key = Base64(4)
    flag = Flag()


class NoteOut(Out):
    id = fields.String()
    text = fields.String()
    amount_fen = Money()
    at = Time()
    version = fields.Integer()


class NumberIn(In):
    number = fields.String(required=True, validate=validate.Regexp(r"\A[1-9]\Z"))


class PartyOut(Out):
    id = fields.String()
    name = fields.String()


effects = []


@pytest.fixture
def routes(app):
    """A book with one route of each sort, mounted on this test's app only."""
    effects.clear()
    before = len(edge.ROUTES)
    acts_before = set(CATALOGUE)
    book = Book("trial")

    @act("trial.noted", law="—", action="account.register", by=("operator",), disclose="never")
    def note(ctx, **values):
        """Note something."""
        ctx.permit()
        made = SimpleNamespace(id=new_id(), version=3, **values)
        effects.append(made)
        ctx.record(made.id)
        return made

    @act("trial.refused", law="—", action="account.register", disclose="never")
    def refuse(ctx):
        """Record a refusal."""
        ctx.permit()
        ctx.record(new_id())
        return STALE(version=9)

    @book.post("/trial/notes", action="account.register", status=201, body=NoteIn, returns=NoteOut)
    def add(actor, body):
        return note(actor, **body)

    @book.post("/trial/twice", action="account.register", returns=NoteOut)
    def twice(actor):
        note(actor, text="one")
        return note(actor, text="two")

    @book.post("/trial/nothing", action="account.register")
    def nothing(actor):
        return None

    @book.post("/trial/refusal", action="account.register", status=201, returns=NoteOut)
    def refusal(actor):
        return refuse(actor)

    @book.put("/trial/bytes", action="account.register", raw=True, limit=10)
    def take(actor, body):
        allow("account.register")
        return {"size": len(body)}

    @book.put("/trial/stream", action="account.register", stream=True, limit=1 << 30)
    def stream(actor, body):
        allow("account.register")
        return {"size": len(body.read())}

    @book.patch("/trial/version", action="account.register", if_match=True, body=NoteIn,
                returns=NoteOut)
    def change(actor, body, if_match):
        if if_match != 3:
            raise STALE(version=3)
        return note(actor, **body)

    @book.get("/trial/forgetful", action="account.register")
    def forgetful(actor):
        return {"leak": True}

    @book.get("/trial/other", action="account.register")
    def other(actor):
        allow("notice.view")

    @book.get("/trial/query", audience="open", query=NumberIn)
    def query(actor, query):
        return query

    @book.get("/trial/parties", audience="open", many=True, returns=PartyOut)
    def parties(actor):
        from kernel.db import db

        return paging.page(db.session(), select(Party), Party.registered_at, Party.id)

    @book.get("/trial/binary", audience="open")
    def binary(actor):
        return Response(b"\x00\x01", mimetype="application/octet-stream")

    @book.get("/trial/objects/<object_id>", audience="open")
    def one(actor, object_id):
        return {"id": object_id}

    app.register_blueprint(book)
    yield book
    del edge.ROUTES[before:]
    for name in set(CATALOGUE) - acts_before:
        del CATALOGUE[name]


@pytest.fixture
def client(world, routes):
    return world.client()


def raw(client, data, media="application/json", **headers):
    return client.post("/trial/notes", data=data, content_type=media, headers=headers)


TRICKS = [
    b"nonsense", b'{"text":"a","text":"b"}', b'{"text":"a","amount_fen":NaN}',
    b'{"text":"a","amount_fen":1e400}', b'{"text":"a","amount_fen":1' + b"0" * 400 + b"}",
    b'{"text":"a","amount_fen":1.0}', b'{"text":"a","amount_fen":-Infinity}',
    b"[" * 40 + b"]" * 40, b"[" * 100_000, b'{"text":"\xff"}', b'{"text":"\\ud800"}',
    b'\xef\xbb\xbf{"text":"a"}', b'{"text":"a"}{}', b"{'text':'a'}", b'{"text":"a",}',
    '{"text":"a"}'.encode("utf-16")]


def test_q70_json_with_tricks_is_400(client):
    for data in TRICKS:
        answer = raw(client, data)
        assert (answer.status_code, answer.json["code"]) == (400, "request.malformed"), data[:40]
        assert answer.mimetype == "application/problem+json" and not effects
        assert {"zh", "en"} == set(answer.json["detail"]) == set(answer.json["do"])


WRONG = [
    ({}, "text"), ({"text": 5}, "text"), ({"text": ""}, "text"), ({"text": "  "}, "text"),
    ({"text": "x" * 21}, "text"), ({"text": "a\u0000b"}, "text"), ({"text": "a\u202eb"}, "text"),
    ({"text": "a", "amount_fen": -1}, "amount_fen"), ({"text": "a", "amount_fen": "5"}, "amount_fen"),
    ({"text": "a", "amount_fen": True}, "amount_fen"), ({"text": "a", "at": "2026-01-01"}, "at"),
    ({"text": "a", "at": "2026-01-01T09:00:00"}, "at"), ({"text": "a", "ratio": "1.001"}, "ratio"),
    ({"text": "a", "ratio": "1e0"}, "ratio"), ({"text": "a", "ratio": "2"}, "ratio"),
    ({"text": "a", "key": "AAA"}, "key"),
    ({"text": "a", "flag": 1}, "flag"), ({"text": "a", "version": 9}, "version"),
    ({"text": "a", "id": "0" * 32}, "id"), ({"text": "a", "owner_id": "x"}, "owner_id"),
    ([], "_schema"), ("text", "_schema"), (None, "_schema")]


def test_q17_wrong_and_unknown_fields_are_422_by_name(client):
    for data, field in WRONG:
        answer = raw(client, json.dumps(data).encode())
        assert (answer.status_code, answer.json["code"]) == (422, "request.invalid"), data
        assert field in answer.json["fields"] and not effects
    assert raw(client, b'{"text":"a","key":"AAAAAA==","ratio":"0.50"}').status_code == 201


def test_only_json_is_json(client):
    for media in ("text/plain", "application/x-www-form-urlencoded", "",
                  "multipart/form-data; boundary=x", "application/json; charset=gbk"):
        assert raw(client, b'{"text":"a"}', media).status_code == 415, media


def test_q48_size_is_judged_from_the_headers_before_the_body(client):
    huge = client.put("/trial/stream", environ_overrides={"CONTENT_LENGTH": str(10 << 30)})
    assert (huge.status_code, huge.json["code"]) == (413, "request.body-too-large")
    assert huge.json["facts"] == {"limit": 1 << 30}
    assert client.put("/trial/bytes", data=b"x" * 11).status_code == 413
    assert client.put("/trial/bytes", data=b"x" * 10).json == {"size": 10}
    assert raw(client, b'{"text":"' + b"a" * (1 << 20) + b'"}').status_code == 413
    chunked = client.put("/trial/bytes", data=b"x", headers={"Transfer-Encoding": "chunked"})
    assert chunked.status_code == 411
    assert client.put("/trial/bytes", environ_overrides={"CONTENT_LENGTH": ""}).status_code == 411
    for length in ("-5", "5x", "9" * 40, "\u0665"):
        answer = client.put("/trial/bytes", environ_overrides={"CONTENT_LENGTH": length})
        assert answer.status_code == 400, length


def test_a_creating_call_needs_a_key_of_decent_form(client):
    for key in (None, "short", "x" * 129, "with space in it"):
        headers = {"Idempotency-Key": key} if key else {}
        answer = client.post("/trial/notes", json={"text": "a"}, key=None, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (400, "idempotency.needed")
    assert not effects


def test_the_same_key_and_request_give_the_same_answer_and_one_effect(client, world):
    first = client.post("/trial/notes", json={"text": "a"}, key="k" * 16)
    assert (first.status_code, first.headers["ETag"]) == (201, '"3"')
    again = client.post("/trial/notes", json={"text": "a"}, key="k" * 16)
    assert (again.status_code, again.data, again.headers["ETag"]) == (201, first.data, '"3"')
    assert again.headers["Idempotent-Replay"] == "true" and len(effects) == 1
    assert len(world.entries("trial.noted")) == 1
    for other in ({"json": {"text": "b"}}, {"json": {"text": "a"}, "query_string": "x=1"}):
        answer = client.post("/trial/notes", key="k" * 16, **other)
        assert (answer.status_code, answer.json["code"]) == (409, "idempotency.reused")
    assert len(effects) == 1


def test_a_key_is_its_owners(client, world):
    mine, theirs = world.account("tenderer"), world.account("tenderer")
    bodies = [{"public_key": "A" * 43 + "=", "proof": "A" * 86 + "=="}] * 2
    for actor, body in zip((mine, theirs), bodies, strict=True):
        answer = world.client(actor).post("/signing-keys", json=body, key="s" * 16)
        assert answer.json["code"] == "signing-key.proof", "the other's key says nothing here"


def test_a_refusal_is_not_kept_so_the_key_may_be_used_again(client):
    bad = client.post("/trial/notes", json={"text": ""}, key="r" * 16)
    good = client.post("/trial/notes", json={"text": "a"}, key="r" * 16)
    assert (bad.status_code, good.status_code) == (422, 201)


def test_a_refusal_that_an_act_returns_stands_in_the_record_and_is_repeated(client, world):
    first = client.post("/trial/refusal", key="f" * 16)
    again = client.post("/trial/refusal", key="f" * 16)
    assert (first.status_code, first.json["code"]) == (412, "version.stale")
    assert first.mimetype == "application/problem+json" and again.data == first.data
    assert len(world.entries("trial.refused")) == 1


def test_the_table_of_keys_tells_neither_key_nor_body(client, world):
    client.post("/trial/notes", json={"text": "find me not"}, key="very-secret-key-1")
    row = world.session.execute(select(IdempotencyKey)).scalar_one()
    assert "very-secret" not in row.key_hash
    import hashlib

    assert row.fingerprint != hashlib.sha256(b'{"text": "find me not"}').hexdigest()


def test_eight_at_once_with_one_key_have_one_effect(app, world, routes):
    if not world.postgres:
        pytest.skip("SQLite lets one write at a time; the race is PostgreSQL's")
    barrier, answers = threading.Barrier(8), []

    def go():
        client = world.client()
        barrier.wait()
        answers.append(client.post("/trial/notes", json={"text": "a"}, key="race" * 4))

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert len(world.entries("trial.noted")) == 1


def test_two_acts_in_one_request_are_our_own_mistake_and_the_second_does_nothing(client, world):
    client.application.testing = False
    answer = client.post("/trial/twice")
    assert (answer.status_code, answer.json["code"]) == (500, "service.error")
    assert len(world.entries("trial.noted")) == 1


def test_a_view_that_asks_no_authority_answers_nothing(client):
    client.application.testing = False
    for answer in (client.get("/trial/forgetful"), client.get("/trial/other"),
                   client.post("/trial/nothing")):
        assert answer.status_code == 500 and b"leak" not in answer.data
        assert b"Traceback" not in answer.data and b"RuntimeError" not in answer.data


def test_a_change_says_on_which_version_it_rests(client):
    def patch(match):
        headers = {"If-Match": match} if match else {}
        return client.patch("/trial/version", json={"text": "a"}, headers=headers)

    assert patch(None).status_code == 428
    assert [patch(match).status_code for match in ("3", "*", '"x"', '"3" , "4"')] == [400] * 4
    assert (patch('"2"').status_code, patch('"2"').json["facts"]) == (412, {"version": 3})
    assert patch('"3"').status_code == 200 and patch('"3"').headers["ETag"] == '"3"'


def test_unasked_bodies_are_refused(client):
    assert client.post("/trial/refusal", json={}).status_code == 412
    answer = client.post("/trial/refusal", json={"status": "AWARDED"})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["status"])
    assert client.post("/trial/refusal", data=b"x", content_type="text/plain").status_code == 415


def test_queries_are_read_as_strictly(client):
    for query, status in [
            ("number=5", 200), ("number=0", 422), ("number=10", 422), ("number=x", 422),
            ("", 422), ("number=5&number=6", 400), ("number=5&other=1", 422),
            ("number=%00", 400), ("number=" + "9" * 5000, 422)]:
        assert client.get("/trial/query?" + query).status_code == status, query[:40]


def test_lists_come_in_pages_that_tell_nothing_of_numbers(client, world):
    made = {world.party("buyer").id for _ in range(7)}
    seen, cursor = [], None
    while True:
        suffix = f"&cursor={cursor}" if cursor else ""
        answer = client.get(f"/trial/parties?limit=3{suffix}").json
        assert set(answer) == {"items", "next"}
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) and made == set(seen)
    for bad in ("cursor=xyz", "cursor=W10", "cursor=%00", "limit=0", "limit=201", "limit=-1",
                "limit=x", "limit=99999999999", "cursor=WzEsMl0", "limit=²", "cursor=é"):
        assert client.get("/trial/parties?" + bad).status_code == 400, bad


def test_an_address_whose_id_cannot_be_one_is_not_found(client):
    for ident in ("1", "x" * 32, "A" * 32, "0" * 31, "%00" * 32, "'" * 32):
        assert client.get(f"/trial/objects/{ident}").status_code == 404, ident


def test_q68_only_declared_methods(client):
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"):
        answer = client.open("/trial/notes", method=method)
        assert answer.status_code == 405 and "POST" in answer.headers["Allow"]
    assert client.head("/trial/binary").status_code == 200


def test_denials_go_to_the_security_log_and_not_to_the_record(client, world):
    actor = world.account("tenderer")
    before = len(world.entries())
    assert world.client(actor).post("/trial/notes", json={"text": "a"}).status_code == 403
    assert len(world.entries()) == before
    event = world.session.execute(select(SecurityEvent).where(
        SecurityEvent.kind == "access.denied")).scalar_one()
    assert (event.account_id, event.action) == (actor.account_id, "account.register")


def test_q66_a_forged_forwarded_header_changes_no_logged_address(client, world):
    world.client().post("/session", json={"login": "nobody", "password": "x"}, headers={
        "X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6"})
    sources = set(world.session.execute(select(SecurityEvent.source)).scalars())
    assert sources == {"127.0.0.1"}


def test_behind_a_proxy_of_ours_only_what_it_wrote_counts(client, world):
    world.app.extensions["yangguang"].settings["trusted_proxies"] = 1
    world.client().post("/session", json={"login": "nobody", "password": "x"},
                        headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.9"})
    sources = set(world.session.execute(select(SecurityEvent.source)).scalars())
    assert sources == {"198.51.100.9"}


@pytest.mark.parametrize("declared", [
    {}, {"action": "notice.view", "audience": "open"}, {"action": "no.such"},
    {"action": "audit.change"}, {"action": "expert.replace"}, {"audience": "everybody"}])
def test_a_route_without_a_right_audience_cannot_be_made(declared):
    with pytest.raises(ValueError):
        Book("wrong").get("/x", **declared)
