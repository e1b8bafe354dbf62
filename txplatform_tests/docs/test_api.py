"""docs/api.md names every endpoint of the shell and of spend, and none that is not there."""

import re

from fastapi import FastAPI

from txplatform import domains
from txplatform.serving.api import operations
from txplatform_tests.architecture.source_tree import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_endpoint_is_named_and_no_other() -> None:
    app = FastAPI()
    app.include_router(domains.by_name("api")["spend"].router, prefix="/spend")
    app.include_router(operations.router)
    served = {re.sub(r"\{\w+\}", "{id}", path) for path in app.openapi()["paths"]}
    first_cells = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)

    named = {path for cell in first_cells for path in re.findall(r"/[a-z/{}-]+", cell)}

    assert named == served - {"/tokens/{id}"}
