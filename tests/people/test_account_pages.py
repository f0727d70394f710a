"""One's own account through pages: registration, activation, the second factor, keys, tokens."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from people import acts, uscc
from people.model import Account, ApiToken, KnownDevice, SigningKey
from tests.reader import Reader

FRESH = "Lin-Jiang-2026!"


def secret_of(reader):
    found = re.search(r"<code>([A-Z2-7]{32})</code>", reader.text)
    assert found and "<svg" in reader.text and "otpauth://totp/" in reader.text
    return found[1]


@pytest.fixture
def member(world):
    return world.account("tenderer")


def test_a_company_registers_enrols_a_factor_and_signs_in_with_it(world):
    reader = Reader(world.app).get("/register")
    code = uscc.completed("91330703", "MA9K0077")
    given = {"name": "临江建设有限公司", "uscc": code[:-1] + ("0" if code[-1] != "0" else "1"),
             "person_name": "某甲", "id_number": world.id_number(), "login": "linjiang",
             "password": FRESH}
    reader.send("/act/registrations", **given)
    assert reader.status == 422 and "统一社会信用代码" in reader.text and 'value="linjiang"' in reader.text
    assert FRESH not in reader.text
    reader.send("/act/registrations", uscc=code, password=FRESH)
    assert reader.status == 200 and "linjiang" in reader.text, reader.text
    again = Reader(world.app).get("/register").send("/act/registrations", **given | {"uscc": code})
    assert again.status == 200 and "注册已受理" in again.text, "who is known is told to nobody"
    reader.get("/sign-in").send("/sign-in", login="linjiang", password=FRESH)
    assert "还没有绑定动态口令" in reader.text
    reader.get("/desk/account/factor").send(reader.form("/act/factors/confirmation"), totp="123456")
    assert reader.status == 409 and "没有待确认" in reader.text
    begin = next(one for one in reader.forms() if one.action.endswith("/act/factors"))
    reader.send(begin, password=FRESH)
    secret = secret_of(reader)
    reader.send("/act/factors/confirmation", totp="000000")
    assert reader.status == 401 and "动态口令不正确" in reader.text
    reader.send("/act/factors/confirmation", totp=world.code(secret))
    assert reader.status == 200 and "动态口令已绑定" in reader.text
    assert "还没有绑定" not in reader.text and "您还没有恢复码" in reader.get("/desk").text
    account = world.session.scalars(select(Account).where(Account.login == "linjiang")).one()
    assert account.totp_secret


def test_from_a_code_to_a_password_that_nobody_else_knows(world):
    official = world.account("opener")
    code = acts.issue_activation(world.admin("sys_admin"), official.account_id).activation_code
    reader = Reader(world.app, english=True).get("/activate")
    reader.send("/activate", code="yga_wrong")
    assert reader.status == 401 and "not valid" in reader.text
    reader.send("/activate", code=code)
    secret = secret_of(reader)
    reader.send("/activate", password="short", totp=world.code(secret))
    assert reader.status == 422 and secret_of(reader) == secret
    reader.send("/activate", password=FRESH)
    assert reader.status == 401 and "one-time code" in reader.text, "an official needs the factor"
    reader.send("/activate", password=FRESH, totp=world.code(secret))
    assert reader.status == 200 and "The password is set" in reader.text
    world.advance(seconds=31)
    login = world.session.get_one(Account, official.account_id).login
    reader.send("/sign-in", login=login, password=FRESH, totp=world.code(secret))
    assert reader.address == "/en/desk"


def test_a_wrong_code_at_the_step_up_loses_nothing_and_the_token_is_shown_once(world, member):
    _, _, secret = world.password(member)
    world.advance(seconds=31)
    reader = Reader(world.app, world.session_token(member, fresh=False)).get("/desk/account/tokens")
    sheet = reader.form("/act/tokens")
    sent = {"name": "财务系统", "actions:list": ["notice.view"]}
    reader.send(sheet, **sent)
    assert reader.status == 401 and 'name="_totp"' in reader.text and "财务系统" in reader.text
    reader.send("/act/tokens", _totp="000000")
    assert reader.status == 401 and "财务系统" in reader.text
    reader.send("/act/tokens", _totp=world.code(secret))
    token = re.search(r"ygt_[\w-]+", unescape(reader.text))[0]
    assert reader.status == 200 and "只显示这一次" in reader.text
    assert world.app.test_client(use_cookies=False).get("/api/v1/tenders", headers={
        "Authorization": f"Bearer {token}"}).status_code == 200
    assert token not in reader.get("/desk/account/tokens").text
    reader.send("/act/tokens/")
    assert "令牌已撤销" in reader.text and world.session.scalars(select(ApiToken)).one().revoked_at


def test_a_new_key_is_told_of_on_the_desk_and_revoked_while_it_cools(world, member):
    colleague = world.account("tenderer", party=member.party_id)
    world.signing_key(member)
    world.signing_key(colleague)
    reader = Reader(world.app, world.session_token(member)).get("/desk")
    assert "新绑定了一把签名密钥" in reader.text
    reader.get("/desk/account/keys")
    keys = world.session.scalars(select(SigningKey).order_by(SigningKey.bound_at)).all()
    assert all(key.public_key in unescape(reader.text) for key in keys) and "冷却中" in reader.text
    stop = next(one for one in reader.forms() if keys[1].id in one.action)
    reader.send(stop)
    assert "签名密钥已撤销" in reader.text
    assert "新绑定了一把签名密钥" not in reader.get("/desk").text
    world.signing_key(colleague)
    reader.get("/desk").send("/acknowledgement")
    assert "已确认知悉" in reader.text and "新绑定了一把签名密钥" not in reader.get("/desk").text


def test_a_company_s_person_vouches_for_a_colleague_and_nobody_else_does(world, member):
    number = world.id_number()
    made = acts.create_account(world.admin("sys_admin"), login="second.person", person_name="某乙",
                               id_number=number, party_id=member.party_id)
    second = world.actor_of(made)
    outside = Reader(world.app, world.session_token(second)).get("/desk/account/colleagues")
    assert "还没有人担保" in outside.text and "second.person" not in outside.text.split("<h1>")[1]
    reader = Reader(world.app, world.session_token(member)).get("/desk/account/colleagues")
    assert "待担保" in reader.text
    reader.send("/vouching")
    assert "待担保" not in reader.text and "已为该同事担保" in reader.text
    assert "second.person" in outside.get("/desk/account/colleagues").text


def test_other_sessions_and_devices_end_from_the_account_page(world, member):
    login, password, secret = world.password(member)
    world.advance(seconds=31)
    others = [Reader(world.app, world.session_token(member)) for _ in range(2)]
    reader = Reader(world.app).get("/desk/account")
    reader.send("/sign-in", login=login, password=password, totp=world.code(secret))
    assert reader.text.count("本设备") == 2, "its session and the device itself"
    reader.send(next(one for one in reader.forms() if one.action == "/act/sessions"))
    assert "其他设备上的登录都已结束" in reader.text
    assert all("/sign-in" in other.get("/desk").address for other in others)
    reader.send("/act/devices/")
    assert "不再认得" in reader.text and not world.session.scalars(select(KnownDevice)).all()


def test_q03_over_the_pages_nobody_is_locked_out_by_wrong_passwords_from_elsewhere(world, member):
    login, password, _ = world.password(member, factor=False)
    world.freeze()
    home = Reader(world.app).get("/sign-in").send("/sign-in", login=login, password=password)
    assert home.address == "/desk"
    home.send("/sign-out")
    assert "账号从不锁定" in home.get("/sign-in").text
    rival = Reader(world.app)
    statuses = [rival.get("/sign-in").send("/sign-in", login=login, password=f"guess {n}").status
                for n in range(30)]
    assert statuses[:5] == [401] * 5 and set(statuses[6:]) == {429}
    assert "尝试过多" in rival.text and "秒后重试" in rival.text
    stranger = Reader(world.app).get("/sign-in").send("/sign-in", login=login, password=password)
    assert stranger.status == 429, "the source is slowed, whoever comes from it"
    home.send("/sign-in", login=login, password=password)
    assert home.address == "/desk", "the known device comes in from the very same address"


def codes_of(reader):
    found = re.findall(r"<code>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})</code>", reader.text)
    assert len(set(found)) == 10 and "只显示这一次" in reader.text, reader.text
    return found


def test_a_lost_phone_is_made_good_by_a_recovery_code_at_the_deadline(world, member):
    login, password, secret = world.password(member)
    world.advance(seconds=31)
    mine = Reader(world.app, world.session_token(member, fresh=False)).get("/desk/account/recovery")
    mine.send("/act/recovery-codes")
    assert mine.status == 401 and 'name="_totp"' in mine.text
    mine.send("/act/recovery-codes", _totp=world.code(secret))
    codes = codes_of(mine)
    assert codes[0] not in mine.get("/desk/account/recovery").text and "10 个" in mine.text
    lost = Reader(world.app).get("/sign-in?next=/desk/lots")
    lost.send("/sign-in", login=login, password=password, recovery="aaaa-bbbb-cccc-dddd")
    assert lost.status == 401 and "aaaa-bbbb" not in lost.text and 'value="/desk/lots"' in lost.text
    lost.get("/sign-in").send("/sign-in", login=login, password=password,
                              recovery=codes[3].upper().replace("-", " "))
    assert lost.address == "/desk/account/factor?done=recovered" and "已用恢复码登录" in lost.text
    begin = next(one for one in lost.forms() if one.action.endswith("/act/factors"))
    lost.send(begin, password=password)
    fresh = secret_of(lost)
    world.advance(seconds=31)
    lost.send("/act/factors/confirmation", totp=world.code(fresh))
    assert lost.address.startswith("/desk/account/recovery") and "9 个" in lost.text
    used = Reader(world.app).get("/sign-in").send("/sign-in", login=login, password=password,
                                                  recovery=codes[3])
    assert used.status == 401
    mine.get("/desk/account/recovery").send("/act/recovery-codes", _totp=world.code(secret, 1))
    assert mine.status == 401, "the lost phone's codes count no more"
    log = lost.get("/desk/account/log").text
    assert "用恢复码登录" in log and "恢复码错误" in log
