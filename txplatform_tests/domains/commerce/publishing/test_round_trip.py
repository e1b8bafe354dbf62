"""Every table of gold arrives in MongoDB and PostgreSQL with every digit."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from bson.decimal128 import Decimal128

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.tables.frames import validated
from txplatform.platform import Platform
from txplatform_tests.domains.commerce.conftest import PublishedGold

KEYLESS = {"activity_summary"}


@pytest.fixture
def gold(published_gold: PublishedGold) -> dict[str, pa.Table]:
    """Gold of the published shop of customers and purchases."""
    return published_gold("clients_achats")


def plain(value: Any) -> Any:
    """A value of MongoDB as Arrow has it."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return value.date() if isinstance(value, datetime) else value


def in_order(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Rows by the table's key."""
    keys = [column.name for column in tables.GOLD[name].primary_key]
    return sorted(rows, key=lambda row: [str(row[key]) for key in keys])


def test_every_table_is_what_it_declares(gold: dict[str, pa.Table]) -> None:
    for name, rows in gold.items():
        assert validated(tables.GOLD[name], rows) is rows


def test_mongodb_has_every_row_and_digit(gold: dict[str, pa.Table], platform: Platform) -> None:
    copies.to_mongo(platform.database, gold, "run-1")

    for name, rows in gold.items():
        documents = platform.database[f"gold_{name}"].find({}, {"_id": False})
        found = [{key: plain(value) for key, value in row.items()} for row in documents]
        assert {row.pop("run_id") for row in found} <= {"run-1"}
        assert in_order(found, name) == in_order(rows.to_pylist(), name), name


def test_postgresql_has_every_row_and_digit(gold: dict[str, pa.Table], platform: Platform) -> None:
    copies.to_postgres(platform.engine, gold)

    with platform.engine.connect() as connection:
        for name, rows in gold.items():
            found = [dict(row) for row in connection.execute(tables.GOLD[name].select()).mappings()]
            assert in_order(found, name) == in_order(rows.to_pylist(), name), name


def test_what_only_an_earlier_shop_had_goes(
    published_gold: PublishedGold, gold: dict[str, pa.Table], platform: Platform
) -> None:
    """Catches: the hours of an earlier shop beside the days of this one."""
    earlier = published_gold("online_retail")
    for shop in (earlier, gold):
        copies.to_mongo(platform.database, shop, "run-1")
        if shop is gold:
            assert "sales_hour has 0 rows" in "; ".join(
                copies.differences(platform.database, platform.engine, gold)
            )
        copies.to_postgres(platform.engine, shop)

    assert platform.database["gold_sales_hour"].count_documents({}) == 0
    assert list(copies.differences(platform.database, platform.engine, gold)) == []


def test_keys_are_unique_in_mongodb(gold: dict[str, pa.Table], platform: Platform) -> None:
    copies.to_mongo(platform.database, gold, "run-1")

    for name in set(gold) - KEYLESS:
        indexes = platform.database[f"gold_{name}"].index_information()
        keys = [(column.name, 1) for column in tables.GOLD[name].primary_key]
        assert indexes["key"]["key"] == keys
        assert indexes["key"]["unique"]


def test_the_three_places_agree(gold: dict[str, pa.Table], platform: Platform) -> None:
    copies.to_mongo(platform.database, gold, "run-1")
    copies.to_postgres(platform.engine, gold)

    assert list(copies.differences(platform.database, platform.engine, gold)) == []

    with platform.engine.begin() as connection:
        table = tables.GOLD["sales_day"]
        changed = table.update().values(net_amount=table.c.net_amount + Decimal("0.01"))
        connection.execute(changed.where(table.c.day == gold["sales_day"]["day"][0].as_py()))

    (sentence,) = copies.differences(platform.database, platform.engine, gold)
    assert sentence == (
        "sales_day has 1096 rows and 2947415.45 in the lake, 1096 rows and 2947415.46 in PostgreSQL"
    )
