"""The tenderer's pages without a browser: the one state, for whom, and what forms do."""

import html
import re
import shlex

from audit.act import wiring
from bidding.client.commands import parser
from portal import show
from portal.alerts import smtp
from tender.profile import period_words, shipped_for
from tender.timetable import beijing_day
from tests.reader import Reader


def pages_of(lot, bid=""):
    return [f"/desk/lots/{lot.id}/{name}" for name in ("bid", "ask", "security")] + [
        "/desk", "/desk/bids", "/desk/searches", "/desk/help",
        *([f"/desk/bids/{bid}", f"/desk/bids/{bid}/receipt"] if bid else [])]


def test_the_board_says_one_state_from_the_first_to_the_last(world):
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    client = world.client(company.actor)

    def state():
        told = client.get(f"/lots/{lot.id}/bids/mine").json
        text = Reader(world.app, world.session_token(company.actor)).get(
            f"/desk/lots/{lot.id}/bid").text
        faces = [part.partition(">")[0] for part in text.split('<div class="board ')[1:]]
        shown = [one.split('data-face="')[1].partition('"')[0] for one in faces
                 if "hidden" not in one]
        assert len(shown) == 1, shown
        assert "/bids//" not in text, "no link to the papers of a bid that is not there"
        return told["board"], shown[0], told["counts"]

    assert state() == ("NONE", "none", False) and client.get("/bids").json["items"] == []
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    assert state() == ("SENDING", "paused", False)
    desk = Reader(world.app, world.session_token(company.actor)).get("/desk").text
    assert "有投标还没有递交" in desk and f"/desk/lots/{lot.id}/bid" in desk
    world.send(company, sealed)
    company.bids[lot.id] = sealed
    assert state() == ("SUBMITTED", "submitted", True)
    second = world.replacement(lot, company)
    world.redeclare(company, second)
    assert state() == ("SUBMITTED", "submitted", True), "the version before still counts"
    world.send(company, second)
    assert state() == ("REPLACED", "replaced", True)
    told = client.get("/bids").json["items"]
    assert [(one["lot_id"], one["stands"]) for one in told] == [(lot.id, 2)]
    world.advance(to=lot.deadline)
    assert state()[0] == "SEALED", "a page closes nothing, and says what is so"
    late = world.company()
    answer = world.client(late.actor).get(f"/lots/{lot.id}/bids/mine").json
    assert answer["board"] == "LATE" and not answer["counts"] and answer["versions"] == []


def test_pages_show_to_the_company_what_the_interface_tells_it_and_to_nobody_else(world):
    lot = world.lots(world.published_tender())[0]
    company, rival = world.sealed_bid(lot), world.company()
    bid = company.bids[lot.id].declaration["bid"]
    for english in (False, True):
        reader = Reader(world.app, world.session_token(company.actor), english=english)
        for path in pages_of(lot, bid):
            assert reader.get(path).status == 200, (path, reader.text[:2000])
    for other in (rival.actor, world.clerk, world.supervisor):
        reader = Reader(world.app, world.session_token(other))
        for path in (f"/desk/bids/{bid}", f"/desk/bids/{bid}/receipt"):
            assert reader.get(path).status in (403, 404)
        assert bid not in reader.get("/desk").text and company.uscc not in reader.text
    clerk = world.client(world.clerk)
    assert clerk.get("/bids").status_code == clerk.get(f"/lots/{lot.id}/bids/mine").status_code == 404
    assert Reader(world.app, world.session_token(world.clerk)).get(
        f"/desk/lots/{lot.id}/bid").status == 404
    draft = world.lots(world.draft_tender())[0]
    assert world.client(rival.actor).get(f"/lots/{draft.id}/bids/mine").status_code == 404


def test_forms_ask_object_and_save_a_search(world):
    lot = world.lots(world.published_tender())[0]
    actor = world.company().actor
    reader = Reader(world.app, world.session_token(actor))
    reader.get(f"/desk/lots/{lot.id}/ask")
    reader.send(f"/act/lots/{lot.id}/questions", text="清单第 12 项的标号以哪个为准？")
    assert reader.status == 200 and "问题已提出" in reader.text
    reader.send(f"/act/lots/{lot.id}/objections", argument="资格条件过高", remedy="请修改")
    assert reader.status == 200 and "异议已提出" in reader.text and "资格条件过高" in reader.text
    assert "/desk/account/mail" in reader.get("/desk/searches").text
    wiring().settings |= {"mail": smtp.server_of("smtp://127.0.0.1:9", "", "yg@example.cn"),
                          "public_url": "https://yg.example.cn"}
    person = world.client(actor)
    assert person.put("/mail-address", json={"address": "a.b@example.cn"}).status_code == 200
    world.raw("UPDATE mail_address SET confirmed_at = asked_at")
    reader.get("/desk/searches").send("/act/saved-searches", name="道路", query__q="道路",
                                      query__category="works")
    assert reader.status == 200 and "道路" in reader.text, reader.text[-2000:]
    reader.send("/act/saved-searches/")
    assert "已停止" in reader.text
    reader.get(f"/desk/lots/{lot.id}/security").send(f"/act/lots/{lot.id}/guarantees",
                                                     instrument="{}", signature="A" * 88)
    assert reader.status >= 400 and 'role="alert"' in reader.text


def test_the_last_objection_said_is_the_one_of_the_lot_s_own_rules(world):
    lot = world.lots(world.published_tender())[0]
    govproc = shipped_for("govproc", beijing_day(lot.deadline))
    assert period_words(govproc, "T5.reply") == ("7 个工作日", "7 working days")
    dates = {one["name"]: one for one in world.client().get(f"/lots/{lot.id}").json["dates"]}
    assert dates["objection"]["law"] == "地方限额以下规定"
    company = world.company()
    for english, said in ((False, "3 日"), (True, "3 days")):
        reader = Reader(world.app, world.session_token(company.actor), english=english)
        text = reader.get(f"/desk/lots/{lot.id}/ask").text
        for name in ("objection", "question"):
            assert f'datetime="{show.iso(dates[name]["at"])}"' in text, name
        assert "地方限额以下规定" in text and said in text
        assert "截止十日前" not in text and "ten days" not in text


def test_the_printed_command_line_is_complete_and_says_when_a_new_key_counts(world):
    lot = world.lots(world.published_tender())[0]
    reader = Reader(world.app, world.session_token(world.company().actor))
    for tongue, told in (("", "小时后才能"), ("/en", "may submit a bid only 24")):
        page = reader.get(f"{tongue}/desk/lots/{lot.id}/bid").text
        blocks = re.findall(r'<pre class="wraps"><code>(yangguang bid .*?)</code>', page, re.DOTALL)
        lines = [html.unescape(line) for one in blocks for line in one.splitlines()]
        given = [parser().parse_args(shlex.split(re.sub(r"\b(PRICE|DAYS)\b", "1", line))[2:])
                 for line in lines]
        assert [one.command for one in given] \
            == ["new-key", "bind-key", "notice", "seal", "submit", "status"]
        asks = [one for one in given if one.command not in ("new-key", "seal")]
        assert {one.url for one in asks} == {"http://localhost"} and given[2].lot == lot.id
        assert all(one.token_file for one in asks if one.command != "notice")
        assert page.index(told) < page.index('data-do="new-key"'), "before one makes a key"
    assert "/desk/account/tokens" in page and "/desk/account/keys" in page
