"""Requests made from the API document itself: no 5xx, and every answer as documented."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [checks.not_a_server_error, content_type_conformance, response_schema_conformance,
          status_code_conformance]
"""What is judged of an answer."""


def tried(world, actor, each: int) -> tuple[int, list[str]]:
    """How many requests were made, `each` of every operation, and what was wrong with the
    answers."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    headers = {"Authorization": f"Bearer {world.session_token(actor)}"} if actor else {}
    made, wrong = 0, []

    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=each, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck), derandomize=True)
        @given(case=operation.as_strategy())
        def ask(case):
            nonlocal made
            made += 1
            answer = case.call(headers=headers)
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as error:
                wrong.append(f"{case.method} {case.path}: {answer.status_code} {error.exceptions!r:.400}")

        ask()
    return made, wrong


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_some_requests_of_every_operation_are_answered_as_documented(world):
    world.published_tender()
    world.tick(record=True)
    made, wrong = tried(world, world.clerk, 1)
    assert made > 150
    assert wrong == [], "\n".join(sorted(wrong)[:30])


@pytest.mark.faults
def test_ten_thousand_requests_are_answered_as_documented(world):
    world.published_tender()
    world.tick(record=True)
    made, wrong = 0, []
    for actor in (None, world.clerk, world.supervisor):
        count, found = tried(world, actor, 24)
        made, wrong = made + count, wrong + found
    assert made >= 10_000
    assert wrong == [], "\n".join(sorted(wrong)[:30])
