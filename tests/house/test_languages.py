"""Every text of the pages stands in both languages at its place: `t("中文", "English")`."""

import re
from functools import cache

import pytest

from supervision.entry_words import WORDS

from .source import ROOT, modules

TEMPLATES = sorted(path for package in ROOT.glob("*/templates") for path in package.rglob("*.html"))
CJK = re.compile(r"[\u3400-\u9fff\uff01-\uff5e\u3001-\u3011]")
TEXT = r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'"
CALL = re.compile(r"\b(?:t|term)\(")
HAN = r'"[^"\\]*[\u3400-\u9fff\uff01-\uff5e\u3001-\u3011][^"\\]*"'
PAIR = re.compile(rf"({HAN})\s*,\s*({TEXT})")
BLOCK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
BRACKETS = re.compile(r"[（(〔\[][^（）()〔〕\[\]]*[）)〕\]]")
SWITCH = '"中文" if language() == "en" else "English"'
"""The one word that stands in the language which the page does not speak."""


@cache
def bare(text: str) -> str:
    """A template without comments and without articles of the law, which are cited as they are."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    return re.sub(r'<(span|dd)\b[^>]*(?:class="law"|lang="zh-CN")[^>]*>[^<{]*</\1>', "", text)


def arguments(text: str, start: int) -> str:
    """What stands between the bracket before `start` and the one that closes it."""
    depth, place, quote = 1, start, ""
    while depth:
        sign = text[place]
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        depth += 0 if quote else (sign == "(") - (sign == ")")
        place += 1
    return text[start:place - 1]


def calls(text: str) -> list[str]:
    """The arguments of every call of t() and term()."""
    return [arguments(text, found.end()) for found in CALL.finditer(text)]


def naked(text: str) -> list[str]:
    """The Chinese of a template that stands neither in a call nor in a pair of both languages."""
    text = BLOCK.sub(lambda block: _rest(block[0]), bare(text).replace(SWITCH, ""))
    return [line.strip() for line in text.splitlines() if CJK.search(line)]


def _rest(block: str) -> str:
    """What is left of a block of the template language without what stands in both languages."""
    place, kept = 0, ""
    for found in CALL.finditer(block):
        if found.end() > place:
            kept += block[place:found.end()]
            place = found.end() + len(arguments(block, found.end()))
    block = kept + block[place:]
    return PAIR.sub(lambda pair: "" if CJK.search(pair[1]) and not CJK.search(pair[2]) else pair[0],
                    block)


def halves(text: str) -> list[str]:
    """What is wrong with the halves of calls that are two plain texts."""
    wrong = []
    for said in calls(bare(text)):
        pair = re.fullmatch(rf"\s*({TEXT})\s*,\s*({TEXT})\s*", said)
        if pair is None:
            continue
        zh, en = pair[1][1:-1], pair[2][1:-1]
        if not zh.strip() or not en.strip():
            wrong.append(f"an empty half: {said}")
        elif zh == en and CJK.search(zh):
            wrong.append(f"not translated: {said}")
        elif CJK.search(BRACKETS.sub("", en)):
            wrong.append(f"Chinese in the English half: {said}")
        elif not CJK.search(zh) and zh != en:
            wrong.append(f"no Chinese in the Chinese half: {said}")
    return wrong


def test_every_text_of_a_template_stands_in_both_languages():
    assert len(TEMPLATES) > 100
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert naked(text) == [] and halves(text) == [], path


@pytest.mark.parametrize("text", [
    "<p>中文</p>", '<a title="中文 English">', '{{ t("好", "好") }}', '{{ t("", "good") }}',
    '{{ t("好", "") }}', '{{ t("好", "good 好") }}', '{{ t("good thing", "good") }}',
    '{% set A = {"x": ("中文", "中文")} %}', '{{ "中文" }}', '<p>{{ t("甲", "a") }}乙</p>'])
def test_what_is_not_translated_is_found(text):
    assert naked(text) or halves(text)


@pytest.mark.parametrize("text", [
    '{{ t("标段 " ~ n, "Lot " ~ n) }}', '{% set A = {"x": ("中文", "Chinese")} %}',
    '{{ t("保函（见索即付）", "guarantee (见索即付)") }}', "{# 中文 #}",
    '<span class="law" lang="zh-CN">招标投标法 22</span>', '{{ t("他说（是）", "He said (yes)") }}'])
def test_what_is_translated_is_let_through(text):
    assert not naked(text) and not halves(text)


SAID = re.compile(rf"({TEXT})\s*,\s*({TEXT})")
OTHERWISE = {"资质": "certificate", "投标保证金": "bid security"}
"""What is called by one English word (docs/glossary.md), and the word that it was also called by."""


def called_otherwise(text: str) -> list[str]:
    """Pairs of texts whose English says one of these things by another word."""
    return [pair[0] for pair in SAID.finditer(text) for zh, en in OTHERWISE.items()
            if zh in pair[1] and en in pair[2].lower()]


def test_one_english_word_for_one_thing():
    assert called_otherwise('t("资质证书", "Certificates")')
    sources = [module.text for module in modules()] + [path.read_text("utf-8") for path in TEMPLATES]
    entries = ", ".join(f'"{zh}", "{en}"' for zh, en in WORDS.values())
    assert [found for text in [*sources, entries] for found in called_otherwise(text)] == []
