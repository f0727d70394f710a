"""The worked examples that lie beside a checkout; without them a test says so and skips."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

FILE = Path(__file__).parents[3] / "shared" / "oracles" / "worked-examples.json"


@cache
def _cases() -> dict[str, dict]:
    return {case["id"]: case for case in json.loads(FILE.read_text("utf-8"))["cases"]}


def example(name: str) -> dict:
    """The worked example called `name`."""
    if not FILE.exists():
        pytest.skip(f"the worked examples are not beside this checkout ({FILE.name})")
    return _cases()[name]
