"""The whole job over real servers: files to gold, to MongoDB and PostgreSQL, with lineage."""

from decimal import Decimal
from pathlib import Path

import dagster as dg
import pytest
from bson.decimal128 import Decimal128
from sqlalchemy import func, select

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.assets import ASSETS, key
from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.publishing.copies import differences
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.orchestration.resources import SparkResource
from txplatform.platform import Platform
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written


@pytest.fixture
def small_shop(platform: Platform, tmp_path: Path) -> Platform:
    """A platform whose silver holds two customers and three purchases."""
    clients = written(tmp_path / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France",
                      "2,Bob,b@x.org,2024-01-01,Spain")  # fmt: skip
    achats = written(tmp_path / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse",
                     "2,2,2024-01-03,5.25,Phone", "3,1,2024-02-03,0.75,Phone")  # fmt: skip
    refresh.ingest(platform, [achats, clients], "clients_achats")
    return platform


def materialise(platform: Platform) -> dg.ExecuteInProcessResult:
    """Run every asset."""
    state = str(platform.settings.state)
    spark = SparkResource(spark_config={}, state_dir=state)
    return dg.materialize([*ASSETS], resources={"platform": platform, "spark": spark})


def test_the_job_fills_lake_mongodb_and_postgresql(small_shop: Platform) -> None:
    done = materialise(small_shop)

    assert done.success
    document = small_shop.database["gold_kpis"].find_one()
    assert document
    assert document["net_amount"] == Decimal128("16.00")
    with small_shop.engine.connect() as connection:
        total = connection.execute(select(func.sum(tables.GOLD["sales_day"].c.net_amount))).scalar()
    assert total == Decimal("16.00")
    assert open_lake(small_shop.settings).gold.current().facts["as_of"] == "2024-02-04"


def test_copies_are_those_of_the_lake(small_shop: Platform) -> None:
    materialise(small_shop)
    lake = open_lake(small_shop.settings)
    published = refresh.Published(lake, lake.gold.current())
    assert list(differences(small_shop.database, small_shop.engine, published)) == []

    small_shop.database["gold_clients"].delete_one({"customer_id": "2"})
    found = list(differences(small_shop.database, small_shop.engine, published))
    assert found == ["clients has 2 rows and 16.00 in the lake, 1 rows and 10.75 in MongoDB"]


def test_every_table_has_an_asset_of_its_own(small_shop: Platform) -> None:
    materialised = {
        event.asset_key for event in materialise(small_shop).get_asset_materialization_events()
    }

    assert {key(name) for name in tables.GOLD} <= materialised


def test_silver_without_a_sale_is_a_sentence(platform: Platform) -> None:
    with pytest.raises(Exception, match="There are no sales yet"):
        refresh.compute(platform, DuckDB(), None, "run")
