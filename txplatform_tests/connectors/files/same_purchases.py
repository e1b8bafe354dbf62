"""The same three purchases in every format that files come in, for tests that read them."""

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

CSV = """\
day,merchant,amount
2024-01-02,Café,5.28
2024-01-03,"Nuts, Bolts",1620.00
2024-01-04,,-15.75
"""


def plain(path: Path) -> Path:
    """As CSV."""
    path.write_text(CSV, encoding="utf-8")
    return path


def gzipped(path: Path) -> Path:
    """As CSV in gzip."""
    path.write_bytes(gzip.compress(CSV.encode()))
    return path


def zipped(path: Path) -> Path:
    """As CSV in a zip archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside/purchases.csv", CSV)
    return path


def json_lines(path: Path) -> Path:
    """As one JSON object per line."""
    rows = [
        {"day": "2024-01-02", "merchant": "Café", "amount": 5.28},
        {"day": "2024-01-03", "merchant": "Nuts, Bolts", "amount": 1620},
        {"day": "2024-01-04", "amount": -15.75},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def json_list(path: Path) -> Path:
    """As a JSON list, an object a line."""
    lines = json_lines(path).read_text(encoding="utf-8").splitlines()
    path.write_text("[" + "\n,".join(lines) + "]\n", encoding="utf-8")
    return path


def excel(path: Path) -> Path:
    """As an Excel sheet with real dates and numbers."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Purchases")
        sheet.write_row(0, 0, ["day", "merchant", "amount"])
        sheet.write_row(1, 0, [datetime(2024, 1, 2), "Café", 5.28])
        sheet.write_row(2, 0, [datetime(2024, 1, 3), "Nuts, Bolts", 1620])
        sheet.write_row(3, 0, [datetime(2024, 1, 4), None, -15.75])
        book.add_worksheet("Notes").write(0, 0, "nothing")
    return path


def parquet(path: Path) -> Path:
    """As Parquet with dates and decimals."""
    days = pa.array([datetime(2024, 1, day).date() for day in (2, 3, 4)], pa.date32())
    amounts = pa.array([Decimal("5.28"), Decimal("1620.00"), Decimal("-15.75")])
    names = pa.array(["Café", "Nuts, Bolts", None])
    pq.write_table(pa.table({"day": days, "merchant": names, "amount": amounts}), path)
    return path


TEXTS: dict[str, Callable[[Path], Path]] = {
    "purchases.csv": plain,
    "purchases.csv.gz": gzipped,
    "purchases.zip": zipped,
}
TYPED: dict[str, Callable[[Path], Path]] = {
    "purchases.xlsx": excel,
    "purchases.parquet": parquet,
}
