"""The same rows on DuckDB, Spark and pandas, cell by cell, from the files on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from txplatform.connectors import spark as spark_connector
from txplatform.connectors.spark_config import PARTITIONS
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import quality
from txplatform.domains.commerce.computation.engines import DuckDB, Engine, Pandas, Spark
from txplatform.domains.commerce.rules import Measured
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform_tests.domains.commerce.shops import Shop, new_shop, published

SILVER_KEYS = {"lines": "line_id", "customers": "customer_id"}


@pytest.fixture
def few_partitions(spark: SparkSession) -> Iterator[SparkSession]:
    """Spark as it suits small tables."""
    spark.conf.set(PARTITIONS, "2")
    with spark_connector.sized(spark, 1):  # compiling takes longer than these rows do
        yield spark


def silver(shop: Shop, table: str) -> pa.Table:
    """A silver table in order of its key."""
    return shop.lake.silver_table(table).sort_by(SILVER_KEYS[table])


def require_same(one: dict[str, pa.Table], other: dict[str, pa.Table]) -> None:
    """Every table has the same rows in the same order."""
    assert list(one) == list(other)
    for name, rows in one.items():
        assert rows.equals(other[name]), name


@pytest.mark.parametrize("name", ["clients_achats", "cdnow"])
@pytest.mark.parametrize("engine_name", ["spark", "pandas"])
def test_an_engine_makes_the_rows_that_duckdb_makes(
    name: str,
    engine_name: str,
    published_shop: Callable[[str], Shop],
    few_partitions: SparkSession,
    duck: DuckDB,
    shared_data: Path,
    tmp_path: Path,
) -> None:
    engine: Engine = Pandas() if engine_name == "pandas" else Spark(few_partitions)
    shop = new_shop(tmp_path, name)
    shop.take_in(engine, *published(shared_data, name))

    for table in SILVER_KEYS:
        assert silver(shop, table).equals(silver(published_shop(name), table))
    require_same(shop.gold(engine), published_shop(name).gold(duck))
    assert asked(shop, engine) == asked(published_shop(name), duck)
    engine.close()


def asked(shop: Shop, engine: Engine) -> set[Measured]:
    """What is asked of the data's quality, and the answers."""
    files = shop.lake.silver.current().files("lines")
    lines = engine.read(shop.lake.silver.paths(files), schema_of(tables.lines))
    standing = quality.standing(engine, lines, shop.lake)
    return {*quality.raw_measures(standing), *quality.silver_measures(standing)}
