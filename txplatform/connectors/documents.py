"""Rows of Arrow as documents of MongoDB, encoded column by column: of each value one copy.

A driver would make Python's objects of all values first, which takes twenty times as long.
"""

import numpy as np
import pyarrow as pa
from bson.raw_bson import RawBSONDocument
from numpy.typing import NDArray
from pyarrow import compute as pc

NULL, TEXT, BOOLEAN, INSTANT, DOUBLE, INT32, INT64, DECIMAL = (
    b"\x0a", b"\x02", b"\x08", b"\x09", b"\x01", b"\x10", b"\x12", b"\x13",
)  # fmt: skip
DAY_MS, MS_US = 86_400_000, 1_000
BIAS = 6176
"""Of the exponent of a decimal of 128 bits."""
MOST_DIGITS = 34
"""Of such a decimal: Arrow's have up to 38, which would be other numbers."""


def encoded(rows: pa.RecordBatch) -> list[RawBSONDocument]:
    """A document for each row; the server gives it its id.

    The columns are text, whole numbers, doubles, decimals, days, instants, and true or false.

    Raises:
        TypeError: a column's decimals have more digits than MongoDB's.
    """
    if not rows.num_rows:
        return []
    elements = [_elements(field.name, rows[field.name]) for field in rows.schema]
    body = _joined(*elements, b"\0")
    sizes = _fixed(b"", _lengths(body) + np.int32(4))
    return [RawBSONDocument(document) for document in _joined(sizes, body).to_pylist()]


def _elements(name: str, column: pa.Array) -> pa.Array:
    """The column's element of each document: its type, its name, the value."""
    title = name.encode() + b"\0"
    if column.null_count == len(column):
        return pa.repeat(pa.scalar(NULL + title, pa.binary()), len(column))
    present = None if not column.null_count else pc.is_valid(column)
    if pa.types.is_string(column.type):
        texts = pc.fill_null(column, "").cast(pa.binary())
        sizes = _fixed(TEXT + title, _lengths(texts) + np.int32(1))
        elements = _joined(sizes, texts, b"\0")
    else:
        kind, values = _values(column)
        elements = _fixed(kind + title, values)
    return elements if present is None else pc.if_else(present, elements, NULL + title)


def _values(column: pa.Array) -> tuple[bytes, NDArray[np.generic]]:
    """The type and the values as the format has them; those of nothing may be anything."""
    kind = column.type
    if pa.types.is_decimal(kind):
        if not pa.types.is_decimal128(kind) or kind.precision > MOST_DIGITS:
            raise TypeError(f"{kind} is no decimal of at most {MOST_DIGITS} digits.")
        return DECIMAL, _decimals(column)
    if pa.types.is_boolean(kind):
        return BOOLEAN, pc.fill_null(column, False).cast(pa.uint8()).to_numpy()
    if pa.types.is_date(kind):
        days = pc.fill_null(column.cast(pa.int32()), 0).to_numpy()
        return INSTANT, days.astype(np.int64) * DAY_MS
    if pa.types.is_timestamp(kind):
        instants = pc.fill_null(column.cast(pa.timestamp("us")).cast(pa.int64()), 0).to_numpy()
        return INSTANT, instants // MS_US
    if pa.types.is_floating(kind):
        return DOUBLE, pc.fill_null(column, 0.0).to_numpy()
    numbers = pc.fill_null(column, 0).to_numpy()
    small = numbers.astype(np.int32)
    return (INT32, small) if (small == numbers).all() else (INT64, numbers)


def _decimals(column: pa.Array) -> NDArray[np.uint64]:
    """Decimals of 128 bits: how many units, and in the upper bits the exponent and the sign."""
    words = np.frombuffer(column.buffers()[1], np.uint64).reshape(-1, 2)
    low, high = words[column.offset : column.offset + len(column)].T
    is_negative = high >> np.uint64(63) == 1
    size = np.where(is_negative, ~low + np.uint64(1), low)
    rest = np.where(is_negative, ~high + (low == 0), high)
    exponent = np.uint64(BIAS - column.type.scale << 49)
    sign = is_negative.astype(np.uint64) << np.uint64(63)
    return np.stack([size, rest | exponent | sign], axis=1)


def _fixed(title: bytes, values: NDArray[np.generic]) -> pa.Array:
    """Each value's bytes after the same title."""
    shown = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)
    width = len(title) + shown.shape[1]
    table = np.empty((len(values), width), np.uint8)
    table[:, : len(title)] = np.frombuffer(title, np.uint8)
    table[:, len(title) :] = shown
    offsets = np.arange(0, (len(values) + 1) * width, width, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.binary(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(table)]
    )


def _lengths(values: pa.Array) -> NDArray[np.int32]:
    lengths: NDArray[np.int32] = pc.binary_length(values).to_numpy()
    return lengths


def _joined(*parts: pa.Array | bytes) -> pa.Array:
    return pc.binary_join_element_wise(*parts, b"")
