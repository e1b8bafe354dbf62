"""Published purchases, from the file to the table, against oracles that others computed.

The oracles were computed from the same files with integers and fractions, independently of this
code. Every cell must agree, to the last digit.
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import pytest

from txplatform.domains.spend import measuring, planning, tables
from txplatform.domains.spend.assets import tell_changes
from txplatform.domains.spend.queries.status import table_totals
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.transforms import without_spark
from txplatform.orchestration import runs
from txplatform.periods import WEEK, ranges
from txplatform_tests.domains.spend.books import Books, without_stamps

COLUMNS = (*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES)


@pytest.mark.parametrize(
    ("source", "oracle", "week_count", "totals"),
    [
        pytest.param(
            "delaware_education_2014_2019.csv.gz",
            "delaware_education_2014_2019_weekly_oracle.csv.gz",
            288,
            (1_364, Decimal("4780934.00"), 15_156),
            id="Delaware, education",
        ),
        pytest.param(
            "birmingham_2014_2018_delaware_columns.csv.gz",
            "birmingham_2014_2018_weekly_oracle.csv.gz",
            199,
            (48_226, Decimal("32832795.56"), 185_908),
            id="Birmingham",
            marks=pytest.mark.long,
        ),
    ],
)
def test_every_cell_is_that_of_the_oracle(
    books: Books,
    shared_data: Path,
    source: str,
    oracle: str,
    week_count: int,
    totals: tuple[int, Decimal, int],
) -> None:
    folder = shared_data / "spend"
    arrival.take(books.platform, str(folder / source), "delaware")
    tell_changes(books.platform, books.instance)
    for part in ranges(planning.all_weeks(books.platform), WEEK, 104):
        assert runs.run_periods(books.job, books.instance, *part).failure is None

    rows = books.rows()
    different = (
        pair
        for pair in zip_longest(map(_written, rows), _cells(folder / oracle))
        if pair[0] != pair[1]
    )
    assert list(islice(different, 3)) == []
    table = table_totals(books.platform.engine)
    assert (table.rows, table.total_amount, table.transaction_count) == totals
    assert table.is_reconciled
    assert len({row["week_start"] for row in rows}) == week_count
    assert planning.stale_weeks(books.platform) == []
    assert _of_the_other_engine(books) == without_stamps(rows)


def _of_the_other_engine(books: Books) -> list[dict[str, object]]:
    """All rows as they are computed without Spark."""
    first, last = measuring.span(books.platform.database) or (date.min, date.min)
    parts = measuring.division_sums(books.platform.database, first, last, parallel=2)
    return [dict(row) for row in without_spark.weekly_transactions(parts, first, last).to_pylist()]


def _cells(oracle: Path) -> Iterator[list[str]]:
    with gzip.open(oracle, "rt", encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        assert next(lines) == list(COLUMNS)
        yield from lines


def _written(row: dict[str, Any]) -> list[str]:
    return [_cell(row[name]) for name in COLUMNS]


def _cell(value: object) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
