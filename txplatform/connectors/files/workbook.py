"""Excel workbooks (.xlsx, .xls and their kin): one sheet as typed rows, read by a child process.

A workbook is one packed document that its reader holds in memory as a whole, with a place for every
cell between the first and the last: a file of 2 KB can ask for 500 GB. The child has a limit, and
what it cannot do (run out of memory, crash, not end) is a sentence here.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from txplatform.connectors.files.rows import Row, parse_json, typed_row
from txplatform.errors import SourceError

READER = "txplatform.connectors.files.workbook_reader"
MEMORY_BYTES, CPU_SECONDS = 2 << 30, 900
"""What a reader may use: the largest sheet (1,048,576 rows) of 14 columns takes 1.5 GB."""


def visible_sheets(path: Path) -> list[str]:
    """The names of the sheets that a person sees, in their order.

    Raises:
        SourceError: the workbook is damaged or protected, or shows none.
    """
    first = _answered(path, next(iter(_lines(path, None, ZoneInfo("UTC")))))
    if not first["visible"]:
        raise SourceError(f"{path.name} has no visible sheet: name one in the layout (`sheet`).")
    return list(first["visible"])


def read_sheet(path: Path, name: str | None, zone: ZoneInfo) -> tuple[int, Iterator[Row]]:
    """The number of rows of a sheet (the first visible one, unless named), and its rows.

    Raises:
        SourceError: the workbook is damaged, protected, too large or has no such sheet.
    """
    lines = _lines(path, name or visible_sheets(path)[0], zone)
    first = _answered(path, next(lines))
    if "sheets" in first:
        sheets = ", ".join(map(repr, first["sheets"]))
        raise SourceError(f"{path.name} has no sheet {name!r}; its sheets are {sheets}.")
    rows = (typed_row(number, parse_json(line)) for number, line in enumerate(lines, 1))
    return first["rows"], rows


def _answered(path: Path, line: str) -> Any:
    first = parse_json(line)
    if "damage" in first:
        raise SourceError(f"{path.name} is damaged or protected ({first['damage']}).")
    return first


def _lines(path: Path, name: str | None, zone: ZoneInfo) -> Iterator[str]:
    """What the reader prints: one line about the sheet, then a line per row."""
    task = json.dumps([str(path), name, zone.key, MEMORY_BYTES, CPU_SECONDS])
    command = [sys.executable, "-P", "-m", READER, task]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as reader:
        try:
            yield from (line for line in reader.stdout or () if line.endswith("\n"))
            if reader.wait():
                raise SourceError(
                    f"{path.name} is damaged, or holds more than {MEMORY_BYTES >> 30} GB of "
                    "cells: save the sheet as CSV and ingest that."
                )
        finally:
            reader.kill()
