"""Alerts and weekly table on a Spark standalone cluster of two workers; one is killed."""

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from sqlalchemy import select

from txplatform.domains.spend import alerting, measuring, planning, tables
from txplatform.domains.spend.queries.weekly_table import weekly_rows
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.domains.spend.transforms import without_spark
from txplatform.embedded.java import java_home
from txplatform.platform import Platform
from txplatform.settings import child_environment
from txplatform_tests.airflow_dags.processes import process, until
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.domains.spend.books import without_stamps
from txplatform_tests.end_to_end.spark_cluster import Cluster, spark_cluster

SECONDS = 180
LIMIT = Decimal(500)


def environment(platform: Platform, cluster: Cluster) -> dict[str, str]:
    """Variables that a data engineer would set for an existing cluster."""
    settings = platform.settings
    assert settings.mongo_uri
    assert settings.postgres_url
    return dict(
        child_environment(
            TXPLATFORM_STATE_DIR=str(settings.state),
            TXPLATFORM_MONGO_URI=settings.mongo_uri.get_secret_value(),
            TXPLATFORM_MONGO_DATABASE=settings.mongo_database,
            TXPLATFORM_POSTGRES_URL=settings.postgres_url.get_secret_value(),
            TXPLATFORM_SPEND_LIMIT=str(LIMIT),
            SPARK_MASTER=cluster.url,
            SPARK_LOCAL_IP="127.0.0.1",
            PYTHONPATH=str(ROOT),
        )
    )


@pytest.mark.long
def test_both_workers_compute_and_the_result_is_exact_though_one_is_killed(
    platform: Platform, spark: SparkSession, tmp_path: Path
) -> None:
    platform.settings = platform.settings.having(SpendSettings, limit=LIMIT)
    write_sample(tmp_path / "sample.csv", rows=5_000)
    arrival.take(platform, str(tmp_path / "sample.csv"), "delaware")
    done = tmp_path / "done.txt"

    with spark_cluster(tmp_path, java_home(platform.settings)) as cluster:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "txplatform_tests.end_to_end.cluster_job",
            done,
        ]
        log = tmp_path / "job.log"
        with process(command, environment(platform, cluster), log) as job:
            until(lambda: done.exists() and done.read_text(), SECONDS, "the alerts")
            until(lambda: all(cluster.tasks()), SECONDS, "tasks of the rules on both workers")
            until(lambda: len(done.read_text().splitlines()) > 1, SECONDS, "the first range")
            busy = [worker["coresused"] for worker in cluster.state()["workers"]]
            assert job.is_running()
            cluster.workers[0].kill()
            until(lambda: cluster.states() == ["ALIVE", "DEAD"], SECONDS, "the master's word")
            assert job.wait(SECONDS) == 0, log.read_text(encoding="utf-8")[-2000:]
        tasks = cluster.tasks()

    assert busy == [1, 1], "the master gave the application both workers"
    assert all(tasks), f"tasks that each worker ran: {tasks}"
    _assert_alerts_are_those_of_this_machine(platform, spark)
    first, last = measuring.span(platform.database) or (date.min, date.min)
    sums = measuring.division_sums(platform.database, first, last, parallel=2)
    expected = without_spark.weekly_transactions(sums, first, last).to_pylist()
    rows = weekly_rows(platform.engine, first, last).to_pylist()
    assert without_stamps(rows) == [row for row in expected if row["week_start"] <= _last(rows)]


def _assert_alerts_are_those_of_this_machine(platform: Platform, spark: SparkSession) -> None:
    columns = ("alert_id", "rule", "transaction_ids", "amount_at_risk", "risk", "case_id")
    found = alerting.find(platform, spark, planning.all_weeks(platform))
    here = pa.concat_tables(week for part in found for week in part.values()).to_pylist()
    with platform.engine.connect() as connection:
        there = connection.execute(select(*(tables.alerts.c[name] for name in columns))).all()
    assert len({row.rule for row in there}) >= 9
    assert sorted(map(tuple, there)) == sorted(tuple(row[c] for c in columns) for row in here)


def _last(rows: list[dict[str, object]]) -> object:
    """The last week computed: the open one is not."""
    return rows[-1]["week_start"]
