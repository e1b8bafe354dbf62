"""How values of gold are written: by the type and the meaning of their column, in two languages."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.pages import products, rendering
from txplatform.domains.commerce.pages.products import _bound
from txplatform.platform import Platform
from txplatform.serving.dashboard.reader import Reader


def reader(locale: str = "en_GB") -> Reader:
    """A reader for whom nothing but writing is needed."""
    nowhere: Any = Platform.__new__(Platform)
    return Reader(nowhere, "Ada", "reader", locale, "commerce")


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("clients", "net_amount", Decimal("1234.50"), "1,234.50"),
        ("clients", "order_count", 12345, "12,345"),
        ("clients", "is_anonymous", True, "yes"),
        ("clients", "customer_id", "(anonymous)", "(anonymous)"),
        ("clients", "customer_id", "At risk", "At risk"),
        ("clients", "first_order", date(2011, 12, 9), "9 Dec 2011"),
        ("clients", "first_order", None, "–"),
        ("sales_month", "month", date(2011, 12, 1), "Dec 2011"),
        ("cohorts", "cohort", date(2010, 12, 1), "Dec 2010"),
        ("cohorts", "retention", Decimal("0.365385"), "36.5%"),
        ("cohorts", "age", 0, "0"),
        ("sales_country", "share", Decimal("0.830000"), "83.0%"),
        ("growth", "change_pct", Decimal("34.8231"), "+34.8%"),
        ("growth", "change_pct", Decimal("-23.8468"), "-23.8%"),
        ("affinity", "lift", Decimal("76.8255"), "76.83"),
        ("affinity", "support", Decimal("0.011177"), "1.1%"),
        ("concentration", "gini", Decimal("0.706117"), "0.71"),
        ("concentration", "dimension", "client", "Customers"),
        ("seasonality", "index", Decimal("1.171400"), "1.17"),
        ("seasonality", "index", Decimal("-0.000700"), "0.00"),
        ("rfm_segments", "mean_frequency", Decimal("3.00"), "3.00"),
        ("rfm_segments", "mean_recency_days", Decimal("91.36"), "91.36"),
        ("rfm", "segment", "Can't lose", "Can't lose"),
        ("rfm", "segment", "Potential loyalist", "Potential loyalists"),
        ("sales_product", "price_class", "100 to under 250", "100 to under 250"),
    ],
)
def test_values_are_written_as_their_column_is_read(
    table: str, column: str, value: object, expected: str
) -> None:
    assert rendering.written(reader(), tables.GOLD[table].c[column], value) == expected


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("clients", "customer_id", "(anonymous)", "(anonyme)"),
        ("clients", "is_anonymous", False, "non"),
        ("sales_product", "price_class", "under 100", "moins de 100"),
        ("sales_product", "price_class", "100 to under 250", "de 100 à moins de 250"),
        ("sales_product", "price_class", "1500 and above", "1\u202f500 et plus"),
        ("rfm", "segment", "Can't lose", "À ne pas perdre"),
        ("sales_month", "month", date(2011, 2, 1), "févr. 2011"),
        ("clients", "net_amount", Decimal("0.10"), "0,10"),
    ],
)
def test_values_in_french(table: str, column: str, value: object, expected: str) -> None:
    assert rendering.written(reader("fr_FR"), tables.GOLD[table].c[column], value) == expected


@pytest.mark.parametrize(
    ("table", "column", "english", "french"),
    [
        ("clients", "product_count", "Different products bought\\.", "Produits différents achetés"),
        ("kpis", "product_count", "Products\\.", "Produits\\."),
        ("sales_day", "customer_count", "Identified customers with a sale", "ne s'additionne pas"),
        ("value_by_country", "customer_count", "Customers\\.", "Clients\\."),
        ("cohorts", "is_complete", "the cohort's own month", "celui de la cohorte"),
    ],
)
def test_a_column_means_what_its_table_says(
    table: str, column: str, english: str, french: str
) -> None:
    declared = tables.GOLD[table].c[column]

    for locale, expected in (("en_GB", english), ("fr_FR", french)):
        said = rendering.meaning(reader(locale), declared)
        assert expected.replace("\\", "") in said.replace("\\", "")


def test_numbers_are_counted_in_classes_that_double() -> None:
    counts = {0: 7, 1: 5, 2: 4, 3: 3, 4: 2, 5: 1, 8: 1, 9: 1, 1_000: 1}

    assert products._in_powers(reader("en_US"), counts) == {
        "0": 7,
        "1": 5,
        "2": 4,
        "3 – 4": 5,
        "5 – 8": 2,
        "9 – 16": 1,
        "513 – 1,024": 1,
    }
    assert products._in_powers(reader("fr_FR"), {}) == {}


def test_classes_of_prices_are_in_the_order_of_money() -> None:
    names = ("under 100", "100 to under 250", "250 to under 500", "500 and above")
    counts = dict.fromkeys(sorted(names), 1)

    ordered = [name for name, _ in sorted(counts.items(), key=_bound)]

    assert ordered == list(names)


class Address:
    """What an address says."""

    def __init__(self, after: str | None) -> None:
        self._after = after

    def get(self, _: str) -> str | None:
        return self._after


@pytest.mark.parametrize(
    ("after", "expected"),
    [("50", 50), (None, 0), ("", 0), ("-1", 0), ("x", 0), ("²", 0), ("9" * 30, 0)],
)
def test_a_place_in_a_list_is_a_number_or_the_beginning(after: str | None, expected: int) -> None:
    view: Any = Address(after)

    assert rendering.place_of(view) == expected
