"""What one process of a house with the domain `visits` sees of it; run as a program, prints JSON.

Its Dagster computes two hours, its API and its start page are asked, on real servers.
"""

import json
from datetime import datetime

import dagster as dg
from fastapi.testclient import TestClient
from sqlalchemy import inspect
from streamlit.testing.v1 import AppTest

from txplatform.cli.session import session
from txplatform.definitions import build
from txplatform.orchestration.runs import run_periods
from txplatform.periods import HOUR
from txplatform.serving.api import app as api

ASSET = dg.AssetKey(["visits", "hours"])
FIRST, LAST = datetime(2026, 11, 16, 5), datetime(2026, 11, 16, 6)
LOOPBACK = "127.0.0.1"


def start() -> None:
    """The start page as Ada sees it."""
    from txplatform.serving.dashboard import app
    from txplatform.serving.tokens import Person, Role

    app.show(Person("Ada", Role("reader")), "en_US", is_signed_in=False)


def main() -> None:
    """Compute, ask, print."""
    with session() as opened:
        built = build(opened.platform.settings, {"platform": opened.platform})
        job = built.resolve_job_def("visits_hours")
        run = run_periods(job, opened.instance, FIRST, LAST, HOUR)
        page = AppTest.from_function(start, default_timeout=60).run()
        app = api.build(opened.platform)
        client = TestClient(app, base_url=f"http://{LOOPBACK}", client=(LOOPBACK, 1))
        paths = client.get("/openapi.json").json()["paths"]
        columns = inspect(opened.platform.engine).get_columns("hours", "visits")
        seen = {
            "failure": run.failure,
            "partitions": sorted(opened.instance.get_materialized_partitions(ASSET)),
            "columns": [column["comment"] for column in columns],
            "items": client.get("/visits/hours").json()["items"],
            "paths": [path for path in paths if "visits" in path],
            "start": [one.value for one in (*page.title, *page.header, *page.markdown)],
        }
    print(json.dumps(seen))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
