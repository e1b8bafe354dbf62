"""An API keeps its own word: schemathesis calls its endpoints with what its schema allows.

No answer is a failure of the server, none has a status, a type or a shape that is not declared.
"""

from collections.abc import Mapping
from typing import Any

import hypothesis
import schemathesis
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = 12


def settings(examples: int) -> hypothesis.settings:
    """So many calls of each endpoint, the same ones every time."""
    return hypothesis.settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def schema_of(address: str) -> Any:
    """The schema of a running API."""
    load_all_checks()
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


def call_all(declared: Any, headers: Mapping[str, str], examples: int = FEW) -> list[str]:
    """Call every endpoint of a schema; their labels.

    Schemathesis' own parametrisation does not know this pytest; it is spelt out.
    """
    called = []
    for found in declared.get_all_operations():
        operation = found.ok()

        @hypothesis.given(case=operation.as_strategy())
        @settings(examples)
        def answers_as_declared(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, headers=dict(headers))

        answers_as_declared()
        called.append(operation.label)
    return called
