"""Options that commands of several domains have: a file to write, its format, days."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from txplatform.errors import UsageError

Output = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]


class Format(StrEnum):
    """File formats of an export."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Unset, by the file's ending.")
]


def format_of(output: Path, wanted: Format | None) -> str:
    """The format that is wanted, else the one that the file's ending says.

    Raises:
        UsageError: the ending says none.
    """
    try:
        return (wanted or Format(output.suffix.removeprefix(".").lower())).value
    except ValueError:
        raise UsageError(
            f"The ending of {output} is none of .csv, .xlsx, .parquet: say --format."
        ) from None


def days_of(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """The days that `--from` and `--to` name, both included.

    Raises:
        UsageError: one is no day, or the first lies after the last.
    """
    begin, end = day_of(first, "--from"), day_of(last, "--to")
    if begin and end and begin > end:
        raise UsageError(f"--from {begin} lies after --to {end}: no day is in between.")
    return begin, end


def day_of(written: str | None, option: str) -> date | None:
    """The day that an option names; None where it is left out.

    Raises:
        UsageError: it is no day.
    """
    try:
        return datetime.strptime(written, "%Y-%m-%d").date() if written is not None else None
    except ValueError:
        raise UsageError(f"{option} {written!r:.40} is no day, such as 2026-11-28.") from None
