"""Source files as streams of rows: delimited text, JSON, Excel and Parquet; no business.

`verify` reads a whole file once before anything is loaded (content hash, compression, encoding),
`open_table` then streams its rows in bounded memory. `text_of` reads a text that is small enough to
be held. What a cell means is decided by the caller.
"""

from txplatform.connectors.files.content import Content, Kind, Packing, sha256_of, text_of, verify
from txplatform.connectors.files.presence import is_missing
from txplatform.connectors.files.rows import (
    Cell,
    FileFormat,
    Row,
    Table,
    in_batches,
    normal,
    raw_text,
)
from txplatform.connectors.files.streams import first_lines, open_table, reread
from txplatform.connectors.files.workbook import visible_sheets

__all__ = [
    "Cell",
    "Content",
    "FileFormat",
    "Kind",
    "Packing",
    "Row",
    "Table",
    "first_lines",
    "in_batches",
    "is_missing",
    "normal",
    "open_table",
    "raw_text",
    "reread",
    "sha256_of",
    "text_of",
    "verify",
    "visible_sheets",
]
