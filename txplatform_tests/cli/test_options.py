"""What options of several commands mean: the format of an exported file, days."""

from datetime import date
from pathlib import Path

import pytest

from txplatform.cli.options import Format, days_of, format_of
from txplatform.errors import UsageError


@pytest.mark.parametrize(
    ("file", "wanted", "expected"),
    [
        ("a.csv", None, "csv"),
        ("A.XLSX", None, "xlsx"),
        ("b.c.parquet", None, "parquet"),
        ("a.csv", Format.PARQUET, "parquet"),
        ("no_ending", Format.XLSX, "xlsx"),
    ],
)
def test_what_is_said_counts_more_than_the_ending(
    file: str, wanted: Format | None, expected: str
) -> None:
    assert format_of(Path(file), wanted) == expected


@pytest.mark.parametrize("file", ["a.ods", "no_ending", ".csv", "a.csv.gz"])
def test_another_ending_is_a_sentence(file: str) -> None:
    with pytest.raises(UsageError, match=r"is none of \.csv, \.xlsx, \.parquet: say --format"):
        format_of(Path(file), None)


def test_days_are_those_that_are_said() -> None:
    assert days_of(None, "2023-01-31") == (None, date(2023, 1, 31))
    assert days_of("2023-01-31", "2023-01-31") == (date(2023, 1, 31), date(2023, 1, 31))


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2023-02-01", "2023-01-31", "--from 2023-02-01 lies after --to 2023-01-31"),
        ("2023-02-30", None, "--from '2023-02-30' is no day, such as 2026-11-28"),
        (None, "", "--to '' is no day"),
    ],
)
def test_days_that_are_none_are_a_sentence(
    first: str | None, last: str | None, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        days_of(first, last)
