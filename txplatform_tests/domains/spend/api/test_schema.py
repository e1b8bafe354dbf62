"""The API keeps its own word: schemathesis calls every endpoint with what its schema allows.

No answer is a failure of the server, none has a status, a type or a shape that is not declared.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from txplatform import domains
from txplatform.platform import Platform
from txplatform.serving import tokens
from txplatform.serving.api.app import build
from txplatform.serving.tokens import Role
from txplatform_tests.serving.running import running

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = hypothesis.settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture(scope="module")
def admin(served: Platform) -> dict[str, str]:
    """The header of an admin."""
    return {"Authorization": f"Bearer {tokens.create(served.engine, 'Ada', Role.ADMIN)[0]}"}


@pytest.fixture(scope="module")
def declared(served: Platform) -> Iterator[Any]:
    """The schema of a running API with weeks, alerts and purchases."""
    load_all_checks()
    with running(build(served)) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


def test_every_endpoint_answers_as_declared(declared: Any, admin: dict[str, str]) -> None:
    """Schemathesis' own parametrisation does not know this pytest; it is spelt out."""
    called = []
    others = "|".join(domains.slug(name) for name in domains.by_name("api") if name != "spend")
    for found in declared.exclude(path_regex=f"^/({others})/").get_all_operations():
        operation = found.ok()

        @hypothesis.given(case=operation.as_strategy())
        @FEW
        def answers_as_declared(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, headers=admin)

        answers_as_declared()
        called.append(operation.label)

    assert len(called) > 20


def test_the_schema_says_units_and_examples(api: httpx.Client) -> None:
    said = api.get("/openapi.json", headers={"Authorization": ""}).json()
    amount = said["components"]["schemas"]["WeeklyRow"]["properties"]["total_amount"]

    assert amount["description"].endswith("In the platform's currency.")
    assert amount["examples"] == ["1420.00"]
    assert amount["type"] == "string", "a float would round it"
    assert all(
        operation.get("description") or operation.get("summary")
        for path in said["paths"].values()
        for operation in path.values()
    )
