"""The child process that reads a workbook within limits, and prints its rows as extended JSON.

Run by `workbook.py` alone; its first line says how many rows there are, or why there are none.
"""

import json
import resource
import sys
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, WorksheetNotFound

from txplatform.connectors.files.rows import cell_of, typed_json


def main(task: str) -> None:
    """Print the sheet that a task names."""
    path, name, zone, memory_bytes, cpu_seconds = json.loads(task)
    with suppress(ValueError, OSError):  # not every platform knows every limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    try:
        workbook = CalamineWorkbook.from_path(path)
        try:
            sheet = _sheet(workbook, name)
        except WorksheetNotFound:
            _print({"sheets": workbook.sheet_names})
            return
        _print_rows(sheet, ZoneInfo(zone))
    except CalamineError as error:
        _print({"damage": str(error)})


def _sheet(workbook: CalamineWorkbook, name: str | None) -> CalamineSheet:
    return workbook.get_sheet_by_index(0) if name is None else workbook.get_sheet_by_name(name)


def _print_rows(sheet: CalamineSheet, zone: ZoneInfo) -> None:
    _print({"rows": sheet.total_height + 1})
    for values in sheet.iter_rows():
        _print([None if value == "" else cell_of(value, zone) for value in values])


def _print(line: Any) -> None:
    sys.stdout.write(json.dumps(line, default=typed_json) + "\n")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(sys.argv[1])
