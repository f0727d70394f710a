"""The upload's address speaks tus 1.0.0: every header and status of core, creation, checksum."""

import os

import pytest

from bidding import blocks
from kernel.canonical import b64, sha256

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def sent(world):
    """A declared bid of three technical blocks, and the address of that part."""
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company, files=os.urandom(9 << 20))
    world.declare(lot, company, sealed)
    bid = sealed.declaration["bid"]
    return (world.wire(company), bid, f"/bids/{bid}/versions/1/parts/technical/upload",
            sealed.files["technical"].read_bytes())


def test_creation_names_the_address_and_makes_nothing(world, sent):
    wire, _bid, path, data = sent
    for _ in range(2):
        answer = wire.client.post(path, headers=TUS | {"Upload-Length": str(len(data))}, key=None)
        assert answer.status_code == 201 and answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.headers["Location"] == "/api/v1" + path
        assert answer.headers["Upload-Offset"] == "0" and answer.data == b""
    for length, status in (("", 400), ("x", 400), ("-1", 400), (str(len(data) + 1), 413)):
        answer = wire.client.post(path, headers=TUS | {"Upload-Length": length}, key=None)
        assert answer.status_code == status, length
    assert world.client(None).post(path, headers=TUS | {"Upload-Length": "1"},
                                   key=None).status_code == 404


def test_head_tells_the_offset_and_patch_moves_it(world, sent):
    wire, bid, path, data = sent
    head = wire.client.head(path, headers=TUS)
    assert (head.status_code, head.headers["Upload-Offset"]) == (200, "0")
    assert head.headers["Upload-Length"] == str(len(data))
    assert head.headers["Cache-Control"] == "no-store" and head.data == b""
    first = wire.patch(bid, "technical", 0, data[:2 * blocks.BLOCK])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, str(2 * blocks.BLOCK))
    assert first.headers["Tus-Resumable"] == "1.0.0" and first.data == b""
    head = wire.client.head(path, headers=TUS)
    assert head.headers["Upload-Offset"] == str(2 * blocks.BLOCK)
    for wrong in (0, 1, blocks.BLOCK, 3 * blocks.BLOCK):
        answer = wire.patch(bid, "technical", wrong, data[:blocks.BLOCK])
        assert answer.status_code == 409 and answer.get_json()["code"] == "upload.offset"
        assert answer.get_json()["facts"] == {"offset": 2 * blocks.BLOCK}, "and no promise"
    last = wire.patch(bid, "technical", 2 * blocks.BLOCK, data[2 * blocks.BLOCK:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(data)))
    assert wire.client.get(f"/bids/{bid}").get_json()["versions"][0]["parts"][2]["offset"] \
        == len(data)


def test_the_patch_that_completes_the_bid_answers_with_the_receipt(world, sent):
    wire, bid, path, data = sent
    sealed = next(one for one in os.scandir(world.settings.folder.parent)
                  if one.name.startswith("tenderer-"))
    for part in ("form", "price"):
        with open(os.path.join(sealed.path, "sealed", f"{part}.age"), "rb") as file:
            assert wire.patch(bid, part, 0, file.read()).status_code == 204
    answer = wire.patch(bid, "technical", 0, data)
    assert answer.status_code == 200 and answer.headers["Upload-Offset"] == str(len(data))
    assert answer.get_json()["receipt"] and answer.get_json()["state"] == "SUBMITTED"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    head = wire.client.head(path, headers=TUS)
    assert head.headers["Upload-Offset"] == str(len(data))


def test_a_block_with_another_checksum_is_dropped(sent):
    wire, bid, _path, data = sent
    block = data[:blocks.BLOCK]
    send = lambda body, text: wire.patch(bid, "technical", 0, body, **{"Upload-Checksum": text})
    false = send(block, "sha256 " + b64(bytes(32)))
    assert (false.status_code, false.get_json()["code"]) == (460, "upload.checksum")
    for text in ("sha256", "sha256 x", "md5 " + b64(bytes(16)), "crc32 AAAAAA=="):
        assert send(block, text).status_code == 400
    assert send(data[:2 * blocks.BLOCK], "sha256 " + b64(sha256(data[:2 * blocks.BLOCK]))) \
        .status_code == 400, "a checksum is of one block"
    assert send(block, "sha256 " + b64(sha256(block))).headers["Upload-Offset"] \
        == str(blocks.BLOCK)


def test_what_is_not_the_protocol_is_refused(world, sent):
    wire, bid, path, data = sent
    for method in ("post", "head", "patch"):
        answer = getattr(wire.client, method)(path, headers={"Tus-Resumable": "0.2.2"},
                                              data=b"x" if method == "patch" else None)
        assert answer.status_code == 412 and answer.headers["Tus-Version"] == "1.0.0"
    wrong = wire.patch(bid, "technical", 0, data[:9], **{"Content-Type": "text/plain"})
    assert wrong.status_code == 415
    assert wire.patch(bid, "technical", 0, data[:9], **{"Upload-Offset": "x"}).status_code == 400
    for version, part in (("01", "technical"), ("2", "technical"), ("x", "form"), ("1", "other")):
        assert wire.patch(bid, part, 0, data[:9], version).status_code == 404
    options = world.client(None).options(path)
    assert options.status_code == 204 and options.headers["Tus-Version"] == "1.0.0"
    assert options.headers["Tus-Extension"] == "creation,checksum"
    assert options.headers["Tus-Checksum-Algorithm"] == "sha256"


def test_a_body_may_be_longer_than_any_other_of_the_application(sent):
    wire, bid, path, data = sent
    answer = wire.client.patch(
        path, data=data[:9], environ_overrides={"CONTENT_LENGTH": str(300 << 20)},
        headers=TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
    assert (answer.status_code, answer.get_json()["code"]) == (413, "bid.too-large")
    assert answer.get_json()["facts"]["limit"] == len(data), "the part's own size, not Flask's"
    assert bid


def test_a_cookie_needs_the_csrf_token_and_our_own_origin(world, sent):
    from people.authentication import COOKIE, csrf_token

    wire, bid, path, data = sent
    token = wire.client._session()
    browser = world.app.test_client(use_cookies=False)
    headers = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
                     "Cookie": f"{COOKIE}={token}"}
    send = lambda **more: browser.patch("/api/v1" + path, data=data, headers=headers | more)
    assert send().status_code == 403
    own = {"X-CSRF-Token": csrf_token(token)}
    assert send(**own, Origin="https://elsewhere.example").status_code == 403
    assert send(**own, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.head("/api/v1" + path, headers=headers).headers["Upload-Offset"] == "0"
    assert send(**own, Origin="http://localhost").headers["Upload-Offset"] == str(len(data))
    assert bid
