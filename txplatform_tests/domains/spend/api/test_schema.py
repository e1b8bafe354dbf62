"""The API keeps its own word: every endpoint answers as its schema says."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from txplatform import domains
from txplatform.platform import Platform
from txplatform.serving import tokens
from txplatform.serving.api.app import build
from txplatform.serving.tokens import Role
from txplatform_tests.serving.declared import call_all, schema_of
from txplatform_tests.serving.running import running


@pytest.fixture(scope="module")
def admin(served: Platform) -> dict[str, str]:
    """The header of an admin."""
    return {"Authorization": f"Bearer {tokens.create(served.engine, 'Ada', Role.ADMIN)[0]}"}


@pytest.fixture(scope="module")
def declared(served: Platform) -> Iterator[Any]:
    """The schema of a running API with weeks, alerts and purchases."""
    with running(build(served)) as address:
        yield schema_of(address)


def test_every_endpoint_answers_as_declared(declared: Any, admin: dict[str, str]) -> None:
    others = "|".join(domains.slug(name) for name in domains.by_name("api") if name != "spend")

    called = call_all(declared.exclude(path_regex=f"^/({others})/"), admin)

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
