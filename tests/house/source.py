"""The source tree as data, for the tests of the house."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ORDER = ("kernel", "audit", "people", "tender", "guarantees", "bidding", "evaluation",
         "supervision", "portal", "wsgi")
"""A package imports only itself and what stands before it."""

PURE = {
    "kernel": {"canonical", "files", "refusal"},
    "audit": {"tiles", "proofs", "note", "checkpoint", "leaf", "cover", "disclosed", "tlogproof",
              "verify", "cosignature", "bundles",
              "actor", "refusals"},
    "people": {"permissions", "uscc", "rules", "refusals", "passwords", "totp", "x509", "signed"},
    "tender": {"access", "lifecycle", "timetable", "profile", "codes", "rules", "refusals",
               "terms", "regime", "findings", "schedule", "ical", "fee", "notices",
               "amendment", "invitation", "longlist", "direct", "objecting", "letters", "method_refusals",
               "signing", "sign_refusals", "screened", "sections",
               "files", "active", "review", "fairness",
               "workbook", "sheets", "sheet_writer", "bills", "companies",
               "registration"},
    "guarantees": {"instrument", "rules", "lifecycle", "refusals"},
    "bidding": {"age", "bech32", "board", "digest", "shamir", "policy", "ustar", "manifest", "blocks",
                "declaration", "closing", "promise", "proven", "recipients", "rehearsal", "sealing",
                "consortium", "suites", "words", "rules", "lifecycle", "refusals"},
    "evaluation": {"announced", "draw", "replay", "benchmark", "ballot", "scoring", "report", "rules",
                   "ranking", "selection", "frameworks.rules", "frameworks.refusals",
                   "lifecycle",
                   "refusals"},
    "supervision": {"lifecycle", "figures", "ledger", "objections", "refusals", "trail",
                    "entry_words", "complaints.rules", "complaints.states",
                    "complaints.refusals"},
    "portal": {"atom", "exchange.formats", "ocds.merge", "search.words", "webhooks.signing",
               "webhooks.addresses", "alerts.letters"},
}
"""Rung 0: values in, an answer or a refusal out; no Flask, no SQL, no clock, no environment."""

ELSEWHERE = {"bidding": {"client", "clock_holder", "holder", "holding", "receipt.files"},
             "audit": {"verify", "__main__", "follow", "witness"},
             "guarantees": {"simulator"}, "portal": {"verify.command", "watch", "notice"}}
"""Programs that run on another machine: neither Flask nor our database."""


@dataclass(frozen=True)
class Module:
    """One of our modules, parsed."""

    package: str
    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def dotted(self) -> str:
        """Its name as imports write it."""
        return f"{self.package}.{self.name}" if self.name else self.package

    def imports(self) -> list[tuple[str, bool]]:
        """Every module imported, absolute, with whether it is at the top level of the module."""
        found = []
        for node in ast.walk(self.tree):
            top = node in self.tree.body
            if isinstance(node, ast.Import):
                found += [(alias.name, top) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                parts = self.dotted.split(".")
                base = parts if self.path.name == "__init__.py" else parts[:-1]
                base = base[: len(base) - node.level + 1] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                found.append((source, top))
                found += [(f"{source}.{alias.name}", top) for alias in node.names]
        return found


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product, tests and migrations left out."""
    found = []
    for package in ORDER:
        folder = ROOT / package
        files = sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{package}.py"]
        for path in files:
            if not path.exists():
                continue
            relative = path.relative_to(folder).with_suffix("") if folder.is_dir() else Path("")
            parts = [part for part in relative.parts if part != "__init__"]
            text = path.read_text(encoding="utf-8")
            found.append(Module(package, ".".join(parts), path, text, ast.parse(text)))
    return tuple(found)


def of(package: str) -> list[Module]:
    """The modules of a package. A test is a package's and not a module's: of thousands of small
    tests most of the time would go into reporting each."""
    return [module for module in modules() if module.package == package]


def pure_modules() -> list[Module]:
    """The modules of rung 0; a module inside a sub-package of that name counts."""
    return [module for module in modules()
            if not PURE.get(module.package, set()).isdisjoint(
                {module.name, module.name.split(".")[0]})]
