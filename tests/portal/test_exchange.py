"""数据规范 V2.0: what is written is read back, nothing hostile is, nothing sealed is told."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.exchange import formats
from portal.exchange.formats import (
    SHAPES,
    TABLES,
    BadExchange,
    Row,
    clean,
    fen,
    from_json,
    from_xml,
    to_json,
    to_xml,
    wan,
)
from portal.exchange.rows import rows_of

pytestmark = pytest.mark.usefixtures("no_officials")

TEXT = st.text(min_size=1, max_size=40).map(clean)
FREE = [(table, [name for name in names if name not in SHAPES]) for table, names in TABLES.items()]
ROWS = st.lists(st.sampled_from(FREE).flatmap(lambda one: st.dictionaries(
    st.sampled_from(one[1]), TEXT).map(lambda fields: Row(one[0], fields))), max_size=6)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_what_is_written_is_read_back(rows):
    assert from_xml(to_xml(rows)) == rows
    assert from_json(to_json(rows)) == rows


@given(st.integers(0, 10**15))
def test_amounts_are_exact(amount):
    assert fen(wan(amount)) == amount


def test_a_whole_tender_goes_out_and_comes_back(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    world.opened_rows(lot)
    sealed = {row.table for row in rows_of(world.session, tender.id, world.now, "https://yg")}
    assert sealed == {"TENDER_PROJECT", "TENDER_BULLETIN", "BID_SECTION"}
    world.force_phase(lot.id, "OPENED")
    contract = world.contracted(lot)
    rows = rows_of(world.session, tender.id, world.now, "https://yg")
    assert {row.table for row in rows} == TABLES.keys() - {"EXCEPTION_REPORT"}
    (won,) = [row.fields for row in rows if row.table == "WIN_RESULT"]
    assert fen(won["BID_AMOUNT"]) == contract.amount_fen
    assert won["BID_SECTION_CODE"] == lot.section_code
    client = world.client()
    for form, read in (("xml", from_xml), ("json", from_json)):
        answer = client.get(f"/tenders/{tender.id}/exchange?form={form}")
        back = read(answer.data)
        assert [row.table for row in back] == [row.table for row in rows]
        same = [{name: value for name, value in row.fields.items()
                 if name not in ("DATA_TIMESTAMP", "NOTICE_MEDIA")} for row in back]
        assert same == [{name: value for name, value in row.fields.items()
                         if name not in ("DATA_TIMESTAMP", "NOTICE_MEDIA")} for row in rows]
    draft = world.draft_tender()
    assert client.get(f"/tenders/{draft.id}/exchange").status_code == 404
    assert client.get(f"/tenders/{tender.id}/exchange?form=csv").status_code == 422


HEAD = b'<?xml version="1.0"?>'
HOSTILE = {
    "an outside file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
                       b'<EXCHANGE M_VERSION="V2.0"><EXCEPTION_REPORT><EXCEPTION_NAME>&a;'
                       b'</EXCEPTION_NAME></EXCEPTION_REPORT></EXCHANGE>',
    "laughs": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><EXCHANGE M_VERSION="V2.0"/>',
    "a document type": b'<!DOCTYPE EXCHANGE><EXCHANGE M_VERSION="V2.0"/>',
    "another table": b'<EXCHANGE M_VERSION="V2.0"><USER/></EXCHANGE>',
    "another field": b'<EXCHANGE M_VERSION="V2.0"><WIN_RESULT><X>1</X></WIN_RESULT></EXCHANGE>',
    "a field twice": b'<EXCHANGE M_VERSION="V2.0"><WIN_RESULT><BID_AMOUNT>1</BID_AMOUNT>'
                     b'<BID_AMOUNT>2</BID_AMOUNT></WIN_RESULT></EXCHANGE>',
    "seven decimals": b'<EXCHANGE M_VERSION="V2.0"><WIN_RESULT><BID_AMOUNT>1.0000001'
                      b'</BID_AMOUNT></WIN_RESULT></EXCHANGE>',
    "another version": b'<EXCHANGE M_VERSION="V1.0"/>',
    "no end": b'<EXCHANGE M_VERSION="V2.0">',
    "another coding": b'<?xml version="1.0" encoding="x-nothing"?><EXCHANGE M_VERSION="V2.0"/>',
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_ours_is_not_read(name):
    with pytest.raises(BadExchange):
        from_xml(HOSTILE[name] if HOSTILE[name].startswith(b"<?") else HEAD + HOSTILE[name])


@pytest.mark.parametrize("data", [b"[]", b"{", b"\xff", b'{"M_VERSION":"V2.0","rows":[1]}',
                                  b'{"M_VERSION":"V2.0","rows":[{"table":"USER","fields":{}}]}',
                                  b'{"M_VERSION":"V2.0","rows":[],"more":1}', b"[" * 100_000,
                                  json.dumps({"M_VERSION": "V2.0", "rows": [
                                      {"table": "WIN_RESULT", "fields": {"BID_AMOUNT": 1}}]}).encode()])
def test_no_other_json_is_read(data):
    with pytest.raises(BadExchange):
        from_json(data)


def test_a_larger_file_is_not_read(monkeypatch):
    monkeypatch.setattr(formats, "LARGEST", 10)
    for read in (from_xml, from_json):
        with pytest.raises(BadExchange, match="larger"):
            read(b" " * 11)
