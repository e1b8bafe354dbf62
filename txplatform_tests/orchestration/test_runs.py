"""Runs in this process: how periods are grouped into runs, and what a run says of itself."""

import logging
import os
import signal
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_shared.error import SerializableErrorInfo
from sqlalchemy import create_engine, text

from txplatform import embedded
from txplatform.connectors import server_errors
from txplatform.errors import ReconciliationError
from txplatform.orchestration.instance import POSTGRES_VARIABLE, open_instance
from txplatform.orchestration.partitions import periods_of_run, weekly_partitions
from txplatform.orchestration.run_process import RunProcess
from txplatform.orchestration.runs import (
    PeriodRun,
    innermost_sentence,
    run_of_today,
    run_periods,
)
from txplatform.settings import Settings

FIRST = date(2026, 1, 5)
OF_JAVA = """An error occurred while calling o471.getResult.
: org.apache.spark.SparkException: Exception thrown in awaitResult:
\tat org.apache.spark.util.SparkThreadUtils$.awaitResult(SparkThreadUtils.scala:70)
Caused by: java.io.IOException: disk: full
\tat java.base/java.lang.Thread.run(Thread.java:840)
"""
WEEKS = [FIRST + timedelta(weeks=n) for n in range(60)]


def week(number: int) -> date:
    return WEEKS[number]


@pytest.mark.parametrize(
    ("last", "failure", "written", "removed", "sentence"),
    [
        (0, None, 0, 0, "2026-01-05: nothing changed (run 0a1b2c3d, 1.5 s)"),
        (0, None, 20, 18, "2026-01-05: 20 rows written, 18 removed (run 0a1b2c3d, 1.5 s)"),
        (
            3,
            None,
            5,
            0,
            "2026-01-05 to 2026-01-26: 5 rows written, 0 removed (run 0a1b2c3d, 1.5 s)",
        ),
        (
            0,
            "The disk is full.",
            0,
            0,
            "2026-01-05: failed: The disk is full. (run 0a1b2c3d, 1.5 s)",
        ),
    ],
)
def test_a_run_in_words(
    last: int, failure: str | None, written: int, removed: int, sentence: str
) -> None:
    run = PeriodRun("job", FIRST, week(last), "0a1b2c3d-4e5f", failure, written, removed, 1.5)

    assert run.sentence() == sentence
    assert run.periods == last + 1


def error(message: str, cause: SerializableErrorInfo | None = None) -> SerializableErrorInfo:
    return SerializableErrorInfo(message, [], None, cause)


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        ([], None),
        ([None], None),
        (
            [error("txplatform.errors.ServerError: MongoDB does not answer.\n")],
            "MongoDB does not answer.",
        ),
        (
            [error("dagster.StepError: wrapped", error("pkg.ServerError: The disk: it is full."))],
            "The disk: it is full.",
        ),
        ([None, error("a.B: first"), error("a.B: second")], "first"),
        ([error(f"py4j.protocol.Py4JJavaError: {OF_JAVA}")], "java.io.IOException: disk: full"),
        ([error("a.B: first line\n\tat b.py\n")], "first line"),
        (
            [SerializableErrorInfo("psycopg2.OperationalError: gone\n", [], "OperationalError")],
            server_errors.sentence(["OperationalError"], "gone"),
        ),
    ],
)
def test_the_sentence_of_a_failure_is_that_of_its_innermost_cause(
    errors: list[SerializableErrorInfo | None], sentence: str | None
) -> None:
    assert innermost_sentence(errors) == sentence


PARTITIONS = weekly_partitions(FIRST)


@dg.asset(partitions_def=PARTITIONS)
def weekly(context: dg.AssetExecutionContext) -> None:
    """An asset that counts two rows a week; its fourth week fails, its fifth is stopped."""
    first, _ = periods_of_run(context.run)
    if first == week(4):
        signal.raise_signal(signal.SIGINT)
    if first == week(3):
        raise ReconciliationError("Week 2026-01-26 does not add up.")
    for key in context.partition_keys:
        context.add_asset_metadata({"rows_inserted": 2, "rows_removed": 1}, partition_key=key)


@pytest.fixture(scope="module")
def job() -> dg.JobDefinition:
    in_one_run = weekly.with_attributes(backfill_policy=dg.BackfillPolicy.single_run())
    definitions = dg.Definitions(
        assets=[in_one_run], jobs=[dg.define_asset_job("weekly_job", selection=[weekly])]
    )
    return definitions.resolve_job_def("weekly_job")


def test_a_run_of_several_weeks_adds_their_figures_up(job: dg.JobDefinition) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        done = run_periods(job, instance, week(0), week(2))
        materialized = instance.get_materialized_partitions(weekly.key)

    assert (done.failure, done.rows_written, done.rows_removed) == (None, 6, 3)
    assert materialized == {str(week(0)), str(week(1)), str(week(2))}


def test_a_run_names_the_process_that_it_is_in(job: dg.JobDefinition) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        done = run_periods(job, instance, week(0), week(0))
        run = instance.get_run_by_id(done.run_id)

    assert run
    process = RunProcess.of(run)
    assert process
    assert (process.pid, process.is_running) == (os.getpid(), True)


class Limit(dg.Config):
    """What one run may be told."""

    at_most: int = 1


@dg.asset
def table(config: Limit) -> None:
    """An asset without periods."""
    if config.at_most < 1:
        raise ReconciliationError("Nothing may be written.")


def test_a_run_without_periods_is_that_of_today_and_takes_its_steps_choices() -> None:
    """Catches: a killed `commerce run` that stays in progress for ever."""
    definitions = dg.Definitions(assets=[table], jobs=[dg.define_asset_job("table_job")])
    job, today = definitions.resolve_job_def("table_job"), datetime.now(UTC).date()
    with dg.DagsterInstance.ephemeral() as instance:
        done = run_of_today(job, instance, {})
        refused = run_of_today(job, instance, {"table": {"config": {"at_most": 0}}})
        run = instance.get_run_by_id(done.run_id)

    assert (done.failure, refused.failure) == (None, "Nothing may be written.")
    assert (done.first, done.last, done.periods) == (today, today, 1)
    assert run
    assert RunProcess.of(run)


def test_a_run_that_fails_says_why_and_materialises_nothing(job: dg.JobDefinition) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        done = run_periods(job, instance, week(3), week(3))
        materialized = instance.get_materialized_partitions(weekly.key)

    assert done.failure == "Week 2026-01-26 does not add up."
    assert materialized == set()


def test_a_run_that_is_stopped_stops_those_after_it(job: dg.JobDefinition) -> None:
    """Catches: Ctrl-C that ends one run of many, and is told as the failure of that one."""
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(KeyboardInterrupt):
        run_periods(job, instance, week(4), week(4))


@pytest.fixture
def environment_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the variables back that opening an instance exports."""
    for name in ("DAGSTER_HOME", "DAGSTER_EVENT_BATCH_SIZE", POSTGRES_VARIABLE):
        monkeypatch.setenv(name, "")


@dg.asset
def loses_history() -> None:
    """An asset during which Dagster loses its history: nothing can be stored any more."""
    with dg.DagsterInstance.get() as own:
        storage: Any = own.event_log_storage
        engine = create_engine(storage.postgres_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE event_logs ADD CHECK (false) NOT VALID"))
    engine.dispose()


@pytest.mark.usefixtures("environment_kept")
def test_a_lost_history_is_told_once(
    settings: Settings,
    endpoints: embedded.Endpoints,
    postgres_url: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Dagster would print the statement with all that it stores before it raises the error."""
    addresses = replace(endpoints, dagster_postgres_url=postgres_url)
    definitions = dg.Definitions([loses_history], jobs=[dg.define_asset_job("job", "*")])
    own = settings.model_copy(update={"state_dir": tmp_path})

    with open_instance(own, addresses) as instance, pytest.raises(Exception, match="CheckViol"):
        run_periods(definitions.resolve_job_def("job"), instance, week(0), week(0))

    assert "INSERT INTO" not in capfd.readouterr().err


@pytest.mark.usefixtures("environment_kept")
def test_retries_of_a_lost_database_are_not_told_one_by_one(
    settings: Settings, endpoints: embedded.Endpoints, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), open_instance(settings, endpoints):
        logging.warning("Retrying failed database connection: %s", "refused")  # noqa: LOG015
        logging.warning("Something else")  # noqa: LOG015 - as Dagster does

    said = [one.getMessage() for one in caplog.records if one.name == "root"]
    assert "Something else" in said
    assert [one for one in said if one.startswith("Retrying")] == []
