"""Tables as files that people open: CSV, Excel and Parquet, exact and whole or not at all."""

import os
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import xlsxwriter
from pyarrow import csv, parquet
from xlsxwriter.exceptions import FileCreateError

from txplatform.errors import PlatformError, UsageError

FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""The last four are the wide signs of East Asian keyboards, which spreadsheets may take as well."""

EXCEL_ROWS = 1_048_576
EXCEL_DIGITS = 15
ROWS_AT_ONCE = 10_000
Target = Path | BytesIO


def write(rows: pa.Table, target: Path, kind: str) -> None:
    """Write a table as `csv`, `xlsx` or `parquet`; a file that is there is replaced at once.

    In CSV and Excel, text that a spreadsheet would take for a formula is written as text.

    Raises:
        UsageError: the folder does not exist, or the rows do not fit into an Excel sheet.
        PlatformError: the file cannot be written.
    """
    unfinished = target.with_name(f".{target.name}.tmp")
    try:
        if not target.parent.is_dir():
            raise UsageError(f"The folder {target.parent} does not exist.")
        WRITERS[kind](rows, unfinished)
        unfinished.replace(target)
    except (OSError, FileCreateError) as error:
        raise _not_written(target, error) from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _not_written(target: Path, error: BaseException) -> PlatformError:
    """The sentence about a file that cannot be written, whichever library says so."""
    cause = error.args[0] if isinstance(error, FileCreateError) else error
    number = getattr(cause, "errno", None)
    why = os.strerror(number) if number else str(cause)
    return PlatformError(f"{target} cannot be written ({why}): make room, or choose another place.")


def as_bytes(rows: pa.Table, kind: str) -> bytes:
    """A table as the content of a `csv`, `xlsx` or `parquet` file, exactly as `write` writes it."""
    target = BytesIO()
    WRITERS[kind](rows, target)
    return target.getvalue()


def _write_csv(rows: pa.Table, target: Target) -> None:
    csv.write_csv(_without_formulas(rows), target, csv.WriteOptions(quoting_style="needed"))


def _write_parquet(rows: pa.Table, target: Target) -> None:
    parquet.write_table(rows, target)


def _write_xlsx(rows: pa.Table, target: Target) -> None:
    if rows.num_rows >= EXCEL_ROWS:
        raise UsageError(f"{rows.num_rows} rows do not fit into an Excel sheet: export CSV.")
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("export")
        sheet.write_row(0, 0, rows.column_names)
        batches = rows.to_batches(ROWS_AT_ONCE)
        cells = (row.values() for batch in batches for row in batch.to_pylist())
        for number, row in enumerate(cells, start=1):
            for position, value in enumerate(row):
                _write_cell(sheet, number, position, value)


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object
) -> None:
    """A number where Excel's 15 digits hold it exactly, else text with every digit."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int) or (isinstance(value, Decimal) and _fits_excel(value)):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


def _fits_excel(value: Decimal) -> bool:
    return len(value.normalize().as_tuple().digits) <= EXCEL_DIGITS


def _without_formulas(rows: pa.Table) -> pa.Table:
    """An apostrophe before text that begins like a formula, as spreadsheets mark text."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_string(field.type):
            cells = [
                f"'{cell}" if cell and cell.startswith(FORMULA_STARTS) else cell
                for cell in rows[position].to_pylist()
            ]
            rows = rows.set_column(position, field, pa.array(cells, pa.string()))
    return rows


WRITERS: dict[str, Callable[[pa.Table, Target], None]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}
