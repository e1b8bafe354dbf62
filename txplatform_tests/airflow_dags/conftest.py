"""What the tests of Airflow's side share: one Dagster and one Airflow per session.

They need the environments that `make test-airflow` builds; without these they are skipped.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from txplatform import embedded
from txplatform.settings import Settings
from txplatform_tests.airflow_dags import airflow_2, airflow_3
from txplatform_tests.airflow_dags.airflow_2 import Airflow2
from txplatform_tests.airflow_dags.airflow_3 import Addresses, Airflow
from txplatform_tests.airflow_dags.dagster_server import DagsterServer, dagster_server, mondays
from txplatform_tests.airflow_dags.wire import Wire, answering
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.air_quality.network import Network
from txplatform_tests.domains.spend.oracle import Purchase

TOTAL = 10_00
SERVED = {"dagster", "airflow", "airflow2", "report"}
"""Fixtures of what has a command of its own."""


@pytest.hookimpl(tryfirst=True)  # before pytest looks which marks were asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Airflow or a running Dagster."""
    for item in items:
        is_ours = Path(__file__).parent in item.path.parents
        if is_ours and SERVED & set(getattr(item, "fixturenames", ())):
            item.add_marker("airflow")


"""Cents of the one purchase that each week holds at first."""


class Weeks(NamedTuple):
    """Mondays of closed weeks with one purchase each; no test computes those of another.

    Between the parts lies a week without purchases, so that none is the week after another's.
    """

    changed_2: list[str]
    late_2: list[str]
    backfill_2: list[str]
    poisoned: list[str]
    backfill: list[str]
    asked_for: list[str]
    caught_up: list[str]

    @property
    def all(self) -> list[str]:
        """Every one of them."""
        return [week for part in self for week in part]


def roads(week: str, cents: int) -> Purchase:
    """A purchase on the Monday of a week."""
    return Purchase(date.fromisoformat(week), "HIGHWAYS", "ROADS", cents)


def purchases_of(weeks: Sequence[str]) -> list[Purchase]:
    """Purchases and refunds of some departments; one of them buys in the first week only."""
    found = []
    for number, week in enumerate(weeks):
        days = [date.fromisoformat(week) + timedelta(days=day) for day in range(7)]
        found += [
            Purchase(days[0], "HIGHWAYS", "ROADS", 100_01 + number),
            Purchase(days[3], "HIGHWAYS", "BRIDGES", 33_33 * (number + 1)),
            Purchase(days[6], "HIGHWAYS", "BRIDGES", -66_67),
            Purchase(days[6], "PARKS, 'NORTH'", "ROADS", 7_07 - number),
        ]
    return [*found, Purchase(date.fromisoformat(weeks[0]), "ZOO", "(unknown)", -5)]


@pytest.fixture(scope="session")
def weeks() -> Weeks:
    """Parts of the last nineteen weeks; `caught_up` are the last ones that closed."""
    days = mondays(19, datetime.now(UTC).date())
    ends = ((0, 2), (3, 5), (6, 8), (9, 10), (11, 13), (14, 15), (16, 19))
    return Weeks(*(days[first:end] for first, end in ends))


@pytest.fixture(scope="session")
def dagster(
    settings: Settings,
    endpoints: embedded.Endpoints,
    tmp_path_factory: pytest.TempPathFactory,
    weeks: Weeks,
    stations: Network,
) -> Iterator[DagsterServer]:
    """Dagster's webserver and daemon; a file with one purchase a week waits in the drop folder.

    The weeks that Airflow catches up on have purchases of several departments.
    """
    assert endpoints.postgres_url
    alone = set(weeks.all) - set(weeks.caught_up)
    folder = tmp_path_factory.mktemp("dagster")
    with dagster_server(settings, folder, stations.url) as server:
        server.drop("first.csv", [roads(week, TOTAL) for week in sorted(alone)])
        server.drop("second.csv", purchases_of(weeks.caught_up))
        yield server


@pytest.fixture(scope="session")
def stations() -> Iterator[Network]:
    """The network of stations that the platform behind that Dagster asks."""
    with Network() as running:
        yield running


@pytest.fixture(scope="session")
def hook() -> Iterator[Wire]:
    """Where Airflow tells people of failures."""
    with answering(200, "ok") as wire:
        yield wire


@pytest.fixture(scope="session")
def airflow(
    dagster: DagsterServer,
    endpoints: embedded.Endpoints,
    weeks: Weeks,
    hook: Wire,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Airflow]:
    """Airflow 3.3 with every component, at work for that Dagster."""
    if not airflow_3.HOME.is_dir():
        pytest.skip("no environment with Airflow 3.3: `make test-airflow` builds it")
    home = tmp_path_factory.mktemp("airflow") / "home"
    addresses = Addresses(dagster.client.url, hook.url)
    spend = {"first_week": weeks.caught_up[0], "cron": "0 0 * * 1"}
    with (
        new_database(endpoints) as database,
        airflow_3.airflow_3(home, database, addresses, spend) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def airflow2(
    dagster: DagsterServer,
    endpoints: embedded.Endpoints,
    weeks: Weeks,
    hook: Wire,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Airflow2]:
    """Airflow 2.11, whose commands run DAGs without a scheduler."""
    if not airflow_2.HOME.is_dir():
        pytest.skip("no environment with Airflow 2.11: `make test-airflow` builds it")
    home = tmp_path_factory.mktemp("airflow2") / "home"
    addresses = Addresses(dagster.client.url, hook.url)
    spend = {"first_week": weeks.backfill_2[0], "cron": "0 0 * * 1"}
    with new_database(endpoints) as database:
        yield airflow_2.prepared(home, database, addresses, spend)
