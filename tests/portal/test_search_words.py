"""How text and queries are cut: nothing is lost, and nothing asked can be a statement."""

from __future__ import annotations

import re
import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.search import words
from portal.search.cutting import cutter

TEXT = "金东区李庄村道路改造（二期）工程，C30混凝土，闽发改审〔2026〕12号 E3307-0300123"


def by_two(run):
    return [run[at:at + 2] for at in range(0, len(run), 2)]


def holds(text, query, cut=by_two):
    """Whether the terms match, judged by their meaning and not by a database."""
    stream = list(words.tokens(text))
    for term in words.read(query, cut):
        tokens = list(term.tokens)

        def fits(found, token, last, wide=term.prefix):
            return found.startswith(token) if wide and last else found == token

        if term.phrase:
            hit = any(all(fits(stream[at + n], token, n == len(tokens) - 1)
                          for n, token in enumerate(tokens))
                      for at in range(len(stream) - len(tokens) + 1))
        else:
            hit = all(any(fits(found, token, n == len(tokens) - 1) for found in stream)
                      for n, token in enumerate(tokens))
        if hit == term.negative:
            return False
    return True


def test_every_two_neighbours_are_found_whatever_a_dictionary_makes_of_them():
    runs = re.findall("[\u4e00-\u9fff]{2,}", TEXT)
    pairs = {run[at:at + 2] for run in runs for at in range(len(run) - 1)}
    assert len(pairs) > 15
    assert [pair for pair in pairs if not holds(TEXT, pair)] == []


def test_a_dictionary_on_both_sides_would_lose_some(tmp_path):
    """Why the index is not cut by the dictionary: what would not be found if it were."""
    cut = cutter(tmp_path)
    runs = re.findall("[\u4e00-\u9fff]{2,}", TEXT)
    kept = {word for run in runs for word in cut(run)}
    lost = {"李庄"} - kept
    assert lost and holds(TEXT, "李庄", cut)


def test_a_query_without_blanks_is_cut_by_the_dictionary(tmp_path):
    cut = cutter(tmp_path)
    assert holds("乡村公路与道路，其改造", "乡村道路改造", cut)
    assert not holds("乡村公路，其改造", "乡村道路改造", cut)


def test_what_a_dictionary_leaves_of_one_character_belongs_to_the_word_before_it():
    """As the beginning of any pair it would narrow little and cost most."""
    def asked(*pieces):
        return [term.tokens for term in words.read("".join(pieces), lambda _: list(pieces))]

    assert asked("白金", "街") == [("白金", "金街")]
    assert asked("白", "金", "街") == [("白金", "金街")]
    assert asked("大", "桥梁", "改造") == [("大桥", "桥梁"), ("改造",)]
    assert asked("道路", "的", "改", "建") == [("道路",), ("改建",)]
    assert asked("道路", "和", "桥梁") == [("道路",), ("桥梁",)]
    assert asked("的") == [("的",)] and asked("路") == [("路",)]


def test_grammar():
    assert holds(TEXT, '"李庄村道路改造"') and not holds(TEXT, '"道路李庄"')
    assert holds(TEXT, "李庄 -学校") and not holds(TEXT, "李庄 -道路")
    assert holds(TEXT, "e3307-03") and holds(TEXT, "E330703001") and not holds(TEXT, "e3307-04")
    assert holds(TEXT, "〔2026〕12号") and holds(TEXT, "ｃ３０") and holds(TEXT, "路")
    assert not holds(TEXT, "C3") and holds(TEXT, "C3*")
    assert words.read("🎉 ，。 \"\" -", by_two) == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120) | st.text("路改\"'-*() :&|!<>\\\0ANDORNOTNEAR", max_size=40))
def test_whatever_is_written_is_a_query_that_a_database_can_read(query):
    terms = words.read(query, by_two)
    marks = [words.mark("c", "works")]
    table = _fts()
    table.execute("SELECT rowid FROM t WHERE t MATCH ?", [words.fts(terms, marks, "words")]).fetchall()
    assert re.fullmatch(r"(?:!?\(?(?:'[^'\\\0]+'(?::\*)?(?: (?:&|<->) )?)+\)?(?: & )?)*",
                        words.tsquery(terms, marks))
    assert sum(len(term.tokens) for term in terms) <= words.MOST_TOKENS


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=20))
def test_a_snippet_is_a_piece_of_the_text(text, query):
    pieces = words.snippet(text, words.read(query, by_two))
    assert "".join(piece for piece, _ in pieces) in text


def test_a_snippet_marks_what_was_asked():
    pieces = words.snippet(TEXT, words.read("混凝土", by_two))
    assert ("混凝", True) in pieces or ("混凝土", True) in pieces


def _fts(made=[]):  # noqa: B006 (made once)
    if not made:
        made.append(sqlite3.connect(":memory:"))
        made[0].execute("CREATE VIRTUAL TABLE t USING fts5(title_words, words, tokenize='ascii')")
    return made[0]
