"""Superset on an installation that holds data of each domain; started once for all tests."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine

from txplatform import embedded
from txplatform.bi.client import Client
from txplatform.bi.server import Superset, administrator
from txplatform.connectors import postgres
from txplatform.domains.clickstream import tables as clickstream
from txplatform.embedded import processes
from txplatform.settings import Settings, load_settings
from txplatform_tests.conftest import SHARED_DATA
from txplatform_tests.end_to_end import environments

AIR = SHARED_DATA / "air_quality" / "airqino_2022-12_2023-12"
PUBLISHED = (
    ("spend", "ingest", f"{SHARED_DATA}/spend/birmingham_2014_2018_delaware_columns.csv.gz"),
    ("spend", "run", "--all"),
    ("commerce", "ingest", "--layout", "online_retail",
     f"{SHARED_DATA}/commerce/online_retail/online_retail_2010-12_2011-12.csv.gz"),
    ("commerce", "run"),
    ("air-quality", "import", "--station", "SMART188", f"{AIR}/station1_data.json.gz"),
    ("air-quality", "import", "--station", "SMART189", f"{AIR}/station2_data.json.gz"),
    ("air-quality", "run", "--all"),
)  # fmt: skip
"""How the published files come to the tables, where they are on this machine."""

DEMOS = ("spend", "air-quality", "commerce")
HOURS = [datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in range(3)]


class Running(NamedTuple):
    """Superset with its tables."""

    settings: Settings
    engine: Engine
    client: Client
    address: str
    seconds_to_start: float
    said: str

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this installation."""
        return command(self.settings.state, *arguments)


def chart_data(client: Client, chart: int) -> list[dict[str, Any]]:
    """The rows of a chart's first query, as Superset gives them to the page."""
    answer = client.get(f"chart/{chart}/data/", force="true")
    rows: list[dict[str, Any]] = answer["result"][0]["data"]
    return rows


def command(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `txplatform` in a process of its own on the servers of a state folder."""
    return subprocess.run(
        [sys.executable, "-m", "txplatform", *arguments],
        env=environments.clean(TXPLATFORM_STATE_DIR=str(state)),
        cwd=state.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def done(state: Path, *arguments: str) -> str:
    """What a command printed that must not fail."""
    result = command(state, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def fill(state: Path) -> Path:
    """Take data through each domain, the published ones if there are; the state folder of them."""
    if SHARED_DATA.is_dir():
        done(state, "up")
        for step in PUBLISHED:
            done(state, *step)
        return state
    sample = state / "demo" / "sample"
    for domain in DEMOS:
        done(state, "demo", "--domain", domain, "--no-serve")
        done(sample, "up")  # so that the next demo finds the servers running
    return sample


def fill_shop_events(engine: Engine) -> None:
    """A few hours of the live shop; its query is tested where it is at home."""
    windows = [
        {"window_minutes": minutes, "window_start": hour, "type": kind, "country": country,
         "n_events": at + 3, "n_sessions": 2, "amount": Decimal("10.05") * at, "n_late": at,
         "is_final": True, "revision": 0}
        for minutes in (5, 60)
        for at, hour in enumerate(HOURS)
        for kind, country in (("view", "FR"), ("purchase", "ES"))
    ]  # fmt: skip
    funnel = [{"hour": hour, "n_view": 9 + at, "n_add": 5, "n_checkout": 3, "n_purchase": at,
               "n_out_of_order": 0} for at, hour in enumerate(HOURS)]  # fmt: skip
    carts = [{"hour": hour, "n_decided": 5, "n_abandoned": at} for at, hour in enumerate(HOURS)]
    with engine.begin() as connection:
        connection.execute(clickstream.activity_windows.insert(), windows)
        connection.execute(clickstream.funnel_hourly.insert(), funnel)
        connection.execute(clickstream.carts_hourly.insert(), carts)


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Superset from nothing, on a port of its own; everything is stopped at the end."""
    state = folder / "state"
    state.mkdir()
    sample = fill(state)
    settings = load_settings(
        state_dir=sample, mongo_uri=None, postgres_url=None, dagster_postgres_url=None
    )
    try:
        began = time.monotonic()
        said = done(sample, "bi", "up", "--port", str(processes.free_port()))
        seconds = time.monotonic() - began
        engine = postgres.connect(embedded.postgres_url(settings, None))
        fill_shop_events(engine)
        server = Superset(settings)
        with administrator(server) as client:
            yield Running(settings, engine, client, server.address(), seconds, said)
        engine.dispose()
    finally:
        command(sample, "bi", "down")
        command(sample, "down")
