"""docs/api.md names every endpoint of the shell and of spend, and none that is not there."""

import re

from fastapi import FastAPI
from starlette.routing import Route

from txplatform import domains
from txplatform.serving.api import operations
from txplatform_tests.architecture.source_tree import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_endpoint_is_named_and_no_other() -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(domains.by_name("api")["spend"].router, prefix="/spend")
    app.include_router(operations.router)
    routes = [one for one in app.routes if isinstance(one, Route)]
    served = {re.sub(r"\{\w+\}", "{id}", one.path) for one in routes} - {"/tokens/{id}"}
    first_cells = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)

    assert {path for cell in first_cells for path in re.findall(r"/[a-z/{}-]+", cell)} == served
