"""What the documents point to exists: links, files, tests, modules, commands and actions."""

from __future__ import annotations

import ast
import csv
import re
import subprocess
from functools import cache

import pytest

from audit.act import CATALOGUE
from people.permissions import PIECES
from portal import cli, factory  # noqa: F401  (factory knows every act)

from .source import ROOT

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in
               [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = ("tests", "docs", "kernel", "audit", "people", "tender", "guarantees", "bidding",
           "evaluation", "supervision", "portal", "migrations", "requirements", "benchmarks")
FILE = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*(?:::\w+)?")
MADE = ("portal/static/vendor/",)
"""Folders that commands make and git ignores."""
COMMAND = re.compile(r"(?:\.venv/bin/)?yangguang ([a-z]+(?:-[a-z]+)*)(?: ([a-z][a-z-]*)(?![\w./-]))?")
MODULE = re.compile(r"(?:^|[\s/`])python -m ([a-z_.]+)(?: ([a-z]+)(?![\w./]))?")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings get."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def dead_links(page: str, text: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    found = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists() or (
                anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            found.append(link)
    return found


def dead_files(text: str) -> list[str]:
    """The paths written as code that do not exist; `tests/x.py::name` names a test in it."""
    found = []
    for code in CODE.findall(text):
        if not FILE.fullmatch(code) or code.startswith(MADE):
            continue
        name, _, test = code.partition("::")
        path = ROOT / name
        if not path.exists() or (test and test not in functions(name)):
            found.append(code)
    return found


@cache
def functions(name: str) -> frozenset[str]:
    """Every function of a module of ours."""
    tree = ast.parse(text_of(name))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def commands() -> dict[str, set[str]]:
    """Every command of `yangguang`, with its sub-commands as far as this program knows them."""
    parser = cli._parser()
    (first,) = (one for one in parser._actions if hasattr(one, "choices") and one.choices)
    found = {}
    for name, sub in first.choices.items():
        nested = [one for one in sub._actions if isinstance(one.choices, dict)]
        found[name] = {choice for one in nested for choice in one.choices}
    return found


def program(module: str) -> str:
    """The text of a module, or of all modules of a package."""
    path = ROOT / module.replace(".", "/")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return "".join(file.read_text(encoding="utf-8") for file in files)


ELSEWHERE = {name: program(module) for name, (module, _) in cli.ELSEWHERE.items()}
"""Programs of others take their own words; they are looked for in the program's text."""


def unknown_commands(text: str) -> list[str]:
    """The commands of `yangguang` that a page names and the program does not know."""
    known, found = commands(), []
    written = CODE.findall(text) + re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for code in written:
        for name, sub in COMMAND.findall(code):
            if name not in known:
                found.append(f"yangguang {name}")
            elif sub and name in ELSEWHERE:
                if f'"{sub}"' not in ELSEWHERE[name]:
                    found.append(f"yangguang {name} {sub}")
            elif sub and known[name] and sub not in known[name]:
                found.append(f"yangguang {name} {sub}")
    return found


def unknown_modules(text: str) -> list[str]:
    """The `python -m` of a page whose module is not ours, or does not know the word after it."""
    found = []
    for name, word in MODULE.findall(text):
        if name in ("pytest", "venv", "pip"):
            continue
        path = ROOT / name.replace(".", "/")
        path = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
        if not path.exists() or (word and f'"{word}"' not in path.read_text(encoding="utf-8")):
            found.append(f"python -m {name} {word}".strip())
    return found


def test_every_link_leads_somewhere():
    assert len(PAGES) > 40
    for page in PAGES:
        assert dead_links(page, text_of(page)) == [], page


def test_every_file_and_test_named_exists():
    for page in PAGES:
        assert dead_files(text_of(page)) == [], page


def test_every_command_named_exists():
    for page in PAGES:
        assert unknown_commands(text_of(page)) == [], page
        assert unknown_modules(text_of(page)) == [], page


def test_the_readme_names_only_steps_of_dev():
    dev = text_of("dev")
    for word in re.findall(r"\./dev ([a-z]+)", text_of("README.md") + text_of("CONTRIBUTING.md")):
        assert re.search(rf"^    {word}\)", dev, re.MULTILINE), f"./dev {word}"


BOOKS = ("tender", "bidding", "evaluation", "guarantees", "audit", "people", "portal",
         "supervision")


@pytest.mark.parametrize("book", BOOKS)
def test_each_book_has_its_page_with_its_acts(book):
    """Every act that a book declares stands on its page."""
    assert book == "audit" or any(book_of(name) == book for name in CATALOGUE), "none was found"
    page = text_of(f"docs/books/{book}.md")
    for name in CATALOGUE:
        if book_of(name) == book:
            assert f"`{name}`" in page, name


def book_of(act: str) -> str:
    """The package whose source declares an act; none for an act that a test made up."""
    return next((book for book in BOOKS if f'@act("{act}"' in source_of(book)), "")


@cache
def source_of(book: str) -> str:
    """All that a package says."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / book).rglob("*.py"))


def test_every_action_without_a_route_is_named_as_not_built():
    pages = "".join(text_of(f"docs/books/{book}.md") for book in BOOKS)
    with open(ROOT / "people/permissions.csv", encoding="utf-8", newline="") as file:
        later = {row["action"] for row in csv.DictReader(file) if row["piece"] not in PIECES
                 and row["roles"] != "(nobody)"}
    assert {action for action in later if f"`{action}`" not in pages} == set()


def test_no_page_is_ignored():
    """A page under docs/ that git ignores would be missing from every clone."""
    names = subprocess.run(["git", "check-ignore", *PAGES], cwd=ROOT, capture_output=True,
                           check=False).stdout.decode().split()
    assert names == []


@pytest.mark.parametrize("text,finder", [
    ("[x](nowhere.md)", lambda text: dead_links("README.md", text)),
    ("[x](README.md#no-such-heading)", lambda text: dead_links("README.md", text)),
    ("`tests/house/test_nothing.py`", dead_files),
    ("`tests/house/test_links.py::test_nothing`", dead_files),
    ("`yangguang fly`", unknown_commands),
    ("`yangguang admin second`", unknown_commands),
    ("`yangguang bid guess`", unknown_commands),
    ("`.venv/bin/python -m audit trust x`", unknown_modules),
    ("`python -m nothing`", unknown_modules),
])
def test_what_leads_nowhere_is_seen(text, finder):
    assert len(finder(text)) == 1
