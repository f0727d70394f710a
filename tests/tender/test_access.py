"""The access terms of a lot: what may be stated, what is refused, what the notice says of them."""

import pytest
from marshmallow import ValidationError

from kernel.refusal import Refused
from tender import access, acts
from tender.schemas import AccessIn

K_OF_N = {"k": 2, "of": [{"official": 1}, {"official": 2}, {"official": 3}]}


def test_what_is_not_said_has_its_usual_value():
    assert access.normal({}) == {"policy": "embedded", "officials": 3, "needed": 2, "clocks": 0}
    assert access.normal({"policy": "default"})["clocks"] == 1
    assert access.normal({"policy": "strict", "officials": 9, "needed": 8})["officials"] == 9
    assert access.unit_limit(access.normal({"policy": "default"})) == 2
    assert access.unit_limit(access.normal({"policy": "classic"})) == 2


@pytest.mark.parametrize("tree,officials,needed,clocks", [
    ({"any": ["tenderer", K_OF_N]}, 3, 2, 0),
    ({"all": ["tenderer", K_OF_N]}, 3, 2, 0),
    (K_OF_N, 3, 2, 0),
    ({"all": [{"clock": 1}, K_OF_N]}, 3, 2, 1),
    ({"k": 3, "of": [{"clock": 1}, *K_OF_N["of"]]}, 3, 2, 1),
    ({"any": ["tenderer", {"all": [
        {"k": 1, "of": [{"official": 1}, {"official": 2}]},
        {"k": 1, "of": [{"official": 3}, {"official": 4}]}]}]}, 4, 2, 0),
])
def test_a_tree_says_how_many_it_needs(tree, officials, needed, clocks):
    terms = access.normal({"policy": "tree", "tree": tree})
    assert (terms["officials"], terms["needed"], terms["clocks"]) == (officials, needed, clocks)
    assert access.normal(terms) == terms


@pytest.mark.parametrize("given", [
    {"policy": "embedded", "officials": 2}, {"policy": "embedded", "needed": 1},
    {"policy": "embedded", "officials": 10}, {"policy": "embedded", "needed": 3},
    {"policy": "embedded", "clocks": 1}, {"policy": "default", "clocks": 0},
    {"policy": "default", "clocks": 4}, {"policy": "strict", "clocks": 1},
    {"policy": "classic", "needed": 1}, {"policy": "classic", "officials": 0},
    {"policy": "embedded", "tree": "tenderer"}, {"policy": "tree"},
    {"policy": "tree", "tree": "tenderer"}, {"policy": "tree", "tree": {"any": []}},
    {"policy": "tree", "tree": {"any": [{"official": 1}]}},
    {"policy": "tree", "tree": {"all": [{"official": 1}, {"official": 2}]}},
    {"policy": "tree", "tree": {"any": [{"official": 1}, {"official": 2}]}},
    {"policy": "tree", "tree": {**K_OF_N, "k": 4}}, {"policy": "tree", "tree": {**K_OF_N, "k": True}},
    {"policy": "tree", "tree": {**K_OF_N, "k": 1}}, {"policy": "tree", "tree": {**K_OF_N, "x": 1}},
    {"policy": "tree", "tree": K_OF_N, "officials": 4},
    {"policy": "tree", "tree": {"k": 2, "of": [{"official": 1}, {"official": 1}, {"official": 2}]}},
    {"policy": "tree", "tree": {"k": 2, "of": [{"official": 1}, {"official": 3}, {"official": 4}]}},
    {"policy": "tree", "tree": {"any": ["tenderer", "tenderer", K_OF_N]}},
    {"policy": "tree", "tree": {"any": [{"any": [{"any": [{"any": [{"any": [K_OF_N]}]}]}]}]}},
    {"policy": "tree", "tree": {"k": 2, "of": [{"official": "1"}, *K_OF_N["of"]]}},
    {"policy": "tree", "tree": {"any": [[]]}}, {"policy": "tree", "tree": {"of": 1, "k": 1}},
])
def test_terms_that_keep_no_promise_are_refused(given):
    with pytest.raises(Refused) as caught:
        access.normal(given)
    assert caught.value.word.code == "lot.access"


@pytest.mark.parametrize("tree", ["anybody", 1, [], {"any": []}, {"official": "1"},
                                  {"any": ["tenderer"], "x": 1}, {"any": ["tenderer"] * 33}])
def test_what_has_not_the_form_of_a_tree_is_refused_by_its_field(tree):
    with pytest.raises(ValidationError) as caught:
        AccessIn().load({"policy": "tree", "tree": tree})
    assert set(caught.value.messages) == {"tree"}
    AccessIn().load({"policy": "tree", "tree": K_OF_N})


def test_terms_are_stated_edited_and_published(world):
    tender = world.draft_tender(access={"policy": "default", "clocks": 2}, two_envelopes=True)
    lot = world.lots(tender)[0]
    assert lot.access == {"policy": "default", "officials": 5, "needed": 3, "clocks": 2}
    with pytest.raises(Refused, match="lot.access"):
        acts.edit_tender(world.clerk, tender.id, if_match=tender.version, lots=[
            {"id": lot.id, "access": {"policy": "default", "officials": 3}}])
    wire = world.client(world.clerk)
    answer = wire.patch(f"/tenders/{tender.id}", headers={"If-Match": f'"{tender.version}"'}, json={
        "lots": [{"id": lot.id, "access": {"policy": "embedded"}, "two_envelopes": False}]})
    assert answer.status_code == 200, answer.data
    refused = wire.patch(f"/tenders/{tender.id}", headers={"If-Match": f'"{tender.version + 1}"'},
                         json={"lots": [{"id": lot.id, "access": {"policy": "mine"}}]})
    assert refused.status_code == 422
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    said = wire.get(f"/tenders/{tender.id}/notice").get_json()["content"]["lots"][0]
    assert said["access"] == {"policy": "embedded", "officials": 3, "needed": 2, "clocks": 0}
    assert said["two_envelopes"] is False
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    shown = world.client(None).get(f"/lots/{lot.id}").get_json()
    assert shown["access"]["policy"] == "embedded" and shown["policy"]
