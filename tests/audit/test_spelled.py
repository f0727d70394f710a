"""A value that stands for its text is the same everywhere, and nobody changes it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from audit.spelled import Spelled, digest, dumps, spelled
from kernel.canonical import jcs, sha256
from tender.model import Lot, RuleProfile

TEXT = '{"b": {"x": [1, 2]}, "a": "\\u4e00"}'


def test_it_is_its_text_and_its_hash():
    value = spelled(TEXT)
    assert value == json.loads(TEXT) and value is spelled(str(TEXT)) and dumps(value) == TEXT
    assert value.digest == digest(value) == sha256(jcs(json.loads(TEXT))).hex() == digest(dict(value))
    assert dumps(dict(value) | {"a": 1}) == '{"b": {"x": [1, 2]}, "a": 1}'


@pytest.mark.parametrize("change", [
    lambda it: it.update(a=1), lambda it: it.pop("a"), lambda it: it.popitem(),
    lambda it: it.clear(), lambda it: it.setdefault("c", 1), lambda it: it.__setitem__("a", 1),
    lambda it: it.__delitem__("a"), lambda it: it.__ior__({"a": 1})])
def test_nobody_changes_it(change):
    with pytest.raises(TypeError):
        change(spelled(TEXT))
    assert spelled(TEXT) == json.loads(TEXT)


def test_what_others_make_of_it_is_theirs():
    assert type(spelled(TEXT) | {"a": 1}) is dict and type(spelled(TEXT).copy()) is dict


def test_a_publication_writes_the_profile_and_leaves_it_as_it_is(world):
    tender = world.published_tender(lots=2)
    profiles = list(world.session.scalars(select(RuleProfile.body)))
    written = world.session.scalars(select(Lot.profile).where(Lot.tender_id == tender.id)).all()
    assert len(written) == 2 and all(dict(one) in [json.loads(body) for body in profiles] for one in written)
    assert all(spelled(body) == json.loads(body) for body in profiles)
    assert {type(one) for one in written} <= {dict, Spelled}
    if not world.postgres:
        stored = world.session.scalars(text("SELECT profile FROM lot")).all()
        assert [one for one in stored if one in profiles], "the text itself"
