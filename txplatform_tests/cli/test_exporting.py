"""The format of an exported file: said, or by its ending."""

from pathlib import Path

import pytest

from txplatform.cli.exporting import Format, format_of
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
