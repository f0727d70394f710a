"""What waits for a supervisor, one lot under it, and its trail, as pages."""

from audit import disclosed
from people.model import Party
from portal import record
from supervision import acts, trail
from tests.reader import Reader


def page(world, actor, **more):
    return Reader(world.app, world.session_token(actor), **more)


def test_a_supervisor_sees_what_waits_and_decides_it(world):
    lot = world.lots(world.published_tender())[0]
    acts.file_objection(world.company().actor, lot.id, argument="资格条件过高", remedy="修改条件")
    reader = page(world, world.supervisor)
    assert "异议待答复" in reader.get("/desk").text
    assert lot.title in reader.get("/desk/supervision").text and "没有逾期的步骤" in reader.text
    watch = f"/desk/lots/{lot.id}/watch"
    reader.get(watch).send("/suspension", document_no="婺监〔2026〕7号", reason="举报待查")
    assert reader.status == 200 and "已暂停" in reader.text and "婺监〔2026〕7号" in reader.text
    reader.get(watch).send("/resumption", document_no="婺监〔2026〕9号", reason="查无问题")
    assert "已恢复" in reader.text
    world.advance(days=8)
    world.tick()
    assert "异议逾期" in page(world, world.supervisor).get("/desk/supervision").text
    for actor in (world.clerk, world.account("supervisor", region="11")):
        other = page(world, actor).get("/desk/supervision")
        assert lot.title not in other.text
    assert page(world, world.clerk).get("/desk/supervision").status == 403


def test_the_trail_asks_why_and_is_masked_while_sealed(world):
    lot = world.lots(world.published_tender())[0]
    bidder = world.sealed_bid(lot)
    world.publish_record()
    reader = page(world, world.supervisor).get(f"/desk/lots/{lot.id}/trail")
    assert reader.status >= 400 and "说明理由" in reader.text
    reader.send(reader.form("/read/"), reason="例行检查")
    assert reader.status == 200 and "批准并发布公告" in reader.text
    assert "bid." not in reader.text and "开标前，这里只有公开的行为" in reader.text
    buyer, company = (world.session.get_one(Party, one.party_id).name
                      for one in (world.chief, bidder.actor))
    assert buyer in reader.text and company not in reader.text, "who bids is nobody's to know"
    sheet = next(one for one in reader.forms() if ("_q_kind", "") in one.fields)
    reader.send(sheet, _q_kind="notice.approved")
    assert "批准并发布公告" in reader.text and reader.text.count('<li class="past">') == 1
    sheet = next(one for one in reader.forms() if "_q_kind" in dict(one.fields))
    reader.send(sheet, _q_since="2031-01-01")
    assert "没有符合筛选的条目" in reader.text
    english = page(world, world.supervisor, english=True).get(f"/desk/lots/{lot.id}/trail")
    english.send(english.form("/read/"), reason="routine")
    assert "Notice approved and published" in english.text
    assert "/en/record/entries/" in english.text


def test_the_list_leads_to_the_public_page_of_what_is_published_alone(world):
    draft, out = world.draft_tender(), world.published_tender()
    text = page(world, world.supervisor).get("/desk/supervision").text
    assert draft.title in text and f'"/tenders/{draft.id}"' not in text
    assert f'"/tenders/{out.id}"' in text


def test_whoever_bids_is_not_named_while_sealed_whatever_is_disclosed(world, monkeypatch):
    lot = world.lots(world.published_tender())[0]
    bidder = world.sealed_bid(lot)
    world.publish_record()
    monkeypatch.setitem(disclosed.TRUSTED, "sealed", disclosed.TRUSTED["awarded"])
    client = world.client(world.supervisor)
    headers = {"Access-Reason": "routine"}
    told = client.get(f"/lots/{lot.id}/record?limit=200", headers=headers)
    assert bidder.actor.account_id in told.get_data(as_text=True)
    named = client.get(f"/lots/{lot.id}/record/actors", headers=headers)
    assert named.status_code == 200 and named.json["items"], named.json
    assert {one["kind"] for one in named.json["items"]} <= {"buyer", "agency", "supervisor"}
    monkeypatch.setattr(record, "stage", lambda session, lot_id: ("awarded", lot.tender_id))
    later = client.get(f"/lots/{lot.id}/record/actors", headers=headers).json["items"]
    assert {one["name"] for one in later if one["kind"] == "tenderer"} == {""}, \
        "who asks or complains stands in the same trail"


def test_a_filter_takes_both_of_its_days():
    told = [{"type": "a", "at": at} for at in ("2026-03-01T15:59:59.999Z", "2026-03-01T16:00:00.000Z")]
    assert trail.chosen(told, "", "2026-03-02", "") == told[1:]
    assert trail.chosen(told, "", "", "2026-03-01") == told[:1]
    assert trail.chosen(told, "b", "", "") == [] and trail.chosen(told, "a", "", "") == told
