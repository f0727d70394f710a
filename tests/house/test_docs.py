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


def test_no_book_is_left_out_of_the_law():
    """Every act of the platform's own stands beside its article, whichever book it is of."""
    own = {path.parent.name for path in ROOT.glob("*/refusals.py")}
    assert own and own <= set(docs.BOOKS)
