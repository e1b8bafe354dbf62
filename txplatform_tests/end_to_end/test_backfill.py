"""A backfill as the UI's buttons start it: one broken week, then "re-execute from failure"."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bson import Decimal128
from pymongo import MongoClient

from txplatform import embedded
from txplatform.airflow_dags.dagster_partitions.client import Dagster
from txplatform.periods import WEEK, monday_of
from txplatform.settings import load_settings
from txplatform_tests.airflow_dags.processes import until
from txplatform_tests.end_to_end.conftest import Environment

OPEN_WEEK = monday_of(datetime.now(UTC).date())
WEEKS = [str(OPEN_WEEK - back * WEEK) for back in range(6, 0, -1)]
BROKEN = WEEKS[2]
ASSETS = ("transactions", "weekly_aggregates", "weekly_transactions")
SECONDS = 180
LAUNCH = """mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    ... on LaunchBackfillSuccess { backfillId } ... on Error { message } } }"""
FINISH = """mutation ($id: String!) {
  reexecutePartitionBackfill(reexecutionParams: {parentRunId: $id, strategy: FROM_FAILURE}) {
    ... on LaunchBackfillSuccess { backfillId } ... on Error { message } } }"""
STATUS = """query ($id: String!) {
  partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"""
RANGES = """{ assetNodeOrError(assetKey: {path: ["weekly_transactions"]}) { ... on AssetNode {
  assetPartitionStatuses { ... on TimePartitionStatuses {
    ranges { startKey endKey status } } } } } }"""


def end_of(dagster: Dagster, backfill_id: str) -> str:
    """How a backfill ended."""

    def look() -> str | None:
        status = dagster.query(STATUS, id=backfill_id)["partitionBackfillOrError"]["status"]
        return status if status.startswith(("COMPLETED", "FAILED", "CANCELED")) else None

    return until(look, SECONDS, f"the end of backfill {backfill_id}")


def green_weeks(dagster: Dagster) -> set[str]:
    """The weeks of the test, and the open one, that the partition bar shows as materialised."""
    node: dict[str, Any] = dagster.query(RANGES)["assetNodeOrError"]
    ranges = node["assetPartitionStatuses"]["ranges"]
    green = [(one["startKey"], one["endKey"]) for one in ranges if one["status"] == "MATERIALIZED"]
    return {
        week for week in (*WEEKS, str(OPEN_WEEK)) for first, last in green if first <= week <= last
    }


@contextmanager
def broken(environment: Environment, week: str) -> Iterator[None]:
    """A purchase of a week whose amount is no number, as only a careless hand can write it."""
    document = {
        "_id": "poison",
        "transaction_date": datetime.fromisoformat(week),
        "amount": Decimal128("NaN"),
        "department": "Roads",
        "division": "Bridges",
    }
    settings = load_settings(state_dir=environment["TXPLATFORM_STATE_DIR"], mongo_uri=None)
    with (
        embedded.running(settings) as endpoints,
        MongoClient[dict[str, Any]](endpoints.mongo_uri) as client,
    ):
        collection = client["txplatform"]["transactions"]
        collection.insert_one(document)
        yield
        collection.delete_one({"_id": "poison"})


def test_a_broken_week_fails_alone_and_reexecution_finishes_it(
    address: str, environment: Environment
) -> None:
    dagster = Dagster(address)
    params = {"assetSelection": [{"path": [name]} for name in ASSETS], "partitionNames": WEEKS}

    with broken(environment, BROKEN):
        first = dagster.query(LAUNCH, params=params)["launchPartitionBackfill"]["backfillId"]
        assert end_of(dagster, first) == "COMPLETED_FAILED"
    # Not the other week of its range, nor the open one that hangs on the last.
    assert green_weeks(dagster) == set(WEEKS) - {BROKEN}

    second = dagster.query(FINISH, id=first)["reexecutePartitionBackfill"]["backfillId"]
    assert end_of(dagster, second) == "COMPLETED_SUCCESS"
    assert green_weeks(dagster) == set(WEEKS)
