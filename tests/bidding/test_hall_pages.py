"""The opening through pages: the hall of everybody, the officials' and the tenderers' own."""

from tests.reader import Reader


def page(world, actor=None, **more):
    return Reader(world.app, actor and world.session_token(actor), **more)


def test_the_opening_is_seen_as_far_as_one_may(world):
    lot = world.lots(world.published_tender())[0]
    hall, own = f"/lots/{lot.id}/hall", f"/desk/lots/{lot.id}/hall"
    companies = [world.sealed_bid(lot) for _ in range(3)]
    before = page(world).get(hall)
    assert before.status == 200 and "尚未截止" in before.text
    world.past_deadline(lot)
    official = page(world, world.officials[0])
    assert "授权开标" in official.get("/desk").text
    official.get(f"/desk/lots/{lot.id}/opening")
    official.send("opening", reason="到时开标")
    assert official.status == 200 and "开标已授权" in official.text, official.text[-3000:]
    everybody, mine = page(world).get(hall), page(world, companies[0].actor).get(own)
    assert "开标进行中" in everybody.text and "0 / 3" not in everybody.text
    assert "0 / 3" in mine.text and "请现在解密" in mine.text
    # The hall of everybody is the same for who is in it: it asks as nobody (Q12).
    assert "0 / 3" not in page(world, companies[0].actor).get(hall).text
    for company in companies[:2]:
        world.give_own(lot, company)
    assert "2 / 3" in mine.get(own).text and "密钥份额已提交" in mine.text
    world.give_own(lot, companies[2])
    world.tick()
    for reader in (page(world, english=True), mine):
        assert "3 / 3" in reader.get(hall).text and "3,900,000.00" in reader.text
    mine.get(own).send("/opening/objections", argument="解密顺序有误", remedy="复核")
    assert "异议已提出" in mine.text
    official.get(own).send("/opening-objections/", outcome="rejected", text="经核对顺序无误")
    assert "已答复" in official.text
    official.get(f"/desk/lots/{lot.id}/opening").send("/signatures")
    assert "开标记录已签署" in official.text
    assert page(world, companies[0].actor).get(f"/desk/lots/{lot.id}/opening").status == 404
