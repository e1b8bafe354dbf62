"""The child process that reads a workbook within limits, and prints its rows as extended JSON.

Run by `workbook.py` alone; its first line says how many rows there are, or why there are none.
"""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook
from python_calamine import SheetTypeEnum as Type
from python_calamine import SheetVisibleEnum as Visible

from txplatform.connectors.files.rows import Cell, cell_of, typed_json
from txplatform.connectors.files.workbook_odd_cells import odd_cells
from txplatform.connectors.files.workbook_oddities import Oddities, Place


def main(task: str) -> None:
    """Print the sheet that a task names, or the names of all sheets."""
    path, name, zone, memory_bytes, cpu_seconds = json.loads(task)
    with suppress(ValueError, OSError):  # not every platform knows every limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    try:
        workbook = CalamineWorkbook.from_path(path)
        if name is None or name not in workbook.sheet_names:
            _print({"sheets": workbook.sheet_names, "visible": _visible(workbook)})
        else:
            odd = odd_cells(path, name, workbook.sheet_names.index(name))
            _print_rows(workbook.get_sheet_by_name(name), odd, ZoneInfo(zone))
    except CalamineError as error:
        _print({"damage": str(error)})


def _visible(workbook: CalamineWorkbook) -> list[str]:
    """The sheets that a person sees; charts are none."""
    kinds = (Visible.Visible, Type.WorkSheet)
    return [one.name for one in workbook.sheets_metadata if (one.visible, one.typ) == kinds]


def _print_rows(sheet: CalamineSheet, odd: Oddities, zone: ZoneInfo) -> None:
    _print({"rows": sheet.total_height + 1})
    left = sheet.start[1] if sheet.start else 0
    cells = ([cell_of(value, zone) for value in values] for values in sheet.iter_rows())
    merged = sheet.merged_cell_ranges or odd.merged
    for row in _filled(cells, Oddities(odd.values, merged), left):
        _print(row)


def _filled(rows: Iterator[list[Cell]], odd: Oddities, left: int) -> Iterator[list[Cell]]:
    """Rows whose merged cells say in each row what they show; a number would count twice.

    Args:
        rows: the cells of each row, from the first column on that anything stands in.
        odd: what is known of places on the sheet.
        left: the number of that column.
    """
    shown: dict[Place, Cell] = {}
    below: dict[int, list[Place]] = {}
    for first, last in odd.merged:
        below.setdefault(first[0], []).append((first[1] - left, last[0]))
    odd_rows: dict[int, dict[int, str]] = {}
    for (row, column), text in odd.values.items():
        odd_rows.setdefault(row, {})[column - left] = text
    for number, cells in enumerate(rows):
        for column, text in odd_rows.get(number, {}).items():
            cells.extend([None] * (column + 1 - len(cells)))
            if column >= 0:
                cells[column] = text
        for column, last_row in below.get(number, ()):
            value = cells[column] if 0 <= column < len(cells) else None
            if isinstance(value, (str, date)):
                shown.update({(row, column): value for row in range(number + 1, last_row + 1)})
        yield [
            shown.pop((number, column), None) if cell in (None, "") else cell
            for column, cell in enumerate(cells)
        ]


def _print(line: Any) -> None:
    sys.stdout.write(json.dumps(line, default=typed_json) + "\n")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(sys.argv[1])
