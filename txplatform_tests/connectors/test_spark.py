"""Spark: one session per process, configured from the settings, refused in one sentence."""

import contextlib
import io
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.errors import ArithmeticException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from txplatform.connectors import spark as connector
from txplatform.connectors import spark_config
from txplatform.embedded.java import java_home
from txplatform.errors import ServerError
from txplatform.settings import Settings, child_environment, load_settings


def _no_java() -> Path:
    raise ServerError("Spark needs Java 17 or newer and there is none.")


@pytest.fixture
def free_port() -> int:
    """A port on which nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def listening() -> Iterator[str]:
    """Address of something that listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"sc://127.0.0.1:{server.getsockname()[1]}"


def test_without_settings_spark_runs_in_this_process() -> None:
    config = spark_config.session_config(load_settings(spark_master="local[*]", spark_remote=None))

    assert config[spark_config.MASTER] == "local[*]"
    assert spark_config.REMOTE not in config


@pytest.mark.parametrize(
    ("settings", "warm", "expected"),
    [
        ({"spark_master": "spark://host:7077"}, None, ("spark://host:7077", None)),
        ({"spark_remote": "sc://host:15002"}, None, (None, "sc://host:15002")),
        (
            {"spark_remote": "sc://host:15002", "spark_master": "yarn"},
            "sc://warm:1",
            (None, "sc://host:15002"),
        ),
        ({}, "sc://warm:1", (None, "sc://warm:1")),
    ],
    ids=["a cluster", "a Connect server", "it wins over the others", "the warm one"],
)
def test_settings_choose_where_spark_runs(
    settings: dict[str, str], warm: str | None, expected: tuple[str | None, str | None]
) -> None:
    config = spark_config.session_config(load_settings(**{"spark_remote": None, **settings}), warm)

    assert (config.get(spark_config.MASTER), config.get(spark_config.REMOTE)) == expected


def test_the_session_of_a_process_is_one(spark: SparkSession, settings: Settings) -> None:
    config = spark_config.session_config(settings)

    again = connector.session(config, lambda: Path(load_settings().java_home or ""))

    assert again.sparkContext is spark.sparkContext
    assert connector.has_own_jvm()


def test_an_empty_address_of_connect_is_none(
    spark: SparkSession, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file of variables leaves it."""
    monkeypatch.setenv("SPARK_REMOTE", "")

    again = connector.session(spark_config.session_config(settings), lambda: java_home(settings))

    assert again.sparkContext is spark.sparkContext
    assert child_environment()["SPARK_REMOTE"] == ""


def test_weeks_are_cut_in_utc(spark: SparkSession) -> None:
    """Catches: the machine's time zone, by which a Monday's midnight falls on Sunday."""
    [row] = spark.sql("SELECT date_trunc('week', DATE '2026-11-16') AS week").collect()

    assert f"{row.week:%Y-%m-%d %H:%M}" == "2026-11-16 00:00"
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"


def test_a_number_that_does_not_fit_fails(spark: SparkSession) -> None:
    """Catches: ANSI mode off, by which an overflow becomes NULL in silence."""
    one = spark.createDataFrame([(Decimal("99999.99"),)], "amount decimal(7,2)")

    with pytest.raises(ArithmeticException, match="NUMERIC_VALUE_OUT_OF_RANGE"):
        one.select(F.col("amount").cast("decimal(4,2)")).collect()


def test_a_connect_server_that_is_not_there_is_one_sentence_at_once(free_port: int) -> None:
    """Catches: the client's own patience, which is minutes; and Java, which it does not need."""
    config = spark_config.session_config(load_settings(spark_remote=f"sc://127.0.0.1:{free_port}"))

    with pytest.raises(ServerError, match=f"No Spark Connect server answers at .*:{free_port} "):
        connector.session(config, _no_java)


def test_a_server_that_listens_is_accepted(listening: str) -> None:
    connector.require_listening(listening)


def test_a_remote_without_port_is_that_of_spark_connect() -> None:
    with pytest.raises(ServerError, match=r"at 127.0.0.2:15002 \("):
        connector.require_listening("sc://127.0.0.2")


def test_without_java_nothing_is_started(settings: Settings) -> None:
    with pytest.raises(ServerError, match="Spark needs Java 17"):
        connector.session(spark_config.session_config(settings), _no_java)


def test_small_queries_are_interpreted_and_large_ones_compiled(spark: SparkSession) -> None:
    key = "spark.sql.codegen.wholeStage"
    compiled = spark.conf.get(key)

    with connector.sized(spark, connector.INTERPRETED_ROWS):
        small = spark.conf.get(key)
        total = spark.range(3).agg(F.sum("id")).collect()[0][0]
    with connector.sized(spark, connector.INTERPRETED_ROWS + 1):
        large = spark.conf.get(key)

    assert (small, large, spark.conf.get(key)) == ("false", compiled, compiled)
    assert total == 3


def test_a_shuffle_has_a_partition_per_core_until_they_grow_large(spark: SparkSession) -> None:
    """Catches: a file for each of many partitions; a core that has nothing to do."""
    cores = spark.sparkContext.defaultParallelism
    sizes = (connector.CORE_ROWS, connector.CORE_ROWS * cores, connector.PARTITION_ROWS * cores * 3)
    partitions = []

    for rows in sizes:
        with connector.sized(spark, rows):
            partitions.append(int(spark.conf.get(spark_config.PARTITIONS) or 0))

    assert partitions == [1, cores, 3 * cores]


def test_a_large_table_goes_to_the_tasks_as_arrow(spark: SparkSession) -> None:
    """Catches: rows that are made of it first, and sent to each task as Java objects."""
    numbers = pa.table({"number": pa.array(range(200_000), pa.int64())})

    large, small = (connector.frame(spark, table) for table in (numbers, numbers[:10]))

    assert [_scan(one) for one in (large, small)] == ["Scan ExistingRDD", "LocalTableScan"]
    assert large.agg(F.sum("number")).collect()[0][0] == sum(range(200_000))


def _scan(frame: DataFrame) -> str:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        frame.explain()
    plan = told.getvalue()
    return next(name for name in ("Scan ExistingRDD", "LocalTableScan") if name in plan)


def test_a_java_that_is_killed_is_told_in_a_sentence_and_by_nobody_else(tmp_path: Path) -> None:
    """Catches: stack traces of Py4J, and "Connection refused" without saying by whom."""
    done = subprocess.run(
        [sys.executable, "-m", "txplatform_tests.connectors.lost_java"],
        env=child_environment(TXPLATFORM_STATE_DIR=str(tmp_path), SPARK_MASTER="local[1]"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert len(said) == 2
    assert all(line.startswith("Spark was lost while it computed (") for line in said)
    assert all("the same command finishes the work" in line for line in said)


def test_an_error_of_a_query_stays_what_it_is(spark: SparkSession) -> None:
    with pytest.raises(ArithmeticException), connector.sized(spark, 1):
        spark.sql("SELECT 1 / 0").toArrow()
