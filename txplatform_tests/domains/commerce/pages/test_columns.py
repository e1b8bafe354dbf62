"""Every column that a page shows has a heading and a meaning, every choice a word, twice."""

import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.pages import (
    cohorts,
    customers,
    home,
    performance,
    places,
    products,
    quality,
    segments,
    spread,
    time,
    value,
)
from txplatform.domains.commerce.rules import SEVERITIES
from txplatform.domains.commerce.transforms import people
from txplatform.serving.dashboard import texts

SHOWN = {
    "kpis": (*home.FIRST, *home.SECOND, *home.OTHERS, *time.GROWTH),
    "clients": customers.COLUMNS,
    "sales_product": (*products.COLUMNS, *products.PRICES),
    "affinity": products.PAIRS,
    "sales_day": ("day", *time.MEASURES, "is_complete"),
    "sales_week": ("week_start", *time.MEASURES),
    "sales_hour": ("hour", *time.MEASURES),
    "growth": ("month", "net_amount", "change_pct", "yoy_pct"),
    "sales_trend": time.TREND,
    "seasonality": ("dimension", "value", "net_amount", "day_count", "index"),
    "sales_country": places.COLUMNS,
    "sales_country_product": places.PRODUCTS,
    "rfm": segments.COLUMNS,
    "rfm_segments": segments.SUMMARY,
    "activity_summary": (*cohorts.STATUS, *cohorts.SHARES),
    "cohorts": cohorts.CELLS,
    "cohort_totals": cohorts.TOTALS,
    "concentration": spread.CONCENTRATION,
    "amount_distribution": ("measure", "n", "mean", *spread.QUANTILES, "minimum", "maximum"),
    "quarantine": quality.REFUSED,
    "issues": quality.NOTED,
    "quality": quality.SCORES,
    "refreshes": performance.REFRESHES,
    "engine_timings": performance.ENGINES,
    "customer_value": value.CUSTOMERS,
    "model_holdout": value.HELD,
    "ingestions": quality.BOOKS,
}
CHOICES = {
    "customers_part": customers.PARTS,
    "customers_order": customers.ORDERS,
    "products_part": products.PARTS,
    "products_order": products.ORDERS,
    "pairs_order": products.PAIR_ORDERS,
    "places_part": places.PARTS,
    "time_part": (*time.PERIODS, "growth", "season"),
    "cohorts_measure": cohorts.MEASURES,
    "quality_part": quality.PARTS,
    "value_part": value.PARTS,
    "performance_part": performance.PARTS,
    "stage": (*quality.STAGES, "gold"),
    "severity": SEVERITIES,
    "source": ("lines", "customers", "tables"),
    "state": ("cold", "warm"),
    "engine": ("duckdb", "pandas", "spark", "spark-cluster"),
    "work": ("silver", "gold"),
    "dimension": (*time.SEASONS, *quality.DIMENSIONS, "client", "country", "product"),
    "measure": ("order", "client", "product"),
    "basket": ("order", "customer"),
    "segment": (*segments.SEGMENTS, "Prospect"),
    "rule": ("BAD_AMOUNT", "BAD_QUANTITY", "MISSING_ID", "BAD_DATE", "FUTURE_DATE",
             "AMOUNT_NOT_POSITIVE", "ORPHAN"),
}  # fmt: skip
NAMES = {**tables.LISTED, **tables.SILVER}
pairs = pytest.mark.parametrize(
    ("table", "column"), [(name, column) for name, columns in SHOWN.items() for column in columns]
)


@pairs
def test_a_column_that_is_shown_is_declared_with_a_meaning(table: str, column: str) -> None:
    assert NAMES[table].c[column].comment


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_column_that_is_shown_has_a_heading(language: str) -> None:
    known = texts.catalogue(language, "commerce")

    headings = {f"column.{column}" for columns in SHOWN.values() for column in columns}
    assert sorted(headings - set(known)) == []


def test_every_column_that_is_shown_is_explained_in_french() -> None:
    known = texts.catalogue("fr", "commerce")

    unexplained = [
        (table, column)
        for table, columns in SHOWN.items()
        for column in columns
        if not {f"columns.{column}", f"columns.{table}_{column}"} & set(known)
    ]
    assert unexplained == []


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_has_a_word(language: str, name: str) -> None:
    known = texts.catalogue(language, "commerce")

    wanted = [f"{name}.{choice}" for choice in CHOICES[name]]
    assert [key for key in wanted if key not in known] == []
    words = [known[key] for key in wanted]
    assert len(set(words)) == len(words), "a select box tells its options apart by their words"


@pytest.mark.parametrize("table", ["clients", "sales_product", "affinity"])
def test_orders_are_columns_of_their_table(table: str) -> None:
    orders = {
        "clients": customers.ORDERS,
        "sales_product": products.ORDERS,
        "affinity": products.PAIR_ORDERS,
    }[table]

    assert {order.lstrip("-") for order in orders} <= set(tables.GOLD[table].columns.keys())


def test_the_page_knows_every_segment() -> None:
    made = {name for row in people.SEGMENTS.values() for name in row}

    assert made == set(segments.SEGMENTS)
