"""Opening a verified file as a table: which reader, header and rows."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import IO, TypeVar
from zoneinfo import ZoneInfo

from txplatform.connectors.files.columnar import read_parquet
from txplatform.connectors.files.content import UNPACKING_ERRORS, Content, Kind, unpacked
from txplatform.connectors.files.delimited import read_delimited
from txplatform.connectors.files.json_lines import first_names, json_row, later_names
from txplatform.connectors.files.json_list import listed
from txplatform.connectors.files.rows import FileFormat, Row, Table, in_batches, require_columns
from txplatform.connectors.files.workbook import read_sheet
from txplatform.errors import NoTableError, SourceError

AS_WRITTEN = FileFormat()
JSON = (Kind.JSON_LINES, Kind.JSON_LIST)
Written = TypeVar("Written")


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
        written = _from_header(rows, form, lambda row: [str(cell or "") for cell in row.cells])
        yield _counted(_header(content, written), written, count)
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
    size = max(1, content.stamp.size)
    try:
        is_json = content.kind in JSON
        header = _json_header(content, form) if is_json else []
        with _opened(content, form.encoding) as (lines, below):
            if is_json:
                rows = _json_rows(header, _records(content, lines), zone)
            else:
                numbered = enumerate(lines, 1)
                written = _from_header(numbered, form, lambda line: _split(line[1], form))
                number, first = next(written, (1, ""))
                rest = chain([first], (text for _, text in written))
                rows = read_delimited(rest, form.delimiter, number)
                header = _header(content, rows)
            yield Table(header, _to_the_end(content, rows), lambda: below.tell() / size)
    except (*UNPACKING_ERRORS, UnicodeDecodeError) as error:
        raise SourceError(f"{content.path.name} changed while it was read ({error}).") from None


@contextmanager
def _opened(content: Content, encoding: str) -> Iterator[tuple[io.TextIOWrapper, IO[bytes]]]:
    """The lines of a text, and the file below whose position tells how far reading has come."""
    with (
        unpacked(content.path, content.packing) as (stream, below),
        io.TextIOWrapper(
            stream, "utf-8-sig" if encoding == "utf-8" else encoding, newline=""
        ) as lines,
    ):
        yield lines, below


def _json_header(content: Content, form: FileFormat) -> list[str]:
    """The names of the first objects, and what the layout names and only later ones have."""
    with _opened(content, form.encoding) as (lines, _):
        header = first_names(text for _, text in _records(content, lines))
    if wanted := form.lacking(header):
        with _opened(content, form.encoding) as (lines, _):
            found = later_names((text for _, text in _records(content, lines)), wanted)
            header += [name for name in found if name not in header]
    return header


def _json_rows(
    header: Sequence[str], records: Iterator[tuple[int, str]], zone: ZoneInfo
) -> Iterator[Row]:
    return (json_row(header, number, text, zone) for number, text in records)


def _records(content: Content, lines: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """The JSON objects of a text and the lines where they begin."""
    return listed(lines) if content.kind is Kind.JSON_LIST else enumerate(lines, 1)


def _split(line: str, form: FileFormat) -> list[str]:
    return [cell.strip('"') for cell in line.rstrip("\r\n").split(form.delimiter)]


def _from_header(
    rows: Iterator[Written], form: FileFormat, cells: Callable[[Written], list[str]]
) -> Iterator[Written]:
    """What is left after `skip_lines`; blank lines among those may be counted or not.

    Where it makes a difference, the header is the line that has a column of the layout. Blank lines
    before the first that is filled are never counted.
    """
    if not form.skip_lines:
        return rows
    read: list[Written] = []
    filled: list[int] = []
    for row in rows:
        read.append(row)
        if any(map(str.strip, cells(row))):
            filled.append(len(read) - 1)
        if len(filled) > form.skip_lines:
            break
    counted = [at for at in filled if at >= filled[0] + form.skip_lines]
    if form.names:
        named = (at for at in counted if len(form.lacking(cells(read[at]))) < len(form.names))
        counted = [*named, *filled[form.skip_lines :]]
    return chain(read[counted[0] if counted else len(read) :], rows)


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
    raise NoTableError(f"{content.path.name} has no header line.")


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
