"""What each engine must do for the transforms: read whole units, keep, hash, hand back Arrow."""

import os
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession

from txplatform.connectors.object_store import ROW_GROUP
from txplatform.connectors.spark_config import PARTITIONS
from txplatform.domains.commerce.computation.engines import (
    MOST_ROWS_IN_MEMORY,
    DuckDB,
    Engine,
    Pandas,
    Spark,
    engine,
)
from txplatform.errors import UsageError

SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("amount", pa.decimal128(18, 2)),
        ("price", pa.decimal128(18, 4)),
        ("day", pa.date32()),
        ("at", pa.timestamp("us")),
        ("count", pa.int64()),
        ("flag", pa.bool_()),
    ]
)
ROWS = [
    {
        "name": "a",
        "amount": Decimal("-12.34"),
        "price": Decimal("0.0001"),
        "day": date(1969, 12, 31),
        "at": datetime(2024, 3, 31, 2, 30),
        "count": 1,
        "flag": True,
    },
    {
        "name": "é",
        "amount": Decimal("9999999999999999.99"),
        "price": Decimal("99999999999999.9999"),
        "day": date(2024, 2, 29),
        "at": datetime(1970, 1, 1),
        "count": -5,
        "flag": False,
    },
    dict.fromkeys(SCHEMA.names),
]
UNITS = [
    ("a", -1_234, 1, -1, 1_711_852_200, 1, True),
    ("é", 999_999_999_999_999_999, 999_999_999_999_999_999, 19_782, 0, -5, False),
    (None,) * 7,
]


@pytest.fixture(params=["duckdb", "pandas", "spark"])
def one(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine."""
    if request.param == "spark":
        session: SparkSession = request.getfixturevalue("spark")
        made: Engine = Spark(session)
    else:
        made = DuckDB() if request.param == "duckdb" else Pandas()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A Parquet file of all types that silver has."""
    path = tmp_path / "rows.parquet"
    table = pa.Table.from_pylist(ROWS, SCHEMA)
    parquet.write_table(table, path, store_decimal_as_integer=True)
    return path


def rows_of(one: Engine, frame: nw.LazyFrame[Any], *names: str) -> list[tuple[object, ...]]:
    """The rows as tuples, by their first column; NULL last."""
    rows = [tuple(row[name] for name in names) for row in one.collect(frame).to_pylist()]
    return sorted(rows, key=lambda row: (row[0] is None, row[0]))


def test_files_are_read_in_whole_units(one: Engine, file: Path) -> None:
    assert rows_of(one, one.read([file], SCHEMA), *SCHEMA.names) == UNITS


def test_several_files_are_one_frame(one: Engine, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    other.write_bytes(file.read_bytes())

    assert one.collect(one.read([file, other], SCHEMA)).num_rows == 6


def test_no_files_are_no_rows(one: Engine) -> None:
    found = one.collect(one.read([], SCHEMA))

    assert found.num_rows == 0
    assert found.column_names == SCHEMA.names


def test_what_is_kept_is_there_twice(one: Engine) -> None:
    frame = one.table(pa.table({"n": pa.array([1, 2, 3], pa.int64())}))

    kept = one.keep(frame.with_columns(double=nw.col("n") * 2))

    assert rows_of(one, kept, "n", "double") == [(1, 2), (2, 4), (3, 6)]
    assert rows_of(one, kept.filter(nw.col("n") > 2), "double") == [(6,)]


def test_hashes_are_the_same_everywhere(one: Engine) -> None:
    frame = one.table(pa.table({"text": ["", "a", "é\x1fb"]}))

    found = rows_of(one, one.hashed(frame, digest="text"), "text", "digest")

    assert found == [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("é\x1fb", "7cc185ce62dbaf9b211b5d77a1ffd179"),
    ]


def test_nulls_stay_null_in_whole_numbers(one: Engine) -> None:
    frame = one.table(pa.table({"n": pa.array([1, None], pa.int64())}))

    found = rows_of(one, frame.with_columns(m=nw.col("n") + 1), "n", "m")

    assert found == [(1, 2), (None, None)]


def test_sums_of_groups_leave_nulls_aside(one: Engine) -> None:
    table = pa.table({"k": ["a", "a", "b"], "n": pa.array([1, None, 5], pa.int64())})

    found = one.table(table).group_by("k").agg(nw.col("n").sum().alias("n"))

    assert rows_of(one, found, "k", "n") == [("a", 1), ("b", 5)]


def test_spills_go_to_a_folder(tmp_path: Path) -> None:
    made = engine("duckdb", lambda: None, tmp_path / "spill")

    assert made.name == "duckdb"
    assert (tmp_path / "spill").is_dir()
    made.close()


def test_spark_is_opened_only_where_it_computes(spark: SparkSession) -> None:
    opened = []

    def open_session() -> SparkSession:
        opened.append(1)
        return spark

    engine("duckdb", open_session).close()
    engine("pandas", open_session).close()
    assert opened == []
    assert engine("spark", open_session).name == "spark"
    assert opened == [1]


def test_spark_has_partitions_by_the_number_of_rows(spark: SparkSession) -> None:
    made = Spark(spark)
    before = spark.conf.get(PARTITIONS)

    with made.sized(541_909):
        assert int(spark.conf.get(PARTITIONS) or 0) > 1
    assert spark.conf.get(PARTITIONS) == before
    made.close()


def test_an_unknown_engine_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="there are duckdb, spark and pandas"):
        engine("polars", lambda: None)


def test_what_duckdb_keeps_of_many_rows_is_a_file_and_comes_in_batches(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    os.utime(tmp_path / "left", (0, 0))
    duck = DuckDB("100MB", tmp_path)
    whole = duck.table(pa.table({"n": range(3 * ROW_GROUP)}))

    with duck.sized(MOST_ROWS_IN_MEMORY + 1):
        kept = duck.keep(whole)
    with duck.sized(MOST_ROWS_IN_MEMORY):
        duck.keep(whole)

    assert len([*tmp_path.rglob("*.parquet")]) == 1
    batches = [*duck.batches(kept)]
    assert sum(batch.num_rows for batch in batches) == 3 * ROW_GROUP
    assert max(batch.num_rows for batch in batches) <= ROW_GROUP
    duck.release()
    assert [*tmp_path.rglob("*.parquet")] == []
    assert duck.collect(duck.keep(duck.table(pa.table({"n": [1]})))).num_rows == 1
    duck.close()
    assert [*tmp_path.iterdir()] == []
