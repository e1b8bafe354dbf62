"""Opening a verified file as a table: which reader, header and rows."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from zoneinfo import ZoneInfo

from txplatform.connectors.files.columnar import read_parquet
from txplatform.connectors.files.content import UNPACKING_ERRORS, Content, Kind, unpacked
from txplatform.connectors.files.delimited import read_delimited
from txplatform.connectors.files.json_lines import json_row, read_json_lines
from txplatform.connectors.files.rows import FileFormat, Row, Table, in_batches, require_columns
from txplatform.connectors.files.workbook import read_sheet
from txplatform.errors import SourceError

AS_WRITTEN = FileFormat()


@contextmanager
def open_table(content: Content, form: FileFormat = AS_WRITTEN) -> Iterator[Table]:
    """The file's header and its rows as a stream, in bounded memory.

    Raises:
        SourceError: there is no header, or the file cannot be read to its end.
    """
    zone = ZoneInfo(form.time_zone)
    if content.kind is Kind.PARQUET:
        header, count, rows = read_parquet(content.path, zone)
        require_columns(len(header))
        yield _counted(header, rows, count)
    elif content.kind is Kind.EXCEL:
        count, rows = read_sheet(content.path, form.sheet, zone)
        rows = islice(rows, form.skip_lines, None)
        yield _counted(_header(content, rows), rows, count)
    else:
        with _open_text(content, form, zone) as table:
            yield table


def first_lines(content: Content, encoding: str, count: int) -> list[str]:
    """The first physical lines of a text file, without their ends; fewer where they are long."""
    with (
        unpacked(content.path, content.packing) as (stream, _),
        io.TextIOWrapper(stream, encoding) as lines,
    ):
        rows = (Row(number, (), line) for number, line in enumerate(lines, 1))
        first = next(in_batches(rows, count), [])
        return [(row.raw or "").removeprefix("\ufeff").rstrip("\r\n") for row in first]


@contextmanager
def _open_text(content: Content, form: FileFormat, zone: ZoneInfo) -> Iterator[Table]:
    encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
    size = max(1, content.stamp.size)
    try:
        with (
            unpacked(content.path, content.packing) as (stream, below),
            io.TextIOWrapper(stream, encoding, newline="") as lines,
        ):
            if content.kind is Kind.JSON_LINES:
                header, rows = read_json_lines(lines, zone)
            else:
                skipped = islice(lines, form.skip_lines, None)
                rows = read_delimited(skipped, form.delimiter, form.skip_lines + 1)
                header = _header(content, rows)
            yield Table(header, _to_the_end(content, rows), lambda: below.tell() / size)
    except (*UNPACKING_ERRORS, UnicodeDecodeError) as error:
        raise SourceError(f"{content.path.name} changed while it was read ({error}).") from None


def _to_the_end(content: Content, rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except (OSError, UnicodeError) as error:  # a share that has gone, a file that has changed
        raise SourceError(
            f"{content.path.name} cannot be read to its end ({error}): ingest it again."
        ) from None


def _header(content: Content, rows: Iterator[Row]) -> list[str]:
    """The first row that is not blank."""
    for row in rows:
        if row.problem:
            break
        if any(cell not in (None, "") for cell in row.cells):
            require_columns(len(row.cells))
            return ["" if cell is None else str(cell) for cell in row.cells]
    raise SourceError(f"{content.path.name} has no header line.")


def _counted(header: list[str], rows: Iterator[Row], count: int) -> Table:
    done = 0

    def counting() -> Iterator[Row]:
        nonlocal done
        for row in rows:
            done = row.line
            yield row

    return Table(header, counting(), lambda: min(1.0, done / max(1, count)))


def reread(kind: Kind, form: FileFormat, header: Sequence[str], line: int, text: str) -> Row:
    """A row again from the text that `raw_text` made of it."""
    if kind is Kind.DELIMITED:
        lines = iter(io.StringIO(text, newline=""))
        return next(read_delimited(lines, form.delimiter, line), Row(line, (), text))
    return json_row(header, line, text, ZoneInfo(form.time_zone))
