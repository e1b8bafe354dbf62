"""Assets, runs and verdicts over GraphQL, without Airflow: on a real webserver and daemon."""

import logging
import time

import pytest

from txplatform.airflow_dags.dagster_partitions import runs
from txplatform.airflow_dags.dagster_partitions.assets import (
    Target,
    assets_of_job,
    find_target,
    reported_partitions,
)
from txplatform.airflow_dags.dagster_partitions.client import Dagster, DagsterUsageError
from txplatform.airflow_dags.dagster_partitions.following import Follower, Verdict
from txplatform.airflow_dags.dagster_partitions.runs import Run
from txplatform_tests.airflow_dags.dagster_server import DagsterServer
from txplatform_tests.airflow_dags.laboratory import SENTENCE
from txplatform_tests.airflow_dags.processes import free_port

SPEND = ["transactions", "weekly_aggregates", "weekly_transactions"]
LOG = logging.getLogger(__name__)


def follow(dagster: Dagster, run_id: str) -> Verdict:
    """The verdict at the end of a run."""
    follower = Follower(dagster, run_id, LOG)
    while (verdict := follower.look()) is None:
        time.sleep(0.5)
    return verdict


def computed(dagster: Dagster, asset: str, week: str | None) -> Verdict:
    """The verdict of a new run."""
    return follow(dagster, runs.launch(dagster, find_target(dagster, [asset], week), {}, None))


def test_assets_and_a_week_of_theirs_are_found(dagster: DagsterServer) -> None:
    target = find_target(dagster.client, SPEND, "2024-12-30")

    assert (target.assets, target.partition_key) == (tuple(SPEND), "2024-12-30")
    assert target.job == "__ASSET_JOB"
    assert "weekly_spend" in target.jobs


@pytest.mark.parametrize(
    ("assets", "week", "sentence"),
    [
        ([], None, "No asset is named."),
        (["weekly"], "2024-12-30", "has no asset weekly."),
        (SPEND, "2024-12-31", "The asset transactions has no partition '2024-12-31'"),
        (SPEND, None, "The asset transactions has partitions: name one"),
        (["source_files"], "2024-12-30", "The asset source_files has no partitions"),
        (["source_files", "odd"], None, "The asset odd has partitions"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_runs(
    dagster: DagsterServer, assets: list[str], week: str | None, sentence: str
) -> None:
    with pytest.raises(DagsterUsageError) as raised:
        find_target(dagster.client, assets, week)

    assert sentence in str(raised.value)


def test_an_asset_lists_partitions_in_its_metadata(dagster: DagsterServer) -> None:
    with pytest.raises(DagsterUsageError, match="has no asset nobody"):
        reported_partitions(dagster.client, "nobody", "late")
    with pytest.raises(DagsterUsageError, match="listing does not say late: materialise it first"):
        reported_partitions(dagster.client, "listing", "late")

    assert computed(dagster.client, "listing", None).run.status == "SUCCESS"

    assert reported_partitions(dagster.client, "listing", "late") == ["2024-01-01"]


def test_a_range_of_partitions_is_one_run(dagster: DagsterServer) -> None:
    asset = "air_quality/air_hours"
    target = find_target(dagster.client, [asset], "2026-03-01...2026-03-03")
    inside = find_target(dagster.client, [asset], "2026-03-02")
    beyond = find_target(dagster.client, [asset], "2026-03-03...2026-03-04")

    verdict = follow(dagster.client, runs.launch(dagster.client, target, {}, None))

    assert verdict.run.status == "SUCCESS"
    assert (verdict.run.tags[runs.RANGE_START], verdict.run.tags[runs.RANGE_END]) == (
        "2026-03-01",
        "2026-03-03",
    )
    covered = [verdict.run.covers(each) for each in (target, inside, beyond)]
    assert covered == [True, True, False]
    with pytest.raises(DagsterUsageError, match=r"has no partition '2019-12-31': it has 2020"):
        find_target(dagster.client, [asset], "2019-12-31...2020-01-02")


def test_a_jobs_assets_are_found(dagster: DagsterServer) -> None:
    found = assets_of_job(dagster.client, "ingest_sources")

    assert found == ["source_files"]
    with pytest.raises(DagsterUsageError, match="has no job nobody with assets"):
        assets_of_job(dagster.client, "nobody")


def test_a_check_that_only_warns_is_a_warning_of_the_verdict(dagster: DagsterServer) -> None:
    verdict = computed(dagster.client, "odd", "2024-01-01")

    assert verdict.run.status == "SUCCESS"
    assert verdict.errors == ()
    assert verdict.warnings == ("the check usual of odd failed: Twice the usual total.",)


def test_a_failed_check_is_an_error_of_a_successful_run(dagster: DagsterServer) -> None:
    verdict = computed(dagster.client, "wrong", "2024-01-01")

    assert verdict.run.status == "SUCCESS"
    assert verdict.errors == ("the check total of wrong failed: Off by 0.01.",)


def test_a_failure_is_the_sentence_of_its_asset(
    dagster: DagsterServer, caplog: pytest.LogCaptureFixture
) -> None:
    verdict = computed(dagster.client, "broken", "2024-01-01")

    assert verdict.run.status == "FAILURE"
    assert verdict.errors == (f"broken: {SENTENCE}",)
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == [f"broken: {SENTENCE}"]


def _wait_until_started(client: Dagster, target: Target) -> None:
    """Dagster itself loses a cancellation that comes in the instant of the start."""
    deadline = time.monotonic() + 60
    while (run := runs.in_progress(client, target)) is None or run.status != "STARTED":
        assert time.monotonic() < deadline, run
        time.sleep(0.2)


def test_runs_in_progress_are_found_until_they_are_cancelled(dagster: DagsterServer) -> None:
    target = find_target(dagster.client, ["held"], "2024-01-01")
    other = find_target(dagster.client, ["held"], "2024-01-08")
    assert runs.in_progress(dagster.client, target) is None

    run_id = runs.launch(dagster.client, target, {"airflow/dag_id": "d"}, None)

    found = runs.in_progress(dagster.client, target)
    assert found is not None
    assert found.run_id == run_id
    assert found.carries({"airflow/dag_id": "d"})
    assert runs.in_progress(dagster.client, other) is None
    _wait_until_started(dagster.client, target)
    assert runs.cancel_all(dagster.client, {"airflow/dag_id": "d"}) == [run_id]
    assert follow(dagster.client, run_id).run.status == "CANCELED"
    assert runs.in_progress(dagster.client, target) is None
    runs.cancel(dagster.client, run_id)  # once more does no harm


def test_a_webserver_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    nobody = Dagster(f"http://127.0.0.1:{free_port()}")
    follower = Follower(nobody, "run", LOG, patience=60)

    assert follower.look() is None
    assert "The run goes on; asking again." in caplog.text


TARGET = Target(("a", "b"), "l", "r", "j", frozenset({"j"}), "w2", ("w1", "w2", "w3"))


@pytest.mark.parametrize(
    ("assets", "job", "tags", "is_covering"),
    [
        ({"a", "b"}, "x", {runs.PARTITION: "w2"}, True),
        ({"a", "b", "c"}, "x", {runs.PARTITION: "w2"}, True),
        ({"a"}, "j", {runs.PARTITION: "w2"}, False),
        (set(), "j", {runs.PARTITION: "w2"}, True),
        (set(), "x", {runs.PARTITION: "w2"}, False),
        ({"a", "b"}, "x", {runs.PARTITION: "w1"}, False),
        ({"a", "b"}, "x", {}, False),
        ({"a", "b"}, "x", {runs.RANGE_START: "w1", runs.RANGE_END: "w3"}, True),
        ({"a", "b"}, "x", {runs.RANGE_START: "w3", runs.RANGE_END: "w3"}, False),
    ],
)
def test_a_run_covers_a_target_with_all_its_assets_and_its_partition(
    assets: set[str], job: str, tags: dict[str, str], is_covering: bool
) -> None:
    run = Run("id", "STARTED", job, 0.0, tags, frozenset(assets))

    assert run.covers(TARGET) is is_covering
