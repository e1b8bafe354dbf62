"""Cells of pages on their own: bins, spans, the triangle, names of periods and products."""

import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.pages import (
    cohorts,
    performance,
    products,
    quality,
    rendering,
    spread,
    time,
)
from txplatform.domains.commerce.queries.timings import STORE, Timing
from txplatform_tests.domains.commerce.pages.test_rendering import reader

QUANTILES = {"q05": 2, "q25": 5, "q50": 10, "q75": 20, "q95": 90}


def distribution(**changes: Any) -> dict[str, Any]:
    """The spread of four amounts from 0 to 100, three of them small."""
    bins = {f"bin_{place:02}": 0 for place in range(1, 21)}
    amounts = {name: Decimal(value) for name, value in QUANTILES.items()}
    ends = {"minimum": Decimal(0), "maximum": Decimal(100)}
    return {
        "measure": "order",
        "n": 4,
        **bins,
        "bin_01": 3,
        "bin_20": 1,
        **amounts,
        **ends,
        **changes,
    }


def test_bins_are_named_by_where_they_begin() -> None:
    bins = spread._bins(reader(), distribution())

    assert [bar.start for bar in bins[:3]] == ["0", "5", "10"]
    assert [int(bins[place].value) for place in (0, 19)] == [3, 1]
    assert bins[19].start == "95"
    assert sum(bar.value for bar in bins) == 4


def test_bins_of_one_amount_all_begin_there() -> None:
    bins = spread._bins(reader(), distribution(minimum=Decimal(7), maximum=Decimal(7)))

    assert {bar.start for bar in bins} == {"7"}


def test_a_span_holds_the_middle_half_and_says_its_quantiles() -> None:
    span = spread._span(reader("fr_FR"), distribution())

    assert span.name == "Commandes"
    assert [int(one) for one in (span.low, span.middle, span.high)] == [2, 10, 90]
    assert span.half == (Decimal(5), Decimal(20))
    assert span.written == "2,00 / 5,00 / 10,00 / 20,00 / 90,00"


def cohort_row(**changes: Any) -> dict[str, Any]:
    """A cell of the cohort of December 2010."""
    row: dict[str, Any] = {
        "cohort": date(2010, 12, 1),
        "age": 1,
        "size": 884,
        "retention": Decimal("0.365385"),
        "rolling_retention": Decimal("0.864253"),
        "gross_amount": Decimal("270123.45"),
        "is_complete": True,
    }
    return row | changes


@pytest.mark.parametrize(
    ("measure", "unit", "short", "text"),
    [
        ("retention", 1, "37", "36.5%"),
        ("rolling_retention", 1_000, "86", "86.4%"),
        ("gross_amount", 1_000, "270", "270,123.45"),
        ("gross_amount", 1, "270,123", "270,123.45"),
    ],
)
def test_a_cell_of_the_triangle_is_short_and_its_tooltip_exact(
    measure: str, unit: int, short: str, text: str
) -> None:
    cell = cohorts._cell(reader(), measure, cohort_row(), unit)

    assert (cell.row, cell.column) == ("Dec 2010 (884)", "1")
    assert (cell.short, cell.written, cell.is_complete) == (short, text, True)


def test_a_month_that_has_not_begun_has_no_text() -> None:
    cell = cohorts._cell(reader(), "retention", cohort_row(retention=None, is_complete=False), 1)

    assert (cell.value, cell.written, cell.short) == (None, "", "")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("month", date(2011, 12, 1), "Dec 2011"),
        ("week_start", date(2011, 12, 5), "5 Dec 2011"),
        ("day", date(2011, 12, 9), "9 Dec 2011"),
        ("hour", 7, "07"),
    ],
)
def test_periods_are_named(key: str, value: date | int, expected: str) -> None:
    assert time._period(reader(), key, value) == expected


def test_an_index_that_is_missing_is_a_dash() -> None:
    assert time._index(reader(), None) == "–"
    assert time._index(reader(), Decimal("-0.0007")) == "0.00"


def test_a_product_is_its_description_and_code() -> None:
    named = {"description": "A MUG", "product": "22423"}

    assert rendering.name_of(reader(), named, products.NAME) == "A MUG 22423"
    assert rendering.name_of(reader(), named | {"description": None}, products.NAME) == "22423"


def test_who_has_no_name_is_called_so_in_the_readers_language() -> None:
    nobody = {"name": "(unknown)", "customer_id": "17"}

    names = [rendering.name_of(reader(locale), nobody, ("name", "customer_id"))
             for locale in ("en_GB", "fr_FR")]  # fmt: skip
    assert names == ["(unknown) 17", "(inconnu) 17"]


def test_figures_beside_each_other_say_what_they_are() -> None:
    assert spread.headings(reader(), spread.FIVE) == "5% / 25% / Median / 75% / 95%"


def test_a_table_without_products_looks_none_up() -> None:
    rows = pa.table({"country": ["Peru"]})

    assert rendering._descriptions(reader(), rows, ("country",)) == {}


def test_every_column_of_products_is_text() -> None:
    for table in tables.GOLD.values():
        for name in {*rendering.PRODUCTS} & set(table.columns.keys()):
            assert table.c[name].type.python_type is str


def test_times_are_those_that_a_measurement_has() -> None:
    assert set(performance.TIMES) < set(Timing._fields)
    assert STORE == "MongoDB"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_help_on_a_kind_of_period_says_what_is_not_over(language: str) -> None:
    told = reader("en_GB" if language == "en" else "fr_FR").text("time.month_help")

    assert ("not over" in told) if language == "en" else ("pas fini" in told)


@pytest.mark.parametrize(
    ("table", "column", "value", "english", "french"),
    [
        ("quality", "severity", "quarantine", "the row waits", "la ligne attend"),
        ("quality", "stage", "raw", "as they came", "à l'arrivée"),
        ("quality", "dimension", "accuracy", "Accuracy", "Exactitude"),
        ("quality", "rule", "ORPHAN", "The customer file has the customer",
         "Le fichier des clients connaît le client"),
        ("quality", "rule", "is_known_once", "The id comes once", "L'identifiant vient une fois"),
        ("quality", "rule", "country_present", "Country: not blank", "Pays : renseigné"),
        ("quality", "rule", "OURS", "OURS", "OURS"),
        ("quality", "score", Decimal("0.999998"), "100.0%", "100,0\u202f%"),
        ("quality", "score", None, "–", "–"),
        ("refreshes", "publish_seconds", Decimal("1.250"), "1.250", "1,250"),
        ("engine_timings", "state", "cold", "cold", "à froid"),
        ("engine_timings", "stage", "silver", "reading the files", "lire les fichiers"),
        ("engine_timings", "stage", "gold", "adding up", "additionner"),
        ("engine_timings", "engine", "spark-cluster", "Spark, cluster", "Spark, grappe"),
        ("customer_value", "country", "(unknown)", "(unknown)", "(inconnu)"),
        ("quality", "rule", "", "–", "–"),
        ("engine_timings", "is_equal", True, "yes", "oui"),
    ],
)  # fmt: skip
def test_how_good_and_how_fast_in_both_languages(
    table: str, column: str, value: object, english: str, french: str
) -> None:
    declared = tables.LISTED[table].c[column]

    assert rendering.written(reader(), declared, value) == english
    written = rendering.written(reader("fr_FR"), declared, value)
    assert written.replace("\xa0", "\u202f") == french


def test_rows_are_read_again_by_a_process_of_its_own() -> None:
    interpreter, *options = quality.REPLAY

    assert interpreter == sys.executable
    assert options[0] == "-P", "never import from the working folder"
    assert options[-3:] == ["rejected", "--replay", "--json"]
