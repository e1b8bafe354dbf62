"""Bronze: a file's bytes and its rows as text, kept under the hash of its content.

Nothing is judged here and nothing is lost: what a cell means is decided by silver, and can be
decided again. Text is in Unicode NFC, as engines would compare it otherwise byte by byte.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from csv import Error, reader
from datetime import UTC, datetime
from gzip import GzipFile
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv, parquet

from txplatform.connectors import files
from txplatform.connectors.files.content import unpacked
from txplatform.connectors.object_store import ROW_GROUP, ObjectStore
from txplatform.domains.commerce.sources.layouts import Kind, Layout
from txplatform.errors import SourceError

BLOCK, ROWS_AT_ONCE = 1 << 22, 50_000
RECORD = "arrival.json"
"""Written last: a file without it has not arrived."""

STAMPS = {
    "source_file": pa.string(),
    "source_line": pa.int64(),
    "ingested_at": pa.timestamp("us", tz="UTC"),
}


class Arrival(NamedTuple):
    """A file whose bytes and rows are in bronze."""

    content: str
    file: str
    kind: Kind
    row_count: int
    rows: str
    """Name of the object that holds its rows."""


class Sheet(NamedTuple):
    """A file that is being read: its cells as text, some rows at a time."""

    header: list[str]
    pieces: Iterator[tuple[Sequence[pa.Array], pa.Array | None]]
    """A column of text for each name, and the lines of the rows where not each has one line."""


Reading = Callable[[files.Content, Layout], AbstractContextManager[Sheet]]


def receive(store: ObjectStore, path: Path, layout: Layout) -> Arrival:
    """Keep a file's bytes and rows; the same bytes again are the same objects.

    Raises:
        SourceError: the file is missing, damaged, empty or of another layout.
    """
    content = files.verify(path, layout.encoding)
    name = f"bronze/{layout.name}/{content.sha256}/rows.parquet"
    try:
        found = _keep(store, name, content, layout, _reading(content, layout))
    # Lines of another length, broken quoting, old line ends; UTF-16, whose lines end otherwise.
    except (pa.ArrowInvalid, Error, UnicodeDecodeError):
        found = _keep(store, name, content, layout, _slowly)
    store.put(_beside(name, "bytes"), path)
    content.require_unchanged()
    store.put(_beside(name, RECORD), json.dumps(found._asdict()).encode())
    return found


def _keep(
    store: ObjectStore, name: str, content: files.Content, layout: Layout, reading: Reading
) -> Arrival:
    """Write the rows of a file as they are read."""
    file = content.path.name
    with reading(content, layout) as sheet:
        kind = layout.kind_of(sheet.header, file)
        names = [name.casefold() for name in sheet.header]  # as engines compare them
        used = layout.columns_of(kind, sheet.header).values()
        if twice := [one for one in used if names.count(one.casefold()) > 1]:
            raise SourceError(f"{file} has two columns {twice[0]}: leave one, then ingest it.")
        filled = (piece for piece in sheet.pieces if len(piece[0][0]))
        first = next(filled, None)
        if first is None:
            raise SourceError(f"{file} has a header and no rows: there is nothing to ingest.")
        rows = _stamped(sheet._replace(pieces=chain([first], filled)), file)
        stored = store.put_table(name, rows)
    return Arrival(content.sha256, file, kind, stored.rows, name)


def arrivals(store: ObjectStore, layout: Layout) -> list[Arrival]:
    """Every file of a layout in bronze, customers before lines: who is an orphan depends on it."""
    names = store.names(f"bronze/{layout.name}")
    records = [json.loads(store.get(name)) for name in names if name.endswith(f"/{RECORD}")]
    found = [Arrival(**{**record, "kind": Kind(record["kind"])}) for record in records]
    return sorted(found, key=lambda arrival: (arrival.kind is Kind.LINES, arrival.file))


def forget(store: ObjectStore, rows: str) -> None:
    """Let a file, named by its rows, count as one that has not arrived; its bytes stay."""
    store.delete([_beside(rows, RECORD)])


def _beside(rows: str, name: str) -> str:
    return f"{rows.rpartition('/')[0]}/{name}"


def _stamped(sheet: Sheet, file: str) -> pa.RecordBatchReader:
    """The rows with the file, the line and the instant of each."""
    places = _kept_places(sheet.header)
    texts = ((sheet.header[place], pa.string()) for place in places)
    schema = pa.schema([*texts, *STAMPS.items()])
    instant = pa.scalar(datetime.now(UTC), STAMPS["ingested_at"])

    def batches() -> Iterator[pa.RecordBatch]:
        following = 2
        for cells, told in sheet.pieces:
            count = len(cells[0])
            lines = pa.array(range(following, following + count)) if told is None else told
            following += count
            kept = [cells[place] for place in places]
            stamps = [pa.repeat(file, count), lines, pa.repeat(instant, count)]
            yield pa.record_batch([*kept, *stamps], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _kept_places(header: list[str]) -> list[int]:
    """The first column of each name; those that are named as stamps are in the file's bytes only.

    To an engine `Source_Line` is `source_line`.
    """
    first = {name: place for place, name in reversed([*enumerate(header)])}
    return sorted(place for name, place in first.items() if name.casefold() not in STAMPS)


def _reading(content: files.Content, layout: Layout) -> Reading:
    if content.kind is files.Kind.PARQUET:
        return _parquet
    if content.kind is not files.Kind.DELIMITED:
        return _slowly
    return _blank_separated if layout.delimiter == "blank" else _delimited


@contextmanager
def _parquet(content: files.Content, _: Layout) -> Iterator[Sheet]:
    try:
        with parquet.ParquetFile(content.path) as file:
            batches = file.iter_batches(ROW_GROUP)
            pieces = ([_as_text(column) for column in batch.columns] for batch in batches)
            yield Sheet(file.schema_arrow.names, ((cells, None) for cells in pieces))
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{content.path.name} cannot be read ({error!s:.200}).") from None


def _as_text(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.cast(column, pa.string()), "")


@contextmanager
def _delimited(content: files.Content, layout: Layout) -> Iterator[Sheet]:
    with unpacked(content.path, content.packing) as (stream, _):
        line = stream.readline().decode(layout.encoding).removeprefix("\ufeff").strip("\r\n")
        names = next(reader([line], delimiter=layout.delimiter), [])
        stream.seek(0)
        lines = _Lines(stream)
        batches = csv.open_csv(
            lines,
            csv.ReadOptions(encoding=layout.encoding, block_size=BLOCK),
            csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        if any(field.type != pa.string() for field in batches.schema):
            raise Error("The header is not in the first line alone.")
        header = [name.strip().removeprefix("\ufeff") for name in batches.schema.names]
        yield Sheet(header, ((cells, None) for cells in _each_a_line(batches, lines)))


class _Lines:
    """A stream that counts the line ends between the first and the last line with text."""

    closed = False

    def __init__(self, stream: IO[bytes] | GzipFile) -> None:
        self._stream = stream
        self._since_text = 0
        self.ends = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        block = self._stream.read(size)
        if text := block.rstrip(b"\r\n"):
            self.ends += self._since_text + text.count(b"\n")
            self._since_text = 0
        self._since_text += block.count(b"\n", len(text))
        return block


def _each_a_line(batches: Iterable[pa.RecordBatch], lines: _Lines) -> Iterator[list[pa.Array]]:
    """The columns of rows of which each is the line after that of the row before.

    Raises:
        Error: rows have several lines, as where a quote that is never closed swallows others, or
            blank lines are between them: only who reads row by row can tell.
    """
    count = 0
    for batch in batches:
        yield [*map(_composed, batch.columns)]
        count += len(batch)
    if count != lines.ends:
        raise Error("Rows are not one line each.")


def _composed(column: pa.Array) -> pa.Array:
    """Text in NFC, by its distinct values; Arrow's own `utf8_normalize` decomposes instead."""
    if pc.all(pc.string_is_ascii(column)).as_py() is not False:
        return column
    encoded = column.dictionary_encode()
    distinct = [unicodedata.normalize("NFC", text) for text in encoded.dictionary.to_pylist()]
    return pa.array(distinct, pa.string()).take(encoded.indices)


@contextmanager
def _blank_separated(content: files.Content, layout: Layout) -> Iterator[Sheet]:
    with unpacked(content.path, content.packing) as (stream, _):
        lines = (part for line in stream for part in line.splitlines())
        split = ((line.split(), number) for number, line in enumerate(lines, start=1))
        rows = (row for row in split if row[0])
        first = next(rows, None)
        if first and not b"".join(first[0]).replace(b".", b"").isdigit():
            first = next(rows, None)
        width = len(first[0]) if first else 0
        names = next((header for header in layout.headers if len(header) == width), None)
        if names is None or first is None:
            raise SourceError(
                f"{content.path.name} has {width} columns: the layout {layout.name} knows no such "
                "file."
            )
        texts = (
            files.Row(number, [cell.decode(layout.encoding) for cell in cells])
            for cells, number in chain([first], rows)
        )
        yield Sheet(names, _pieces(texts, len(names)))


@contextmanager
def _slowly(content: files.Content, layout: Layout) -> Iterator[Sheet]:
    """Row by row, for Excel, JSON lines and text that is not as regular as it should be."""
    delimiter = "," if layout.delimiter == "blank" else layout.delimiter
    form = files.FileFormat(encoding=layout.encoding, delimiter=delimiter)
    with files.open_table(content, form) as sheet:
        rows = (row for row in sheet.rows if row.cells or row.problem)  # a blank line is no row
        yield Sheet([*sheet.header], _pieces(rows, len(sheet.header)))


def _pieces(rows: Iterable[files.Row], width: int) -> Iterator[tuple[Sequence[pa.Array], pa.Array]]:
    for part in files.in_batches(rows, ROWS_AT_ONCE):
        columns = zip(*(_texts(row, width) for row in part), strict=True)
        lines = pa.array([row.line for row in part], pa.int64())
        yield [pa.array(column, pa.string()) for column in columns], lines


def _texts(row: files.Row, width: int) -> list[str]:
    """The cells as text; a record that has other cells than the header has none that can count."""
    if row.problem or len(row.cells) != width:
        return [""] * width
    return ["" if cell is None else unicodedata.normalize("NFC", str(cell)) for cell in row.cells]
