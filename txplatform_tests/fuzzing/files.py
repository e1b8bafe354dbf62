"""Whole files as targets: packed and damaged ones, Excel and Parquet with known cells in them.

A file is read to its end or refused in one sentence. The rows of a workbook or Parquet file are
cases of their own: what was written into every cell is known, and must come back.
"""

import gzip
import io
import lzma
import random
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from txplatform.connectors.files import Cell, FileFormat, open_table, verify
from txplatform.domains.spend.sources.guess import guess_layout
from txplatform.errors import SourceError
from txplatform_tests.fuzzing.distinct import Distinct
from txplatform_tests.fuzzing.shapes import name
from txplatform_tests.fuzzing.targets import CELLS, TEXTS, Target, require_sentence

ENCODINGS = ("utf-8", "utf-8", "cp1252", "utf-16")
FIRST_DAY = date(2010, 1, 4)
Pack = Callable[[bytes], bytes]


def _zip(method: int) -> Pack:
    def pack(content: bytes) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            archive.writestr("a.csv", content)
        return packed.getvalue()

    return pack


PACKINGS: tuple[Pack, ...] = (
    bytes,
    bytes,
    gzip.compress,
    _zip(zipfile.ZIP_DEFLATED),
    _zip(zipfile.ZIP_BZIP2),
    _zip(zipfile.ZIP_LZMA),
    lzma.compress,
)


def packed(data: bytes, distinct: Distinct) -> int:
    """Bytes as a file, packed and then damaged as the first four of them say."""
    how, place, change, encoding = data[:4].ljust(4, b"\0")
    content = PACKINGS[how % len(PACKINGS)](data[4:])
    if change and content:
        at = place % len(content)
        content = content[:at] + bytes([change]) + content[at + change % 3 :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "purchases.csv")
        path.write_bytes(content)
        _guess(path)
        read_whole(path, ENCODINGS[encoding % len(ENCODINGS)])
    return distinct.count([content.hex()])


def read_whole(path: Path, encoding: str = "utf-8") -> list[list[Cell]] | None:
    """The cells of a file, or None where it is refused in a sentence."""
    try:
        with open_table(verify(path, encoding), FileFormat(encoding)) as table:
            return [list(row.cells) for row in table.rows]
    except SourceError as error:
        require_sentence(error)
        return None


def _guess(path: Path) -> None:
    try:
        guess_layout(path)
    except SourceError as error:
        require_sentence(error)


def parquet(data: bytes, distinct: Distinct) -> int:
    """A Parquet file of 300 rows that follow from the bytes; the first one may damage it."""
    rng = random.Random(data)
    rows = [_typed(rng) for _ in range(300)]
    columns = {
        "day": pa.array([row[0] for row in rows], pa.date32()),
        "amount": pa.array([row[1] for row in rows], pa.decimal128(18, 2)),
        "double": pa.array([row[2] for row in rows], pa.float64()),
        "instant": pa.array([row[3] for row in rows], pa.timestamp("us", "UTC")),
        "name": pa.array([row[4] for row in rows], pa.string()),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "purchases.parquet")
        pq.write_table(pa.table(columns), path)
        if data and data[0] % 4 == 0:
            _damage(path, rng)
            read_whole(path)
            return distinct.count([data.hex()])
        found = read_whole(path)
    expected = [[*row[:2], Decimal(f"{row[2]:.15g}"), row[3].date(), row[4]] for row in rows]
    assert found == expected
    return distinct.count(map(str, expected))


def _typed(rng: random.Random) -> tuple[date, Decimal, float, datetime, str]:
    day = FIRST_DAY + timedelta(rng.randrange(6_000))
    amount = Decimal(rng.randrange(-(10**17), 10**17)).scaleb(-2)
    double = rng.choice((rng.uniform(-1e6, 1e6), round(rng.uniform(-1e4, 1e4), 2), 0.1 + 0.2))
    instant = datetime(2010, 1, 4, tzinfo=UTC) + timedelta(seconds=rng.randrange(5 * 10**8))
    return day, amount, double, instant, name(rng).encode(errors="ignore").decode()


def excel(data: bytes, distinct: Distinct) -> int:
    """A workbook of 1,000 rows that follow from the bytes; the first one may damage it."""
    rng = random.Random(data)
    rows = [_typed(rng) for _ in range(1_000)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "purchases.xlsx")
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["day", "amount", "instant", "name"])
            for number, (day, _, double, instant, text) in enumerate(rows, 1):
                sheet.write_datetime(number, 0, day)
                sheet.write_number(number, 1, double)
                sheet.write_datetime(number, 2, instant.replace(tzinfo=None))
                sheet.write_string(number, 3, _of_xml(text))
        if data and data[0] % 4 == 0:
            _damage(path, rng)
            read_whole(path)
            return distinct.count([data.hex()])
        found = read_whole(path)
    expected = [
        [row[0], Decimal(f"{float(f'{row[2]:.16G}'):.15g}"), row[3].date(), _of_xml(row[4]) or None]
        for row in rows
    ]
    assert found == expected
    return distinct.count(map(str, expected))


def _of_xml(text: str) -> str:
    """The text without what XML has no sign for; a workbook cannot hold it."""
    return "".join(char for char in text if char.isprintable() or char in " \u200b\u200d\u00ad")


def _damage(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 3, 20))):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content[: rng.choice((None, rng.randrange(len(content))))])


FILES: dict[str, Target] = {"packed": packed, "parquet": parquet, "excel": excel}
TARGETS: dict[str, Target] = CELLS | TEXTS | FILES
