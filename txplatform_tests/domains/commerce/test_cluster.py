"""The invoices of Online Retail on a Spark cluster of two workers: the rows that DuckDB makes."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.embedded.java import java_home
from txplatform.platform import Platform
from txplatform.settings import child_environment
from txplatform_tests.airflow_dags.processes import process
from txplatform_tests.cli import commands
from txplatform_tests.domains.commerce.shops import MONEY_TABLES, Shop, checksum, published
from txplatform_tests.domains.commerce.test_reference import CHECKSUMS
from txplatform_tests.end_to_end.spark_cluster import spark_cluster

NAME = "online_retail"
SECONDS = 500
RUN = [sys.executable, "-m", "txplatform", "commerce", "run", "--engine", "spark"]


@pytest.mark.long
def test_two_workers_make_silver_and_gold_of_half_a_million_lines(
    installation: Platform,
    shared_data: Path,
    published_shop: Callable[[str], Shop],
    duck: DuckDB,
    tmp_path: Path,
) -> None:
    drop, log = tmp_path / "drop", tmp_path / "run.log"
    drop.mkdir()
    for file in published(shared_data, NAME):
        os.utime(shutil.copy(file, drop), (0, 0))
    own = commands.variables_of(installation, installation.endpoints.dagster_postgres_url)
    shop = {"TXPLATFORM_COMMERCE_DROP_FOLDER": str(drop), "TXPLATFORM_COMMERCE_LAYOUT": NAME}

    with spark_cluster(tmp_path, java_home(installation.settings)) as cluster:
        spark = {"SPARK_MASTER": cluster.url, "SPARK_LOCAL_IP": "127.0.0.1"}
        environment = dict(child_environment(**own, **shop, **spark))
        with process(RUN, environment, log) as run:
            assert run.wait(SECONDS) == 0, log.read_text(encoding="utf-8")[-2_000:]
        tasks = cluster.tasks()

    lake, expected = open_lake(installation.settings), published_shop(NAME)
    assert all(tasks), f"tasks that each worker ran: {tasks}"
    assert lake.gold.current().facts["engine"] == "spark"
    assert ordered(lake.silver_table("lines")).equals(ordered(expected.lake.silver_table("lines")))
    for name, rows in expected.gold(duck).items():
        assert lake.gold_table(name).equals(rows), name
    found = [
        (len(lake.gold_table(t)), checksum(lake.gold_table(t), k)) for t, k in MONEY_TABLES.items()
    ]
    assert tuple(found) == CHECKSUMS[NAME]


def ordered(lines: pa.Table) -> pa.Table:
    """Lines in order of their ids."""
    return lines.sort_by("line_id").combine_chunks()
