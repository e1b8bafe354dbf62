"""What commands that write a table to a file have in common: its options and the file's format."""

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
