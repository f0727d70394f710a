"""How text is cut for the index, and how a query is read. Pure.

The index holds pairs of neighbouring Han characters and the last one alone, Latin words and
numbers whole. Every stretch of two or more characters of a text is therefore found, also a
village's name that no dictionary knows and that a dictionary would cut in one way in a sentence
and in another way alone. A dictionary cuts the *query* alone: 乡村道路改造 asks for 乡村, 道路
and 改造, wherever they stand. It is handed in, since it is not pure.

    query   = { [ "-" ] ( word | '"' text '"' ) }      all of them, in any order
    word    = what stands between blanks; `abc*` asks for what begins so, and so does every code
              (six letters and digits or more, a digit among them); what has brackets, as
              闽发改审〔2026〕12号, is taken as it is written
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

LONGEST_TEXT = 100_000
"""Characters of a lot's text that are indexed."""
LONGEST_QUERY = 100
MOST_TOKENS = 64
_LONGEST_TOKEN = 40
_CODE = 6
"""From so many letters and digits on, a digit among them, a word is a code."""

MARK = "\ue000"
"""Stands before tokens that are no words (a region, a category): in no text can they be spelled."""

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:[._/\-][^\W_{_HAN}]+)*")
_TERM = re.compile(r'(-?)"([^"]*)(?:"|$)|(-?)([^\s"]+)')
_IS_HAN = re.compile(rf"[{_HAN}]")
_BRACKETS = re.compile(r"[〔〕\[\]()]")
_PARTS = re.compile(r"[._/\-]")


@dataclass(frozen=True)
class Term:
    """One thing a query asks for. `tokens` stand side by side if `phrase`, else anywhere; of a
    `prefix` the last token is the beginning of one."""

    tokens: tuple[str, ...]
    phrase: bool = False
    prefix: bool = False
    negative: bool = False


def plain(text: str) -> str:
    """Text as it is compared: compatibility forms and case put aside, quotation marks alike."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub("[“”„«»「」]", '"', folded)


def tokens(text: str) -> Iterator[str]:
    """The index's tokens of a text, in order."""
    for run in _RUN.findall(plain(text[:LONGEST_TEXT])):
        if _IS_HAN.match(run):
            yield from (run[at:at + 2] for at in range(len(run)))
            continue
        parts = _PARTS.split(run)
        yield from (part[:_LONGEST_TOKEN] for part in parts)
        if len(parts) > 1 and _is_code(run):
            yield squeezed(run)


def squeezed(code: str) -> str:
    """A code without its points and strokes, as one token."""
    return _PARTS.sub("", code)[:_LONGEST_TOKEN]


def _is_code(word: str) -> bool:
    bare = _PARTS.sub("", word)
    return len(bare) >= _CODE and any(mark.isdigit() for mark in bare)


def read(query: str, cut: Callable[[str], list[str]]) -> list[Term]:
    """What a query asks for; `cut` divides a run of Han characters into words.

    Whatever is written is read in some way: there is no wrong query. Characters that are neither
    letters nor digits ask for nothing.
    """
    found: list[Term] = []
    for not_phrase, phrase, not_word, word in _TERM.findall(plain(query[:LONGEST_QUERY])):
        if word and _BRACKETS.search(word):
            found += _phrase(word, bool(not_word))
        elif word:
            found += _word(word, bool(not_word), cut)
        elif phrase:
            found += _phrase(phrase, bool(not_phrase))
    return _bounded(found)


def _word(word: str, negative: bool, cut: Callable[[str], list[str]]) -> Iterator[Term]:
    runs = list(_RUN.finditer(word))
    for number, run in enumerate(runs):
        last = number == len(runs) - 1
        if _IS_HAN.match(run[0]):
            # What is not wanted is not wanted as it is written.
            for one in [run[0]] if negative else _joined(cut(run[0])):
                yield _han(one, negative)
        elif _is_code(run[0]):
            yield Term((squeezed(run[0]),), prefix=True, negative=negative)
        else:
            wide = last and word.endswith("*") and len(run[0]) > 1
            parts = tuple(part[:_LONGEST_TOKEN] for part in _PARTS.split(run[0]))
            yield Term(parts, phrase=len(parts) > 1, prefix=wide, negative=negative)


_PARTICLES = frozenset("的地得了和与及或之等在对为是")


def _joined(pieces: list[str]) -> list[str]:
    """Words of a run as a dictionary cut it: a piece of one character belongs to the word before it
    (白金 + 街 is 白金街; as the beginning of any pair it would narrow little and cost most), and a
    particle to none."""
    found: list[str] = []
    alone = True
    for one in pieces:
        if one in _PARTICLES:
            alone = True
        elif not alone and 1 in (len(one), len(found[-1])):
            found[-1] += one
        else:
            found.append(one)
            alone = False
    return found or pieces


def _han(word: str, negative: bool) -> Term:
    if len(word) == 1:
        return Term((word,), prefix=True, negative=negative)
    return Term(tuple(word[at:at + 2] for at in range(len(word) - 1)), negative=negative)


def _phrase(text: str, negative: bool) -> list[Term]:
    """Side by side, as far as the order of tokens can tell: a last Han character is the beginning
    of some pair, and a code with strokes stands after its parts."""
    spelled: list[str] = []
    runs = _RUN.findall(text)
    prefix = False
    for number, run in enumerate(runs):
        last = number == len(runs) - 1
        if not _IS_HAN.match(run):
            spelled += [part[:_LONGEST_TOKEN] for part in _PARTS.split(run)]
        elif last and len(run) > 1:
            spelled += [run[at:at + 2] for at in range(len(run) - 1)]
        else:
            spelled += [run[at:at + 2] for at in range(len(run))]
            prefix = last
    return [Term(tuple(spelled), phrase=len(spelled) > 1, prefix=prefix,
                 negative=negative)] if spelled else []


def _bounded(terms: list[Term]) -> list[Term]:
    """The terms once each, as far as their tokens together are no more than may be asked for."""
    kept, count = [], 0
    for term in dict.fromkeys(terms):
        count += len(term.tokens)
        if count > MOST_TOKENS:
            break
        kept.append(term)
    return kept


def region_marks(region: str) -> list[str]:
    """A mark for every place that `region` lies in: province, city, county, township …"""
    return [f"{MARK}r{region[:length]}" for length in range(2, len(region) + 1)]


def mark(kind: str, value: str) -> str:
    """The mark of a property: `c` category, `g` regime, `b` buyer, `k` a kind
    that is no tender."""
    return MARK + kind + "".join(one for one in value.casefold() if one.isalnum())


# --- spelling -------------------------------------------------------------------------------------
MOST_POSITIONS = 16_000
"""PostgreSQL keeps no place beyond 16,383; later tokens are found, but in no phrase."""


def vector(stream: list[str]) -> str:
    """Tokens as PostgreSQL writes a tsvector. They hold letters, digits and MARK alone."""
    placed = [f"'{token}':{at}" for at, token in enumerate(stream[:MOST_POSITIONS], 1)]
    return " ".join(placed + [f"'{token}'" for token in dict.fromkeys(stream[MOST_POSITIONS:])])


def tsquery(terms: Sequence[Term], marks: list[str]) -> str:
    """What PostgreSQL is asked, as it writes a tsquery; at least one thing must be asked for."""
    spelled = [f"'{one}'" for one in marks]
    for term in terms:
        parts = [f"'{token}'" + (":*" if term.prefix and at == len(term.tokens) else "")
                 for at, token in enumerate(term.tokens, 1)]
        joined = f"({(' <-> ' if term.phrase else ' & ').join(parts)})"
        spelled.append(f"!{joined}" if term.negative else joined)
    return " & ".join(spelled)


def fts(terms: list[Term], marks: list[str], column: str) -> str:
    """What FTS5 is asked of one column; at least one thing must be asked for, not only not."""
    wanted = [f'"{one}"' for one in marks]
    unwanted = []
    for term in terms:
        if term.phrase:
            joined = '"' + " ".join(term.tokens) + '"' + ("*" if term.prefix else "")
        else:
            joined = " AND ".join(
                f'"{token}"' + ("*" if term.prefix and at == len(term.tokens) else "")
                for at, token in enumerate(term.tokens, 1))
        (unwanted if term.negative else wanted).append(f"({joined})")
    asked = " AND ".join(wanted)
    if unwanted:
        asked = f"({asked}) NOT ({' OR '.join(unwanted)})"
    return f"{{{column}}} : ({asked})"


# --- showing --------------------------------------------------------------------------------------
AROUND = 30
"""Characters that are shown on either side of what was found."""


def snippet(text: str, terms: list[Term]) -> list[tuple[str, bool]]:
    """A piece of `text` around the first thing found, cut into (piece, whether it was asked for).

    Plain text: whoever puts it into a page escapes it as any other text.
    """
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    asked = sorted({part for term in terms if not term.negative for part in _shown(term)},
                   key=len, reverse=True)
    hits = re.compile("|".join(map(re.escape, asked))) if asked else None
    first = hits.search(lower) if hits else None
    begin = max(0, first.start() - AROUND) if first else 0
    end = min(len(text), (first.end() if first else 0) + 4 * AROUND)
    pieces, at = [], begin
    for hit in hits.finditer(lower, begin, end) if hits else ():
        if hit.start() > at:
            pieces.append((text[at:hit.start()], False))
        pieces.append((text[hit.start():hit.end()], True))
        at = hit.end()
    if at < end:
        pieces.append((text[at:end], False))
    return pieces


def _shown(term: Term) -> list[str]:
    """What a term looks like in a text: pairs of neighbours make the word they were cut from."""
    whole = [term.tokens[0]]
    for token in term.tokens[1:]:
        if _IS_HAN.match(token) and _IS_HAN.match(whole[-1][-1]) and token[0] == whole[-1][-1]:
            whole[-1] += token[1:]
        else:
            whole.append(token)
    return whole
