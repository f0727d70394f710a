"""The samples in the documents are what an installation answers today."""

from __future__ import annotations

import re

import pytest

from . import page
from .stage import Stage, documents, printed

PAGES = page.pages_of(documents())


@pytest.fixture
def database():
    """One database is enough: what is asked here is tried on both elsewhere."""
    return "sqlite"


def test_every_sample_is_what_an_installation_answers(world):
    stage, said = Stage(world), documents()
    made = printed(stage)
    assert list(made) == list(PAGES) and "docs/api.md" in made
    for name, text in made.items():
        assert said[name] == text, f"{name}: run `python -m tests.samples`"
    asked = "\n".join(made.values())
    for needed in ("GET /api/v1/tenders\n", "GET /api/v1/search?", "GET /api/v1/changes?",
                   "GET /api/v1/notices/", "/ocds\n", "/ocds/record\n", "/calendar\n",
                   "application/problem+json", "webhook-signature: v1,", "text/csv",
                   "application/atom+xml"):
        assert needed in asked, needed
    assert not re.search(r"HTTP/1.1 5\d\d", asked)
    something_else_is_seen(stage, said["docs/api.md"])


def something_else_is_seen(stage, text):
    """Planted: another price in an answer, a field that is gone, a forged signature, another form
    of a webhook."""

    def again(changed):
        return page.printed(changed, lambda one: stage.ask(one, page.Normal(stage.names)),
                            stage.send)

    sample = '```http only=/lots/0 fields=price_ceiling_fen\nGET /api/v1/tenders/{tender}\n```\n\n'
    right = again(sample)
    assert '"price_ceiling_fen": 199000000' in right and again(right) == right
    wrong = right.replace("199000000", "199000001")
    assert again(wrong) != wrong
    with pytest.raises(KeyError):
        again(sample.replace("price_ceiling_fen", "price_floor_fen"))
    with pytest.raises(KeyError):
        again(sample.replace("{tender}", "{nothing}"))
    hook = text[text.index("```http\nPOST https://"):]
    assert again(hook) == hook
    forged = hook.replace("signature: v1,", "signature: v1,A")
    assert again(forged) == hook
    with pytest.raises(ValueError, match="a true webhook"):
        again(hook.replace('"timestamp"', '"time"'))
