"""The printed pages are what the code says today."""

import pytest

from portal import docs

from .source import ROOT


@pytest.fixture(scope="module")
def printed():
    return docs.pages()


@pytest.mark.parametrize("name", ["acts.md", "refusals.md", "law.md", "lifecycles.md",
                                  "configuration.md", "routes.md"])
def test_printed_page_is_current(printed, name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == printed[name], \
        "run: python -m portal.docs"
