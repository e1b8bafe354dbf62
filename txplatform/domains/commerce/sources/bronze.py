"""Bronze: a file's bytes and its rows as text, kept under the hash of its content.

Nothing is judged here and nothing is lost: what a cell means is decided by silver, and can be
decided again. Text is in Unicode NFC, as engines would compare it otherwise byte by byte.
"""

import json
import re
import unicodedata
from csv import reader
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv, parquet

from txplatform.connectors import files
from txplatform.connectors.files.content import unpacked
from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce.sources.layouts import Kind, Layout
from txplatform.errors import SourceError

BLANKS = re.compile(rb"[ \t]+")
BLOCK = 1 << 24
RECORD = "arrival.json"
"""Written last: a file without it has not arrived."""


class Arrival(NamedTuple):
    """A file whose bytes and rows are in bronze."""

    content: str
    file: str
    kind: Kind
    row_count: int
    rows: str
    """Name of the object that holds its rows."""


def receive(store: ObjectStore, path: Path, layout: Layout) -> Arrival:
    """Keep a file's bytes and rows; the same bytes again are the same objects.

    Raises:
        SourceError: the file is missing, damaged, empty or of another layout.
    """
    content = files.verify(path, layout.encoding)
    table = _rows(content, layout)
    kind = layout.kind_of(table.column_names, path.name)
    if not table.num_rows:
        raise SourceError(f"{path.name} has a header and no rows: there is nothing to ingest.")
    folder = f"bronze/{layout.name}/{content.sha256}"
    store.put(f"{folder}/bytes", path)
    store.put_table(f"{folder}/rows.parquet", _stamped(table, path.name))
    content.require_unchanged()
    found = Arrival(content.sha256, path.name, kind, table.num_rows, f"{folder}/rows.parquet")
    store.put(f"{folder}/{RECORD}", json.dumps(found._asdict()).encode())
    return found


def arrivals(store: ObjectStore, layout: Layout) -> list[Arrival]:
    """Every file of a layout in bronze, customers before lines: who is an orphan depends on it."""
    names = store.names(f"bronze/{layout.name}")
    records = [json.loads(store.get(name)) for name in names if name.endswith(f"/{RECORD}")]
    found = [Arrival(**{**record, "kind": Kind(record["kind"])}) for record in records]
    return sorted(found, key=lambda arrival: (arrival.kind is Kind.LINES, arrival.file))


def forget(store: ObjectStore, rows: str) -> None:
    """Let a file, named by its rows, count as one that has not arrived; its bytes stay."""
    store.delete([f"{rows.rpartition('/')[0]}/{RECORD}"])


def _stamped(table: pa.Table, file: str) -> pa.Table:
    count = table.num_rows
    instant = datetime.now(UTC)
    stamps = {
        "source_file": pa.repeat(file, count),
        "source_line": pa.array(range(2, count + 2), pa.int64())
        if "source_line" not in table.column_names
        else table["source_line"],
        "ingested_at": pa.repeat(pa.scalar(instant, pa.timestamp("us", tz="UTC")), count),
    }
    for name, column in stamps.items():
        if name in table.column_names:
            table = table.drop_columns(name)
        table = table.append_column(name, column)
    return table


def _rows(content: files.Content, layout: Layout) -> pa.Table:
    if content.kind is files.Kind.PARQUET:
        return _as_text(_parquet(content))
    if content.kind is not files.Kind.DELIMITED:
        return _slowly(content, layout)
    if layout.delimiter == "blank":
        return _blank_separated(content, layout)
    try:
        return _delimited(content, layout)
    except pa.ArrowInvalid:  # lines of another length, broken quoting
        return _slowly(content, layout)


def _parquet(content: files.Content) -> pa.Table:
    try:
        return parquet.read_table(content.path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{content.path.name} is damaged ({error!s:.200}).") from None


def _as_text(table: pa.Table) -> pa.Table:
    columns = [pc.fill_null(pc.cast(column, pa.string()), "") for column in table.columns]
    return pa.table(columns, names=table.column_names)


def _delimited(content: files.Content, layout: Layout) -> pa.Table:
    with unpacked(content.path, content.packing) as (stream, _):
        return _parse(stream, layout.delimiter, layout.encoding)


def _parse(
    stream: object, delimiter: str, encoding: str, names: list[str] | None = None
) -> pa.Table:
    read = csv.ReadOptions(encoding=encoding, block_size=BLOCK, column_names=names)
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    header = names or _header(stream, delimiter, encoding)
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
    )
    stream.seek(0)  # type: ignore[attr-defined]
    table = csv.read_csv(stream, read, parse, convert)
    return pa.table([_composed(column) for column in table.columns], names=_clean(table))


def _clean(table: pa.Table) -> list[str]:
    return [name.strip().removeprefix("\ufeff") for name in table.column_names]


def _composed(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Text in NFC, by its distinct values; Arrow's own `utf8_normalize` decomposes instead."""
    if pc.all(pc.string_is_ascii(column)).as_py() is not False:
        return column
    encoded = column.combine_chunks().dictionary_encode()
    distinct = [unicodedata.normalize("NFC", text) for text in encoded.dictionary.to_pylist()]
    return pa.array(distinct, pa.string()).take(encoded.indices)


def _header(stream: object, delimiter: str, encoding: str) -> list[str]:
    first: bytes = stream.readline()  # type: ignore[attr-defined]
    line = first.decode(encoding).removeprefix("\ufeff").strip("\r\n")
    return next(reader([line], delimiter=delimiter), [])


def _blank_separated(content: files.Content, layout: Layout) -> pa.Table:
    with unpacked(content.path, content.packing) as (stream, _):
        lines = [BLANKS.sub(b",", line.strip()) for line in stream.read().splitlines()]
    kept = [(number, line) for number, line in enumerate(lines, start=1) if line]
    has_header = not kept[0][1].replace(b",", b"").replace(b".", b"").isdigit()
    kept = kept[has_header:]
    width = kept[0][1].count(b",") + 1 if kept else 0
    names = next((header for header in layout.headers if len(header) == width), None)
    if names is None:
        raise SourceError(
            f"{content.path.name} has {width} columns: the layout {layout.name} knows no such file."
        )
    table = _parse(BytesIO(b"\n".join(line for _, line in kept)), ",", layout.encoding, names)
    return table.append_column("source_line", pa.array([number for number, _ in kept], pa.int64()))


def _slowly(content: files.Content, layout: Layout) -> pa.Table:
    """Row by row, for Excel, JSON lines and text that is not as regular as it should be."""
    delimiter = "," if layout.delimiter == "blank" else layout.delimiter
    form = files.FileFormat(encoding=layout.encoding, delimiter=delimiter)
    with files.open_table(content, form) as sheet:
        width = len(sheet.header)
        rows = [(_texts(row, width), row.line) for row in sheet.rows]
    columns = zip(*(texts for texts, _ in rows), strict=True) if rows else [()] * width
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=sheet.header)
    return table.append_column("source_line", pa.array([line for _, line in rows], pa.int64()))


def _texts(row: files.Row, width: int) -> list[str]:
    """The cells as text; a record that has other cells than the header has none that can count."""
    if row.problem or len(row.cells) != width:
        return [""] * width
    return ["" if cell is None else unicodedata.normalize("NFC", str(cell)) for cell in row.cells]
