"""The pages of docs/ that are printed from the code: `python -m portal.docs`.

A test of the house prints them again and compares, so they cannot fall behind.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType

import portal.factory  # noqa: F401  (imports every book, so that every act and word is known)
from audit.act import CATALOGUE
from kernel.refusal import WORDS
from people.edge import ROUTES

from .config import Settings

ROOT = Path(__file__).resolve().parent.parent
BOOKS = ("people", "tender", "guarantees", "bidding", "evaluation", "supervision", "audit", "portal",
         "kernel")
NOTE = "<!-- Printed by `python -m portal.docs`; change the code, not this page. -->\n\n"


def pages() -> dict[str, str]:
    """Every printed page: file name under docs/ → text."""
    return {"acts.md": acts_page(), "refusals.md": refusals_page(), "law.md": law_page(),
            "lifecycles.md": lifecycles_page(), "configuration.md": configuration_page(),
            "routes.md": routes_page()}


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
              for row in rows]
    return "\n".join(lines) + "\n"


def acts_page() -> str:
    """The closed catalogue of acts."""
    rows = [(f"`{kind.name}`", kind.summary, f"`{kind.action}`" if kind.action else
             ", ".join(kind.by) or "as part of another act", kind.law, kind.disclose,
             kind.alone or ("veiled" if kind.veiled else ""), "yes" if kind.fresh else "") for _, kind in sorted(CATALOGUE.items())]
    return (NOTE + "# Acts\n\nEvery change is one of these; each leaves one entry in the record.\n\n"
            + _table(("act", "what", "permitted by", "law", "disclosed", "in the record", "fresh factor"),
                     rows))


def refusals_page() -> str:
    """Every word of refusal."""
    rows = [(f"`{word.code}`", str(word.status), word.law, word.zh, word.en, word.do_zh,
             word.do_en) for _, word in sorted(WORDS.items())]
    return (NOTE + "# Refusals\n\n`code` of every problem+json answer.\n\n"
            + _table(("code", "HTTP", "law", "中文", "English", "怎么办", "what to do"), rows)
            + "\n## Findings\n\n`notice.incomplete` lists all that keeps a notice, an amendment or "
            "a direct award from being published, as `findings`: `{field, code, law, zh, en}`. Mend "
            "each `field` and submit again. One that breaches a number of the rule profile names it "
            "(`rule`) and says what follows (`breach`): `block`, or `reason`, which a recorded "
            "reason lets through. Of most that are one lot's `field` begins with `lots[N].`. A code "
            "that is not in this table is one of the words above, listed instead of refused at "
            "once.\n\n"
            + _table(("code", "field", "law", "中文", "English"), sorted(set(_findings()))))


def _findings() -> Iterator[tuple[str, str, str, str, str]]:
    """Every call of `finding` in the invitation: (code, field, law, zh, en)."""
    for path in sorted((ROOT / "tender").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "finding" \
                    and path.name != "findings.py":
                module = importlib.import_module(_dotted(path))
                field, code, law, zh, en = (_said(word, module) for word in node.args)
                if "{" in code or "{" in field:
                    raise ValueError(f"{path}:{node.lineno}: a finding's code and field are literal")
                yield f"`{code}`", f"`{field}`", law, zh, en


def _said(word: ast.expr, module: ModuleType) -> str:
    """A text as its call spells it: facts in braces, a constant of the module by its value."""
    if isinstance(word, ast.Constant):
        return str(word.value)
    if isinstance(word, ast.JoinedStr):
        return "".join(_said(part, module) for part in word.values)
    if isinstance(word, ast.FormattedValue):
        return "{" + (word.value.id if isinstance(word.value, ast.Name) else "…") + "}"
    if isinstance(word, ast.Name) and isinstance(getattr(module, word.id, None), str):
        return getattr(module, word.id)
    if isinstance(word, ast.Attribute) and isinstance(word.value, ast.Name):
        return str(getattr(getattr(module, word.value.id), word.attr))
    return "{" + ast.unparse(word) + "}"


def routes_page() -> str:
    """Every route with its audience."""
    rows = [(route.method, f"`{route.rule}`",
             f"`{route.action}`" if route.action else f"*{route.audience}*", route.summary)
            for route in sorted(ROUTES, key=lambda one: (one.rule, one.method))]
    return (NOTE + "# Routes\n\nA route is open to an action of the permission table, or to one "
            "of the audiences *self* and *open*.\n\n"
            + _table(("method", "path", "audience", "what"), rows))


def configuration_page() -> str:
    """Every setting."""
    rows = [(f"`{item.metadata['env']}`", f"`{item.default}`" if item.default else "",
             item.metadata["doc"]) for item in fields(Settings)]
    return NOTE + "# Configuration\n\nHow they are used, with a database of two roles, health and the " \
        "first administrators: [operating](operating.md).\n\n" + _table(("variable", "default", "meaning"), rows)


def lifecycles_page() -> str:
    """The states of every book, and the table that maps facts to phase to OCDS."""
    text = [NOTE + "# Lifecycles\n"]
    for book in ("tender", "bidding", "evaluation", "guarantees"):
        module = importlib.import_module(f"{book}.lifecycle")
        text.append(f"## {book}\n\n{(module.__doc__ or '').strip()}\n\n{module.page()}")
    cases = importlib.import_module("supervision.complaints.states")
    text.append(f"## supervision: complaints\n\n{(cases.__doc__ or '').strip()}\n\n{cases.page()}")
    return "\n".join(text)


@dataclass(frozen=True)
class Function:
    """One function of ours: where it stands and what it says."""

    book: str
    dotted: str
    name: str
    body: str
    imported: str
    """The whole module's text, to see from where a name came."""


def law_page() -> str:
    """Article → where the code obeys it → the tests that try it."""
    functions = list(_functions())
    tests = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
             for path in sorted((ROOT / "tests").rglob("test_*.py"))}
    found: dict[str, set[tuple[str, str, str]]] = {}
    for name, kind in CATALOGUE.items():
        for one in functions:
            if f'@act("{name}"' in one.body:
                _add(found, kind.law, one, name)
    for code, (book, constant) in _constants().items():
        for one in functions:
            near = one.book == book or f"{book}.refus" in one.imported
            if near and re.search(rf"\b{constant}\b", one.body):
                _add(found, WORDS[code].law, one, code)
    rows = []
    for article in sorted(found):
        for dotted, name, key in sorted(found[article]):
            trying = [path for path, text in tests.items() if f'"{key}"' in text
                      or (path.split("/")[1] == dotted.split(".")[0]
                          and re.search(rf"\b{name}\(", text))]
            rows.append((article, f"`{dotted}`", f"`{key}`",
                         ", ".join(f"`{path}`" for path in trying[:2]) or "—"))
    return (NOTE + "# The law beside the line\n\nArticle → function that obeys it → act or refusal "
            "→ tests that name it (at most two).\n\n"
            + _table(("article", "function", "act or refusal", "tests"), rows))


def _functions() -> Iterator[Function]:
    for book in BOOKS:
        for path in sorted((ROOT / book).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            lines = text.split("\n")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                    yield Function(book, f"{_dotted(path)}.{node.name}", node.name,
                                   "\n".join(lines[first - 1:node.end_lineno]), text)


def _constants() -> dict[str, tuple[str, str]]:
    """Code of a refusal → (the book that says it, the name of its constant)."""
    found = {}
    for book in BOOKS:
        for path in sorted((ROOT / book).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for constant, code in re.findall(r"^([A-Z][A-Z_]+) = Word\(\s*\"([^\"]+)\"", text, re.MULTILINE):
                found[code] = (book, constant)
    return found


def _add(found: dict[str, set[tuple[str, str, str]]], law: str, one: Function, key: str) -> None:
    for article in re.split(r"[;；]\s*", law):
        if article.strip() not in ("", "—"):
            found.setdefault(article.strip(), set()).add((one.dotted, one.name, key))


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def main() -> None:
    """Write every printed page."""
    for name, text in pages().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
