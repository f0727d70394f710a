"""What a template brings in, writes or marks is used by somebody."""

import re
from functools import cache
from pathlib import Path

from .source import ROOT

TEMPLATES = sorted(path for package in ROOT.glob("*/templates") for path in package.rglob("*.html"))
SHEET = ROOT / "portal" / "static" / "portal" / "yangguang.css"
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
IMPORT = re.compile(r'\{%-? from "[^"]+" import ([^%]+?) (?:with context )?-?%\}')
MACRO = re.compile(r"macro\s+(\w+)\(")
COMPOSED = ("stage-",)
"""Beginnings of classes whose rest is a word of the data."""


@cache
def text(path: Path) -> str:
    """A template without its comments, which show how a macro is called."""
    return re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)


def calls(name: str, source: str) -> int:
    """How often a macro is called in a template's code, or a table of words (`OUTCOMES`) read."""
    used = rf"(?<![.\w]){name}\b" if name.isupper() else rf"(?<![.\w])(?<!macro ){name}\("
    return sum(len(re.findall(used, piece)) for piece in CODE.findall(IMPORT.sub("", source)))


def imported(source: str) -> set[str]:
    """The macros a template brings in, by the names it gives them."""
    return {name.split(" as ")[-1].strip() for names in IMPORT.findall(source)
            for name in names.split(",")}


@cache
def scripts() -> str:
    """Our scripts and the code that draws: where a class may be named besides a template."""
    found = [path for path in (ROOT / "portal" / "static" / "portal").glob("*.js")]
    found += [path for package in TEMPLATES for path in package.parents[2].glob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in sorted(set(found)))


def test_every_macro_that_a_template_brings_in_is_called():
    assert len(TEMPLATES) > 100
    for path in TEMPLATES:
        assert {name for name in imported(text(path)) if not calls(name, text(path))} == set(), path


def test_every_macro_is_called_somewhere():
    macros = {name for path in TEMPLATES for name in MACRO.findall(text(path))}
    assert len(macros) > 20
    assert {name for name in macros
            if not any(calls(name, text(path)) for path in TEMPLATES)} == set()


def test_every_class_of_the_sheet_is_on_some_page():
    assert len(sheet_classes()) > 80
    said = "\n".join(map(text, TEMPLATES)) + scripts()
    assert {name for name in sheet_classes() if not name.startswith(COMPOSED)
            and not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said)} == set()


@cache
def sheet_classes() -> set[str]:
    """The classes that the style sheet speaks of."""
    rules = re.sub(r"/\*.*?\*/", "", SHEET.read_text("utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", rules)))


def classes(source: str) -> set[str]:
    """The classes a template writes, also those it chooses between; what is composed is left out."""
    found: set[str] = set()
    for value in re.findall(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', source):
        found |= {word for word in CODE.sub("\0", value).split() if "\0" not in word}
        for code in CODE.findall(value):
            for chosen in re.findall(r"'([a-z -]*)'(?= if )|else \(?'([a-z -]*)'", code):
                found |= set(" ".join(chosen).split())
    return found


def test_every_class_of_a_template_is_in_the_sheet():
    for path in TEMPLATES:
        assert classes(text(path)) - sheet_classes() - {"calm"} == set(), path


def test_a_class_without_style_is_found():
    found = classes("""<p class="say nowhere {{ 'lost' if x else 'gone' }} stage-{{ y }}">""")
    assert found == {"say", "nowhere", "lost", "gone"}


def test_every_mark_for_a_script_is_read_by_one():
    marks = {mark for path in TEMPLATES for mark in re.findall(r"\bdata-([a-z-]+)", text(path))}
    assert len(marks) > 10
    read = scripts() + SHEET.read_text("utf-8")
    camel = {mark: re.sub(r"-(\w)", lambda found: found[1].upper(), mark) for mark in marks}
    assert {mark for mark in marks if f"data-{mark}" not in read
            and not re.search(rf"\b{camel[mark]}\b", read)} == set()
