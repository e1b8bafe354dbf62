"""A run that is cancelled and code that is reloaded, as the UI's buttons do it.

The run is stopped in the middle of its work: it waits for a week whose lock somebody else holds.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from txplatform import embedded
from txplatform.airflow_dags.dagster_partitions.client import Dagster
from txplatform.connectors import postgres
from txplatform.domains.spend.publishing.weekly import LOCK
from txplatform.settings import load_settings
from txplatform_tests.airflow_dags.processes import until
from txplatform_tests.end_to_end.conftest import Environment

WEEK = date(2026, 4, 6)
SECONDS = 180
LAUNCH = """mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }"""
CANCEL = """mutation ($id: String!) {
  terminateRun(runId: $id) {
    ... on TerminateRunSuccess { run { runId } } ... on Error { message } } }"""
RELOAD = """mutation { reloadRepositoryLocation(repositoryLocationName: "txplatform.definitions") {
    ... on WorkspaceLocationEntry { loadStatus } ... on Error { message } } }"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


def test_a_cancelled_run_leaves_its_week_free_and_reloaded_code_computes_it(
    address: str, environment: Environment
) -> None:
    dagster = Dagster(address)

    with held(environment, WEEK) as waiters:
        stuck = launch(dagster)
        until(waiters, SECONDS, "the run that waits for the week's lock")
        assert dagster.query(CANCEL, id=stuck)["terminateRun"] == {"run": {"runId": stuck}}
    assert end_of(dagster, stuck) == "CANCELED"

    assert dagster.query(RELOAD)["reloadRepositoryLocation"] == {"loadStatus": "LOADED"}
    assert end_of(dagster, launch(dagster)) == "SUCCESS"


@contextmanager
def held(environment: Environment, week: date) -> Iterator[Callable[[], int]]:
    """The lock of a week in somebody else's hands; yields how many sessions wait for one."""
    settings = load_settings(state_dir=environment["TXPLATFORM_STATE_DIR"], postgres_url=None)
    engine = postgres.connect(embedded.endpoints(settings).postgres_url)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with engine.connect() as holder, engine.connect() as watcher:
        postgres.lock_weeks(holder, LOCK, week)
        yield lambda: watcher.exec_driver_sql(waiting).scalar_one()
    engine.dispose()


def launch(dagster: Dagster) -> str:
    """The id of a new run of the week."""
    selector = {
        "repositoryLocationName": "txplatform.definitions",
        "repositoryName": "__repository__",
        "jobName": "weekly_spend",
    }
    tags = [{"key": "dagster/partition", "value": str(WEEK)}]
    params = {"selector": selector, "executionMetadata": {"tags": tags}}
    run_id: str = dagster.query(LAUNCH, params=params)["launchRun"]["run"]["runId"]
    return run_id


def end_of(dagster: Dagster, run_id: str) -> str:
    """How a run ended."""

    def look() -> str | None:
        status: str = dagster.query(STATUS, id=run_id)["runOrError"]["status"]
        return status if status in {"SUCCESS", "FAILURE", "CANCELED"} else None

    return until(look, SECONDS, f"the end of the run {run_id}")
