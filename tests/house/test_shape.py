"""Small modules, small functions, one word per thing, every refusal complete."""

import ast
import importlib
import pkgutil
import re

import pytest

from kernel.refusal import WORDS

from .source import ORDER, ROOT, modules, of

BOOKS = {"tender": 1, "bidding": 2, "evaluation": 3, "guarantees": 4, "audit": 5,
         "supervision": 6}
BANNED = re.compile(r"\bbidders?\b|\butils?\b|\bhelpers?\b", re.IGNORECASE)


@pytest.mark.parametrize("package", ORDER)
def test_module_is_small_and_says_what_it_is(package):
    for module in of(package):
        assert len(module.text.splitlines()) <= 420, f"{module.path} is too long"
        assert ast.get_docstring(module.tree), f"{module.path} says nothing of itself"


@pytest.mark.parametrize("package", ORDER)
def test_functions_are_small_and_public_ones_are_described(package):
    for module in of(package):
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = node.end_lineno - node.lineno + 1
                assert length <= 66, f"{module.dotted}.{node.name} has {length} lines"
        for node in module.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                if module.name.split(".")[-1] in ("schemas", "pages"):
                    continue
                assert ast.get_docstring(node), f"{module.dotted}.{node.name} has no docstring"


def test_an_act_is_named_subject_and_past_tense():
    names = [name for module in modules()
             for name in re.findall(r'(?m)^@act\("([^"]+)"', module.text)]
    assert len(names) > 70
    for name in names:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", name), name


def test_the_kernel_stays_small():
    lines = sum(len(module.text.splitlines()) for module in modules()
                if module.package == "kernel")
    assert lines <= 600


@pytest.mark.parametrize("package,number", BOOKS.items())
def test_each_book_says_its_number(package, number):
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree).startswith(f"Book {number} of 6")
    assert len(tree.body) == 1, f"{package}/__init__.py holds more than its docstring"


@pytest.mark.parametrize("package", ORDER)
def test_one_word_per_thing(package):
    for module in of(package):
        assert not _banned(module), f"{module.dotted} says {_banned(module)}"


def _banned(module) -> set[str]:
    names = {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(module.tree) if isinstance(node, ast.arg)}
    names |= {node.name for node in ast.walk(module.tree)
              if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    parts = {part for name in names for part in re.split(r"_|(?<=[a-z])(?=[A-Z])", name)}
    return {part for part in parts if BANNED.fullmatch(part)}


def test_nothing_speaks_of_the_workshop():
    # Spelled in halves, so that this file does not hold the words it looks for.
    words = ["/wo" + "rk/", "sub" + "agent", ".libr" + "ary/", "deb.deb" + "ian.org",
             "files.pyth" + "onhosted", "registry.npm" + "js"]
    import subprocess

    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in files.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for word in words:
            assert word not in text, f"{name} says {word}"


def _import_everything():
    for package in ORDER[:-1]:
        module = importlib.import_module(package)
        for info in pkgutil.walk_packages(module.__path__, f"{package}."):
            if not info.name.endswith("__main__"):
                importlib.import_module(info.name)


def test_every_refusal_is_complete_in_both_languages():
    _import_everything()
    assert len(WORDS) > 20
    for code, word in WORDS.items():
        assert 400 <= word.status < 600 and re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+", code)
        assert word.law, f"{code} cites nothing; write — when no article speaks of it"
        for text in (word.zh, word.do_zh):
            assert re.search(r"[\u4e00-\u9fff]", text), f"{code} is not said in Chinese"
        for text in (word.en, word.do_en):
            assert text and not re.search(r"[\u4e00-\u9fff]", text), f"{code}: English lacking"
        assert set(re.findall(r"{(\w+)}", word.zh)) == set(re.findall(r"{(\w+)}", word.en)), code
