"""Parquet: batches of typed columns as rows; money may be decimal, integer or double."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from txplatform.connectors.files.rows import Row, cell_of, typed_row
from txplatform.errors import SourceError

BATCH = 10_000


def read_parquet(path: Path, zone: ZoneInfo) -> tuple[list[str], int, Iterator[Row]]:
    """Column names, number of rows, and the rows; a row's line is its number from 1.

    Raises:
        SourceError: the file is truncated or damaged, now or while it is read.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from None
    return file.schema_arrow.names, file.metadata.num_rows, _rows(path, file, zone)


def _rows(path: Path, file: pq.ParquetFile, zone: ZoneInfo) -> Iterator[Row]:
    number = 0
    try:
        for batch in file.iter_batches(BATCH):
            columns = [_shortest(column).to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                yield typed_row(number, [cell_of(value, zone) for value in values])
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(path, error) from None


def _shortest(column: pa.Array) -> pa.Array:
    """A 32-bit float is its own shortest form: widened to a double, 5.28 is 5.28000020980835."""
    if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
        return pc.cast(pc.cast(column, pa.string()), pa.float64())
    return column


def _damaged(path: Path, error: Exception) -> SourceError:
    first_line = str(error).splitlines()[0]
    return SourceError(f"{path.name} is truncated or damaged ({first_line}): fetch it again.")
