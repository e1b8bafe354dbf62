"""Whole units and the types of tables, there and back without a digit lost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.tables.arrow import finished, in_units, schema_of

SCHEMA = pa.schema(
    [
        ("money", pa.decimal128(18, 2)),
        ("share", pa.decimal128(28, 6)),
        ("day", pa.date32()),
        ("at", pa.timestamp("us")),
        ("count", pa.int64()),
        ("text", pa.string()),
        ("flag", pa.bool_()),
    ]
)
UNITS = {
    "text": ["a", None],
    "money": [-12_345, None],
    "share": [1_000_000, None],
    "day": [19_724, None],
    "at": [1_704_153_600, None],
    "count": [3, None],
    "flag": [True, None],
}
VALUES = {
    "money": Decimal("-123.45"),
    "share": Decimal("1.000000"),
    "day": date(2024, 1, 2),
    "at": datetime(2024, 1, 2),
    "count": 3,
    "text": "a",
    "flag": True,
}


def test_units_become_the_types_of_a_schema() -> None:
    found = finished(pa.table(UNITS), SCHEMA)

    assert found.schema == SCHEMA
    assert found.to_pylist() == [VALUES, dict.fromkeys(VALUES)]


def test_types_become_units_again() -> None:
    found = in_units(finished(pa.table(UNITS), SCHEMA))

    assert found.to_pydict() == UNITS | {"text": ["a", None]}


@pytest.mark.parametrize("cents", [0, 1, -1, 99, -100, 10**16, -(10**16)])
def test_every_amount_survives(cents: int) -> None:
    schema = pa.schema([("money", pa.decimal128(18, 2))])

    found = finished(pa.table({"money": [cents]}), schema)

    assert found["money"].to_pylist() == [Decimal(cents).scaleb(-2)]
    assert in_units(found)["money"].to_pylist() == [cents]


def test_a_table_without_rows_has_its_types() -> None:
    empty = pa.table({name: pa.array([], pa.int64()) for name in SCHEMA.names[:5]})

    assert finished(empty, pa.schema(list(SCHEMA)[:5])).num_rows == 0


def test_a_column_of_nothing_but_null() -> None:
    schema = pa.schema([("money", pa.decimal128(18, 2))])

    assert finished(pa.table({"money": pa.nulls(2)}), schema)["money"].null_count == 2


def test_schemas_follow_the_declaration() -> None:
    schema = schema_of(tables.GOLD["clients"])

    assert schema.field("net_amount").type == pa.decimal128(18, 2)
    assert schema.field("registered_on").type == pa.date32()
    assert schema.field("is_anonymous").type == pa.bool_()
    assert schema.field("order_count").type == pa.int64()
    assert schema.field("name").metadata == {b"comment": b"Name, from the customer file."}
    assert schema_of(tables.ingestions).field("ingested_at").type == pa.timestamp("us", tz="UTC")
    assert schema_of(tables.lines).field("at").type == pa.timestamp("us")


def test_an_instant_of_now_keeps_its_zone() -> None:
    second = int(datetime(2024, 1, 2, tzinfo=UTC).timestamp())
    schema = pa.schema([("at", pa.timestamp("us", tz="UTC"))])

    found = finished(pa.table({"at": [second]}), schema)

    assert found["at"].to_pylist() == [datetime(2024, 1, 2, tzinfo=UTC)]


@pytest.mark.parametrize("name", sorted(tables.GOLD))
def test_every_column_and_table_says_what_it_means(name: str) -> None:
    table = tables.GOLD[name]

    assert table.comment
    assert all((column.comment or "").endswith(".") for column in table.columns)
