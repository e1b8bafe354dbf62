"""docs/api.md names every endpoint of the spend domain and of the shell, and no other."""

import re

from starlette.routing import Route

from txplatform.domains.spend.api import desk, reference, weekly
from txplatform.serving import operations
from txplatform_tests.architecture.source_tree import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_endpoint_is_named_and_no_other() -> None:
    routers = (weekly.router, desk.router, reference.router, operations.router)
    routes = [one for router in routers for one in router.routes if isinstance(one, Route)]
    served = {re.sub(r"\{\w+\}", "{id}", one.path) for one in routes} - {"/tokens/{id}"}
    first_cells = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)

    assert {path for cell in first_cells for path in re.findall(r"/[a-z/{}-]+", cell)} == served
