"""Expressions over lines: which rule counts, what a line does, what makes it the same."""

from typing import Any

import narwhals as nw
import pyarrow as pa
import pytest

from txplatform.domains.commerce.computation.engines import DuckDB, Pandas
from txplatform.domains.commerce.sources.layouts import layout
from txplatform.domains.commerce.transforms.lines import (
    first_rule,
    identity_text,
    rules,
    with_customers,
    with_status,
)

ENGINES = {"duckdb": DuckDB(), "pandas": Pandas()}
Engine = DuckDB | Pandas
each_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())


def rows_of(engine: Engine, frame: nw.LazyFrame[Any], order: str) -> list[dict[str, Any]]:
    """The rows in order of a column."""
    rows: list[dict[str, Any]] = engine.collect(frame).to_pylist()
    return sorted(rows, key=lambda row: row[order])


@each_engine
def test_the_first_rule_that_holds_counts(engine: Engine) -> None:
    frame = engine.table(pa.table({"n": pa.array([1, 2, 3, 4], pa.int64())}))
    broken = {"ODD": nw.col("n") % 2 == 1, "SMALL": nw.col("n") < 3, "ONE": nw.col("n") == 1}

    found = rows_of(engine, frame.with_columns(rule=first_rule(broken)), "n")

    assert [row["rule"] for row in found] == ["ODD", "SMALL", "ODD", None]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (
            "clients_achats",
            "BAD_AMOUNT BAD_QUANTITY MISSING_ID BAD_DATE FUTURE_DATE AMOUNT_NOT_POSITIVE ORPHAN",
        ),
        ("online_retail", "BAD_AMOUNT BAD_QUANTITY MISSING_ID BAD_DATE FUTURE_DATE"),
        ("cdnow", "BAD_AMOUNT BAD_QUANTITY BAD_DATE FUTURE_DATE AMOUNT_NOT_POSITIVE"),
    ],
)
def test_rules_that_can_hold_in_a_layout_in_their_order(name: str, known: str) -> None:
    assert list(rules(layout(name), 0)) == known.split()


@each_engine
@pytest.mark.parametrize(
    ("refunds", "zero_amount", "refused"),
    [
        (False, "refuse", [-1, 0]),
        (False, "order", [-1]),
        (True, "refuse", [0]),
        (True, "free", []),
    ],
)
def test_amounts_that_a_layout_forbids(
    engine: Engine, refunds: bool, zero_amount: str, refused: list[int]
) -> None:
    shop = layout("clients_achats").model_copy(
        update={"refunds": refunds, "zero_amount": zero_amount}
    )
    holds = rules(shop, 0).get("AMOUNT_NOT_POSITIVE", nw.col("amount") != nw.col("amount"))
    frame = engine.table(pa.table({"amount": pa.array([-1, 0, 1], pa.int64())}))

    found = rows_of(engine, frame.filter(holds), "amount")

    assert [row["amount"] for row in found] == refused


STATUS = """
    line | id | fingerprint | known | status    | is_last
    2    | a  | f1          |       | new       | True
    3    | b  | f1          | f1    | unchanged | False
    4    | c  | f2          | f1    | corrected | True
    5    | d  | f1          |       | new       | False
    6    | d  | f2          |       | corrected | True
    7    | d  | f2          |       | unchanged | False
    8    | e  | f1          |       | new       | True
    9    | e  | f1          |       | unchanged | False
    10   | f  | f2          | f1    | corrected | False
    11   | f  | f1          | f1    | corrected | True
"""


def table_of(text: str) -> list[dict[str, str]]:
    """Rows written as text."""
    header, *rows = [
        [cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()
    ]
    return [dict(zip(header, row, strict=True)) for row in rows]


@each_engine
def test_what_each_row_of_a_file_does(engine: Engine) -> None:
    expected = table_of(STATUS)
    file = {
        "source_line": pa.array([int(row["line"]) for row in expected], pa.int64()),
        "line_id": [row["id"] for row in expected],
        "fingerprint": [row["fingerprint"] for row in expected],
    }
    known = {row["id"]: row["known"] for row in expected if row["known"]}
    existing = engine.table(pa.table({"line_id": [*known], "known": [*known.values()]}))

    found = rows_of(
        engine, with_status(engine.table(pa.table(file)), existing, True), "source_line"
    )

    assert [(row["status"], row["is_last"]) for row in found] == [
        (row["status"], row["is_last"] == "True") for row in expected
    ]


@each_engine
def test_a_line_without_an_id_is_new_or_unchanged(engine: Engine) -> None:
    file = {
        "source_line": pa.array([2, 3], pa.int64()),
        "line_id": ["a", "b"],
        "fingerprint": ["", ""],
    }
    existing = engine.table(pa.table({"line_id": ["b"], "known": [""]}))

    found = rows_of(engine, with_status(engine.table(pa.table(file)), existing, False), "line_id")

    assert [(row["status"], row["is_last"]) for row in found] == [
        ("new", True),
        ("unchanged", False),
    ]


@each_engine
def test_a_customer_that_the_file_lacks_makes_an_orphan(engine: Engine) -> None:
    lines = {
        "customer_id": ["1", "2", "(anonymous)"],
        "country": ["", "", ""],
        "day": pa.array([10, 10, 10], pa.int64()),
    }
    known = {
        "customer_id": ["1"],
        "customer_country": ["Spain"],
        "registered": pa.array([11], pa.int64()),
    }
    frame = engine.table(pa.table(lines)).with_columns(
        country=nw.when(nw.col("country") != "").then(nw.col("country"))
    )

    found = rows_of(engine, with_customers(frame, engine.table(pa.table(known))), "customer_id")

    assert [(row["customer_id"], bool(row["is_orphan"]), row["country"]) for row in found] == [
        ("(anonymous)", False, "(unknown)"),
        ("1", False, "Spain"),
        ("2", True, "(unknown)"),
    ]
    assert [row["is_before_registration"] for row in found] == [False, True, False]


@each_engine
def test_identity_leaves_the_description_aside(engine: Engine) -> None:
    columns = {
        name: pa.array([5, 5], pa.int64()) for name in ("quantity", "at", "unit_price", "amount")
    } | {name: ["x", "x"] for name in ("order_id", "product", "customer_id", "country")}
    frame = engine.table(pa.table({**columns, "description": ["one", "two"]}))

    found = engine.collect(frame.select(key=identity_text(layout("online_retail"))))

    assert len(set(found["key"].to_pylist())) == 1
