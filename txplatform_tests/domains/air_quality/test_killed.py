"""kill -9 in the middle of a fetch: the next one completes it, nothing doubled, nothing lost."""

import subprocess
import sys
import threading
from pathlib import Path

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.computation import compute_stale
from txplatform.domains.air_quality.planning import stale_days
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.sources.intake import fetch_all
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.embedded.processes import wait_until
from txplatform.platform import Platform
from txplatform.settings import child_environment
from txplatform_tests.cli.commands import variables_of
from txplatform_tests.domains.air_quality.network import Asked, Network, Reply, hours, record

SCRIPT = Path(__file__).with_name("killed_fetch.py")
RECORDS = [
    record(f"2026-03-{1 + n // 24:02} {n % 24:02}:00:00", pm25=5 + n / 100) for n in range(24 * 20)
]


def begun(asking: Platform, network: Network, *stage: str) -> "subprocess.Popen[bytes]":
    """A process that fetches."""
    variables = variables_of(asking, asking.endpoints.dagster_postgres_url)
    address = {"TXPLATFORM_AIR_QUALITY_AIRQINO_URL": network.url}
    environment = child_environment(**variables, **address)
    return subprocess.Popen([sys.executable, SCRIPT, *stage], env=environment)


def require_whole(asking: Platform, station: Station) -> None:
    """Fetch again: nothing doubled, nothing lost, and what is stale is computed."""
    (report,) = fetch_all(asking, station)

    fetches = [each["status"] for each in asking.database[tables.FETCHES].find()]
    assert sorted(fetches) == ["finished", "running"]
    assert (report.new, asking.database[tables.AIR_HOURS].count_documents({})) == (480, 480)
    basis = basis_of(asking)
    assert len(stale_days(asking.engine, basis)[station.station_id]) == 20
    compute_stale(asking, basis, "run")
    assert stale_days(asking.engine, basis) == {}


def test_a_fetch_that_is_killed_is_begun_anew(
    asking: Platform, network: Network, station: Station
) -> None:
    """Killed while the network still speaks; the lock of the station goes with the process."""
    release = threading.Event()

    def slow(_: Asked) -> Reply:
        release.wait(60)
        return Reply(hours(*RECORDS))

    network.answer = slow
    child = begun(asking, network)
    assert wait_until(lambda: bool(network.asked), 120)
    child.kill()
    child.wait()
    release.set()
    network.answer = lambda _: Reply(hours(*RECORDS))

    require_whole(asking, station)


def test_a_fetch_that_is_killed_between_marking_and_writing(
    asking: Platform, network: Network, station: Station
) -> None:
    """Days that are computed meanwhile are marked again by the fetch that writes."""
    network.will_say(hours(*RECORDS))
    child = begun(asking, network, "marked")
    assert wait_until(lambda: bool(stale_days(asking.engine, basis_of(asking))), 120)
    child.kill()
    child.wait()
    assert asking.database[tables.AIR_HOURS].count_documents({}) == 0
    compute_stale(asking, basis_of(asking), "too early")
    assert stale_days(asking.engine, basis_of(asking)) == {}

    require_whole(asking, station)
