"""Old runs and logs are deleted; what made the table stays, and so does what Dagster knows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from txplatform.definitions import build
from txplatform.orchestration.retention import delete_before
from txplatform.settings import Settings

WEEKS = dg.WeeklyPartitionsDefinition(start_date="2026-11-02", day_offset=1)
WEEK = "2026-11-09"


@dg.asset(partitions_def=WEEKS)
def table() -> None:
    """Prints, and is materialised."""
    print("computed")  # noqa: T201 - what a run prints is what is deleted


@dg.op
def fail() -> None:
    """Print, and materialise nothing."""
    print("tried")  # noqa: T201 - as above
    raise ValueError("in vain")


@dg.job
def failing() -> None:
    """A run that left nothing behind."""
    fail()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def _printed(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    folder = Path(instance.storage_directory()) / run_id / "compute_logs"
    return sorted(folder.glob("*.out"))


def test_runs_that_materialised_stay_without_what_they_printed(
    instance: dg.DagsterInstance,
) -> None:
    computed = dg.materialize([table], partition_key=WEEK, instance=instance).run_id
    failed = failing.execute_in_process(instance=instance, raise_on_error=False).run_id
    assert all(_printed(instance, run_id) for run_id in (computed, failed))

    deleted = delete_before(instance, datetime.now(UTC) + timedelta(seconds=1))

    assert deleted == (1, 1)
    assert [run.run_id for run in instance.get_runs()] == [computed]
    assert instance.get_materialized_partitions(dg.AssetKey("table")) == {WEEK}
    assert not any(_printed(instance, run_id) for run_id in (computed, failed))


def test_what_is_younger_stays(instance: dg.DagsterInstance) -> None:
    before = datetime.now(UTC)
    failed = failing.execute_in_process(instance=instance, raise_on_error=False).run_id

    assert delete_before(instance, before) == (0, 0)
    assert instance.get_run_by_id(failed) is not None
    assert _printed(instance, failed)


def test_it_runs_every_night(settings: Settings) -> None:
    definitions = build(settings)
    schedule = definitions.resolve_schedule_def("retention_every_night")

    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert definitions.resolve_job_def(schedule.job_name).name == "retention"
