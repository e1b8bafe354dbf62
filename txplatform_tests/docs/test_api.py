"""docs/api.md names every endpoint of the house, and none that is not there."""

import re
from functools import cache

import pytest
from fastapi import FastAPI

from txplatform import domains
from txplatform.serving.api import operations
from txplatform_tests.architecture.source_tree import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
CELLS = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
NAMED = {path for cell in CELLS for path in re.findall(r"/[a-z_/{}.-]+", cell)}
"""`/kpis...` stands for all that begin with `/kpis`."""


@cache
def served() -> frozenset[str]:
    """The paths of the house's API."""
    app = FastAPI()
    app.include_router(operations.router)
    for name, part in domains.by_name("api").items():
        app.include_router(part.router, prefix=f"/{domains.slug(name)}")
    return frozenset(app.openapi()["paths"])


def stands_for(named: str, path: str) -> bool:
    """Whether the page means a path by what it names."""
    plain = re.sub(r"\{\w+\}", "{}", path)
    if named.endswith("..."):
        return plain.startswith(named.removesuffix("..."))
    return plain == re.sub(r"\{\w+\}", "{}", named)


def test_the_page_has_its_tables() -> None:
    assert {"/freshness", "/spend/weeks", "/clickstream/status"} <= NAMED


@pytest.mark.parametrize("path", sorted(served() - {"/tokens/{token_id}"}))
def test_every_endpoint_is_named(path: str) -> None:
    assert any(stands_for(named, path) for named in NAMED), f"docs/api.md does not name {path}"


@pytest.mark.parametrize("named", sorted(NAMED))
def test_no_other_is(named: str) -> None:
    assert any(stands_for(named, path) for path in served()), f"docs/api.md names {named}"
